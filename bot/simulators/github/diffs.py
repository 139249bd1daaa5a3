"""Unified diffs: undoing recorded ones, and making the patches that the API shows."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_FILE = re.compile(r"^diff --git a/(?P<old>\S+) b/(?P<new>\S+)$")
_HUNK = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_DEFINITION = re.compile(r"[A-Za-z_$]")
_LONGEST_HEADING = 80
_NO_NEWLINE = "\\ No newline at end of file"


class BadDiff(ValueError):
    """A recorded diff that does not fit the tree it should lead to."""


@dataclass(frozen=True, slots=True)
class Hunk:
    """`start` is the first line in the newer file, counted from 1; texts are lines with their line ends."""

    start: int
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FileDiff:
    """One file's part of a diff. `old` is None for a new file, `new` is None for a deleted one."""

    old: str | None
    new: str | None
    hunks: tuple[Hunk, ...]


@dataclass(frozen=True, slots=True)
class Patch:
    """What the API says of a changed file: hunks without file headers, and counts of lines."""

    text: str
    additions: int
    deletions: int


def parse(diff: str) -> list[FileDiff]:
    """The files of a diff in git's format. An empty line counts as an empty context line. Raises BadDiff."""
    sections: list[list[str]] = []
    for line in diff.split("\n"):
        if _FILE.match(line):
            sections.append([])
        if sections:
            sections[-1].append(line)
    return [_file(section) for section in sections]


def undo(diff: str, tree: Mapping[str, bytes]) -> dict[str, bytes | None]:
    """What the files of `diff` were before it, given the `tree` after it; None: the file was not there.

    Raises BadDiff when the tree does not hold what the diff says it leads to.
    """
    earlier: dict[str, bytes | None] = {}
    for part in parse(diff):
        current = tree.get(part.new or "", b"").decode()
        if part.new is not None and part.new not in tree:
            raise BadDiff(f"{part.new} is not in the tree")
        text = _reverse(current, part)
        if part.new is not None and part.new != part.old:
            earlier[part.new] = None
        if part.old is not None:
            earlier[part.old] = text.encode()
    return earlier


def patch(before: bytes | None, after: bytes | None) -> Patch | None:
    """The change of one file as the API shows it; None when either side is binary."""
    if b"\0" in (before or b"") or b"\0" in (after or b""):
        return None
    old, new = _lines(before), _lines(after)
    hunks = list(difflib.unified_diff(old, new, n=3))[2:]
    return Patch(
        "".join(_shown(line, old) for line in hunks).removesuffix("\n"),
        sum(line.startswith("+") for line in hunks),
        sum(line.startswith("-") for line in hunks),
    )


def _lines(data: bytes | None) -> list[str]:
    return (data or b"").decode("utf-8", "replace").splitlines(keepends=True)


def _shown(line: str, old: list[str]) -> str:
    hunk = _HUNK.match(line)
    if hunk:
        return f"{line.rstrip()} {_heading(old, int(hunk[1]))}".rstrip() + "\n"
    return line if line.endswith("\n") else f"{line}\n{_NO_NEWLINE}\n"


def _heading(old: list[str], start: int) -> str:
    """What git prints after a hunk's numbers: the last line above it that begins like a definition."""
    above = (line for line in reversed(old[: max(start - 1, 0)]) if _DEFINITION.match(line))
    return next(above, "")[:_LONGEST_HEADING].rstrip()


def _file(lines: list[str]) -> FileDiff:
    names = _FILE.match(lines[0])
    if names is None:
        raise BadDiff(lines[0])
    header = "\n".join(lines[: next(_hunk_starts(lines), len(lines))])
    return FileDiff(
        None if "\nnew file mode" in header else names["old"],
        None if "\ndeleted file mode" in header else names["new"],
        tuple(_hunks(lines)),
    )


def _hunk_starts(lines: list[str]) -> Iterator[int]:
    return (index for index, line in enumerate(lines) if line.startswith("@@"))


def _hunks(lines: list[str]) -> Iterator[Hunk]:
    for index in _hunk_starts(lines):
        numbers = _HUNK.match(lines[index])
        if numbers is None:
            raise BadDiff(lines[index])
        wanted = (int(numbers[2] or 1), int(numbers[4] or 1))
        before, after = _sides(lines[index + 1 :], wanted)
        yield Hunk(int(numbers[3]), tuple(before), tuple(after))


def _sides(body: list[str], wanted: tuple[int, int]) -> tuple[list[str], list[str]]:
    before: list[str] = []
    after: list[str] = []
    for index, line in enumerate(body):
        if (len(before), len(after)) == wanted:
            break
        end = "" if body[index + 1 : index + 2] == [_NO_NEWLINE] else "\n"
        kind, text = line[:1] or " ", line[1:] + end
        if kind in " -":
            before.append(text)
        if kind in " +":
            after.append(text)
    if (len(before), len(after)) != wanted:
        raise BadDiff(f"a hunk promises {wanted} lines and has {(len(before), len(after))}")
    return before, after


def _reverse(text: str, part: FileDiff) -> str:
    lines = text.splitlines(keepends=True)
    for hunk in reversed(part.hunks):
        start = hunk.start - 1 if hunk.after else hunk.start
        end = start + len(hunk.after)
        if tuple(lines[start:end]) != hunk.after:
            raise BadDiff(f"{part.new}: the hunk at line {hunk.start} does not fit")
        lines[start:end] = hunk.before
    return "".join(lines)
