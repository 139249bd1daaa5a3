"""The recorded repository: commits, the tree at each of them, rollouts, all read from a scenario's folder."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from .diffs import BadDiff, undo

_AUTHOR = re.compile(r"(?P<name>[^<]*?)\s*<(?P<email>[^>]*)>")
_SHA = re.compile(r"[0-9a-f]{4,40}")
DEFAULT_BRANCH = "main"

Tree = Mapping[str, bytes]
"""Path to content of every file."""


_LONG_AGO = "2000-01-01T00:00:00Z"


class BadRecording(ValueError):
    """A scenario's folder that cannot be served."""


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit of a linear history. `pull` is 0 when no pull request brought it."""

    sha: str
    name: str
    email: str
    time: datetime
    message: str
    pull: int
    parent: str | None
    tree: Tree

    @property
    def subject(self) -> str:
        """The first line of the message."""
        return self.message.partition("\n")[0]


@dataclass(frozen=True, slots=True)
class Rollout:
    """One entry of deploys.yaml that rolled out a commit."""

    time: datetime
    finished: datetime
    target: str
    commit: str
    state: str
    by: str


@dataclass(frozen=True)
class Repository:
    """A linear history. `commits` are newest first; none for a repository that is not there."""

    commits: tuple[Commit, ...]
    rollouts: tuple[Rollout, ...]

    @property
    def head(self) -> Commit:
        """The newest commit."""
        return self.commits[0]

    def resolve(self, ref: str) -> Commit | None:
        """The commit that a branch, HEAD, or a full or abbreviated (4 digits or more) sha names."""
        if ref.removeprefix("refs/").removeprefix("heads/") in ("", "HEAD", DEFAULT_BRANCH):
            return self.head
        if not _SHA.fullmatch(ref):
            return None
        found = [commit for commit in self.commits if commit.sha.startswith(ref)]
        return found[0] if len(found) == 1 else None

    def parent(self, commit: Commit) -> Commit | None:
        """The commit before, None for the oldest."""
        return self.resolve(commit.parent) if commit.parent else None

    def changed(self, commit: Commit) -> dict[str, tuple[bytes | None, bytes | None]]:
        """Path to content before and after, for each file that the commit changed."""
        parent = self.parent(commit)
        return difference(parent.tree if parent else {}, commit.tree)


def difference(old: Tree, new: Tree) -> dict[str, tuple[bytes | None, bytes | None]]:
    """Path to content before and after, for each file that differs, by path."""
    return {
        path: (old.get(path), new.get(path))
        for path in sorted(old.keys() | new.keys())
        if old.get(path) != new.get(path)
    }


def load(scenario: Path) -> Repository:
    """Read `repo/`, `history.yaml` and `deploys.yaml`, as far as they are there. Raises BadRecording.

    A tree without a history is one commit of long ago; with neither there are no commits at all.
    """
    try:
        newest = _read_tree(scenario / "repo")
        entries = _history(scenario / "history.yaml") or _imported(newest)
        trees = _trees(newest, entries) if entries else []
        commits = [
            _commit(entry, entries[index - 1] if index else None, tree)
            for index, (entry, tree) in enumerate(zip(entries, trees, strict=True))
        ]
        rollouts = _rollouts(scenario / "deploys.yaml")
    except (OSError, KeyError, TypeError, ValueError, AttributeError, yaml.YAMLError) as error:
        raise BadRecording(f"{scenario}: {error}") from error
    return Repository(tuple(reversed(commits)), rollouts)


def _history(path: Path) -> list[Any]:
    if not path.is_file():
        return []
    commits: list[Any] = yaml.safe_load(path.read_text("utf-8"))["commits"]
    return commits


def _imported(tree: Tree) -> list[Any]:
    if not tree:
        return []
    sha = hashlib.sha1(b"".join(sorted(tree.values())), usedforsecurity=False).hexdigest()
    return [{"sha": sha, "author": "unknown", "time": _LONG_AGO, "message": "Import"}]


def _read_tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _trees(newest: dict[str, bytes], entries: list[Any]) -> list[Tree]:
    """The tree after each commit, oldest first."""
    trees: list[Tree] = [MappingProxyType(newest)]
    for index in range(len(entries) - 1, 0, -1):
        earlier = dict(trees[0])
        for path, content in _before(entries, index, trees[0]).items():
            if content is None:
                earlier.pop(path, None)
            else:
                earlier[path] = content
        trees.insert(0, MappingProxyType(earlier))
    return trees


def _before(entries: list[Any], index: int, tree: Tree) -> dict[str, bytes | None]:
    entry = entries[index]
    if "diff" in entry:
        return undo(entry["diff"], tree)
    for path, content in entry["files"].items():
        if tree.get(path) != (None if content is None else content.encode()):
            raise BadDiff(f"{path} is not in the tree as commit {entry['sha']} left it")
    return {path: _content_before(entries, index, path) for path in entry["files"]}


def _content_before(entries: list[Any], index: int, path: str) -> bytes | None:
    for earlier in reversed(entries[:index]):
        if path in earlier.get("files", {}):
            content = earlier["files"][path]
            return None if content is None else str(content).encode()
    return None


def _commit(entry: Any, parent: Any, tree: Tree) -> Commit:
    author = _AUTHOR.fullmatch(str(entry["author"]))
    return Commit(
        sha=str(entry["sha"]),
        name=author["name"] if author else str(entry["author"]),
        email=author["email"] if author else "",
        time=_time(entry["time"]),
        message=str(entry["message"]).strip("\n"),
        pull=int(entry.get("pull", 0)),
        parent=str(parent["sha"]) if parent else None,
        tree=tree,
    )


def _rollouts(path: Path) -> tuple[Rollout, ...]:
    if not path.is_file():
        return ()
    entries = yaml.safe_load(path.read_text("utf-8")).get("deploys") or []
    return tuple(
        Rollout(
            _time(entry["time"]),
            _time(entry.get("finished", entry["time"])),
            str(entry["object"]).rpartition("/")[2],
            str(entry["commit"]),
            str(entry.get("state", "success")),
            str(entry.get("by", "deploy")),
        )
        for entry in reversed(entries)
        if entry.get("kind") == "rollout" and entry.get("commit")
    )


def _time(value: object) -> datetime:
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
