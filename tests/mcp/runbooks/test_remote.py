"""Runbooks in a repository, over GitHub's API."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from fastmcp import Client
from fastmcp.exceptions import ToolError
from tocsin_mcp.kit.environment import Environment, MissingSetting
from tocsin_mcp.kit.errors import Unavailable
from tocsin_mcp.runbooks.remote import FRESH_SECONDS, Place, RemoteFolder, place_of
from tocsin_mcp.runbooks.server import build

from bot.scenario import named
from bot.simulators.github import GitHubSimulator

NAME = "acme/online-boutique"


@pytest.fixture
async def github() -> AsyncIterator[GitHubSimulator]:
    """A repository with `docs/on-call.md` and a README."""
    async with GitHubSimulator(named("cartservice-guard").folder, repository=NAME) as made:
        yield made


@pytest.fixture
def settings(github: GitHubSimulator) -> Callable[..., dict[str, str]]:
    """The settings that lead there."""

    def made(place: str = NAME, **more: str) -> dict[str, str]:
        return {
            "TOCSIN_RUNBOOKS_REPOSITORY": place,
            "GITHUB_API_URL": github.url,
            "GITHUB_TOKEN": "simulator-token",
            **more,
        }

    return made


async def asked(settings: dict[str, str], tool: str, **arguments: str) -> str:
    """What a tool of a server with these settings says."""
    async with Client(build(Environment(settings))) as client:
        [block] = (await client.call_tool(tool, arguments)).content
    assert block.type == "text"
    return str(block.text)


async def test_runbooks_of_a_repository_are_listed_and_read(settings: Any) -> None:
    """By their path; the repository's own README is none."""
    listed = await asked(settings(), "list_runbooks")
    assert "docs/on-call: " in listed
    assert "README" not in listed
    text = await asked(settings(), "read_runbook", name="docs/on-call")
    assert text.startswith("runbook docs/on-call")


async def test_a_folder_of_a_branch_and_a_folder_on_disk(settings: Any, tmp_path: Path) -> None:
    """Names are relative to the folder; both libraries are one shelf."""
    (tmp_path / "disk.md").write_text("# Disk full\n")
    both = settings(f"{NAME}/docs@main", TOCSIN_RUNBOOKS=str(tmp_path))
    text = await asked(both, "list_runbooks")
    assert text.startswith("2 runbooks\ndisk: Disk full\non-call: ")


async def test_only_what_changed_is_read_again(github: GitHubSimulator, settings: Any) -> None:
    """Within a minute nothing is asked; after it the tree alone."""
    now = [100.0]
    folder = RemoteFolder(Environment(settings()), clock=lambda: now[0])
    first = await folder.shelf()
    asked = len(github.requests)
    now[0] += FRESH_SECONDS - 1
    assert await folder.shelf() is first
    assert len(github.requests) == asked
    now[0] += 2
    assert (await folder.shelf()).runbooks == first.runbooks
    assert [each.partition("?")[0] for each in github.requests[asked:]] == [
        f"GET /repos/{NAME}/git/trees/HEAD"
    ]
    await folder.close()


async def test_what_was_read_stays_when_github_is_down(
    github: GitHubSimulator, settings: Any
) -> None:
    """And the failure is named; before the first reading it is an error."""
    now = [100.0]
    folder = RemoteFolder(Environment(settings()), clock=lambda: now[0])
    github.faults.broken = True
    with pytest.raises(Unavailable):
        await folder.shelf()
    github.faults.broken = False
    first = await folder.shelf()
    github.faults.broken = True
    now[0] += FRESH_SECONDS + 1
    later = await folder.shelf()
    assert later.runbooks == first.runbooks
    assert later.problems[0].startswith("not up to date: ")
    await folder.close()


async def test_a_repository_that_cannot_be_seen(settings: Any) -> None:
    """The error says what is missing, not a stack trace."""
    for changed in ({"GITHUB_TOKEN": "wrong"}, {"TOCSIN_RUNBOOKS_REPOSITORY": "acme/nothing"}):
        folder = RemoteFolder(Environment({**settings(), **changed}))
        with pytest.raises(ToolError):
            await folder.shelf()
        await folder.close()


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("acme/shop", Place("acme/shop", "", None)),
        ("acme/shop/", Place("acme/shop", "", None)),
        ("acme/shop@main", Place("acme/shop", "", "main")),
        ("acme/shop/docs/run books@release/2", Place("acme/shop", "docs/run books", "release/2")),
        ("acme", None),
        ("acme/..", None),
        ("acme/shop/../x", None),
        ("acme/shop@../x", None),
        ("https://github.com/acme/shop", None),
    ],
)
def test_a_place_is_read_from_the_setting(text: str, place: Place | None) -> None:
    """Anything else is refused with the form it should have."""
    if place:
        assert place_of(text) == place
        return
    with pytest.raises(MissingSetting, match="owner/name/folder"):
        place_of(text)
