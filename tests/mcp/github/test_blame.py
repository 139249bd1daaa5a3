"""Blame: by GitHub's GraphQL API, by following patches where there is none, and never by guessing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tocsin_mcp.github.tracing import DoesNotFit, step

from bot.simulators.github import GitHubSimulator
from bot.simulators.github.blame import blame as recorded_blame
from bot.simulators.github.diffs import patch
from bot.simulators.github.repository import Commit, Repository

Call = Callable[..., Awaitable[Any]]

STORE = "src/cartservice/src/cartstore/RedisCartStore.cs"
GUARD = "a65e65621925  2026-11-18T12:58:09Z (1h30m ago)  Mara Okafor  cartservice: do not sell recalled loafers (#236)"


async def test_a_line_leads_to_its_commit(call: Call, github: GitHubSimulator) -> None:
    """A few lines around the one asked for, each run of lines below its commit, in one query."""
    lines = (await call("blame", path=STORE, start_line=38)).text.splitlines()
    assert lines[0] == (
        f"acme/online-boutique {STORE} at the default branch: lines 33-43 of 114, each below the commit that last "
        "changed it (by GitHub)"
    )
    assert (
        lines[lines.index(GUARD) + 4]
        == "   38 |                 throw new InvalidOperationException("
    )
    assert sum(line.startswith("   ") for line in lines) == 11
    assert [request for request in github.requests if "POST" in request] == ["POST /graphql"]


async def test_enterprise_has_graphql_elsewhere(
    serving: Callable[..., Any], settings: dict[str, str], github: GitHubSimulator
) -> None:
    """`https://host/api/v3` for REST, `https://host/api/graphql` for GraphQL."""
    async with serving(**settings, GITHUB_API_URL=github.enterprise_url) as call:
        assert "(by GitHub)" in (await call("blame", path=STORE, start_line=38)).text
    assert "POST /api/graphql" in github.requests


@pytest.mark.parametrize(("first", "last"), [(1, 114), (30, 60), (114, 114)])
async def test_without_graphql_the_answer_is_the_same(
    call: Call, github: GitHubSimulator, first: int, last: int
) -> None:
    """Lines are followed through the patches of the file's commits, and the answer says so."""
    asked = {"path": STORE, "start_line": first, "end_line": last, "ref": "e033637"}
    asked |= {"start_line": min(first, 105), "end_line": min(last, 105)}
    by_github = await call("blame", **asked)
    github.faults.no_graphql = True
    traced = await call("blame", **asked)
    assert "since GitHub's GraphQL API refused (Not Found)" in traced.text.splitlines()[0]
    assert _runs(traced.text) == _runs(by_github.text)


async def test_without_a_token_history_is_followed(
    serving: Callable[..., Any], settings: dict[str, str]
) -> None:
    """GraphQL is for signed-in callers; nothing is lost on asking."""
    from_settings = {**settings, "GITHUB_TOKEN": ""}
    folder = Path(__file__).parents[3] / "bot/evals/scenarios/cartservice-guard"
    async with (
        GitHubSimulator(folder, token="") as github,
        serving(**from_settings, GITHUB_API_URL=github.url) as call,
    ):
        got = await call("blame", path=STORE, start_line=38)
    assert GUARD in got.text
    assert "since GitHub's own blame needs a token" in got.text
    assert not any("POST" in request for request in github.requests)


async def test_a_used_up_graphql_quota_leaves_rest(call: Call, github: GitHubSimulator) -> None:
    """The quotas are apart."""
    github.faults.graphql_exhausted = True
    await call("blame", path=STORE, start_line=38)
    got = await call("blame", path=STORE, start_line=38)
    assert GUARD in got.text
    assert "quota for GraphQL of this token is used up" in got.text
    assert github.requests.count("POST /graphql") == 1


async def test_ranges_are_checked(call: Call) -> None:
    """Outside the file, the wrong way round, too long, and a file that may hold secrets."""
    assert "only 114 lines" in (await call("blame", path=STORE, start_line=500)).text
    backwards = await call("blame", path=STORE, start_line=9, end_line=3)
    assert "must not be before `start_line` (9)" in backwards.text
    assert "counted from 1" in (await call("blame", path=STORE, start_line=0)).text
    assert "may hold secrets" in (await call("blame", path=".env", start_line=1)).text


def _runs(text: str) -> list[str]:
    return text.splitlines()[1:]


_TEXT = st.lists(st.sampled_from(["a", "b", "c", "{", "}", ""]), min_size=1, max_size=12)


@settings(max_examples=60)
@given(st.lists(_TEXT, min_size=1, max_size=6))
def test_following_patches_agrees_with_blame(versions: list[list[str]]) -> None:
    """For any linear history, each line that is laid at a commit's door is laid at the right one, and all are."""
    history = _history(["\n".join(lines).encode() + b"\n" for lines in versions])
    head = history.head
    texts = dict(enumerate(head.tree["f"].decode().splitlines(), 1))
    found: dict[int, str] = {}
    followed = {number: number for number in texts}
    for commit in history.commits:
        before, after = history.changed(commit).get("f", (b"", b""))
        if before == after:
            continue
        change = patch(before, after)
        assert change
        earlier = step(followed, texts, change.text)
        found |= dict.fromkeys(followed.keys() - earlier.keys(), commit.sha)
        followed = earlier
    expected = {
        line: each.commit.sha
        for each in recorded_blame(history, head, "f")
        for line in range(each.first, each.last + 1)
    }
    assert found == expected


def test_a_patch_that_does_not_fit_blames_nobody() -> None:
    """The line added at that place is another one: the history was not what it seemed."""
    with pytest.raises(DoesNotFit):
        step({2: 2}, {2: "b"}, "@@ -1,1 +1,2 @@\n a\n+x")
    with pytest.raises(DoesNotFit):
        step({1: 1}, {1: "a"}, "GIT binary patch")


def _history(contents: list[bytes]) -> Repository:
    commits = [
        Commit(
            sha=f"{number:040x}",
            name="A",
            email="a@x",
            time=datetime(2026, 1, 1, number, tzinfo=UTC),
            message="m",
            pull=0,
            parent=f"{number - 1:040x}" if number else None,
            tree=MappingProxyType({"f": content}),
        )
        for number, content in enumerate(contents)
    ]
    return Repository(tuple(reversed(commits)), ())
