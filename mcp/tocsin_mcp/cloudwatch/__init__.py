"""Read-only eyes on Amazon CloudWatch: alarms and their history, metrics, logs."""
