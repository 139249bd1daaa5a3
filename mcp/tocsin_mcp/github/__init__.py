"""Read-only eyes on the configured GitHub repositories: files, search, history."""
