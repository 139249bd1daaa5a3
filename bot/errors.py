"""The two errors that callers act on, and the one that ends a command.

TocsinError
├── TemporaryError        the job is run again later (docket retries it)
├── PermanentError        said in the thread at once; trying again would not help
└── ConfigurationError    one clear line on the terminal, non-zero exit

Foreign errors are translated into these at the border; anything else is a bug.
"""

from __future__ import annotations


class TocsinError(Exception):
    """Base of every error that Tocsin raises on purpose. Its text is fit to be read by people."""


class TemporaryError(TocsinError):
    """Something outside is down or busy. `retry_after` is in seconds, when the other side named it."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class PermanentError(TocsinError):
    """It will fail the same way next time: told to the thread, never retried."""


class ConfigurationError(TocsinError):
    """A setting is missing or wrong. The text names the setting and says what to do."""
