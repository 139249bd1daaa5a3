"""What is blamed is looked up where it lives: the object in the cluster, the commit, the file and its line in the
repository at the revision that runs. By code, when a diagnosis is submitted.

A tool result may name anything, since a log line is written by anybody; a look-up cannot be talked into it. Only a plain
"there is no such thing" refutes: where a server is down, forbids, or is not one of ours, it stays at what `culprit` says.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.conversations.conversation import StoredResult
from bot.investigation.diagnosis import Culprit
from bot.tools.toolset import ToolCall, ToolResult, Toolset

SECONDS = 6.0
"""The look-ups of one diagnosis never take longer."""
LOOK_UP = "look_up"
"""Id of these calls: no turn of a conversation holds them."""
WORKLOAD = "kubernetes_describe_workload"
POD = "kubernetes_describe_pod"
READ_FILE = "github_read_file"
SHOW_COMMIT = "github_show_commit"
LIST_COMMITS = "github_list_commits"

_OBJECT = re.compile(r"(?:(?P<kind>[a-z]+)/)?(?P<name>[a-z0-9][a-z0-9.-]*)")
_KINDS = frozenset({"deployment", "statefulset", "daemonset", "replicaset", "job", "cronjob"})
_ABSENT = re.compile(r"\bnot found\b|^No \w+ named |\bis a folder\b", re.MULTILINE)
_TOO_SHORT = re.compile(r"has only \d+ lines|the file is empty")
_IMAGE = re.compile(
    r"^\s*image:? (?P<repository>\S+):(?P<tag>[\w][\w.-]{0,127})(?:@\S+)?$", re.MULTILINE
)
_MOST_PLACES = 3
"""Namespaces, or repositories, that are looked through."""


class Existence:
    """Looks things up with `toolset`; `results` are the conversation's so far, by short call id."""

    def __init__(
        self,
        toolset: Toolset,
        results: Callable[[], Mapping[str, StoredResult]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._toolset = toolset
        self._results = results
        self._clock = clock

    async def refuted(self, culprit: Culprit, *, within: float) -> dict[str, str]:
        """What of the culprit does not exist: the field's name to one sentence."""
        offered = {tool.name for tool in await self._toolset.tools()}
        look = _Look(self._toolset, offered, self._clock, min(within, SECONDS))
        described, commit = await asyncio.gather(
            self._object(look, culprit.object.lower()),
            look.anywhere(SHOW_COMMIT, "repository", self._named("repository"), sha=culprit.commit),
        )
        told: dict[str, str] = {}
        if is_absent(described):
            told["object"] = f"There is no {culprit.object} in the cluster."
        if is_absent(commit):
            told["commit"] = f"There is no commit {culprit.commit!r} in the repository."
        return told | await self._file(look, culprit, described)

    async def _object(self, look: _Look, named: str) -> ToolResult | None:
        """The object's description, or the last of the refusals; None when nobody can tell."""
        match = _OBJECT.fullmatch(named)
        if match is None or match["kind"] not in (None, "pod", *_KINDS):
            return None
        tool, name = (POD, match["name"]) if match["kind"] == "pod" else (WORKLOAD, named)
        return await look.anywhere(tool, "namespace", self._named("namespace"), name=name)

    def _named(self, argument: str) -> list[str]:
        """The default (empty), then the values that calls have given to an argument, the latest first."""
        named = [
            str(result.arguments.get(argument) or "")
            for result in reversed(list(self._results().values()))
            if not result.is_error
        ]
        return list(dict.fromkeys(["", *named]))[:_MOST_PLACES]

    async def _file(
        self, look: _Look, culprit: Culprit, described: ToolResult | None
    ) -> dict[str, str]:
        """Looked for in each repository that calls have named, at the revision that runs there as far as it is known."""
        if not culprit.file:
            return {}
        path, read = culprit.file.strip("/"), self._read(culprit.file)
        tag = _tag(described, culprit.object)
        where, shown = "the repository", None
        lines = {"start_line": culprit.line, "end_line": culprit.line}
        for repository in self._named("repository"):
            known = tag and await look.up(LIST_COMMITS, ref=tag, limit=1, repository=repository)
            ref = tag if known and not known.is_error else read.get("ref")
            shown = await look.up(READ_FILE, path=path, ref=ref, repository=repository, **lines)
            where = f"the repository at {ref}" if ref else "the repository"
            if not is_absent(shown):
                break
        if is_absent(shown):
            return {"file": f"There is no file {culprit.file!r} in {where}."}
        if culprit.line and shown is not None and _TOO_SHORT.search(shown.text):
            return {"line": f"{culprit.file!r} has no line {culprit.line} in {where}."}
        return {}

    def _read(self, path: str) -> Mapping[str, Any]:
        """How the model read the file last."""
        for result in reversed(list(self._results().values())):
            read = result.tool == READ_FILE and not result.is_error
            if read and result.arguments.get("path") == path:
                return result.arguments
        return {}


def _tag(described: ToolResult | None, named: str) -> str:
    """The tag of the object's own image: often the revision that it was built from. Empty when there is none."""
    name = named.rpartition("/")[2]
    images = _IMAGE.finditer(described.text) if described and not described.is_error else ()
    return next((image["tag"] for image in images if name in image["repository"]), "")


class _Look:
    """Calls within one deadline."""

    def __init__(
        self, toolset: Toolset, offered: set[str], clock: Callable[[], float], within: float
    ) -> None:
        self._toolset = toolset
        self._offered = offered
        self._clock = clock
        self._deadline = clock() + within

    async def up(self, tool: str, /, **arguments: Any) -> ToolResult | None:
        """What the tool says; None without the tool, the time, or its first argument."""
        left = self._deadline - self._clock()
        given = {key: value for key, value in arguments.items() if value}
        if tool not in self._offered or left <= 0 or next(iter(arguments)) not in given:
            return None
        call = ToolCall(id=LOOK_UP, label=LOOK_UP, name=tool, arguments=given)
        return await self._toolset.call(call, within=left)

    async def anywhere(
        self, tool: str, argument: str, values: Sequence[str], /, **arguments: Any
    ) -> ToolResult | None:
        """The first answer that is not "there is no such thing", with each of these values for an argument in turn."""
        found: ToolResult | None = None
        for value in values:
            found = await self.up(tool, **arguments, **{argument: value})
            if not is_absent(found):
                break
        return found


def is_absent(result: ToolResult | None) -> bool:
    return (
        result is not None
        and result.is_error
        and not result.gap
        and _ABSENT.search(result.text) is not None
    )
