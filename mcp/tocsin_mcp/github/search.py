"""Where a text occurs: GitHub's code search to find the files, our own reading of them to find the lines.

Code search knows only whole words of the default branch, has a small quota of its own, and forks or new repositories
are not in its index. When it cannot help, the tree is read file by file, within bounds that are said.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass

from tocsin_mcp.kit.errors import NotFound, Unavailable
from tocsin_mcp.kit.output import clip, listed, plain

from .client import GitHub
from .denied import is_denied
from .files import Entry, Tree, blob, counted, is_binary, shown, tree

_FILES_FROM_SEARCH = 20
_FILES_FROM_TREE = 200
_BYTES_FROM_TREE = 4 * 1024 * 1024
_LARGEST_FILE = 300 * 1024
_LINES_PER_FILE = 8
_LONGEST_LINE = 300
_INDEX_SECONDS = 8.0
_READING_SECONDS = 15.0
_NO_TEXT = (
    *(".png", ".jpg", ".jpeg", ".gif", ".ico", ".webp", ".woff", ".woff2", ".ttf", ".pdf"),
    *(".zip", ".gz", ".jar", ".class", ".so", ".dll", ".exe", ".mp4", ".lock", ".min.js", ".map"),
)


@dataclass(frozen=True, slots=True)
class _Hit:
    path: str
    lines: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class _Reading:
    """What reading files gave: `read` of `wanted` files were read."""

    hits: tuple[_Hit, ...]
    read: int
    wanted: int


async def search_code(github: GitHub, repository: str, query: str, path: str) -> str:
    """Matching lines by file, numbered, and how they were found."""
    reason = ""
    try:
        async with asyncio.timeout(_INDEX_SECONDS):
            reading = await _by_index(github, repository, query, path)
        how = "found by code search"
    except TimeoutError:
        reading, how = _Reading((), 0, 0), ""
        reason = "code search was too slow"
    except (Unavailable, NotFound) as error:
        reading, how = _Reading((), 0, 0), ""
        reason = f"code search could not be used: {str(error).partition('. ')[0]}"
    if not reading.hits:
        reason = reason or "code search, which knows only whole words, found nothing"
        reading = await _by_reading(github, repository, query, path)
        how = f"{reading.read} of {reading.wanted} files read, since {reason}"
    return _text(repository, query, path, reading, how)


async def _by_index(github: GitHub, repository: str, query: str, path: str) -> _Reading:
    # Quoted, without quotes inside: no word of a query can become a qualifier that names another repository.
    words = f'"{query.translate(_NO_QUOTES)}" repo:{repository}'
    if path:
        words += f' path:"{path.translate(_NO_QUOTES)}"'
    data = await github.get(
        "/search/code",
        {"q": words, "per_page": str(_FILES_FROM_SEARCH)},
        what=f"Code search in {repository}",
    )
    entries = [
        Entry(str(item["path"]), str(item["sha"]), 0)
        for item in data.get("items", [])
        if item.get("repository", {}).get("full_name", "").lower() == repository.lower()
    ]
    below = Tree(tuple(entries), True).below(path)
    return await _read(github, repository, query, [e for e in below if not is_denied(e.path)])


async def _by_reading(github: GitHub, repository: str, query: str, path: str) -> _Reading:
    whole = await tree(github, repository, None)
    below = whole.below(path)
    if not below:
        raise NotFound(
            f"There is nothing at {path} in {repository}; list_tree shows what there is."
        )
    texts = [entry for entry in below if _is_worth_reading(entry)]
    chosen = _within_budget(texts, _budget(github))
    reading = await _read(github, repository, query, chosen)
    return _Reading(reading.hits, reading.read, len(texts))


def _budget(github: GitHub) -> int:
    """Never more than half of what the token may still ask."""
    left = github.quotas.remaining()
    return _FILES_FROM_TREE if left is None else min(_FILES_FROM_TREE, left // 2)


def _within_budget(entries: Sequence[Entry], files: int) -> list[Entry]:
    chosen, total = [], 0
    for entry in entries[:files]:
        total += entry.size
        if total > _BYTES_FROM_TREE:
            break
        chosen.append(entry)
    return chosen


def _is_worth_reading(entry: Entry) -> bool:
    return (
        entry.size <= _LARGEST_FILE
        and not entry.path.lower().endswith(_NO_TEXT)
        and not is_denied(entry.path)
    )


async def _read(github: GitHub, repository: str, query: str, entries: Sequence[Entry]) -> _Reading:
    """Read and match all entries, as far as time and quota allow."""
    tasks: list[asyncio.Task[_Hit | None]] = []
    try:
        async with asyncio.timeout(_READING_SECONDS), asyncio.TaskGroup() as group:
            for entry in entries:
                task = _quietly(_match(github, repository, query, entry))
                tasks.append(group.create_task(task))
    except TimeoutError:
        pass
    done = [task.result() for task in tasks if task.done() and not task.cancelled()]
    read = [hit for hit in done if hit is not None]
    return _Reading(tuple(hit for hit in read if hit.lines), len(read), len(entries))


async def _quietly(work: Awaitable[_Hit]) -> _Hit | None:
    """None for a file that could not be read: one of many must not end the search."""
    try:
        return await work
    except (Unavailable, NotFound):
        return None


async def _match(github: GitHub, repository: str, query: str, entry: Entry) -> _Hit:
    data = await blob(github, repository, entry)
    if is_binary(data):
        return _Hit(entry.path, ())
    wanted = query.casefold()
    lines = plain(data.decode("utf-8", "replace")).split("\n")
    found = [(number, line) for number, line in enumerate(lines, 1) if wanted in line.casefold()]
    return _Hit(entry.path, tuple(found))


def _text(repository: str, query: str, path: str, reading: _Reading, how: str) -> str:
    where = f"{repository}{'/' + path if path else ''}, default branch"
    count = sum(len(hit.lines) for hit in reading.hits)
    found = f"{counted(count, 'line')} in {counted(len(reading.hits), 'file')}"
    head = f'"{query}" in {where}: {found} ({how})'
    lines = [head]
    if reading.read < reading.wanted:
        lines.append(
            f"Not all files were read ({reading.read} of {reading.wanted}): narrow with `path`."
        )
    for hit in reading.hits:
        lines.append(shown(hit.path))
        lines += [
            f"{n:>5} | {clip(line, _LONGEST_LINE)}" for n, line in hit.lines[:_LINES_PER_FILE]
        ]
        more = len(hit.lines) - _LINES_PER_FILE
        if more > 0:
            lines.append(f"      … {more} more lines in this file")
    return listed(lines, narrow="use a longer `query` or a `path`")


_NO_QUOTES = str.maketrans({'"': " ", "\\": " "})
