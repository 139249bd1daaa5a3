"""Log template mining: which records are the same but for their variables. Pure.

The Drain algorithm (He, Zhu, Zheng, Lyu: "Drain: an online log parsing approach with fixed depth tree", ICWS 2017),
reduced to what is needed here: lines are masked, put into groups by number of tokens and first token, and join the most
similar template of their group if at least `SIMILARITY` of the tokens agree. Records that tell of an error only join a
template that is equal after masking: no error is ever hidden behind another one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.tools.shortening.log_records import Record

SIMILARITY = 0.6
ANY = "<*>"
_MASKS = (
    re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?"),
    re.compile(r"\b\d\d:\d\d:\d\d(?:[.,]\d+)?\b"),
    re.compile(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"),
    re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b"),
    re.compile(r"\b(?=[0-9a-fA-F]*\d)[0-9a-fA-F]{8,}(?:-[0-9a-fA-F]{4,})*\b"),
    re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:ms|s|us|ns|m|h|%|[KMG]i?B?|B)?(?![\w.])"),
)
LEADING_TIME = re.compile(
    r"^(?:\d{4}-\d\d-\d\d[T ])?\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?\s*"
)
_VALUE = re.compile(r"(?<==)[^\s,;|&]+")
_TOKENS = re.compile(r"[\s,;|]+")


@dataclass(slots=True)
class Template:
    """Records that are the same but for their variables."""

    tokens: list[str]
    first: Record
    last: Record
    count: int = 1
    known: bool = False
    """Whether its first one, or one like it, was shown before."""


@dataclass(slots=True)
class TemplateMiner:
    """Collects records into templates, in the order of their first occurrence.

    `known` is what was shown before: the shapes of lines (`shape_of` their kind), and lines of stack traces as they are.
    """

    known: frozenset[str] = frozenset()
    templates: list[Template] = field(default_factory=list)
    _exact: dict[tuple[str, ...], Template] = field(default_factory=dict)
    _groups: dict[tuple[int, str], list[Template]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def add_all(self, records: Iterable[Record]) -> None:
        """Sort records into templates."""
        for record in records:
            self.add(record)

    def add(self, record: Record) -> None:
        """Sort one record into the template it belongs to, or begin a new one."""
        masked = kind_of(record.line)
        tokens = _TOKENS.split(masked)
        if record.is_error:
            self._add_exactly(record, masked, tokens)
            return
        group = self._groups[len(tokens), tokens[0]]
        best = max(group, key=lambda template: _similarity(template.tokens, tokens), default=None)
        if best is None or _similarity(best.tokens, tokens) < SIMILARITY:
            group.append(self._begin(record, tokens, known=shape_of(masked) in self.known))
            return
        best.tokens = [
            known if known == token else ANY
            for known, token in zip(best.tokens, tokens, strict=True)
        ]
        best.count += 1
        best.last = record

    def _add_exactly(self, record: Record, masked: str, tokens: list[str]) -> None:
        frames = tuple(frame.strip() for frame in record.more)
        key = (masked, *frames)
        known = self._exact.get(key)
        if known is None:
            shown = self.known.issuperset((shape_of(masked), *frames))
            self._exact[key] = self._begin(record, tokens, known=shown)
            return
        known.count += 1
        known.last = record

    def _begin(self, record: Record, tokens: list[str], *, known: bool) -> Template:
        template = Template(tokens, first=record, last=record, known=known)
        self.templates.append(template)
        return template


def mask(line: str) -> str:
    """The line with times, ids, addresses and numbers replaced by `<*>`."""
    for pattern in _MASKS:
        line = pattern.sub(ANY, line)
    return line


def kind_of(line: str) -> str:
    """What two records of one kind have in common: the masked line without the time it begins with."""
    return mask(LEADING_TIME.sub("", line))


def shape_of(kind: str) -> str:
    """A kind without the values that have a name: `path=/cart` and `path=/ads` are the same. What has no name counts."""
    return _VALUE.sub(ANY, kind)


def _similarity(template: list[str], tokens: list[str]) -> float:
    same = sum(known == token for known, token in zip(template, tokens, strict=True))
    return same / len(tokens)
