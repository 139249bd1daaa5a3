"""`tocsin simulate messages-api` as its user starts it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import anthropic
import pytest
from anthropic import AsyncAnthropic

from bot.cli import parser
from bot.commands.simulate import messages_api
from bot.errors import ConfigurationError

HELLO: list[Any] = [{"role": "user", "content": "Hello"}]


def started(*words: str) -> Any:
    """The simulator for these words of the command line."""
    return messages_api(parser().parse_args(["simulate", "messages-api", *words]))


async def asked(client: AsyncAnthropic) -> Any:
    """The first block of an answer."""
    message = await client.messages.create(model="claude-sonnet-5-5", max_tokens=50, messages=HELLO)
    return message.content[0]


async def test_script_keys_limits_and_quirks_come_from_the_command_line(tmp_path: Path) -> None:
    """And the script begins again after a reset."""
    file = tmp_path / "script.json"
    file.write_text(json.dumps({"replies": ["one", "two"]}))
    words = ["--script", str(file), "--key", "k1=org/w1", "--key", "k2=org/w2", "--split"]
    async with (
        started(*words, "--limits", "2,1000,1000", "--quirk", "no_usage") as api,
        AsyncAnthropic(base_url=api.url, api_key="k2", max_retries=0) as client,
    ):
        assert [(await asked(client)).text for _ in range(2)] == ["one", "two"]
        with pytest.raises(anthropic.RateLimitError):
            await asked(client)
        assert api.quirks == {"no_usage"}
        assert {entry.workspace for entry in api.ledger} == {"w2"}
        api.reset()
        assert (await asked(client)).text == "one"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--script", "nowhere.json"], "nowhere.json cannot be read"),
        (["--script", __file__], "is no script"),
        (["--key", "k1"], "write KEY=ORG/WORKSPACE"),
        (["--limits", "1,2"], "three whole numbers"),
        (["--limits", "0,2,3"], "three whole numbers"),
        (["--quirk", "no_such"], "There are any_model"),
    ],
)
def test_mistakes_are_one_line(words: list[str], told: str) -> None:
    """Before anything listens."""
    with pytest.raises(ConfigurationError, match=told):
        started(*words)
