"""Diffs without what does not help: context further than a line away, generated files, long unnamed changes. Pure.

Hunk headers are written anew, so that the line numbers stay right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from bot.tools.shortening.clues import Clues
from bot.tools.shortening.folding import Marks
from bot.tools.shortening.hunks import FileDiff, Hunk, files_of

CONTEXT = 1
"""Unchanged lines kept on either side of a change; git prints three."""
_LONG_DIFF = 200
"""Changed lines in a text from which on long changes that nothing names are cut, too."""
_LONG_CHANGE = 20
_KEPT_OF_LONG = 8
_GENERATED = re.compile(
    r"(?:^|/)(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|go\.sum|packages\.lock\.json"
    r"|(?:Cargo|poetry|uv|composer|Gemfile|Pipfile|flake)\.lock|gradle\.lockfile"
    r"|[^/]+\.(?:min\.(?:js|css)|map|snap|pb\.go|g\.cs|designer\.cs|svg)|[^/]+_pb2(?:_grpc)?\.pyi?"
    r"|(?:vendor|node_modules|dist|__snapshots__|generated)/.*)$",
    re.IGNORECASE,
)


def shortened(lines: Sequence[str], clues: Clues, marks: Marks) -> str | None:
    """The text with its diffs shortened, or None when there is none in it."""
    files = files_of(lines)
    if not files:
        return None
    cut = sum(1 for file in files for hunk in file.hunks for _ in _changes(hunk)) > _LONG_DIFF
    written: list[str] = []
    at = 0
    for file in files:
        for first, end, shown in _shown(file, clues, marks, cut=cut):
            written += [*lines[at:first], *shown]
            at = end
    return "\n".join([*written, *lines[at:]])


def _shown(
    file: FileDiff, clues: Clues, marks: Marks, *, cut: bool
) -> Iterator[tuple[int, int, list[str]]]:
    """Pieces of a text by their first index and the one behind their last, and what to show instead."""
    named = {hunk.at for hunk in file.hunks if any(map(clues.matter, _changes(hunk)))}
    if _GENERATED.search(file.path) and not named:
        kinds = [line[:1] for hunk in file.hunks for line in hunk.body]
        what = f"a generated file, +{kinds.count('+')} -{kinds.count('-')}"
        first, end = file.hunks[0].at, file.hunks[-1].end
        yield first, end, [marks.gap(first + 1, end, what)]
        return
    for hunk in file.hunks:
        trimmed = _trimmed(hunk, marks, cut=cut and hunk.at not in named)
        yield hunk.at, hunk.end, list(trimmed)


def _changes(hunk: Hunk) -> Iterator[str]:
    return (line[1:] for line in hunk.body if line[:1] in ("+", "-"))


def _trimmed(hunk: Hunk, marks: Marks, *, cut: bool) -> Iterator[str]:
    """The hunk as one or more smaller ones, each change with `CONTEXT` lines around it."""
    body = hunk.body
    changed = [line[:1] in ("+", "-", "\\") for line in body]
    old, new = hunk.old, hunk.new
    for near, group in groupby(
        range(len(body)), lambda at: any(changed[max(0, at - CONTEXT) : at + CONTEXT + 1])
    ):
        indexes = list(group)
        part = [body[index] for index in indexes]
        olds, news = _counts(part)
        if near:
            yield f"@@ -{old},{olds} +{new},{news} @@{hunk.of}"
            yield from _cut(part, hunk.at + 2 + indexes[0], marks) if cut else part
        old, new = old + olds, new + news


def _counts(part: Iterable[str]) -> tuple[int, int]:
    """Lines of the old and of the new file among these."""
    kinds = [line[:1] for line in part if not line.startswith("\\")]
    return sum(kind != "+" for kind in kinds), sum(kind != "-" for kind in kinds)


def _cut(part: Sequence[str], first: int, marks: Marks) -> Iterator[str]:
    """Long runs of one kind of change end after some lines; `first` is the number of the part's first line in the text."""
    for kind, group in groupby(part, lambda line: line[:1]):
        run = list(group)
        if kind in ("+", "-") and len(run) > _LONG_CHANGE:
            yield from run[:_KEPT_OF_LONG]
            yield marks.gap(
                first + _KEPT_OF_LONG, first + len(run) - 1, f"more of the {kind} lines"
            )
        else:
            yield from run
        first += len(run)
