"""A team's own instructions for its services and alarms: Markdown files in a folder."""
