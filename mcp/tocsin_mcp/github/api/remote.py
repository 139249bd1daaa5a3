"""A repository on GitHub: each method a request or a few, none without bounds."""

from __future__ import annotations

from tocsin_mcp.github.denied import refuse
from tocsin_mcp.github.repository import (
    Blame,
    Change,
    Commit,
    Comparison,
    Entry,
    Found,
    Merged,
    Rollout,
    Tree,
    Wanted,
    Window,
)
from tocsin_mcp.kit.errors import NotFound
from tocsin_mcp.kit.times import rfc3339

from . import answers
from .blaming import blame
from .client import GitHub, repository_path
from .pulls import merged
from .rollouts import rollouts
from .searching import search


class Remote:
    """The repository of that name (`owner/name`), which the operator configured."""

    def __init__(self, github: GitHub, name: str) -> None:
        self.name = name
        self._github = github

    async def resolve(self, ref: str) -> str | None:
        """The full sha of the commit that a ref names; None when there is none."""
        try:
            return (await self.change(ref)).commit.sha
        except NotFound:
            return None

    async def tree(self, ref: str | None) -> Tree:
        """All files at a ref; GitHub cuts the list of a very large repository."""
        data = await self._github.get(
            repository_path(self.name, "git/trees", ref or "HEAD"),
            {"recursive": "1"},
            what=f"The tree of {self.name} at {_named(ref)}",
        )
        with answers.in_words(self.name):
            return answers.tree(data)

    async def content(self, path: str, ref: str | None) -> bytes:
        """The bytes of a file. Raises NotFound for a folder, Unavailable for what has no content here."""
        data = await self._github.get(
            repository_path(self.name, "contents", path),
            {"ref": ref},
            what=f"{path} in {self.name} at {_named(ref)}",
        )
        if isinstance(data, list):
            raise NotFound(f'{path} is a folder; list_tree(path="{path}") shows what is in it.')
        refuse(str(data.get("path", path)))
        with answers.in_words(self.name):
            return answers.content(data, path)

    async def blob(self, entry: Entry) -> bytes:
        """The bytes of a file by its object id, which never changes."""
        data = await self._github.get(
            repository_path(self.name, "git/blobs", entry.sha), what=f"{entry.path} in {self.name}"
        )
        with answers.in_words(self.name):
            return answers.content(data, entry.path)

    async def commits(self, wanted: Wanted) -> list[Commit]:
        """Newest first, without their files."""
        data = await self._github.get(
            repository_path(self.name, "commits"),
            {
                "path": wanted.path,
                "since": rfc3339(wanted.since) if wanted.since else None,
                "until": rfc3339(wanted.until) if wanted.until else None,
                "sha": wanted.ref,
                "per_page": str(wanted.limit),
            },
            what=f"The history of {self.name} at {_named(wanted.ref)}",
        )
        with answers.in_words(self.name):
            return [answers.commit(item) for item in data]

    async def change(self, ref: str) -> Change:
        """One commit with its files and patches."""
        data = await self._github.get(
            repository_path(self.name, "commits", ref), what=f"Commit {ref} in {self.name}"
        )
        with answers.in_words(self.name):
            return answers.change(data)

    async def compare(self, base: str, head: str) -> Comparison:
        """What `head` has and `base` lacks."""
        data = await self._github.get(
            repository_path(self.name, "compare", f"{base}...{head}"),
            what=f"The comparison {base}...{head} in {self.name}",
        )
        with answers.in_words(self.name):
            commits = tuple(answers.commit(item) for item in data.get("commits", []))
            return Comparison(
                int(data.get("ahead_by") or 0),
                int(data.get("behind_by") or 0),
                int(data.get("total_commits") or len(commits)),
                commits,
                answers.changed_files(data.get("files")),
            )

    async def blame(self, path: str, ref: str | None, lines: tuple[int, int]) -> Blame:
        """By GitHub's own blame where it answers GraphQL, else from the file's history."""
        return await blame(self._github, self, path, ref, lines)

    async def search(self, query: str, path: str) -> Found:
        """GitHub's code search to find the files, our own reading of them to find the lines."""
        with answers.in_words(self.name):
            return await search(self._github, self, query, path)

    async def merged(self, window: Window) -> tuple[list[Merged], list[str]]:
        """Pull requests merged in the window, newest first, and notes on what is not known."""
        with answers.in_words(self.name):
            return await merged(self._github, self, window)

    async def rollouts(self, window: Window) -> tuple[list[Rollout], list[str]]:
        """Deployments and runs of workflows that deploy, newest first, and notes on what is not known."""
        with answers.in_words(self.name):
            return await rollouts(self._github, self, window)


def _named(ref: str | None) -> str:
    return ref or "the default branch"
