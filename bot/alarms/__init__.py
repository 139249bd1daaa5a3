"""WHAT FIRED? From a notification to an alarm: pure functions, no I/O."""
