"""IS IT NEW? Correlated alarms in one Slack thread."""
