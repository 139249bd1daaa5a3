"""What every server here needs: configuration, bounded output, time ranges, error text."""
