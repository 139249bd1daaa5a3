"""WHY? One run of the agent over an incident or a question."""
