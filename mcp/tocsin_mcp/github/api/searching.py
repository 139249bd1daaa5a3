"""Where a text occurs on GitHub: its code search to find the files, our own reading of them to find the lines.

Code search knows only whole words of the default branch, has a small quota of its own, and forks or new repositories
are not in its index. When it cannot help, the tree is read file by file, within bounds that are said.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Protocol

from tocsin_mcp.github.contents import is_binary
from tocsin_mcp.github.denied import is_denied
from tocsin_mcp.github.repository import Entry, Found, Hit, Tree
from tocsin_mcp.kit.errors import NotFound, Unavailable
from tocsin_mcp.kit.output import plain

from .client import GitHub

_FILES_FROM_SEARCH = 20
_FILES_FROM_TREE = 200
_BYTES_FROM_TREE = 4 * 1024 * 1024
_LARGEST_FILE = 300 * 1024
_INDEX_SECONDS = 8.0
_READING_SECONDS = 15.0
_NO_TEXT = (
    *(".png", ".jpg", ".jpeg", ".gif", ".ico", ".webp", ".woff", ".woff2", ".ttf", ".pdf"),
    *(".zip", ".gz", ".jar", ".class", ".so", ".dll", ".exe", ".mp4", ".lock", ".min.js", ".map"),
)
_NO_QUOTES = str.maketrans({'"': " ", "\\": " "})


class _Readable(Protocol):
    name: str

    async def tree(self, ref: str | None) -> Tree: ...

    async def blob(self, entry: Entry) -> bytes: ...


async def search(github: GitHub, repository: _Readable, query: str, path: str) -> Found:
    """By index, and by reading when the index cannot help; `how` says why."""
    reason = ""
    found = Found((), "")
    try:
        async with asyncio.timeout(_INDEX_SECONDS):
            found = await _by_index(github, repository, query, path)
    except TimeoutError:
        reason = "code search was too slow"
    except (Unavailable, NotFound) as error:
        reason = f"code search could not be used: {str(error).partition('. ')[0]}"
    if found.hits:
        return Found(found.hits, "found by code search", found.read, found.wanted)
    reason = reason or "code search, which knows only whole words, found nothing"
    found = await _by_reading(github, repository, query, path)
    how = f"{found.read} of {found.wanted} files read, since {reason}"
    return Found(found.hits, how, found.read, found.wanted)


async def _by_index(github: GitHub, repository: _Readable, query: str, path: str) -> Found:
    # Quoted, without quotes inside: no word of a query can become a qualifier that names another repository.
    words = f'"{query.translate(_NO_QUOTES)}" repo:{repository.name}'
    if path:
        words += f' path:"{path.translate(_NO_QUOTES)}"'
    data = await github.get(
        "/search/code",
        {"q": words, "per_page": str(_FILES_FROM_SEARCH)},
        what=f"Code search in {repository.name}",
    )
    entries = [
        Entry(str(item["path"]), str(item["sha"]), 0)
        for item in data.get("items", [])
        if item.get("repository", {}).get("full_name", "").lower() == repository.name.lower()
    ]
    below = Tree(tuple(entries)).below(path)
    return await _read(repository, query, [e for e in below if not is_denied(e.path)])


async def _by_reading(github: GitHub, repository: _Readable, query: str, path: str) -> Found:
    below = (await repository.tree(None)).below(path)
    if not below:
        raise NotFound(
            f"There is nothing at {path} in {repository.name}; list_tree shows what there is."
        )
    texts = [entry for entry in below if _is_worth_reading(entry)]
    found = await _read(repository, query, _within_budget(texts, _budget(github)))
    return Found(found.hits, "", found.read, len(texts))


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


async def _read(repository: _Readable, query: str, entries: Sequence[Entry]) -> Found:
    """Read and match all entries, as far as time and quota allow."""
    tasks: list[asyncio.Task[Hit | None]] = []
    try:
        async with asyncio.timeout(_READING_SECONDS), asyncio.TaskGroup() as group:
            for entry in entries:
                task = _quietly(_match(repository, query, entry))
                tasks.append(group.create_task(task))
    except TimeoutError:
        pass
    done = [task.result() for task in tasks if task.done() and not task.cancelled()]
    read = [hit for hit in done if hit is not None]
    return Found(tuple(hit for hit in read if hit.lines), "", len(read), len(entries))


async def _quietly(work: Awaitable[Hit]) -> Hit | None:
    """None for a file that could not be read: one of many must not end the search."""
    try:
        return await work
    except (Unavailable, NotFound):
        return None


async def _match(repository: _Readable, query: str, entry: Entry) -> Hit:
    data = await repository.blob(entry)
    if is_binary(data):
        return Hit(entry.path, ())
    wanted = query.casefold()
    lines = plain(data.decode("utf-8", "replace")).split("\n")
    found = [(number, line) for number, line in enumerate(lines, 1) if wanted in line.casefold()]
    return Hit(entry.path, tuple(found))
