"""Log template mining: which records are the same but for their variables. Pure.

The Drain algorithm (He, Zhu, Zheng, Lyu: "Drain: an online log parsing approach with fixed depth tree", ICWS 2017),
reduced to what is needed here: lines are masked, put into groups by number of tokens and first token, and join the most
similar template of their group if at least `SIMILARITY` of the tokens agree. Records that tell of an error only join a
template that is equal after masking, and whose stack frames are the same: no error is ever hidden behind another one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bot.tools.shortening.frames import is_frame
from bot.tools.shortening.log_records import Record
from bot.tools.shortening.masks import ANY, kind_of, mask, shape_of

SIMILARITY = 0.6
ALIKE = 0.75
"""Share of the words that errors must have in common to be told together."""
_COMPARED = 64
"""Templates of a group that a record is compared with, the latest: many records of as many kinds take no longer."""
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
    others: dict[str, None] = field(default_factory=dict)
    """Of errors told together: the words that stand in the others where the first one has its own, in order."""


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
        masked = kind_of(record.line if record.is_error else record.text)
        tokens = _TOKENS.split(masked)
        if record.is_error:
            self._add_exactly(record, masked, tokens)
            return
        group = self._groups[len(tokens), tokens[0]]
        best = max(
            group[-_COMPARED:],
            key=lambda template: _similarity(template.tokens, tokens),
            default=None,
        )
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
        key = (masked, *(frame if is_frame(frame) else mask(frame) for frame in frames))
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


def together(templates: Sequence[Template]) -> list[Template]:
    """The templates, those of errors joined that differ in a word or two of many and have no stack trace.

    For storms of errors that name something by letters alone. No word is lost: `others` has those of the joined ones.
    """
    joined: list[Template] = []
    groups: dict[tuple[int, str], list[tuple[list[str], Template]]] = defaultdict(list)
    for template in templates:
        if not template.first.is_error or template.first.more or template.known:
            joined.append(template)
            continue
        group = groups[len(template.tokens), template.tokens[0]]
        home = next(
            (
                known
                for known in group[-_COMPARED:]
                if _similarity(known[0], template.tokens) >= ALIKE
            ),
            None,
        )
        if home is None:
            group.append((template.tokens, template))
            joined.append(template)
            continue
        tokens, leader = home
        leader.count += template.count
        leader.last = template.last
        differing = (
            own for own, first in zip(template.tokens, tokens, strict=True) if own != first
        )
        leader.others |= dict.fromkeys(differing)
    return joined


def _similarity(template: list[str], tokens: list[str]) -> float:
    same = sum(known == token for known, token in zip(template, tokens, strict=True))
    return same / len(tokens)
