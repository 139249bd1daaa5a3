"""What is blamed is looked up where it lives, and only a plain no refutes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from bot.conversations.conversation import StoredResult
from bot.investigation.diagnosis import Culprit
from bot.investigation.existence import (
    LIST_COMMITS,
    POD,
    READ_FILE,
    SHOW_COMMIT,
    WORKLOAD,
    Existence,
)
from bot.tools.toolset import Tool, ToolCall, ToolResult

DESCRIBED = """deployment/cartservice in namespace boutique: 1/1 ready, ok
Pod template:
    container proxy:
      image: registry.acme.example/mesh/proxy:1.9
    container server:
      image: registry.acme.example/boutique/cartservice:a65e656
"""
ALL = Culprit(object="deployment/cartservice", file="src/Store.cs", line=40, commit="a65e656")


class World:
    """Tools that know one deployment in one namespace, one file in two versions, and some commits."""

    def __init__(self, without: Sequence[str] = (), down: bool = False) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self._names = {WORKLOAD, POD, READ_FILE, SHOW_COMMIT, LIST_COMMITS} - set(without)
        self._down = down

    async def tools(self) -> Sequence[Tool]:
        return [Tool(name=name, description="", input_schema={}) for name in self._names]

    async def call(self, call: ToolCall, *, within: float) -> ToolResult:
        self.asked.append((call.name, call.arguments))
        if self._down:
            return ToolResult(
                call=call, text="not found: the server", is_error=True, gap="the server is down"
            )
        text, wrong = self._answer(call.name, call.arguments)
        return ToolResult(call=call, text=text, is_error=wrong)

    def _answer(self, tool: str, arguments: Mapping[str, Any]) -> tuple[str, bool]:
        if tool == WORKLOAD:
            known = arguments.get("namespace") == "boutique" and "cartservice" in arguments["name"]
            return (DESCRIBED, False) if known else ("No deployment named x in namespace y.", True)
        if tool == POD:
            return 'pods "x" not found (in namespace default).', True
        if tool == READ_FILE:
            if arguments.get("repository") == "acme/lib" and arguments["path"] == "lib/x.py":
                return "acme/lib lib/x.py: lines 1-1 of 9", False
            lines = 50 if arguments.get("ref") == "a65e656" else 90
            if arguments["path"] != "src/Store.cs":
                return f"{arguments['path']} in shop was not found (Not Found).", True
            if arguments.get("start_line", 1) > lines:
                return f"Argument `start_line`: the file has only {lines} lines.", True
            return "shop src/Store.cs: lines 40-40 of 50\n   40 | throw", False
        named = (arguments.get("repository", ""), arguments.get("sha", arguments.get("ref")))
        known = named in (("", "a65e656"), ("", "1e11729"), ("", "1.9"), ("acme/lib", "77aa77a"))
        return ("commit", False) if known else ("Commit x in shop was not found (422).", True)


def _results(*calls: tuple[str, dict[str, Any]]) -> Mapping[str, StoredResult]:
    told = [*calls, ("kubernetes_list_pods", {"namespace": "boutique"})]
    return {f"c{n}": StoredResult(tool, arguments, "") for n, (tool, arguments) in enumerate(told)}


async def _refuted(
    culprit: Culprit, world: World | None = None, *calls: tuple[str, dict[str, Any]]
) -> dict[str, str]:
    existence = Existence(world or World(), lambda: _results(*calls))
    return await existence.refuted(culprit, within=5.0)


async def test_what_exists_is_not_refuted() -> None:
    """The object in a namespace that calls have named, the file at the revision of the image that runs."""
    world = World()

    assert await _refuted(ALL, world) == {}
    read = {"path": "src/Store.cs", "ref": "a65e656", "start_line": 40, "end_line": 40}
    assert (READ_FILE, read) in world.asked


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"object": "deployment/payment"}, "object", "deployment/payment in the cluster"),
        ({"object": "pod/cart-x"}, "object", "pod/cart-x"),
        ({"commit": "deadbeef"}, "commit", "'deadbeef'"),
        ({"file": "/app/Store.cs"}, "file", "the repository at a65e656"),
        ({"line": 51}, "line", "no line 51 in the repository at a65e656"),
    ],
)
async def test_what_does_not_exist_is_named(
    changes: dict[str, Any], field: str, words: str
) -> None:
    """One sentence for the field, and nothing for the others."""
    told = await _refuted(ALL.model_copy(update=changes))

    assert list(told) == [field]
    assert words in told[field]


async def test_every_repository_that_calls_have_named_is_looked_through() -> None:
    """The default one first; a commit and a file may be in different ones."""
    named = Culprit(file="lib/x.py", line=1, commit="77aa77a")
    other = ("github_search_code", {"query": "x", "repository": "acme/lib"})

    assert set(await _refuted(named)) == {"file", "commit"}
    assert await _refuted(named, World(), other) == {}


async def test_an_image_of_something_else_says_nothing_of_the_revision() -> None:
    """The proxy's version happens to be a tag of the repository, too."""
    world = World()
    await _refuted(Culprit(object="Deployment/cartservice", file="src/Store.cs"), world)

    assert [call["ref"] for tool, call in world.asked if tool == LIST_COMMITS] == ["a65e656"]


async def test_without_a_known_revision_the_version_that_was_read_counts() -> None:
    """Else the default branch, which has more lines here."""
    named = Culprit(file="src/Store.cs", line=60)
    at = (READ_FILE, {"path": "src/Store.cs", "ref": "a65e656"})

    assert await _refuted(named) == {}
    assert list(await _refuted(named, World(), at)) == ["line"]


@pytest.mark.parametrize(
    "world",
    [World(down=True), World(without=[WORKLOAD, POD, READ_FILE, SHOW_COMMIT, LIST_COMMITS])],
    ids=["down", "other servers"],
)
async def test_who_cannot_tell_refutes_nothing(world: World) -> None:
    """A server that is away, or tools of other makers."""
    made_up = Culprit(object="deployment/x", file="y.cs", line=3, commit="deadbeef")

    assert await _refuted(made_up, world) == {}


async def test_nothing_is_asked_about_nothing() -> None:
    """Empty fields, and kinds that no tool describes."""
    world = World()

    assert await _refuted(Culprit(), world) == {}
    assert await _refuted(Culprit(object="service/cart"), world) == {}
    assert await _refuted(Culprit(object="the whole cluster"), world) == {}
    assert world.asked == []


async def test_no_time_left_refutes_nothing() -> None:
    """The last reply may come at the last moment."""
    existence = Existence(World(), _results, clock=lambda: 0.0)

    assert await existence.refuted(ALL, within=0.0) == {}
