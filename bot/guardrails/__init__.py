"""Pure text rules for everything that comes from outside: redaction, and what the model may be shown."""
