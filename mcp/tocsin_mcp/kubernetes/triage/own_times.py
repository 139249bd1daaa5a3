"""The time that a program writes into its line, for logs that were saved without the runtime's."""

from __future__ import annotations

import re
from datetime import datetime

_TIME = re.compile(
    r"(?P<iso>\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d)|(?P<access>\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d)|(?P<long>\d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d)"
)
_FORMS = {"iso": "%Y-%m-%d %H:%M:%S", "access": "%d/%b/%Y:%H:%M:%S", "long": "%d %b %Y %H:%M:%S"}
_WITHIN = 120


def own_time(line: str) -> datetime | None:
    """The time near the beginning of a line, without a zone: good for what lies between two lines of one program."""
    found = _TIME.search(line[:_WITHIN])
    if not found or not found.lastgroup:
        return None
    said = found[found.lastgroup]
    if found.lastgroup == "iso":
        said = said.replace("/", "-").replace("T", " ")
    try:
        return datetime.strptime(said, _FORMS[found.lastgroup])  # noqa: DTZ007
    except ValueError:
        return None
