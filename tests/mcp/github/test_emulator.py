"""Every tool against the GitHub emulator that others wrote: our reading of the API is not only our simulator's."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.simulators.github.repository import Repository, load
from tests.mcp.github.emulator import APP_ID, NAME, TOKEN, Emulator, emulator

SCENARIO = Path(__file__).parents[3] / "bot" / "evals" / "scenarios" / "cartservice-guard"
STORE = "src/cartservice/src/cartstore/RedisCartStore.cs"
GUARD = "a65e65621925a8ecc4e40dd4d25ac15cbe309198"


@pytest.fixture(scope="module")
def history() -> Repository:
    """The recorded cart incident."""
    return load(SCENARIO)


@pytest.fixture(scope="module")
def there(
    history: Repository, pem: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Emulator]:
    """The emulator with that history."""
    with emulator(tmp_path_factory.mktemp("emulate"), history, pem) as running:
        yield running


@pytest.fixture
def given(there: Emulator) -> dict[str, str]:
    """The settings of a server on it."""
    return {
        "GITHUB_API_URL": there.url,
        "TOCSIN_GITHUB_REPOSITORY": NAME,
        "TOCSIN_NOW": "2026-11-18T14:28:30Z",
    }


async def test_history_and_files(
    serving: Callable[..., Any], given: dict[str, str], there: Emulator, history: Repository
) -> None:
    """What our simulator shows of the history, the emulator shows too."""
    guard = there.shas[GUARD]
    async with serving(**given, GITHUB_TOKEN=TOKEN) as call:

        async def text(tool: str, **arguments: Any) -> str:
            got = await call(tool, **arguments)
            assert not got.is_error, got.text
            return str(got.text)

        assert f"{STORE}  " in await text("list_tree", path="src/cartservice")
        image = f"registry.acme.example/boutique/cartservice:main-{guard[:7]}-1"
        assert f"at {guard[:12]} ({image}): lines 1-114 of 114" in await text(
            "read_file", path=STORE, ref=image
        )
        assert "   36 |             if (productId == RecalledLoafers)" in await text(
            "search_code", query="RecalledLoafers"
        )
        commits = await text("list_commits", path=STORE, since="3d")
        assert f"{guard[:12]}  2026-11-18T12:58:09Z (1h30m ago)  Mara Okafor" in commits
        assert f"    M {STORE} (+9 -0)" in commits
        shown = await text("show_commit", sha=guard)
        assert "+            if (productId == RecalledLoafers)" in shown
        latest = there.shas[history.head.sha]
        compared = await text("compare", base=guard, head=latest)
        assert f"{latest} is 1 commit ahead and 0 behind" in compared
        suspects = await text(
            "suspect_changes", file="/app/cartstore/RedisCartStore.cs:38", service="cartservice"
        )
        assert f"1. {guard[:12]}" in suspects


async def test_blame_is_traced_where_there_is_no_graphql(
    serving: Callable[..., Any], given: dict[str, str], there: Emulator
) -> None:
    """The emulator has the REST API alone."""
    async with serving(**given, GITHUB_TOKEN=TOKEN) as call:
        got = (await call("blame", path=STORE, start_line=33, end_line=43)).text
    assert "traced through 3 commits of the file, since GitHub's GraphQL API refused" in got
    owners = re.findall(r"^([0-9a-f]{12})  ", got, re.MULTILINE)
    ours = {given: recorded for recorded, given in there.shas.items()}
    recorded = [next(ours[sha] for sha in ours if sha.startswith(owner)) for owner in owners]
    assert [sha[:7] for sha in recorded] == ["93d4610", "e033637", "a65e656", "93d4610"]


async def test_pull_requests_with_the_files_of_their_merge(
    serving: Callable[..., Any], given: dict[str, str], there: Emulator
) -> None:
    """The emulator lists no files of a pull request; those of the merge commit are shown."""
    head = there.ask("GET", "/git/ref/heads/main")["object"]["sha"]
    there.ask("POST", "/git/refs", {"ref": "refs/heads/fix", "sha": head})
    change = {"message": "fix", "content": "Zml4ZWQK", "branch": "fix"}
    there.ask("PUT", "/contents/docs/fix.md", change)
    pull = there.ask("POST", "/pulls", {"title": "Fix it", "head": "fix", "base": "main"})
    there.ask("PUT", f"/pulls/{pull['number']}/merge", {"merge_method": "squash"})
    now = {name: value for name, value in given.items() if name != "TOCSIN_NOW"}
    async with serving(**now, GITHUB_TOKEN=TOKEN) as call:
        got = (await call("list_pull_requests", since="1h", path="docs")).text
    assert "1 pull request merged" in got
    assert f"#{pull['number']}  " in got
    assert "    Fix it\n    A docs/fix.md (+1 -0)" in got


async def test_deployments_that_it_does_not_know_are_noted(
    serving: Callable[..., Any], given: dict[str, str]
) -> None:
    """It has workflow runs (none), and no deployments."""
    async with serving(**given, GITHUB_TOKEN=TOKEN) as call:
        got = await call("list_deployments", since="1d")
    assert not got.is_error
    assert "0 deployments" in got.text
    assert (
        "Deployments are not known: The list of deployments of acme/online-boutique was not found"
        in got.text
    )


async def test_an_app_buys_a_token(
    serving: Callable[..., Any], given: dict[str, str], there: Emulator, pem: str
) -> None:
    """It checks the signature, and says what the token may do: read, on this repository."""
    app = {"GITHUB_APP_ID": str(APP_ID), "GITHUB_APP_PRIVATE_KEY": pem}
    async with serving(**given, **app) as call:
        assert f"{STORE}  " in (await call("list_tree", path="src/cartservice")).text
    [token] = there.ask("GET", "//_emulate/installation-tokens")["installation_tokens"]
    assert set(token["permissions"].values()) == {"read"}
    assert (token["repository_selection"], len(token["repository_ids"])) == ("selected", 1)


async def test_a_wrong_key_buys_none(
    serving: Callable[..., Any], given: dict[str, str], other_pem: str
) -> None:
    """The emulator verifies the JWT with the App's key."""
    app = {"GITHUB_APP_ID": str(APP_ID), "GITHUB_APP_PRIVATE_KEY": other_pem}
    async with serving(**given, **app) as call:
        got = await call("list_tree")
    assert got.is_error
    assert "do not belong together" in got.text
