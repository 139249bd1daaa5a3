"""Missing or wrong configuration ends with one clear line that says what to do: never a stack trace, never a silent retry loop."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.simulators.slack import SlackSimulator
from tests.stories.conftest import STORY_SECONDS

KEY = {"ANTHROPIC_API_KEY": "k"}
TOKENS = {**KEY, "SLACK_BOT_TOKEN": "xoxb-1-2", "SLACK_APP_TOKEN": "xapp-1-2"}
NOWHERE = "http://127.0.0.1:9/"


async def _tocsin(folder: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    """Exit code and standard error of a command, within ten seconds."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *arguments,
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), **environment},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(STORY_SECONDS / 2):
            _, said = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.communicate()
        raise
    assert process.returncode is not None
    return process.returncode, said.decode()


@pytest.mark.parametrize(
    ("command", "environment", "says"),
    [
        pytest.param("run", {}, "ANTHROPIC_API_KEY is not set", id="no key"),
        pytest.param("run", KEY, "SLACK_BOT_TOKEN is not set", id="no bot token"),
        pytest.param(
            "run",
            {**TOKENS, "SLACK_BOT_TOKEN": "xoxp-1"},
            "does not begin with xoxb-",
            id="user token",
        ),
        pytest.param(
            "run",
            {**TOKENS, "SLACK_APP_TOKEN": "xoxb-1"},
            "does not begin with xapp-",
            id="bot token twice",
        ),
        pytest.param(
            "run", {**TOKENS, "SLACK_API_URL": NOWHERE}, "Slack cannot be reached", id="no Slack"
        ),
        pytest.param(
            "run",
            {**TOKENS, "REDIS_URL": "redis://127.0.0.1:9"},
            "no Redis answers at 127.0.0.1:9",
            id="no Redis",
        ),
        pytest.param(
            "run",
            {**TOKENS, "REDIS_URL": "nonsense"},
            "REDIS_URL is not an address",
            id="no address",
        ),
        pytest.param(
            "run", {**TOKENS, "TOCSIN_SERVERS": "none.json"}, "TOCSIN_SERVERS", id="no servers.json"
        ),
        pytest.param(
            "run", {**TOKENS, "TOCSIN_SERVERS": "bad.json"}, "not valid JSON", id="bad servers.json"
        ),
        pytest.param(
            "run", {**TOKENS, "TOCSIN_CONCURRENCY": "many"}, "TOCSIN_CONCURRENCY", id="no number"
        ),
        pytest.param("run", {**TOKENS, "TOCSIN_BUDGET": "{"}, "budget", id="no JSON"),
        pytest.param("worker", TOKENS, "A worker needs REDIS_URL", id="worker without Redis"),
        pytest.param("diagnose x", {}, "ANTHROPIC_API_KEY", id="diagnose without a key"),
        pytest.param("demo --scenario none --once", {}, "There is no", id="no scenario"),
    ],
)
async def test_one_line_says_what_to_do(
    tmp_path: Path, command: str, environment: dict[str, str], says: str
) -> None:
    """Non-zero, within ten seconds, nothing else on standard error."""
    (tmp_path / "bad.json").write_text("{")

    code, said = await _tocsin(tmp_path, *command.split(), **environment)

    assert code == 2
    assert says in said
    assert len(said.strip().splitlines()) == 1
    assert said.startswith("tocsin: ")


@pytest.fixture
async def slack() -> AsyncIterator[SlackSimulator]:
    async with SlackSimulator() as simulator:
        yield simulator


async def test_tokens_that_slack_refuses_are_named(tmp_path: Path, slack: SlackSimulator) -> None:
    """A revoked or mistyped token is not retried for ever."""
    environment = {**TOKENS, "SLACK_API_URL": slack.api_url}

    _, bot = await _tocsin(tmp_path, "run", **environment)
    _, app = await _tocsin(tmp_path, "run", **{**environment, "SLACK_BOT_TOKEN": slack.bot_token})

    assert "SLACK_BOT_TOKEN" in bot
    assert "SLACK_APP_TOKEN" in app
    assert "Traceback" not in bot + app


async def test_a_missing_permission_is_named(tmp_path: Path, slack: SlackSimulator) -> None:
    """The scope, and where to add it."""
    slack.remove_scope("reactions:write")
    tokens = {"SLACK_BOT_TOKEN": slack.bot_token, "SLACK_APP_TOKEN": slack.app_token}

    code, said = await _tocsin(tmp_path, "run", **KEY, **tokens, SLACK_API_URL=slack.api_url)

    assert code == 2
    assert "reactions:write" in said
