"""What outside text looks like when the model is shown it: cleaned, fenced, bounded.

Logs, alarms, source and chat are written by anybody. Invisible and control characters are dropped (they hide
instructions from people), and a fence says where such a text begins and ends. The fence is a courtesy to the model;
what the run may do is decided by code, not by this.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

_ANSI = re.compile(
    r"\x1b(?:\[[0-9;?]{0,32}[ -/]{0,8}[@-~]|\][^\x07\x1b]{0,512}(?:\x07|\x1b\\)?|[@-_])"
)
_ASCII_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_KEPT_CONTROLS = {"\n", "\t"}
_HIDDEN = {"Cc", "Cf", "Co", "Cs"}
_FENCE = re.compile(r"</?untrusted\b", re.IGNORECASE)


def clean(text: str) -> str:
    """The text without terminal escapes, control, zero-width, bidirectional, tag and surrogate characters."""
    text = _ANSI.sub("", text).replace("\r\n", "\n")
    if text.isascii():
        return _ASCII_CONTROL.sub("", text)
    return "".join(
        char for char in text if char in _KEPT_CONTROLS or unicodedata.category(char) not in _HIDDEN
    )


def cleaned(value: Any) -> Any:
    """A JSON value with every string in it cleaned, its keys apart."""
    match value:
        case str():
            return clean(value)
        case list():
            return [cleaned(item) for item in value]
        case dict():
            return {key: cleaned(item) for key, item in value.items()}
        case _:
            return value


def fence(text: str, source: str) -> str:
    """The text between `<untrusted>` tags; a tag of that name inside it is defused."""
    inner = _FENCE.sub(lambda match: match.group(0).replace("<", "‹"), text)
    return f'<untrusted source="{source}">\n{inner}\n</untrusted>'
