"""Source code around what an incident names: whole functions there, of all others their names and lines. Pure.

A file is folded only when something in it is named: a model that reads a file for another reason gets all of it. What is
a function is told by indentation and by how declarations look in common languages; where that fails, the lines around
are kept.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from bot.tools.shortening.clues import Clues
from bot.tools.shortening.folding import bare, is_listing, line_numbers

_TAB = 4
_LONGEST_FUNCTION = 80
_NEAR = 3
"""Lines kept on either side of a named line that is in no function."""
_AROUND = 15
"""The same in a function that is too long to be kept whole."""
_COMMON_LINES = 6
_COMMON_SHARE = 0.12
"""A word on more lines than these says nothing about where to look."""
_MOST_WIDE = 400
"""Longer lines are data."""
_CONTROL = (
    r"(?:if|else|for|foreach|while|switch|case|catch|try|do|return|throw|new|await|yield|using|lock|defer|go|assert"
    r"|import|from|with|elif|except|raise|in|not|and|or|delete|print)\b"
)
_TYPE = re.compile(
    r"^\s*(?:[\w@]+\s+){0,4}(?:class|interface|struct|enum|record|trait|impl|namespace|module|object|type)\s+[\w<]"
)
_FUNCTION = re.compile(
    r"^\s*(?![*#/-])(?:"
    r"(?:[\w<>()]+\s+){0,4}(?:def|fn|func|function|fun|sub)\b"
    r"|(?:export\s+)?(?:const|let|var)\s+\w+\s*=\s*(?:async\s*)?(?:function|\([^)]*\)\s*=>|\w+\s*=>)"
    rf"|(?!{_CONTROL})(?:[\w<>\[\],.?*&:]+\s+){{1,6}}[\w.]+\s*(?:<[^>]*>)?\([^;]*(?:[{{,(]|\)|=>.*)\s*$"
    rf"|(?!{_CONTROL})(?:async\s+|static\s+)?\w+\s*\([^;)]*\)\s*\{{\s*$"
    r")"
)
_NAME = re.compile(
    r"\b(?:def|fn|func|function|fun|sub|class|interface|struct|enum|record|trait|impl|namespace|module|object|type|const|let|var)"
    r"\s+(?:\([^)]*\)\s*)?([\w.]+)"
)
_NAME_OF_METHOD = re.compile(r"(\w+)\s*(?:<[^>]*>)?\(")
_MOST_NAMES = 20
_CLOSING = re.compile(r"^\s*(?:[}\])]|end\b)")
_OPENS_AGAIN = re.compile(r"[{(:]\s*$")


def kept_lines(lines: Sequence[str], clues: Clues, file: str = "") -> frozenset[int] | None:
    """Indexes of the lines to show, or None when the incident names nothing in them.

    `file` is its name without folders, if known. What only the model asked for is kept, but folds no file.
    """
    code = [bare(line) for line in lines] if is_listing(lines) else list(lines)
    places = clues.lines_of(file) if file else frozenset()
    here = {index for index, number in enumerate(line_numbers(lines)) if number in places}
    named = _telling([clues.named(line) for line in code], file) | here
    if not named:
        return None
    indents = _indents(code)
    kept: set[int] = set()
    for index in named | _telling([clues.asked_for(line) for line in code], file):
        parents = _parents(index, code, indents)
        kept.update(parents, _surroundings(index, parents, code, indents))
    return frozenset(kept)


def outline(lines: Sequence[str], indexes: Sequence[int]) -> str:
    """What is declared in some of the lines: `charge (41), refund (60)`, each with its line."""
    numbers = line_numbers(lines)
    declared = []
    for index in indexes:
        code = bare(lines[index]) if numbers[index] else lines[index]
        if _is(_FUNCTION, code) or _is(_TYPE, code):
            name = _NAME.search(code) or _NAME_OF_METHOD.search(code)
            declared += [f"{name[1]} ({numbers[index]})"] if name else []
    more = len(declared) - _MOST_NAMES
    told = ", ".join(declared[:_MOST_NAMES])
    return f"{told} and {more} more" if more > 0 else told


def _telling(found: Sequence[frozenset[str]], file: str) -> set[int]:
    """Indexes of the lines with a mark that is not everywhere in the file, as the class it is named after."""
    often = Counter(mark for marks in found for mark in marks)
    most = max(_COMMON_LINES, _COMMON_SHARE * len(found))
    telling = {mark for mark, count in often.items() if count <= most}
    telling.discard(file.rpartition(".")[0])
    return {index for index, marks in enumerate(found) if marks & telling}


def _is(pattern: re.Pattern[str], line: str) -> bool:
    return len(line) <= _MOST_WIDE and bool(pattern.match(line))


def _indents(code: Sequence[str]) -> list[int]:
    """Columns before the first character; a blank line has that of the line before."""
    indents: list[int] = []
    for line in code:
        wide = line.expandtabs(_TAB)
        if wide.strip():
            indents.append(len(wide) - len(wide.lstrip()))
        else:
            indents.append(indents[-1] if indents else 0)
    return indents


def _parents(index: int, code: Sequence[str], indents: Sequence[int]) -> list[int]:
    """The lines that a line is nested in, innermost first; a brace on a line of its own is not one."""
    parents: list[int] = []
    indent = indents[index]
    for above in range(index - 1, -1, -1):
        if indents[above] < indent and code[above].strip() != "{":
            parents.append(above)
            indent = indents[above]
    return parents


def _surroundings(
    index: int, parents: Sequence[int], code: Sequence[str], indents: Sequence[int]
) -> range:
    """The innermost function around a line; without one, or in a very long one, some lines around."""
    around = _NEAR
    for start in (index, *parents):
        if _is(_TYPE, code[start]):
            break
        if _is(_FUNCTION, code[start]):
            end = _end(start, code, indents)
            if end - start <= _LONGEST_FUNCTION:
                return range(start, end)
            around = _AROUND
            break
    return range(max(0, index - around), min(len(code), index + around + 1))


def _end(start: int, code: Sequence[str], indents: Sequence[int]) -> int:
    """Index behind the block that begins at `start`, blank lines at its end left out."""
    end = start + 1
    for at in range(start + 1, len(code)):
        line = code[at].strip()
        if not line:
            continue
        inside = indents[at] > indents[start] or line == "{"
        closing = bool(_CLOSING.match(line))
        if not inside and not closing:
            return end
        end = at + 1
        if closing and not inside and not _OPENS_AGAIN.search(line):  # not `) error {`
            return end
    return end
