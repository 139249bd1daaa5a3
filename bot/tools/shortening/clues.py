"""What an incident names, read from what was said so far: identifiers, phrases of error messages, places in source. Pure.

A long file or diff is shortened around these. They are derived from the conversation alone, so nothing has to be kept
beside it: a run that was resumed on another machine finds the same ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal, NamedTuple

from bot.tools.shortening.hunks import files_of
from bot.tools.shortening.log_records import tells_of_error
from bot.tools.shortening.log_summary import shown_lines

_MOST_LINE = 1_000
"""Longer lines are data, not messages."""
_MOST_WORDS = 80
_MOST_PLACES = 80
_MOST_PHRASES = 80
_MOST_VALUES = 16
"""Of one remark."""
_ALL_VALUES = 160
_WORD = re.compile(r"[A-Za-z_$][\w$]{3,79}")
_DISTINCT = re.compile(r"[a-z\d][A-Z]|[A-Za-z\d]_[A-Za-z\d]|[A-Z]{2}[a-z]")
"""`camelCase`, `snake_case`, `HTTPServer`: a word of a program, not of a language."""
_QUOTED = re.compile(r"'([^'\n]{4,60})'|\"([^\"\n]{4,60})\"|`([^`\n]{4,60})`")
_TELLING = re.compile(r"[a-z].*\d|\d.*[A-Za-z]|[A-Za-z][ ./:_-]+[A-Za-z]|[A-Z].*[A-Z]")
"""A quoted value that is more than a plain word."""
_RUN = re.compile(r"(?<![a-z])[a-z]+(?:'[a-z]+)?(?: [a-z]+(?:'[a-z]+)?){3,}")
_PHRASE_WORDS = 4
"""So many words in a row of an error message are found again where the message is written in the source."""
_PLACE = re.compile(r"(?<![\w.@+-])([\w.@+-]+\.[A-Za-z]{1,6})(?:\"?, line |:line |:|\()(\d{1,6})\b")
"""`Cart.cs:line 57`, `main.go:12`, `File "app.py", line 3`, `index.php(42)`."""
_CODE = re.compile(r"\s*\d+ ?[|:│→\t]\s|[+-]|@@ ")
"""A line of a listing, of a search or of a diff."""
_FILE = re.compile(r"(?<![\w./@+\\-])[\w./@+\\-]*\.[A-Za-z]{1,6}\b(?![\w(])")
"""Names of files, and of packages: a class is not meant where its file is named."""
_FRAME = re.compile(r"^\s*(?:at\s+|#\d+\s+|from\s+)?(?P<name>[\w$.:<>*\[\]`|/-]+)\(")


class Remark(NamedTuple):
    """One piece of a conversation, and who it is from.

    Of a tool's result only errors, stack frames and changes count: the rest is noise.
    """

    text: str
    by: Literal["person", "tool", "model"] = "person"


@dataclass(frozen=True, slots=True)
class Clues:
    """What was named, and what was shown."""

    words: frozenset[str] = frozenset()
    """Of the alarm, of errors and stack frames."""
    asked: frozenset[str] = frozenset()
    """Of what the model said and asked for."""
    phrases: frozenset[str] = frozenset()
    """Words in a row of error messages."""
    values: tuple[str, ...] = ()
    """What error messages quote."""
    places: frozenset[tuple[str, int]] = frozenset()
    """File names without folders, each with a line."""
    shown: frozenset[str] = frozenset()
    """Lines of earlier results, in the form that summaries of logs take as known."""

    def __or__(self, other: Clues) -> Clues:
        values = dict.fromkeys((*other.values, *self.values))
        return Clues(
            self.words | other.words,
            self.asked | other.asked,
            self.phrases | other.phrases,
            tuple(islice(values, _ALL_VALUES)),
            self.places | other.places,
            self.shown | other.shown,
        )

    def named(self, line: str) -> frozenset[str]:
        """The words, phrases and values of the incident that stand in a line."""
        words = self.words.intersection(_WORD.findall(line))
        phrases = self.phrases.intersection(_phrases(line))
        return words.union(phrases, (value for value in self.values if value in line))

    def asked_for(self, line: str) -> frozenset[str]:
        """The words of the model that stand in a line."""
        return self.asked.intersection(_WORD.findall(line))

    def matter(self, line: str) -> bool:
        """Whether anything in the line is named or was asked for."""
        return bool(self.named(line) or self.asked_for(line))

    def lines_of(self, file: str) -> frozenset[int]:
        """The lines of a file, given by its name without folders, that were named."""
        return frozenset(line for name, line in self.places if name == file)


def read(remarks: Iterable[Remark]) -> Clues:
    """The clues of some remarks together."""
    clues = Clues()
    for remark in remarks:
        clues |= _clues(remark)
    return clues


def _clues(remark: Remark) -> Clues:
    lines = [line for line in remark.text.splitlines() if len(line) <= _MOST_LINE]
    if remark.by == "tool":
        lines = [line for line in lines if _says_something(line)]
    words = dict.fromkeys(word for line in lines for word in _words(line))
    some = frozenset(islice(words, _MOST_WORDS))
    if remark.by == "model":
        return Clues(asked=some)
    errors = [line for line in lines if tells_of_error(line)]
    phrases = dict.fromkeys(phrase for line in errors for phrase in _phrases(line))
    values = dict.fromkeys(value for line in errors for value in _values(line))
    places = dict.fromkeys((*_changed(remark.text), *_places(lines)))
    return Clues(
        words=some,
        phrases=frozenset(islice(phrases, _MOST_PHRASES)),
        values=tuple(islice(values, _MOST_VALUES)),
        places=frozenset(islice(places, _MOST_PLACES)),
        shown=frozenset(shown_lines(remark.text)) if remark.by == "tool" else frozenset(),
    )


def _says_something(line: str) -> bool:
    """Whether a line of a result tells of an error or names a place; source code and diffs only look like it."""
    return not _CODE.match(line) and (tells_of_error(line) or bool(_PLACE.search(line)))


def _words(line: str) -> Iterator[str]:
    frame = _FRAME.match(line) if _PLACE.search(line) else None
    # Of a frame the method counts, its parameters do not.
    text = re.split(r"[.:/>]", frame["name"])[-1] if frame else _FILE.sub(" ", line)
    yield from (word for word in _WORD.findall(text) if _DISTINCT.search(word))


def _phrases(line: str) -> Iterator[str]:
    for run in _RUN.findall(line.lower()):
        words = run.split(" ")
        for at in range(len(words) - _PHRASE_WORDS + 1):
            yield " ".join(words[at : at + _PHRASE_WORDS])


def _values(line: str) -> Iterator[str]:
    if '":' in line:
        return  # in JSON everything is quoted
    for quoted in _QUOTED.finditer(line):
        value = next(group for group in quoted.groups() if group)
        if _TELLING.search(value):
            yield value


def _places(lines: Iterable[str]) -> Iterator[tuple[str, int]]:
    for line in lines:
        for name, number in _PLACE.findall(line):
            yield name, int(number)


def _changed(text: str) -> Iterator[tuple[str, int]]:
    """Where a diff changes something, in the lines of the new file."""
    for file in files_of(text.splitlines()):
        for hunk in file.hunks:
            yield from ((file.name, line) for line in hunk.changed_lines())
