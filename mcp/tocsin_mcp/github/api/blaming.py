"""Blame on GitHub: by its GraphQL API, which alone has it, and else by following the lines through the file's history.

GraphQL needs a token; some servers that speak GitHub's REST API have none at all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tocsin_mcp.github.contents import lines_of
from tocsin_mcp.github.repository import Blame, Change, ChangedFile, Commit, Repository, Wanted
from tocsin_mcp.github.tracing import DoesNotFit, step
from tocsin_mcp.kit.errors import NotFound, Unavailable
from tocsin_mcp.kit.tasks import together

from .answers import moment
from .client import GitHub

_MOST_COMMITS = 40
_AT_ONCE = 5
_SECONDS = 15.0
QUERY = """\
query Blame($owner: String!, $name: String!, $expression: String!, $path: String!) {
  repository(owner: $owner, name: $name) {
    object(expression: $expression) {
      ... on Commit {
        blame(path: $path) {
          ranges {
            startingLine
            endingLine
            commit { oid committedDate messageHeadline author { name } }
          }
        }
      }
    }
  }
}
"""


async def blame(
    github: GitHub, repository: Repository, path: str, ref: str | None, lines: tuple[int, int]
) -> Blame:
    """The commits of lines `lines[0]` to `lines[1]`; `how` says why GitHub's own blame was not used."""
    reason = "GitHub's own blame needs a token"
    if github.signed_in:
        try:
            return await _by_graphql(github, repository.name, path, ref, lines)
        except (NotFound, Unavailable) as error:
            reason = str(error).partition(". ")[0].rstrip(".")
    search = _Search(repository, path, ref)
    try:
        async with asyncio.timeout(_SECONDS):
            await search.follow(lines)
    except TimeoutError:
        reason += "; there was no time for older commits"
    return Blame(search.found, f"traced through {search.read} commits of the file, since {reason}")


async def _by_graphql(
    github: GitHub, name: str, path: str, ref: str | None, lines: tuple[int, int]
) -> Blame:
    owner, _, short = name.partition("/")
    data = await github.graphql(
        QUERY,
        what=f"The blame of {path} in {name}",
        owner=owner,
        name=short,
        expression=ref or "HEAD",
        path=path,
    )
    try:
        ranges = data["repository"]["object"]["blame"]["ranges"]
        found = {
            line: commit
            for item in ranges
            for commit in [_commit(item["commit"])]
            for line in _overlap(lines, int(item["startingLine"]), int(item["endingLine"]))
        }
    except (KeyError, TypeError, ValueError) as error:
        raise Unavailable(f"GitHub has no blame of {path} in {name}.") from error
    return Blame(found, "by GitHub")


def _commit(item: Any) -> Commit:
    author = item.get("author") or {}
    return Commit(
        str(item["oid"]),
        str(author.get("name") or "unknown"),
        moment(item.get("committedDate")),
        str(item.get("messageHeadline") or ""),
    )


def _overlap(wanted: tuple[int, int], first: int, last: int) -> range:
    return range(max(wanted[0], first), min(wanted[1], last) + 1)


@dataclass
class _Search:
    """Follows lines from `ref` back. A merge counts as the commit that brought what it merged."""

    repository: Repository
    path: str
    ref: str | None
    found: dict[int, Commit] = field(default_factory=dict)
    read: int = 0
    _followed: dict[int, int] = field(default_factory=dict)
    _texts: dict[int, str] = field(default_factory=dict)

    async def follow(self, lines: tuple[int, int]) -> None:
        """Fill `found` as far as the history, its patches and the bounds allow."""
        body = lines_of(await self.repository.content(self.path, self.ref), self.path)
        self._texts = {n: body[n - 1] for n in range(lines[0], min(lines[1], len(body)) + 1)}
        self._followed = {number: number for number in self._texts}
        goes_on = True
        while self._followed and goes_on:
            goes_on = await self._one_branch()

    async def _one_branch(self) -> bool:
        """Until a merge or a renaming, from where it goes on; False when it does not."""
        left = _MOST_COMMITS - self.read
        if left <= 0:
            return False
        commits = await self.repository.commits(Wanted(left, self.path, ref=self.ref))
        for start in range(0, len(commits), _AT_ONCE):
            for change in await self._changes(commits[start : start + _AT_ONCE]):
                self.read += 1
                if not self._passed(change):
                    return False
                if self._turned(change):
                    return True
        return False

    async def _changes(self, commits: Sequence[Commit]) -> list[Change]:
        async with together() as group:
            tasks = [group.create_task(self.repository.change(commit.sha)) for commit in commits]
        return [task.result() for task in tasks]

    def _passed(self, change: Change) -> bool:
        """Whether lines are left, and the commit says where they were before it."""
        file = _file(change, self.path)
        return file is not None and self._blamed(change, file) and bool(self._followed)

    def _turned(self, change: Change) -> bool:
        """Whether the way back is another: below an older name, or along a merge's first parent."""
        file = _file(change, self.path)
        older = file.before if file else ""
        if not (older or len(change.commit.parents) > 1):
            return False
        self.path, self.ref = older or self.path, change.commit.parents[0]
        return True

    def _blamed(self, change: Change, file: ChangedFile) -> bool:
        """Lay what the commit added at its door; False when its patch does not say."""
        if file.status == "A":
            earlier: dict[int, int] = {}
        elif file.patch is None:
            return bool(file.before)
        else:
            try:
                earlier = step(self._followed, self._texts, file.patch)
            except DoesNotFit:
                return False
        for line in self._followed.keys() - earlier.keys():
            self.found[line] = change.commit
        self._followed = earlier
        return True


def _file(change: Change, path: str) -> ChangedFile | None:
    return next((file for file in change.files if file.path == path), None)
