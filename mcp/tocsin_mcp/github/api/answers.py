"""What GitHub's JSON means: commits, changed files, file contents. Pure.

What is not there raises LookupError, TypeError, ValueError or AttributeError; `in_words` makes one error of them.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from tocsin_mcp.github.repository import Change, ChangedFile, Commit, Entry, Tree
from tocsin_mcp.kit.errors import Unavailable
from tocsin_mcp.kit.times import parse_rfc3339

_STATUS = {"added": "A", "removed": "D", "modified": "M", "renamed": "R", "copied": "C"}


@contextmanager
def in_words(name: str) -> Iterator[None]:
    """Raises Unavailable for an answer about repository `name` that does not have GitHub's form."""
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise Unavailable(
            f"What answers for {name} is not GitHub's API, or not as it is known: an answer has another form. "
            "Go on with the other tools."
        ) from error


def commit(item: Any) -> Commit:
    """A commit of a list, of a comparison, or alone."""
    inner = item["commit"]
    author, committer = inner.get("author") or {}, inner.get("committer") or {}
    return Commit(
        str(item["sha"]),
        str(author.get("name") or "unknown"),
        moment((committer or author).get("date")),
        str(inner["message"]),
        tuple(str(parent["sha"]) for parent in item.get("parents") or ()),
    )


def change(item: Any) -> Change:
    """One commit with its files."""
    return Change(commit(item), changed_files(item.get("files")))


def changed_files(items: Any) -> tuple[ChangedFile, ...]:
    """The `files` of a commit, a comparison or a pull request."""
    return tuple(
        ChangedFile(
            str(item["filename"]),
            _STATUS.get(item.get("status", ""), "M"),
            int(item.get("additions") or 0),
            int(item.get("deletions") or 0),
            str(item.get("previous_filename") or ""),
            item.get("patch"),
        )
        for item in items or ()
    )


def tree(data: Any) -> Tree:
    """The files of a recursive tree."""
    entries = tuple(
        Entry(str(item["path"]), str(item["sha"]), int(item.get("size") or 0))
        for item in data.get("tree", [])
        if item.get("type") == "blob"
    )
    return Tree(entries, not data.get("truncated"))


def content(data: Any, path: str) -> bytes:
    """The bytes of a file or blob. Raises Unavailable when the answer carries none."""
    if data.get("encoding") != "base64":
        kind = data.get("type", "file")
        size = int(data.get("size") or 0)
        reason = f"{size} bytes, more than GitHub gives" if kind == "file" else f"a {kind}"
        raise Unavailable(f"{path} cannot be read: {reason}. search_code can look inside files.")
    try:
        return base64.b64decode(data["content"])
    except (binascii.Error, TypeError, KeyError) as error:
        raise Unavailable(f"GitHub sent the content of {path} in an unreadable form.") from error


def moment(text: object) -> datetime | None:
    """A time of an answer; None when there is none."""
    return parse_rfc3339(str(text or ""))
