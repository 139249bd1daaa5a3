"""A log as its kinds of records: how many there are, when the first and the last came, and one of each. Pure.

Errors are shown verbatim, whatever belongs to them; of chatter, ids that say nothing are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from bot.tools.shortening.log_records import Log, Record
from bot.tools.shortening.templates import (
    ANY,
    LEADING_TIME,
    Template,
    TemplateMiner,
    kind_of,
    shape_of,
)

_DATE = re.compile(r"^\d{4}-\d\d-\d\d[T ](?=\d\d:\d\d:\d\d)")
_TIME = re.compile(r"(?:\d{4}-\d\d-\d\dT)?(\d\d:\d\d:\d\d)")
_ID = re.compile(
    r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"
    r"|\b(?=[0-9a-f]{0,31}\d)[0-9a-f]{16}(?:[0-9a-f]{16})?\b"
    r"|\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?(?=\W|$)"
)
"""UUIDs, the ids of traces and spans (W3C Trace Context), and times within a record that has one of its own."""
_COUNT = re.compile(r"^\d+x until [\d:]+ \| |^\d+x \| ")


def summary(log: Log, label: str, known: frozenset[str]) -> str:
    """One record of each kind. `known` is what earlier results have shown (see `shown_lines`): of that only counts."""
    miner = TemplateMiner(known)
    miner.add_all(log.records)
    date = _common_date(log.records)
    fresh = [kind for kind in miner.templates if not kind.known or kind.first.is_error]
    old = [kind for kind in miner.templates if kind.known and not kind.first.is_error]
    lines = [*log.head, _note(miner.templates, len(log.records), date, label)]
    if old:
        count = sum(kind.count for kind in old)
        lines.append(
            f"({count} of them, of {len(old)} kinds, are like those that earlier results show)"
        )
    for kind in fresh:
        lines += _shown(kind, date)
    return "\n".join(lines)


def _note(kinds: Sequence[Template], count: int, date: str, label: str) -> str:
    day = f" of {date[:10]}" if date else ""
    return (
        f"({count} records{day} of {len(kinds)} kinds; of each the first, after `so many x until when |`. "
        f"All: read_result(call_id={label!r}, grep=…))"
    )


def _common_date(records: Iterable[Record]) -> str:
    """The day that every record begins with, as written; empty when there are several or none."""
    dates = {found[0] if (found := _DATE.match(record.line)) else "" for record in records}
    return dates.pop() if len(dates) == 1 else ""


def _shown(kind: Template, date: str) -> Iterator[str]:
    line = kind.first.line.removeprefix(date)
    if not kind.first.is_error:
        time = LEADING_TIME.match(line)
        start = time.end() if time else 0
        line = line[:start] + _ID.sub(ANY, line[start:])
    if kind.count > 1:
        time = _TIME.search(kind.last.line)
        line = f"{kind.count}x {f'until {time[1]} ' if time else ''}| {line}"
    yield line
    more = kind.first.more
    if kind.known and len(more) > 1:
        yield f"      (and its {len(more)} lines as shown before)"
    else:
        yield from more


def shown_lines(text: str, *, longest: int = 1_000) -> Iterator[str]:
    """What a result has shown, in the form that `summary` takes as known."""
    for line in text.splitlines():
        if len(line) <= longest:
            yield line.strip()
            yield shape_of(kind_of(_COUNT.sub("", line)))
