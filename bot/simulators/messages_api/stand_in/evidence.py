"""Findings under construction: claims, and quotes copied word for word from tool results."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from bot.simulators.messages_api.stand_in.transcript import Call

LONGEST_QUOTE = 150
"""Characters. A quote is one line or its beginning, so it stays a part of the result."""


_CUT_WORD = re.compile(r"\w+$|\W$")
SHORTEST_QUOTE = 6
"""Characters without white space; anything shorter occurs everywhere and proves nothing."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A piece of a tool result and the short id of the call."""

    ref: str
    text: str

    @property
    def telling(self) -> bool:
        """Long enough to prove something."""
        return len("".join(self.text.split())) >= SHORTEST_QUOTE

    def as_json(self) -> dict[str, str]:
        """As `submit_diagnosis` takes it."""
        return {"tool_call_id": self.ref, "quote": self.text}


@dataclass(frozen=True, slots=True)
class Finding:
    """A claim and what backs it."""

    claim: str
    quotes: tuple[Quote, ...]

    @property
    def proof(self) -> list[dict[str, str]]:
        """The quotes that prove something, as `submit_diagnosis` takes them."""
        return [quote.as_json() for quote in self.quotes if quote.telling]

    def as_json(self) -> dict[str, Any]:
        """As `submit_diagnosis` takes it."""
        return {"claim": self.claim, "evidence": self.proof}


def quote(call: Call, line: str) -> Quote:
    """A quote from a call's result; `line` must occur in it. A long one ends before a word: half a number is another."""
    text = line.strip()
    if len(text) > LONGEST_QUOTE:
        text = _CUT_WORD.sub("", text[: LONGEST_QUOTE + 1]) or text[:LONGEST_QUOTE]
    return Quote(call.ref, text.rstrip())
