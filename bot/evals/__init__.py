"""HOW GOOD ARE WE? Recorded incidents, run through the whole bot and scored by code."""
