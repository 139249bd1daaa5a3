"""Merged pull requests and deployments: what came in and went out, when, and with which outcome."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bot.simulators.github import GitHubSimulator

Call = Callable[..., Awaitable[Any]]

STORE = "src/cartservice/src/cartstore/RedisCartStore.cs"


async def test_pull_requests_merged_in_a_window(call: Call) -> None:
    """Number, time of merging, author, merge commit, title and files, newest first."""
    got = await call("list_pull_requests", since="1d")
    assert got.text.splitlines() == [
        "acme/online-boutique from 2026-11-17T14:28:30Z to 2026-11-18T14:28:30Z: 2 pull requests merged, newest first",
        "#237  2026-11-18T13:51:46Z (36m ago)  jonas  commit 6eb520357131",
        "    frontend: keep the session for 48 hours",
        "    M src/frontend/main.go (+1 -1)",
        "#236  2026-11-18T12:58:09Z (1h30m ago)  mara  commit a65e65621925",
        "    cartservice: do not sell recalled loafers",
        f"    M {STORE} (+9 -0)",
    ]


async def test_pull_requests_before_the_onset_that_touch_a_folder(call: Call) -> None:
    """`until` and `path` narrow."""
    got = await call(
        "list_pull_requests", since="7d", until="2026-11-18T13:00:00Z", path="src/cartservice"
    )
    assert [line[:4] for line in got.text.splitlines() if line.startswith("#")] == ["#236", "#231"]


async def test_deployments_with_their_outcome(call: Call) -> None:
    """The commit with its subject, where and what, how long it took; runs that only check are counted."""
    got = await call("list_deployments", since="1d")
    assert got.text.splitlines() == [
        "acme/online-boutique from 2026-11-17T14:28:30Z to 2026-11-18T14:28:30Z: 2 deployments, newest first",
        "2026-11-18T14:02:31Z (25m ago)  production frontend  success after 26s  by deploy-action",
        "    6eb520357131  frontend: keep the session for 48 hours (#237)",
        "2026-11-18T13:12:44Z (1h15m ago)  production cartservice  success after 26s  by deploy-action",
        "    a65e65621925  cartservice: do not sell recalled loafers (#236)",
        "Not shown: 2 runs of workflows that do not deploy (workflow CI ci.yml).",
    ]


async def test_without_deployments_the_workflows_tell(call: Call, github: GitHubSimulator) -> None:
    """A token without `deployments: read` sees the runs of the workflow that deploys, and what it lacks."""
    github.faults.lacking = frozenset({"deployments"})
    got = await call("list_deployments", since="1d")
    assert "workflow Deploy deploy.yml #7  success after 26s  by deploy-action" in got.text
    assert "    a65e65621925  cartservice: do not sell recalled loafers (#236)" in got.text
    assert (
        "Deployments are not known: GitHub refused (Resource not accessible by personal access token)"
        in got.text
    )
    assert "needs deployments: read" in got.text


async def test_when_neither_is_known_it_is_an_error(call: Call, github: GitHubSimulator) -> None:
    """Nothing to say is said as such."""
    github.faults.lacking = frozenset({"deployments", "actions"})
    got = await call("list_deployments", since="1d")
    assert got.is_error
    assert "needs deployments: read" in got.text


@pytest.mark.parametrize("tool", ["list_pull_requests", "list_deployments"])
async def test_windows_are_checked(call: Call, github: GitHubSimulator, tool: str) -> None:
    """Unreadable, reversed and too long windows, and too many entries, are refused before anything is asked."""
    for arguments, words in (
        ({"since": "yesterday"}, "like 15m, 2h or 1d"),
        ({"since": "1h", "until": "2h"}, "is not before the end"),
        ({"since": "200d"}, "at most 90 days"),
        ({"since": "1d", "limit": 51}, "between 1 and 50"),
    ):
        got = await call(tool, **arguments)
        assert got.is_error
        assert words in got.text
    assert github.requests == []


@pytest.mark.parametrize("tool", ["list_pull_requests", "list_deployments"])
async def test_an_empty_window_is_an_answer(call: Call, tool: str) -> None:
    """Nothing happened in those ten minutes."""
    got = await call(tool, since="10m")
    assert not got.is_error
    assert ": 0 " in got.text.splitlines()[0]


async def test_asking_again_costs_no_quota(call: Call, github: GitHubSimulator) -> None:
    """Every part is asked conditionally, and answers that nothing changed are free."""
    for tool in ("list_pull_requests", "list_deployments"):
        await call(tool, since="3d")
        used, asked = github.quota_used(), len(github.requests)
        await call(tool, since="3d")
        assert github.quota_used() == used
        assert len(github.requests) > asked
