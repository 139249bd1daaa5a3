"""What is wrong with a query: its text, or what it asks of the values."""

from __future__ import annotations


class ParseError(ValueError):
    """The text is no PromQL, or PromQL that is not served here; a server answers `bad_data`."""


class EvaluationError(ValueError):
    """The values do not fit together (many-to-many matching); a server answers `execution`."""
