"""Who wrote each line of a file, worked out from the recorded trees."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from itertools import groupby

from .repository import Commit, Repository


@dataclass(frozen=True, slots=True)
class Range:
    """Lines `first` to `last`, counted from 1, that `commit` changed last."""

    first: int
    last: int
    commit: Commit


def blame(repository: Repository, commit: Commit, path: str) -> list[Range]:
    """The ranges of a text file as of `commit`, in order of lines. Raises KeyError when there is no such file."""
    writers = [commit] * len(_lines(commit.tree[path]))
    followed = {number: number for number in range(len(writers))}
    current: Commit | None = commit
    while current and followed:
        older = repository.parent(current)
        before = older.tree.get(path) if older else None
        stayed = _stayed(before or b"", current.tree[path])
        for line, number in list(followed.items()):
            if number in stayed:
                followed[line] = stayed[number]
            else:
                writers[line] = current
                del followed[line]
        current = older
    ranges: list[Range] = []
    for _, run in groupby(range(len(writers)), key=lambda number: writers[number].sha):
        numbers = list(run)
        ranges.append(Range(numbers[0] + 1, numbers[-1] + 1, writers[numbers[0]]))
    return ranges


def _stayed(before: bytes, after: bytes) -> dict[int, int]:
    """Number after to number before, of the lines that a change left alone."""
    old, new = _lines(before), _lines(after)
    blocks = difflib.SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    return {block.b + offset: block.a + offset for block in blocks for offset in range(block.size)}


def _lines(data: bytes) -> list[bytes]:
    return data.splitlines(keepends=True)
