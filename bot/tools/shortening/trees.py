"""Lists of files: the folders in which something is named, the others as one line each. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from bot.tools.shortening.clues import Clues
from bot.tools.shortening.folding import SMALLEST_GAP, Marks

_PATH = re.compile(r"(?:[-*] )?([\w@.+()\[\]/-]{1,300})(?: +[\d.,]+ ?[kKMG]?i?B?)?")
"""A path, with its size behind it in some lists."""
_LEAST_PATHS = 40
_PATH_SHARE = 0.8
_DEPTH = 2
"""Folders are folded at this depth: `src/cartservice/`."""


def shortened(lines: Sequence[str], clues: Clues, marks: Marks) -> str | None:
    """The list with folders folded in which nothing is named, or None when it is no list of files or nothing is."""
    paths = [_path(line) for line in lines]
    listed = sum("/" in path for path in paths)
    if listed < _LEAST_PATHS or listed < _PATH_SHARE * len(lines):
        return None
    files = {name for name, _ in clues.places}
    folders = {
        _folder(path) for path in paths if path.rpartition("/")[2] in files or clues.matter(path)
    }
    if not folders:
        return None
    return "\n".join(_folded(lines, paths, folders, marks))


def _folded(
    lines: Sequence[str], paths: Sequence[str], folders: set[str], marks: Marks
) -> Iterator[str]:
    for folder, group in groupby(range(len(lines)), lambda at: _folder(paths[at])):
        indexes = list(group)
        if not folder or folder in folders or len(indexes) < SMALLEST_GAP:
            yield from (lines[index] for index in indexes)
        else:
            yield marks.gap(indexes[0] + 1, indexes[-1] + 1, f"{folder}/")


def _path(line: str) -> str:
    found = _PATH.fullmatch(line.strip())
    return found[1] if found else ""


def _folder(path: str) -> str:
    return "/".join(path.split("/")[:-1][:_DEPTH])
