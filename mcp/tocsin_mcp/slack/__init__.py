"""Read-only eyes on one Slack thread and its channel."""
