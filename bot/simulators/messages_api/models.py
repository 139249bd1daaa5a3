"""The model table: what each model costs, allows and needs, as published on the date below.

Sources: the public pricing, models, prompt-caching and thinking pages of the Messages API. Models whose price is not
public are left out; asking for one answers `not_found_error`, like any unknown model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

TABLE_DATE = "2026-11-22"

Family = Literal["v3", "v4.8"]
"""Tokenizer family: v3 up to Claude 4.6 and Haiku 4.5, v4.8 (about 30% more tokens) after that."""


@dataclass(frozen=True, slots=True)
class Price:
    """USD per million tokens."""

    input: float
    write_5m: float
    write_1h: float
    read: float
    output: float


@dataclass(frozen=True, slots=True)
class Model:
    """One row of the table. Token counts are tokens; `created` is an RFC 3339 date and time."""

    id: str
    display_name: str
    line: str
    created: str
    price: Price
    cache_minimum: int
    """The shortest prefix that is cached; a shorter one is silently not cached."""
    context: int = 1_000_000
    max_output: int = 128_000
    family: Family = "v4.8"
    tool_prompt: int = 286
    """Tokens that the API adds as soon as tools are offered."""
    thinking: frozenset[str] = frozenset({"adaptive", "disabled"})
    default_thinking: str = "disabled"
    effort: bool = True
    default_effort: str = "high"
    forced_tool_choice: bool = True
    prefill: bool = False
    sampling: bool = False
    """False: temperature, top_p and top_k are refused unless they are the defaults."""
    system_messages: bool = False
    """Whether `role: system` may appear among the messages."""
    settings_before_tools: bool = False
    """Where thinking and effort enter the hashed prefix: before the tools, or after the system prompt."""
    long_price: Price | None = None
    long_over: int = 0
    """A prompt longer than this (cached tokens included) is billed whole at `long_price`."""

    def price_for(self, prompt_tokens: int) -> Price:
        """The price of a whole request, by the length of its prompt."""
        if self.long_price is not None and prompt_tokens > self.long_over:
            return self.long_price
        return self.price


FORCED_TOOL_PROMPT = 120
"""Tokens added to `tool_prompt` when tool_choice is `any` or `tool`."""

_ADAPTIVE_ONLY = frozenset({"adaptive"})
_OLD_THINKING = frozenset({"enabled", "disabled"})
_BOTH_THINKING = frozenset({"adaptive", "enabled", "disabled"})

_OPUS = Price(5, 6.25, 10, 0.50, 25)
"""Of every Opus from 4.5 to 5."""

_FABLE_5_1 = Model(
    id="claude-fable-5-1",
    display_name="Claude Fable 5.1",
    line="fable",
    created="2026-09-22T00:00:00Z",
    price=Price(10, 12.50, 20, 0.25, 50),
    cache_minimum=512,
    thinking=_ADAPTIVE_ONLY,
    default_thinking="adaptive",
    forced_tool_choice=False,
    system_messages=True,
)
_FABLE_5 = Model(
    id="claude-fable-5",
    display_name="Claude Fable 5",
    line="fable",
    created="2026-06-09T00:00:00Z",
    price=Price(10, 12.50, 20, 1, 50),
    cache_minimum=512,
    thinking=_ADAPTIVE_ONLY,
    default_thinking="adaptive",
    system_messages=True,
)

_ROWS = (
    Model(
        id="claude-haiku-5-5",
        display_name="Claude Haiku 5.5",
        line="haiku",
        created="2026-10-07T00:00:00Z",
        price=Price(0.10, 0.125, 0.20, 0.01, 0.50),
        long_price=Price(0.50, 0.625, 1.00, 0.05, 2.50),
        long_over=100_000,
        cache_minimum=512,
        default_effort="medium",
    ),
    Model(
        id="claude-sonnet-5-5",
        display_name="Claude Sonnet 5.5",
        line="sonnet",
        created="2026-10-07T00:00:00Z",
        price=Price(2, 2.50, 4, 0.10, 10),
        cache_minimum=512,
        thinking=frozenset({"adaptive", "between_tools"}),
        default_thinking="adaptive",
        forced_tool_choice=False,
    ),
    Model(
        id="claude-opus-5-5",
        display_name="Claude Opus 5.5",
        line="opus",
        created="2026-09-22T00:00:00Z",
        price=Price(4, 5, 8, 0.20, 20),
        cache_minimum=512,
        thinking=_ADAPTIVE_ONLY,
        default_thinking="adaptive",
        default_effort="medium",
        forced_tool_choice=False,
        system_messages=True,
    ),
    _FABLE_5_1,
    replace(_FABLE_5_1, id="claude-mythos-5-1", display_name="Claude Mythos 5.1", line="mythos"),
    _FABLE_5,
    replace(_FABLE_5, id="claude-mythos-5", display_name="Claude Mythos 5", line="mythos"),
    Model(
        id="claude-sonnet-5",
        display_name="Claude Sonnet 5",
        line="sonnet",
        created="2026-06-01T00:00:00Z",
        price=Price(2, 2.50, 4, 0.20, 10),
        cache_minimum=1024,
        tool_prompt=354,
    ),
    Model(
        id="claude-opus-5",
        display_name="Claude Opus 5",
        line="opus",
        created="2026-06-01T00:00:00Z",
        price=_OPUS,
        cache_minimum=512,
        system_messages=True,
    ),
    Model(
        id="claude-opus-4-8",
        display_name="Claude Opus 4.8",
        line="opus",
        created="2026-05-28T00:00:00Z",
        price=_OPUS,
        cache_minimum=1024,
        tool_prompt=346,
        system_messages=True,
    ),
    Model(
        id="claude-opus-4-7",
        display_name="Claude Opus 4.7",
        line="opus",
        created="2026-04-16T00:00:00Z",
        price=_OPUS,
        cache_minimum=2048,
        tool_prompt=346,
    ),
    Model(
        id="claude-opus-4-6",
        display_name="Claude Opus 4.6",
        line="opus",
        created="2026-02-05T00:00:00Z",
        price=_OPUS,
        cache_minimum=4096,
        family="v3",
        tool_prompt=346,
        thinking=_BOTH_THINKING,
        sampling=True,
    ),
    Model(
        id="claude-opus-4-5",
        display_name="Claude Opus 4.5",
        line="opus",
        created="2025-11-24T00:00:00Z",
        price=_OPUS,
        cache_minimum=4096,
        context=200_000,
        max_output=64_000,
        family="v3",
        tool_prompt=346,
        thinking=_OLD_THINKING,
        prefill=True,
        sampling=True,
    ),
    Model(
        id="claude-sonnet-4-6",
        display_name="Claude Sonnet 4.6",
        line="sonnet",
        created="2026-02-17T00:00:00Z",
        price=Price(3, 3.75, 6, 0.30, 15),
        cache_minimum=1024,
        family="v3",
        tool_prompt=346,
        thinking=_BOTH_THINKING,
        sampling=True,
    ),
    Model(
        id="claude-sonnet-4-5",
        display_name="Claude Sonnet 4.5",
        line="sonnet",
        created="2025-09-29T00:00:00Z",
        price=Price(3, 3.75, 6, 0.30, 15),
        cache_minimum=1024,
        context=200_000,
        max_output=64_000,
        family="v3",
        tool_prompt=346,
        thinking=_OLD_THINKING,
        effort=False,
        prefill=True,
        sampling=True,
    ),
    Model(
        id="claude-haiku-4-5",
        display_name="Claude Haiku 4.5",
        line="haiku",
        created="2025-10-01T00:00:00Z",
        price=Price(1, 1.25, 2, 0.10, 5),
        cache_minimum=4096,
        context=200_000,
        max_output=64_000,
        family="v3",
        tool_prompt=496,
        thinking=_OLD_THINKING,
        effort=False,
        prefill=True,
        sampling=True,
    ),
)

_DATED = {
    "claude-sonnet-4-5-20250929": "claude-sonnet-4-5",
    "claude-haiku-4-5-20251001": "claude-haiku-4-5",
    "claude-opus-4-5-20251101": "claude-opus-4-5",
}

MODELS: Mapping[str, Model] = {row.id: row for row in _ROWS}


def find_model(model_id: str) -> Model | None:
    """The row for a model id or one of its dated names, None when it does not exist."""
    return MODELS.get(_DATED.get(model_id, model_id))
