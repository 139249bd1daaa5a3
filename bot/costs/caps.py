"""What may be spent in a day, by all investigations together and by those of one channel."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Caps(BaseModel):
    """US dollars per UTC day. 0 means no limit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    day_usd: float = Field(default=25.0, ge=0)
    channel_usd: float = Field(default=0.0, ge=0)
    """Of each channel."""
