"""When GitHub or the settings fail, the caller learns what failed and what to do; nothing leaks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from tocsin_mcp.github.api.client import GitHub, repository_path
from tocsin_mcp.github.server import build
from tocsin_mcp.kit.environment import Environment
from tocsin_mcp.kit.errors import Unavailable

from bot.simulators.github import GitHubSimulator

Call = Callable[..., Awaitable[Any]]

NAME = "acme/online-boutique"
SCENARIO = Path(__file__).parents[3] / "bot" / "evals" / "scenarios" / "cartservice-guard"


@pytest.mark.parametrize(
    ("fault", "value", "words"),
    [
        ("exhausted", True, ["used up (5000 requests)", "resets at 20", "Go on with the other"]),
        ("secondary", 42, ["asks this token to slow down", "in 42s"]),
        ("forbidden", True, ["Resource not accessible by integration", "contents: read"]),
        ("broken", True, ["GitHub failed (502)", "It may be down"]),
        ("down", True, ["Cannot reach GitHub at 127.0.0.1", "GITHUB_API_URL"]),
    ],
)
async def test_faults_are_told_in_words(
    call: Call, github: GitHubSimulator, fault: str, value: int, words: list[str]
) -> None:
    """Each fault has a text that says what to do next."""
    setattr(github.faults, fault, value)
    got = await call("list_tree")
    assert got.is_error
    for word in words:
        assert word in got.text


@pytest.mark.parametrize("fault", ["exhausted", "secondary"])
async def test_a_known_limit_is_respected(call: Call, github: GitHubSimulator, fault: str) -> None:
    """After a refusal nothing more is sent until the limit ends."""
    setattr(github.faults, fault, 60)
    for tool in ("list_tree", "list_commits", "list_tree"):
        assert (await call(tool)).is_error
    assert len(github.requests) == 1


async def test_work_goes_on_when_the_limit_ends() -> None:
    """The quota's reset and the pause's end are kept to the second, by the clock given."""
    now = 1_800_000_000.0
    settings = {"GITHUB_TOKEN": "t"}
    async with GitHubSimulator(SCENARIO, token="t", clock=lambda: now) as simulator:
        environment = Environment({**settings, "GITHUB_API_URL": simulator.url})
        github = GitHub(environment, wall_clock=lambda: now)
        simulator.faults.exhausted = True
        with pytest.raises(Unavailable, match=r"resets at 2027-01-15T09:00:00Z, in 1h00m"):
            await github.get(repository_path(NAME), what="It")
        simulator.faults.exhausted = False
        now += 3601
        assert (await github.get(repository_path(NAME), what="It"))["full_name"] == NAME
        simulator.faults.secondary = 30
        with pytest.raises(Unavailable, match="in 30s"):
            await github.get(repository_path(NAME), what="It")
        simulator.faults.secondary = 0
        now += 31
        assert await github.get(repository_path(NAME), what="It")
        await github.close()


async def test_slow_server_is_given_up() -> None:
    """A request has a time limit, and the text says which."""
    async with GitHubSimulator(SCENARIO, token="") as simulator:
        simulator.faults.latency = 30
        environment = Environment({"GITHUB_API_URL": simulator.url})
        github = GitHub(environment, timeout_seconds=0.05)
        with pytest.raises(Unavailable, match=r"did not answer within 0\.05 s"):
            await github.get(repository_path(NAME), what="It")
        await github.close()


async def test_wrong_token_names_the_setting(
    serving: Callable[..., Any], settings: dict[str, str], github: GitHubSimulator
) -> None:
    """401 names GITHUB_TOKEN, and does not show it."""
    wrong = {**settings, "GITHUB_TOKEN": "ghp_wrong", "GITHUB_API_URL": github.url}
    async with serving(**wrong) as call:
        got = await call("list_tree")
    assert got.is_error
    assert "GITHUB_TOKEN is wrong or has expired" in got.text
    assert "ghp_wrong" not in got.text


async def test_missing_token_is_named_when_all_looks_missing(
    serving: Callable[..., Any], settings: dict[str, str], github: GitHubSimulator
) -> None:
    """A private repository is 404 without a token; the text says that this may be why."""
    without = {**settings, "GITHUB_TOKEN": "", "GITHUB_API_URL": github.url}
    async with serving(**without) as call:
        got = await call("list_commits")
    assert "GITHUB_TOKEN is not set, and a private repository looks missing" in got.text


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"TOCSIN_GITHUB_REPOSITORY": ""}, "TOCSIN_GITHUB_REPOSITORY is not set"),
        ({"TOCSIN_GITHUB_REPOSITORY": "../user"}, "which is not owner/name"),
        ({"TOCSIN_GITHUB_REPOSITORY": "a/b/c"}, "which is not owner/name"),
        ({"GITHUB_API_URL": "ftp://x"}, "GITHUB_API_URL is not a URL"),
        ({"GITHUB_API_URL": "nonsense"}, "GITHUB_API_URL is not a URL"),
    ],
)
async def test_unusable_settings_are_told_by_name(
    serving: Callable[..., Any], settings: dict[str, str], changed: dict[str, str], words: str
) -> None:
    """The server starts without settings; its tools say which one is missing or wrong."""
    async with serving(**{**settings, **changed}) as call:
        got = await call("list_tree")
    assert got.is_error
    assert words in got.text


async def test_only_configured_repositories_can_be_named(
    serving: Callable[..., Any], settings: dict[str, str], github: GitHubSimulator
) -> None:
    """Of several, any may be chosen by full or short name; the first is the default; others are refused."""
    several = {
        **settings,
        "TOCSIN_GITHUB_REPOSITORY": "acme/online-boutique, acme/infra",
        "GITHUB_API_URL": github.url,
    }
    async with serving(**several) as call:
        assert "acme/online-boutique" in (await call("list_tree", path="docs")).text
        named = await call("list_tree", path="docs", repository="Online-Boutique")
        assert not named.is_error
        assert "acme/infra" in (await call("list_tree", repository="acme/infra")).text
        refused = await call("list_tree", repository="torvalds/linux")
        assert "must be one of acme/online-boutique, acme/infra" in refused.text
    assert not any("linux" in request for request in github.requests)


async def test_enterprise_server(
    serving: Callable[..., Any], settings: dict[str, str], github: GitHubSimulator
) -> None:
    """With an Enterprise address everything goes below its path."""
    async with serving(**settings, GITHUB_API_URL=github.enterprise_url + "/") as call:
        assert "RecalledLoafers" in (await call("search_code", query="RecalledLoafers")).text
        assert "a65e65621925" in (await call("list_commits")).text
    assert all(" /api/v3/" in request for request in github.requests)


async def test_building_opens_no_connection(github: GitHubSimulator) -> None:
    """A server that is built and listed has asked nothing."""
    server = build(Environment({"GITHUB_API_URL": github.url}))
    tools = {tool.name: tool for tool in await server.list_tools()}
    assert set(tools) == {
        "list_tree",
        "read_file",
        "search_code",
        "list_commits",
        "show_commit",
        "compare",
        "suspect_changes",
        "blame",
        "list_pull_requests",
        "list_deployments",
    }
    assert all(tool.annotations and tool.annotations.read_only_hint for tool in tools.values())
    assert github.requests == []
