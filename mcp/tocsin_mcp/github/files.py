"""The tree and the files in it, as text with line numbers."""

from __future__ import annotations

from collections import Counter

from tocsin_mcp.kit.errors import BadArgument, NotFound
from tocsin_mcp.kit.output import bounded, counted, listed

from .contents import lines_of, numbered, shown
from .denied import is_denied, refuse
from .repository import Entry, Repository
from .revisions import revision

LINES_AT_ONCE = 400
_MOST_LISTED = 300


async def list_tree(repository: Repository, path: str, ref: str) -> str:
    """All files below `path` with their sizes; when they are many, its folders with counts."""
    at = await revision(repository, ref)
    whole = await repository.tree(at.ref)
    found = whole.below(path)
    if not found:
        raise NotFound(
            f"There is nothing at {path or '/'} in {repository.name} at {at.shown}. "
            "Call list_tree without a path to see what there is."
        )
    lines = _whole(found) if len(found) <= _MOST_LISTED else _summary(found, path)
    where = f"{repository.name}{'/' + path if path else ''} at {at.shown}"
    head = f"{where}: {counted(len(found), 'file')}"
    if not whole.complete:
        head += " (this list was cut: the repository is very large; name a `path`)"
    return listed([head, *lines], narrow="name a folder with `path`")


async def read_file(
    repository: Repository, path: str, lines: tuple[int | None, int | None], ref: str
) -> str:
    """Lines of a file, numbered. `lines` are the first and last one wanted, both counted from 1."""
    refuse(path)
    at = await revision(repository, ref)
    body = lines_of(await repository.content(path, at.ref), path)
    first, last = line_range(lines, len(body), LINES_AT_ONCE)
    where = f"{repository.name} {path} at {at.shown}"
    if not body:
        return f"{where}: the file is empty"
    text = [numbered(number, body[number - 1]) for number in range(first, last + 1)]
    note = "" if (first, last) == (1, len(body)) else "; `start_line` and `end_line` show others"
    head = f"{where}: lines {first}-{last} of {len(body)}{note}"
    return bounded(
        "\n".join([head, *text]),
        narrow="ask for fewer lines with `start_line` and `end_line`",
        head=1.0,
    )


def line_range(wanted: tuple[int | None, int | None], total: int, most: int) -> tuple[int, int]:
    """First and last line to show of `total`, at most `most`. Raises BadArgument for a range outside the file."""
    first = wanted[0] or 1
    if first > max(total, 1):
        raise BadArgument("start_line", f"the file has only {total} lines.")
    last = wanted[1] or first + most - 1
    if last < first:
        raise BadArgument("end_line", f"must not be before `start_line` ({first}).")
    return first, min(last, total, first + most - 1)


def _whole(entries: list[Entry]) -> list[str]:
    return [
        f"{shown(entry.path)}  {entry.size} B{'  (not readable)' if is_denied(entry.path) else ''}"
        for entry in entries
    ]


def _summary(entries: list[Entry], path: str) -> list[str]:
    prefix = f"{path}/" if path else ""
    counts: Counter[str] = Counter()
    for entry in entries:
        name, slash, _ = entry.path.removeprefix(prefix).partition("/")
        counts[f"{prefix}{name}{slash}"] += 1
    return [
        f"{shown(name)}  {counted(count, 'file')}" if name.endswith("/") else shown(name)
        for name, count in sorted(counts.items())
    ]
