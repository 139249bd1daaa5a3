"""What is blamed is looked up where it lives: the object in the cluster, the commit, the file and its line in the
repository at the revision that runs. By code, when a diagnosis is submitted.

A tool result may name anything, since a log line is written by anybody; a look-up cannot be talked into it. Only a plain
"there is no such thing" refutes: where a server is down, forbids, or is not one of ours, it stays at what `culprit` says.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Mapping
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
_MOST_NAMESPACES = 3


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
            self._object(look, culprit.object), look.up(SHOW_COMMIT, sha=culprit.commit)
        )
        told: dict[str, str] = {}
        if _is_absent(described):
            told["object"] = f"There is no {culprit.object} in the cluster."
        if _is_absent(commit):
            told["commit"] = f"There is no commit {culprit.commit!r} in the repository."
        return told | await self._file(look, culprit, described)

    async def _object(self, look: _Look, named: str) -> ToolResult | None:
        """The object's description, or the last of the refusals; None when nobody can tell."""
        match = _OBJECT.fullmatch(named)
        if match is None:
            return None
        kind = match["kind"]
        if kind not in (None, "pod", *_KINDS):
            return None
        tool, name = (POD, match["name"]) if kind == "pod" else (WORKLOAD, named)
        found: ToolResult | None = None
        for namespace in self._namespaces():
            found = await look.up(tool, name=name, namespace=namespace)
            if not _is_absent(found):
                return found
        return found

    def _namespaces(self) -> list[str]:
        """The default one (empty), then those that calls have named, the latest first."""
        named = [
            str(result.arguments.get("namespace") or "")
            for result in reversed(list(self._results().values()))
            if not result.is_error
        ]
        return list(dict.fromkeys(["", *named]))[:_MOST_NAMESPACES]

    async def _file(
        self, look: _Look, culprit: Culprit, described: ToolResult | None
    ) -> dict[str, str]:
        if not culprit.file:
            return {}
        path, read = culprit.file.strip("/"), self._read(culprit.file)
        repository = read.get("repository")
        ref = await self._deployed(look, culprit.object, described, repository) or read.get("ref")
        lines = {"start_line": culprit.line, "end_line": culprit.line}
        shown = await look.up(READ_FILE, path=path, ref=ref, repository=repository, **lines)
        where = f"the repository at {ref}" if ref else "the repository"
        if _is_absent(shown):
            reason = f"There is no file {culprit.file!r} in {where}."
            return {"file": reason}
        if culprit.line and shown is not None and _TOO_SHORT.search(shown.text):
            return {"line": f"{culprit.file!r} has no line {culprit.line} in {where}."}
        return {}

    def _read(self, path: str) -> Mapping[str, Any]:
        """How the model read the file last."""
        for result in reversed(list(self._results().values())):
            if (
                result.tool == READ_FILE
                and not result.is_error
                and result.arguments.get("path") == path
            ):
                return result.arguments
        return {}

    async def _deployed(
        self, look: _Look, named: str, described: ToolResult | None, repository: object
    ) -> str:
        """The revision that runs, where an image's tag is a commit, a tag or a branch of the repository; else empty."""
        if described is None or described.is_error:
            return ""
        name = named.rpartition("/")[2]
        images = list(_IMAGE.finditer(described.text))
        images.sort(key=lambda image: name not in image["repository"])
        for image in images[:1]:
            known = await look.up(LIST_COMMITS, ref=image["tag"], limit=1, repository=repository)
            if known is not None and not known.is_error:
                return image["tag"]
        return ""


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


def _is_absent(result: ToolResult | None) -> bool:
    return (
        result is not None
        and result.is_error
        and not result.gap
        and _ABSENT.search(result.text) is not None
    )
