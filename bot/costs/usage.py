"""Tokens by kind, as a Messages API counts them.

`input` is what no cache held and no breakpoint stored; the whole prompt is the sum of the first four kinds. A
backend that does not report a kind leaves it at 0.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Usage(BaseModel):
    """Tokens of one call, or the sum over several."""

    model_config = ConfigDict(frozen=True)

    input: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    cache_read: int = 0
    output: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(**{kind: value + getattr(other, kind) for kind, value in self})

    @property
    def prompt(self) -> int:
        """Every token of the prompt, however it was billed."""
        return self.input + self.cache_write_5m + self.cache_write_1h + self.cache_read

    @property
    def total(self) -> int:
        """Prompt and output together."""
        return self.prompt + self.output

    @property
    def cached_share(self) -> float:
        """Share of the prompt that was read from the cache, 0 to 1; 0 for an empty prompt."""
        return self.cache_read / self.prompt if self.prompt else 0.0
