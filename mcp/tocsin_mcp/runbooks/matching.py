"""Which runbook fits: by alarm, by service, by words. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from .runbook import Runbook

_WORD = re.compile(r"\w+")
_ALARM, _SERVICE = 100.0, 40.0
_PATTERN, _CATCH_ALL = (
    0.6,
    0.05,
)  # of what an equal name counts; a pattern may get a fifth more for its length
_LONG = 20
_TITLE, _TAG, _SUBJECT, _HEADING, _BODY = 8.0, 6.0, 6.0, 3.0, 1.0
_ALL_WORDS = 1.5
_SHORTEST_WORD = 2
_WILDCARDS = re.compile(r"[*?\[\]]")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for; at least one is not None. All given parts count, none must match."""

    alarm: str | None = None
    service: str | None = None
    query: str | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """A runbook that fits, how well (higher is better), and why. `meant`: its front matter names the alarm or service."""

    runbook: Runbook
    score: float
    reasons: tuple[str, ...]
    meant: bool = False


def matches(runbooks: Iterable[Runbook], wanted: Wanted) -> list[Match]:
    """The runbooks that fit, best first; equal ones in the order given."""
    found = [_match(runbook, wanted) for runbook in runbooks]
    return sorted((each for each in found if each.score > 0), key=lambda each: -each.score)


def _match(runbook: Runbook, wanted: Wanted) -> Match:
    score, reasons, meant = 0.0, [], False
    for text, entries, full, kind in (
        (wanted.alarm, runbook.front.alarms, _ALARM, "alarm"),
        (wanted.service, runbook.front.services, _SERVICE, "service"),
    ):
        entry = _best(text, entries) if text else None
        if text and entry is not None:
            share = _share(entry, text)
            score += full * share
            meant = meant or share > _CATCH_ALL
            reasons.append(f"{kind} {entry}")
        elif text:
            points, found = _by_words(runbook, text)
            # A name that is only mentioned is a hint, whatever a front matter says is an answer.
            score += points / 4
            reasons += [f"mentions {', '.join(found)}"] if found else []
    if wanted.query:
        points, found = _by_words(runbook, wanted.query)
        score += points
        reasons += [f"words {', '.join(found)}"] if found else []
    return Match(runbook, score, tuple(dict.fromkeys(reasons)), meant)


def _share(entry: str, text: str) -> float:
    """How well an entry fits, 0 to 1. The more of a pattern is fixed, the better: `Cart*` before `C*` before `*`."""
    fixed = _fixed(entry)
    if _same(entry, text):
        return 1.0
    return _PATTERN + 0.2 * min(fixed, _LONG) / _LONG if fixed else _CATCH_ALL


def _best(text: str, entries: Sequence[str]) -> str | None:
    """The entry that fits: equal before a pattern, the pattern with most fixed characters first."""
    fitting = [entry for entry in entries if _fits(entry, text)]
    return max(
        fitting,
        key=lambda entry: (_same(entry, text), _fixed(entry)),
        default=None,
    )


def _fits(pattern: str, text: str) -> bool:
    return fnmatchcase(text.strip().casefold(), pattern.casefold())


def _fixed(pattern: str) -> int:
    return len(_WILDCARDS.sub("", pattern))


def _same(entry: str, text: str) -> bool:
    return entry.casefold() == text.strip().casefold()


def _by_words(runbook: Runbook, text: str) -> tuple[float, list[str]]:
    """Points for each word once, where it weighs most; more when all are there."""
    words = list(dict.fromkeys(w for w in _words(text) if len(w) >= _SHORTEST_WORD))
    front = runbook.front
    places = (
        (_TITLE, f"{runbook.title} {runbook.name}"),
        (_SUBJECT, " ".join([*front.services, *front.alarms])),
        (_TAG, " ".join(front.tags)),
        (_HEADING, " ".join(section.title for section in runbook.sections)),
        (_BODY, runbook.body),
    )
    indexed = [(weight, frozenset(_words(place))) for weight, place in places]
    points, found = 0.0, []
    for word in words:
        weight = max((weight for weight, known in indexed if word in known), default=0.0)
        points += weight
        found += [word] if weight else []
    return (points * _ALL_WORDS if len(found) == len(words) else points), found


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())
