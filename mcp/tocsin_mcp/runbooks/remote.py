"""Runbooks in a repository on GitHub: read through the API, so that nobody has to keep a checkout fresh.

The tree is asked for at most once a minute, and files only when they changed, by their object id. What was read stays when
a later look fails, and the failure is named.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass

from fastmcp.exceptions import ToolError

from tocsin_mcp.github.api.client import GitHub
from tocsin_mcp.github.api.remote import Remote
from tocsin_mcp.github.repository import Entry
from tocsin_mcp.kit.environment import Environment, MissingSetting
from tocsin_mcp.kit.tasks import together

from .shelf import (
    LARGEST_FILE,
    MOST_FILES,
    TOO_LARGE,
    Read,
    Shelf,
    is_runbook_path,
    read_text,
    shelved,
)

SETTING = "TOCSIN_RUNBOOKS_REPOSITORY"
FRESH_SECONDS = 60.0
_PLACE = re.compile(
    r"(?P<name>[A-Za-z0-9][A-Za-z0-9-]{0,99}/(?!\.{1,2}(?:[/@]|$))[A-Za-z0-9._-]{1,100})"
    r"(?P<folder>(?:/(?!\.)[\w. -]{1,200}){0,20})(?:@(?P<ref>(?!.*\.\.)[\w./-]{1,200}))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Place:
    """A folder (empty: all) of a repository at a ref (None: the default branch)."""

    repository: str
    folder: str
    ref: str | None


def place_of(text: str) -> Place:
    """`owner/name`, `owner/name/docs/runbooks`, either with `@branch`. Raises MissingSetting."""
    found = _PLACE.fullmatch(text.strip().rstrip("/"))
    if not found:
        raise MissingSetting(
            f"{SETTING} is not owner/name, owner/name/folder or one of these with @branch. This is a matter of the "
            "server's configuration; calling again will not help."
        )
    return Place(found["name"], found["folder"].strip("/"), found["ref"])


class RemoteFolder:
    """The runbooks of the repository that TOCSIN_RUNBOOKS_REPOSITORY names. Nothing is asked before the first call.

    `clock` gives seconds that only grow.
    """

    def __init__(
        self, environment: Environment, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._environment = environment
        self._clock = clock
        self._place: Place | None = None
        self._github: GitHub | None = None
        self._known: dict[str, tuple[str, Read]] = {}
        self._shelf: tuple[float, Shelf] | None = None
        self._reading = asyncio.Lock()

    async def shelf(self) -> Shelf:
        """What is in the folder, as of the last minute. Raises the kit's errors when nothing could ever be read."""
        async with self._reading:
            if self._shelf and self._clock() - self._shelf[0] < FRESH_SECONDS:
                return self._shelf[1]
            try:
                found = await self._read()
            except ToolError as error:
                if self._shelf is None:
                    raise
                old = self._shelf[1]
                return Shelf(old.runbooks, (*old.problems, f"not up to date: {error}"))
            self._shelf = (self._clock(), found)
            return found

    async def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        if self._github:
            await self._github.close()

    async def _read(self) -> Shelf:
        place = self._place = self._place or place_of(
            self._environment.require(SETTING, "names the repository with the runbooks")
        )
        github = self._github = self._github or GitHub(self._environment, [place.repository])
        repository = Remote(github, place.repository)
        tree = await repository.tree(place.ref)
        below = f"{place.folder}/" if place.folder else ""
        entries = {
            each.path.removeprefix(below): each
            for each in tree.entries
            if each.path.startswith(below) and is_runbook_path(each.path.removeprefix(below))
        }
        chosen = dict(list(entries.items())[:MOST_FILES])
        async with together() as group:
            for name, entry in chosen.items():
                group.create_task(self._file(repository, name, entry))
        self._known = {name: self._known[name] for name in chosen}
        problems = [] if tree.complete else ["the repository is too large to be listed whole"]
        if len(entries) > len(chosen):
            problems.append(f"only the first {MOST_FILES} files were read")
        return shelved({name: read for name, (_, read) in self._known.items()}, problems)

    async def _file(self, repository: Remote, name: str, entry: Entry) -> None:
        known = self._known.get(name)
        if known and known[0] == entry.sha:
            return
        if entry.size > LARGEST_FILE:
            self._known[name] = (entry.sha, Read(None, TOO_LARGE))
        else:
            self._known[name] = (entry.sha, read_text(name, await repository.blob(entry)))
