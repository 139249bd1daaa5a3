"""A repository as the tools ask it, wherever it is read from: GitHub's API, or a checkout on this machine.

Refs given to these methods are branches, tags or commits already checked for their form; None is the default branch.
All methods raise the kit's errors, in words for the caller.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the tree. `size` is in bytes."""

    path: str
    sha: str
    size: int


@dataclass(frozen=True, slots=True)
class Tree:
    """The files of a repository at a ref; `complete` is False when the list was cut."""

    entries: tuple[Entry, ...]
    complete: bool = True

    def below(self, path: str) -> list[Entry]:
        """The file of that path, or those in that folder; all for an empty path."""
        return [
            entry
            for entry in self.entries
            if not path or entry.path == path or entry.path.startswith(f"{path}/")
        ]


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """One file of a change. `status` is git's letter (A, M, D, R, C); `before` is the old path of a renamed file.

    `patch` holds the hunks without file headers; None for a binary, too large or merely renamed file.
    """

    path: str
    status: str = "M"
    additions: int = 0
    deletions: int = 0
    before: str = ""
    patch: str | None = None


@dataclass(frozen=True, slots=True)
class Commit:
    """`time` is the committer's: it says when the commit came onto its branch; the author's may be days older."""

    sha: str
    author: str
    time: datetime | None
    message: str
    parents: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        """The first line of the message."""
        return self.message.partition("\n")[0]


@dataclass(frozen=True, slots=True)
class Change:
    """A commit with what it changed against its first parent."""

    commit: Commit
    files: tuple[ChangedFile, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Commits of `head` that `base` lacks, oldest first (`total` counts those left out too), and the net change."""

    ahead: int
    behind: int
    total: int
    commits: tuple[Commit, ...]
    files: tuple[ChangedFile, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which commits: those that touched `path`, within the window, newest first, from `ref` back."""

    limit: int
    path: str = ""
    since: datetime | None = None
    until: datetime | None = None
    ref: str | None = None


@dataclass(frozen=True, slots=True)
class Blame:
    """Who wrote each line: line number to commit. Lines that are not in it were not traced.

    `how` says where that is from.
    """

    lines: dict[int, Commit]
    how: str


@dataclass(frozen=True, slots=True)
class Hit:
    """The lines of a file that hold a text, with their numbers."""

    path: str
    lines: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What a search gave, and how it was made; `read` of `wanted` files were looked into."""

    hits: tuple[Hit, ...]
    how: str
    read: int = 0
    wanted: int = 0


@dataclass(frozen=True, slots=True)
class Merged:
    """A pull request that was merged; `files` is None when they are not known."""

    number: int
    title: str
    author: str
    time: datetime
    commit: str
    files: tuple[ChangedFile, ...] | None


@dataclass(frozen=True, slots=True)
class Rollout:
    """A commit that went out, or was to: a deployment, a run of a workflow that deploys, or a tag.

    `what` names the environment, service, workflow or tag; `state` its outcome, `by` who or what started it.
    """

    time: datetime
    commit: str
    what: str
    state: str = ""
    by: str = ""
    finished: datetime | None = None
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time; `limit` is how many entries are wanted at most."""

    since: datetime
    until: datetime
    limit: int

    def holds(self, moment: datetime) -> bool:
        """Whether `moment` lies in it, both ends included."""
        return self.since <= moment <= self.until


class Repository(Protocol):
    """One repository. `name` is `owner/name`, as it was configured."""

    @property
    def name(self) -> str: ...

    async def resolve(self, ref: str) -> str | None:
        """The full sha of the commit that a ref names; None when there is none."""

    async def tree(self, ref: str | None) -> Tree:
        """All files at a ref."""

    async def content(self, path: str, ref: str | None) -> bytes:
        """The bytes of a file. Raises NotFound for a folder, Unavailable for what has no content here."""

    async def commits(self, wanted: Wanted) -> list[Commit]:
        """Newest first, without their files."""

    async def change(self, ref: str) -> Change:
        """One commit with its files and patches."""

    async def compare(self, base: str, head: str) -> Comparison:
        """What `head` has and `base` lacks."""

    async def blame(self, path: str, ref: str | None, lines: tuple[int, int]) -> Blame:
        """The commits that last changed lines `lines[0]` to `lines[1]`, both counted from 1."""

    async def search(self, query: str, path: str) -> Found:
        """Lines of the default branch that hold a text, taken literally, whatever its case."""

    async def merged(self, window: Window) -> tuple[list[Merged], list[str]]:
        """Pull requests merged in the window, newest first, and notes on what is not known."""

    async def rollouts(self, window: Window) -> tuple[list[Rollout], list[str]]:
        """What went out in the window, newest first, and notes on what is not known."""
