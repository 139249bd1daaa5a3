"""A GitHub App buys short-lived tokens that only read, and renews them in time; its key is never shown."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from tocsin_mcp.github.api.client import GitHub, repository_path
from tocsin_mcp.github.api.credentials import PERMISSIONS
from tocsin_mcp.kit.environment import Environment
from tocsin_mcp.kit.errors import Unavailable

from bot.simulators.github import App, GitHubSimulator

Call = Callable[..., Awaitable[Any]]

NAME = "acme/online-boutique"
SCENARIO = Path(__file__).parents[3] / "bot" / "evals" / "scenarios" / "cartservice-guard"


class Clock:
    """Seconds since the epoch, from now on moved by hand: a server of ours compares them with its own."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def github(pem: str) -> AsyncIterator[GitHubSimulator]:
    """GitHub with an App that may do more than read."""
    key = serialization.load_pem_private_key(pem.encode(), None)
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    grants = {**dict.fromkeys(PERMISSIONS, "read"), "contents": "write", "administration": "write"}
    app = App(id=4711, public_key=public.decode(), permissions=grants)
    async with GitHubSimulator(SCENARIO, app=app, clock=Clock()) as simulator:
        yield simulator


def settings_of(github: GitHubSimulator, **more: str) -> dict[str, str]:
    return {
        "GITHUB_API_URL": github.url,
        "GITHUB_APP_ID": "4711",
        "TOCSIN_GITHUB_REPOSITORY": NAME,
        "TOCSIN_NOW": "2026-11-18T14:28:30Z",
        **more,
    }


async def test_an_app_reads_with_a_token_that_only_reads(
    serving: Callable[..., Any], github: GitHubSimulator, pem: str, tmp_path: Path
) -> None:
    """Key from a file; the token is narrowed to reading and to the configured repositories, and used for GraphQL too."""
    (tmp_path / "key.pem").write_text(pem)
    given = settings_of(github, GITHUB_APP_PRIVATE_KEY_FILE=str(tmp_path / "key.pem"))
    async with serving(**given) as call:
        assert "a65e65621925" in (await call("list_commits")).text
        assert "(by GitHub)" in (await call("blame", path="README.md", start_line=1)).text
    [granted] = github.apps.tokens.values()
    assert granted.permissions == frozenset(PERMISSIONS)
    bought = [request for request in github.requests if "access_tokens" in request]
    assert bought == ["POST /app/installations/7001/access_tokens"]


async def test_the_key_may_be_in_the_environment_on_one_line(
    serving: Callable[..., Any], github: GitHubSimulator, pem: str
) -> None:
    """Line ends written as `\\n`; the installation named by its number; the App goes before a token."""
    given = settings_of(
        github,
        GITHUB_APP_PRIVATE_KEY=pem.replace("\n", "\\n"),
        GITHUB_APP_INSTALLATION_ID="7001",
        GITHUB_TOKEN="wrong",
    )
    async with serving(**given) as call:
        assert not (await call("list_tree")).is_error
    assert github.requests[0] == "GET /app/installations/7001"


async def test_the_token_is_renewed_before_it_expires(github: GitHubSimulator, pem: str) -> None:
    """One token for most of an hour, however many ask at once; then another, before the first one ends."""
    clock = Clock()
    environment = Environment(settings_of(github, GITHUB_APP_PRIVATE_KEY=pem))
    client = GitHub(environment, [NAME], wall_clock=clock)
    for seconds, tokens in ((0, 1), (3200, 1), (120, 2)):
        clock.now += seconds
        assert (await client.get(repository_path(NAME), what="It"))["full_name"] == NAME
        assert len(github.apps.tokens) == tokens
    await client.close()


async def test_a_revoked_token_is_replaced_at_once(github: GitHubSimulator, pem: str) -> None:
    """GitHub no longer knows it: one more is bought, and the question asked again."""
    client = GitHub(
        Environment(settings_of(github, GITHUB_APP_PRIVATE_KEY=pem)), [NAME], wall_clock=Clock()
    )
    await client.get(repository_path(NAME), what="It")
    github.apps.tokens.clear()
    assert await client.get(repository_path(NAME, "commits"), what="It")
    assert len(github.apps.tokens) == 1
    await client.close()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"GITHUB_APP_PRIVATE_KEY": "-----BEGIN nonsense"}, "does not hold the private key of a GitHub App"),
        ({"GITHUB_APP_PRIVATE_KEY": "", "GITHUB_APP_PRIVATE_KEY_FILE": "/no/such"}, "cannot be read (No such file"),
        ({"GITHUB_APP_PRIVATE_KEY": ""}, "neither GITHUB_APP_PRIVATE_KEY nor"),
        ({"GITHUB_APP_ID": "4712"}, "do not belong together"),
        ({"GITHUB_APP_INSTALLATION_ID": "x"}, "GITHUB_APP_INSTALLATION_ID is not a number"),
        ({"GITHUB_APP_INSTALLATION_ID": "99"}, "or GITHUB_APP_INSTALLATION_ID is wrong"),
        ({"TOCSIN_GITHUB_REPOSITORY": "acme/other"}, "the App is not installed on acme/other"),
        ({"TOCSIN_GITHUB_REPOSITORY": f"{NAME}, acme/other"}, "must be installed on all of acme/online-boutique, acme/other"),
    ],
)  # fmt: skip
async def test_what_is_wrong_with_an_app_is_told(
    serving: Callable[..., Any],
    github: GitHubSimulator,
    pem: str,
    changed: dict[str, str],
    words: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """By the setting that is wrong; neither key nor tokens appear in answers or logs."""
    caplog.set_level(logging.DEBUG)
    given = {**settings_of(github, GITHUB_APP_PRIVATE_KEY=pem), **changed}
    async with serving(**given) as call:
        got = await call("list_tree")
    assert got.is_error
    assert words in got.text
    said = json.dumps([got.text, caplog.text])
    assert pem.splitlines()[1] not in said
    assert "ghs_" not in said


async def test_an_app_without_any_of_the_permissions_gets_no_token(
    github: GitHubSimulator, pem: str
) -> None:
    """An empty list of permissions would ask for all that the App has."""
    assert github.apps.app
    github.apps.app = replace(github.apps.app, permissions={"issues": "write"})
    client = GitHub(Environment(settings_of(github, GITHUB_APP_PRIVATE_KEY=pem)), [NAME])
    with pytest.raises(Unavailable, match="grants none of actions, contents"):
        await client.get(repository_path(NAME), what="It")
    assert github.apps.tokens == {}
    await client.close()
