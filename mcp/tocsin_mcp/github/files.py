"""The tree and the files in it, as text with line numbers."""

from __future__ import annotations

import base64
import binascii
from collections import Counter
from dataclasses import dataclass
from typing import Any

from tocsin_mcp.kit.errors import BadArgument, NotFound, Unavailable
from tocsin_mcp.kit.output import bounded, listed, plain

from .client import GitHub, repository_path
from .denied import is_denied, refuse

LINES_AT_ONCE = 400
_MOST_LISTED = 300
_BINARY_PROBE = 8000


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the tree. `size` is in bytes."""

    path: str
    sha: str
    size: int


@dataclass(frozen=True, slots=True)
class Tree:
    """The files of a repository at a ref; `complete` is False when GitHub cut the list."""

    entries: tuple[Entry, ...]
    complete: bool

    def below(self, path: str) -> list[Entry]:
        """The file of that path, or those in that folder; all for an empty path."""
        return [
            entry
            for entry in self.entries
            if not path or entry.path == path or entry.path.startswith(f"{path}/")
        ]


async def tree(github: GitHub, repository: str, ref: str | None) -> Tree:
    """The whole tree at a ref (None: the default branch)."""
    data = await github.get(
        repository_path(repository, "git/trees", ref or "HEAD"),
        {"recursive": "1"},
        what=f"The tree of {repository} at {ref or 'the default branch'}",
    )
    entries = tuple(
        Entry(str(item["path"]), str(item["sha"]), int(item.get("size") or 0))
        for item in data.get("tree", [])
        if item.get("type") == "blob"
    )
    return Tree(entries, not data.get("truncated"))


async def list_tree(github: GitHub, repository: str, path: str, ref: str | None) -> str:
    """All files below `path` with their sizes; when they are many, its folders with counts."""
    whole = await tree(github, repository, ref)
    found = whole.below(path)
    if not found:
        raise NotFound(
            f"There is nothing at {path or '/'} in {repository} at {ref or 'the default branch'}. "
            "Call list_tree without a path to see what there is."
        )
    lines = _whole(found) if len(found) <= _MOST_LISTED else _summary(found, path)
    where = f"{repository}{'/' + path if path else ''} at {ref or 'the default branch'}"
    head = f"{where}: {counted(len(found), 'file')}"
    if not whole.complete:
        head += " (GitHub cut this list: the repository is very large; name a `path`)"
    return listed([head, *lines], narrow="name a folder with `path`")


async def read_file(
    github: GitHub,
    repository: str,
    path: str,
    lines: tuple[int | None, int | None],
    ref: str | None,
) -> str:
    """Lines of a file, numbered. `lines` are the first and last one wanted, both counted from 1."""
    refuse(path)
    text = decoded(await content(github, repository, path, ref), path)
    body = plain(text).split("\n")
    if body and body[-1] == "":
        body.pop()
    first, last = _range(lines, len(body))
    where = f"{repository} {path} at {ref or 'the default branch'}"
    if not body:
        return f"{where}: the file is empty"
    numbered = [f"{number:>5} | {body[number - 1]}" for number in range(first, last + 1)]
    note = "" if (first, last) == (1, len(body)) else "; `start_line` and `end_line` show others"
    head = f"{where}: lines {first}-{last} of {len(body)}{note}"
    return bounded(
        "\n".join([head, *numbered]),
        narrow="ask for fewer lines with `start_line` and `end_line`",
        head=1.0,
    )


async def content(github: GitHub, repository: str, path: str, ref: str | None) -> bytes:
    """The bytes of a file. Raises NotFound for a folder, Unavailable for what has no content here."""
    data = await github.get(
        repository_path(repository, "contents", path),
        {"ref": ref},
        what=f"{path} in {repository} at {ref or 'the default branch'}",
    )
    if isinstance(data, list):
        raise NotFound(f'{path} is a folder; list_tree(path="{path}") shows what is in it.')
    refuse(str(data.get("path", path)))
    return _bytes(data, path)


async def blob(github: GitHub, repository: str, entry: Entry) -> bytes:
    """The bytes of a file by its object id, which never changes."""
    data = await github.get(
        repository_path(repository, "git/blobs", entry.sha), what=f"{entry.path} in {repository}"
    )
    return _bytes(data, entry.path)


def counted(number: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def shown(path: str) -> str:
    """A path on one line: git allows line ends and control characters in names."""
    return plain(path).replace("\n", "␤").replace("\t", " ")


def is_binary(data: bytes) -> bool:
    """Git's own rule: a NUL byte near the beginning."""
    return b"\0" in data[:_BINARY_PROBE]


def decoded(data: bytes, path: str) -> str:
    """The text of a file. Raises Unavailable for a binary one."""
    if is_binary(data):
        raise Unavailable(f"{path} is a binary file ({len(data)} bytes); there is no text to read.")
    return data.decode("utf-8-sig", "replace")


def _bytes(data: Any, path: str) -> bytes:
    if data.get("encoding") != "base64":
        kind = data.get("type", "file")
        size = int(data.get("size") or 0)
        reason = f"{size} bytes, more than GitHub gives" if kind == "file" else f"a {kind}"
        raise Unavailable(f"{path} cannot be read: {reason}. search_code can look inside files.")
    try:
        return base64.b64decode(data["content"])
    except (binascii.Error, TypeError, KeyError) as error:
        raise Unavailable(f"GitHub sent the content of {path} in an unreadable form.") from error


def _range(wanted: tuple[int | None, int | None], total: int) -> tuple[int, int]:
    first = wanted[0] or 1
    if first > max(total, 1):
        raise BadArgument("start_line", f"the file has only {total} lines.")
    last = wanted[1] or first + LINES_AT_ONCE - 1
    if last < first:
        raise BadArgument("end_line", f"must not be before `start_line` ({first}).")
    return first, min(last, total, first + LINES_AT_ONCE - 1)


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
