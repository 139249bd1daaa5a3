"""A log as its kinds of records: how many there are, when the first and the last came, and one of each. Pure.

Errors are shown verbatim, whatever belongs to them; of chatter, ids that say nothing are left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import groupby, islice

from bot.tools.shortening.log_records import Log, Record
from bot.tools.shortening.masks import ANY, LEADING_TIME, kind_of, shape_of
from bot.tools.shortening.templates import Template, TemplateMiner, together

_DATE = re.compile(r"^\d{4}-\d\d-\d\d[T ](?=\d\d:\d\d:\d\d)")
_TIME = re.compile(r"(?:\d{4}-\d\d-\d\dT)?(\d\d:\d\d:\d\d)")
_ID = re.compile(
    r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"
    r"|\b(?=[0-9a-f]{0,31}\d)[0-9a-f]{16}(?:[0-9a-f]{16})?\b"
    r"|\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?(?=\W|$)"
)
"""UUIDs, the ids of traces and spans (W3C Trace Context), and times within a record that has one of its own."""
_MANY_ERRORS = 40
"""Kinds of errors from which on those that are much alike are told together."""
_OTHERS_SHOWN = 40
_LONG = 30_000
"""Characters from which on a log is cut to its errors and a share of the rest."""
_SHARE = 14
_LEAST_ROOM = 600
_FIRST_FRAMES = 2
_STRETCH = 3
_COUNT = re.compile(r"^\d+x until [\d:]+ \| |^\d+x \| ")


def summary(
    log: Log,
    label: str,
    known: frozenset[str],
    matters: Callable[[str], bool] = lambda _: False,
) -> str:
    """One record of each kind; of a long log only as much chatter as a tenth of it holds, what `matters` first.

    `known` is what earlier results have shown (see `shown_lines`): of that only counts.
    """
    miner = TemplateMiner(known)
    miner.add_all(log.records)
    date = _common_date(log.records)
    kinds = miner.templates
    if sum(kind.first.is_error for kind in kinds) > _MANY_ERRORS:
        kinds = together(kinds)
    fresh = [kind for kind in kinds if not kind.known or kind.first.is_error]
    old = [kind for kind in kinds if kind.known and not kind.first.is_error]
    lines = [*log.head, _note(kinds, len(log.records), date, label)]
    if old:
        count = sum(kind.count for kind in old)
        lines.append(
            f"({count} of them, of {len(old)} kinds, are like those that earlier results show)"
        )
    above: set[str] = set()
    shown = [(kind, list(_shown(kind, date, above))) for kind in fresh]
    dropped = _too_much(shown, sum(len(record.text) + 1 for record in log.records), matters)
    for at, (_, text) in enumerate(shown):
        if at not in dropped:
            lines += text
        elif at - 1 not in dropped:
            lines.append(_gap([kind for kind, _ in _run(shown, at, dropped)]))
    return "\n".join(lines)


_Shown = Sequence[tuple[Template, list[str]]]


def _too_much(shown: _Shown, size: int, matters: Callable[[str], bool]) -> frozenset[int]:
    """Which kinds of chatter have no room: of a log as long as this (characters) errors are shown whole, and then what
    `matters`, the first kinds and the last ones."""
    if size < _LONG:
        return frozenset()
    sizes = [sum(len(line) + 1 for line in text) for _, text in shown]
    chatter = [at for at, (kind, _) in enumerate(shown) if not kind.first.is_error]
    room = size // _SHARE - (sum(sizes) - sum(sizes[at] for at in chatter))
    room = max(room, _LEAST_ROOM)
    named = [at for at in chatter if matters(shown[at][0].first.line)]
    ends = [at for pair in zip(chatter, reversed(chatter), strict=True) for at in pair]
    kept: set[int] = set()
    for at in dict.fromkeys([*named, *ends]):
        room -= sizes[at]
        if room < 0:
            break
        kept.add(at)
    return frozenset(chatter).difference(kept)


def _run(shown: _Shown, start: int, dropped: Collection[int]) -> _Shown:
    end = start
    while end in dropped:
        end += 1
    return shown[start:end]


def _gap(kinds: Sequence[Template]) -> str:
    count = sum(kind.count for kind in kinds)
    return f"[… {count} records of {len(kinds)} kinds that tell of no error]"


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


def _shown(kind: Template, date: str, above: set[str]) -> Iterator[str]:
    """`above` holds the frames that stand above already, and takes in those of this kind."""
    line = kind.first.line.removeprefix(date)
    if not kind.first.is_error:
        time = LEADING_TIME.match(line)
        start = time.end() if time else 0
        line = line[:start] + _ID.sub(ANY, line[start:])
    if kind.count > 1:
        time = _TIME.search(kind.last.line)
        line = f"{kind.count}x {f'until {time[1]} ' if time else ''}| {line}"
    yield line
    if kind.others:
        some = ", ".join(islice(kind.others, _OTHERS_SHOWN))
        left = len(kind.others) - _OTHERS_SHOWN
        yield f"      (the others have instead: {some}{f' and {left} more' if left > 0 else ''})"
    more = kind.first.more
    if kind.known and len(more) > 1:
        yield f"      (and its {len(more)} lines as shown before)"
    else:
        yield from _unlike(more, above)
    above.update(more)


def _unlike(more: Sequence[str], above: Collection[str]) -> Iterator[str]:
    """The lines of a trace, but for long stretches of frames that stand above; the first frames are always shown."""
    for seen, run in groupby(
        enumerate(more), lambda item: item[0] >= _FIRST_FRAMES and item[1] in above
    ):
        lines = [line for _, line in run]
        if seen and len(lines) >= _STRETCH:
            yield f"      (… {len(lines)} lines as above)"
        else:
            yield from lines


def shown_lines(text: str, *, longest: int = 1_000) -> Iterator[str]:
    """What a result has shown, in the form that `summary` takes as known."""
    for line in text.splitlines():
        if len(line) <= longest:
            yield line.strip()
            yield shape_of(kind_of(_COUNT.sub("", line)))
