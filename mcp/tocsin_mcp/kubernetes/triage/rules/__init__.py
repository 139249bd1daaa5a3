"""The rules, one module per failure class: pure functions from facts to faults."""
