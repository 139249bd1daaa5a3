"""What it cost: tokens by kind, and dollars by one table."""
