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
_REQUEST = re.compile(
    r"\b(?:GET|POST|PUT|PATCH|DELETE) (?P<plain>/[\w./-]{1,200})|[\"'](?:[\w.]*[._])?(?:path|uri|route)[\"']: ?[\"'](?P<field>/[\w./-]{1,200})",
    re.IGNORECASE,
)
_STATUS = re.compile(
    r"(?:rpc error: code = |StatusCode\.|StatusRuntimeException: |StatusCode=\"|\b\d{1,2} (?=[A-Z_]{5,}: ))(?P<code>[A-Za-z_]+)"
)
_OF_SERVERS = frozenset(
    {"unknown", "invalidargument", "notfound", "alreadyexists", "failedprecondition", "aborted", "outofrange", "internal", "dataloss"}
)  # fmt: skip
"""Statuses that handlers set (gRPC, statuscodes.md); clients make Unavailable and DeadlineExceeded themselves, and a refused
login is the client's own trouble."""

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


def is_answer(line: str) -> bool:
    """Whether a line passes on the status that a gRPC server answered with; of nested ones the outermost decides."""
    found = _STATUS.search(line)
    return found is not None and found["code"].replace("_", "").lower() in _OF_SERVERS


def routed_to(line: str, callees: Iterable[str]) -> str:
    """The service that the path of the request in a line names, `/cart/checkout` the service checkout; empty for none.

    Front ends and gateways name paths after what they call; the last word is the nearest to what failed.
    """
    found = _REQUEST.search(line)
    path = (found["plain"] or found["field"]).lower() if found else ""
    known = list(callees)
    meant = [name for word in _WORD.finditer(path) if (name := _meant(word[0], known))]
    return meant[-1] if meant else ""


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
