"""Whom an error is about when it names no address: "could not retrieve cart" is about the service cart among those called.

gRPC hides the address once a connection stands, so an error that a callee answered with carries only the caller's words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable

_WORD = re.compile(r"[a-z]{2,}")
_PLAIN = re.compile(r"[^a-z0-9]")
_KIND = re.compile(r"(?:service|svc|server|api|app)$")
_ENDINGS = ("ies", "es", "s", "y", "")
_SHORTEST = 4
_TEXTS = ("message", "msg", "error", "err")


def spoken_of(line: str, caller: str, callees: Callable[[str], Iterable[str]]) -> str:
    """The service that a line is about, empty when its words name none.

    A word means a callee whose name begins with it: `products` means `productcatalog-service`. An error that was passed
    on names one callee after the other, parted by colons, so each is sought among those that the one before calls; of
    several in one part the last is the noun. `callees` gives the services that a service or workload calls.
    """
    found = ""
    for part in _said(line).lower().split(":"):
        known = list(callees(found or caller))
        meant = [name for word in _WORD.finditer(part) if (name := _meant(word[0], known))]
        found = meant[-1] if meant else found
    return found


def _meant(word: str, callees: Iterable[str]) -> str:
    for callee in sorted(callees):
        name = _KIND.sub("", _PLAIN.sub("", callee.lower()))
        stems = {word.removesuffix(ending) for ending in _ENDINGS if word.endswith(ending)}
        if word == name or any(
            stem == name or (len(stem) >= _SHORTEST and name.startswith(stem)) for stem in stems
        ):
            return callee
    return ""


def _said(line: str) -> str:
    """Of a JSON record the texts, without paths and ids."""
    if not line.startswith("{"):
        return line
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return line
    if not isinstance(record, dict):
        return line
    return ": ".join(record[key] for key in _TEXTS if isinstance(record.get(key), str))
