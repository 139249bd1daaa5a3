"""Git's own names for contents: object ids computed as git computes them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache

from .repository import Tree


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a tree listing. `kind` is `blob` or `tree`; `size` is in bytes, None for a tree."""

    path: str
    kind: str
    sha: str
    size: int | None

    @property
    def mode(self) -> str:
        """File mode as git writes it."""
        return "040000" if self.kind == "tree" else "100644"


@cache
def blob_sha(content: bytes) -> str:
    """The object id of a file's content."""
    return _object_id("blob", content)


def tree_sha(tree: Tree, folder: str = "") -> str:
    """The object id of a folder (empty: the root) of a tree."""
    return next(
        (entry.sha for entry in listing(tree) if entry.kind == "tree" and entry.path == folder), ""
    )


def listing(tree: Tree) -> list[Entry]:
    """Every folder and file, the root as a tree with an empty path, in order of path."""
    folders: dict[str, list[Entry]] = {"": []}
    for path in tree:
        parts = path.split("/")[:-1]
        for depth in range(len(parts)):
            folders.setdefault("/".join(parts[: depth + 1]), [])
    files = [Entry(path, "blob", blob_sha(data), len(data)) for path, data in tree.items()]
    for entry in files:
        folders[_parent(entry.path)].append(entry)
    trees: list[Entry] = []
    for folder in sorted(folders, key=lambda path: (-path.count("/"), path == "", path)):
        entry = Entry(folder, "tree", _folder_sha(folders[folder]), None)
        trees.append(entry)
        if folder:
            folders[_parent(folder)].append(entry)
    return sorted([*trees, *files], key=lambda entry: entry.path)


def children(tree: Tree, folder: str) -> list[Entry]:
    """What lies directly in a folder, by name."""
    return [
        entry for entry in listing(tree) if entry.path != folder and _parent(entry.path) == folder
    ]


def _parent(path: str) -> str:
    return path.rpartition("/")[0]


def _folder_sha(entries: list[Entry]) -> str:
    def order(entry: Entry) -> str:
        name = entry.path.rpartition("/")[2]
        return f"{name}/" if entry.kind == "tree" else name

    content = b"".join(
        f"{entry.mode.lstrip('0')} {entry.path.rpartition('/')[2]}\0".encode()
        + bytes.fromhex(entry.sha)
        for entry in sorted(entries, key=order)
    )
    return _object_id("tree", content)


def _object_id(kind: str, content: bytes) -> str:
    return hashlib.sha1(
        f"{kind} {len(content)}\0".encode() + content, usedforsecurity=False
    ).hexdigest()
