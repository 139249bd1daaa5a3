"""Runs and questions of an incident: what waits, who works on it, how it ended."""
