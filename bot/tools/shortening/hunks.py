"""A unified diff as files and hunks, wherever it stands in a text. Pure.

Understands what git prints and what our own server prints (`M path (+1 -2)` instead of `diff --git`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

_HUNK = re.compile(
    r"^@@ -(?P<old>\d{1,7})(?:,(?P<old_count>\d{1,7}))? \+(?P<new>\d{1,7})(?:,(?P<new_count>\d{1,7}))? @@(?P<of>.*)$"
)
_PATH = re.compile(
    r"^(?:diff --git a/.+ b/(?P<git>.+)|\+\+\+ (?:b/)?(?P<plus>[^\t]+)|[AMDRCT]\d* (?P<short>.+?)(?: \(.*\))?)$"
)


@dataclass(slots=True)
class Hunk:
    """One hunk. `at` is the index of its header in the text; its body follows."""

    at: int
    old: int
    new: int
    of: str
    """What stands behind the second `@@`: a blank and the function, where git knows it."""
    body: list[str]

    @property
    def end(self) -> int:
        """Index behind its last line."""
        return self.at + 1 + len(self.body)

    def changed_lines(self) -> Iterator[int]:
        """Line numbers in the new file at which something was added, or taken out just before."""
        number = self.new
        for line in self.body:
            if line[:1] in ("+", "-"):
                yield number
            if not line.startswith(("-", "\\")):
                number += 1


@dataclass(slots=True)
class FileDiff:
    """The hunks of one file. `path` is empty where nothing says it."""

    path: str
    hunks: list[Hunk] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The file's name without folders."""
        return self.path.rpartition("/")[2]


def files_of(lines: Sequence[str]) -> list[FileDiff]:
    """The files that the diffs in a text change, in order; empty when there is no hunk."""
    files: list[FileDiff] = []
    path, at = "", 0
    while at < len(lines):
        header = _HUNK.match(lines[at])
        if header is None:
            named = _PATH.match(lines[at])
            path = next(filter(None, named.groups()), path).strip() if named else path
            at += 1
            continue
        hunk = _hunk(lines, at, header)
        if not files or files[-1].path != path:
            files.append(FileDiff(path))
        files[-1].hunks.append(hunk)
        at = hunk.end
    return files


def _hunk(lines: Sequence[str], at: int, header: re.Match[str]) -> Hunk:
    """The hunk at `at`: as many lines as its header counts, fewer when the text ends or turns into something else."""
    left_old = int(header["old_count"] or 1)
    left_new = int(header["new_count"] or 1)
    body: list[str] = []
    for line in lines[at + 1 :]:
        kind = line[:1] or " "  # some servers strip the blank of an empty context line
        if kind == "\\":
            body.append(line)
            continue
        if kind not in " +-" or (left_old <= 0 and left_new <= 0):
            break
        left_old -= kind != "+"
        left_new -= kind != "-"
        body.append(line)
    return Hunk(at, int(header["old"]), int(header["new"]), header["of"], body)
