"""The page is whole: everything it asks for is there, and nothing comes from elsewhere."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

import bot.simulators.slack
from bot.simulators.slack import SlackSimulator

PAGE = Path(bot.simulators.slack.__file__).parent / "page"
FILES = sorted(path.name for path in PAGE.iterdir())
_IMPORT = re.compile(r'^import \{([^}]*)\} from "\./([\w.]+)";', re.MULTILINE)
_EXPORT = re.compile(r"^export (?:async )?(?:const|function|class) (\w+)", re.MULTILINE)


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".js")])
def test_every_import_names_an_export(name: str) -> None:
    """A module imports only what its neighbour exports, and is short."""
    text = (PAGE / name).read_text(encoding="utf-8")
    assert text.count("\n") <= 200
    for names, neighbour in _IMPORT.findall(text):
        exported = set(_EXPORT.findall((PAGE / neighbour).read_text(encoding="utf-8")))
        assert {item.strip() for item in names.split(",")} <= exported


@pytest.mark.parametrize("name", FILES)
def test_nothing_is_loaded_from_elsewhere(name: str) -> None:
    """No CDN, no HTML built from text, no inline script."""
    text = (PAGE / name).read_text(encoding="utf-8")
    assert not re.search(r'(?:src|href)="https?:', text)
    assert "innerHTML" not in text
    assert "insertAdjacentHTML" not in text
    assert not re.search(r"<script(?![^>]*src=)", text)


async def test_everything_the_page_names_is_served(
    slack: SlackSimulator, session: aiohttp.ClientSession
) -> None:
    """Each file answers with a type the browser accepts."""
    index = (PAGE / "index.html").read_text(encoding="utf-8")
    for path in re.findall(r'(?:src|href)="(/[^"]+)"', index):
        async with session.get(slack.url + path) as response:
            assert response.status == 200, path
    async with session.get(f"{slack.url}/archives/{slack.channel('general')}/p1") as response:
        assert response.content_type == "text/html"


async def test_command_line_prints_what_an_app_needs(tmp_path: Path) -> None:
    """`tocsin simulate slack` says base URL, tokens, webhooks and page; the manifest decides, the channel is there."""
    manifest = tmp_path / "manifest.yml"
    manifest.write_text("oauth_config: {scopes: {bot: [channels:read, chat:write]}}")
    options = ("--manifest", str(manifest), "--channel", "#ops")
    command = (sys.executable, "-m", "bot", "simulate", "slack", *options)
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        said: dict[str, str] = {}
        async with asyncio.timeout(30):
            while not any(name.startswith("Ctrl-C") for name in said):
                name, _, value = (await process.stdout.readline()).decode().strip().partition("=")
                said[name] = value
        assert any("/services/T" in line for line in said)
        client = AsyncWebClient(token=said["SLACK_BOT_TOKEN"], base_url=said["SLACK_API_URL"])
        names = {each["name"] for each in (await client.conversations_list())["channels"]}
        assert names == {"incidents", "general", "ops"}
        with pytest.raises(SlackApiError, match="missing_scope"):
            await client.reactions_add(channel="C1", timestamp="1.1", name="eyes")
        assert said["SLACK_APP_TOKEN"].startswith("xapp-")
    finally:
        process.terminate()
        await process.wait()
