"""Tocsin: hears an alarm, finds the cause, and says so in the alarm's own thread."""

__version__ = "0.1.0"
