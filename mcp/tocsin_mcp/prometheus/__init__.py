"""Read-only eyes on Prometheus: queries in words, targets, rules, alerts, plots."""
