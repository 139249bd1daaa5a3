"""What is broken and why, found by rules over a snapshot of the cluster: no model, no guess beyond what is quoted."""
