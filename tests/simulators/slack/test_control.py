"""The control API, the page's files and feed, the clock and the manifest."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.simulators.slack import CommandError, GalleryItem, ManualClock, SlackSimulator
from bot.simulators.slack.clock import SystemClock, happens_within

MANUAL = Path(__file__).parents[3] / "docs" / "slack-simulator.md"


async def _post(
    slack: SlackSimulator, session: aiohttp.ClientSession, command: str, **args: Any
) -> Any:
    async with session.post(f"{slack.url}/_emu/{command}", json=args) as response:
        body = await response.json()
        assert body["ok"], body
        return body["result"]


async def _get(
    slack: SlackSimulator, session: aiohttp.ClientSession, what: str, **query: str
) -> Any:
    async with session.get(f"{slack.url}/_emu/{what}", params=query) as response:
        body = await response.json()
        assert body["ok"], body
        return body["result"]


async def test_everything_can_be_driven_over_http(
    slack: SlackSimulator, session: aiohttp.ClientSession
) -> None:
    """Post as an app and as a person, react, read the thread: all as JSON."""
    alarm = {"text": "CPU high"}
    ts = await _post(
        slack, session, "post_as_app", channel="#incidents", message=alarm, app="Datadog"
    )
    await _post(slack, session, "post_as_user", channel="#incidents", text="on it", thread_ts=ts)
    await _post(slack, session, "react", channel="#incidents", ts=ts, name="eyes")
    thread = await _get(slack, session, "thread", channel="#incidents", ts=ts)
    assert [item["text"] for item in thread] == ["CPU high", "on it"]
    assert list(await _get(slack, session, "reactions", channel="#incidents", ts=ts)) == ["eyes"]
    assert await _get(slack, session, "calls") == []


async def test_faults_and_clock_over_http(
    slack: SlackSimulator, session: aiohttp.ClientSession
) -> None:
    """A fault set over HTTP hits the next call, and the clock moves."""
    await _post(slack, session, "faults/error", method="auth.test", code="fatal_error")
    headers = {"Authorization": f"Bearer {slack.bot_token}"}
    async with session.post(slack.api_url + "auth.test", headers=headers) as response:
        assert (await response.json())["error"] == "fatal_error"
    await _post(slack, session, "advance", seconds=60)
    assert await _post(slack, session, "sockets/disconnect", reason="warning") == 0
    async with session.get(f"{slack.url}/_emu/credentials") as response:
        assert (await response.json())["bot_token"] == slack.bot_token


async def test_everything_documented_is_served(
    slack: SlackSimulator, session: aiohttp.ClientSession
) -> None:
    """Each read, command and switch of the manual exists, and the manual names all switches."""
    manual = MANUAL.read_text(encoding="utf-8")
    tables = manual.partition("## The control API")[2].partition("```")[0].split("| command | |")
    for table, send in zip(tables, (session.get, session.post), strict=True):
        cells = " ".join(
            line.split("|")[1] for line in table.splitlines() if line.startswith("| `")
        )
        group = ""
        for name in re.findall(r"`([\w/…]+)`", re.sub(r"\([^)]*\)", "", cells)):
            start, slash, rest = name.rpartition("/")
            group = group if start == "…" else start
            async with send(f"{slack.url}/_emu/{group}{slash}{rest}") as response:
                assert response.status in (200, 400), name
    switches = manual.partition("Switches: ")[2].partition(" `configure`")[0]
    assert re.findall(r"`(\w+)`", switches) == list(slack.configure())


@pytest.mark.parametrize(
    ("command", "body", "text"),
    [
        pytest.param(
            "post_as_user", {"channel": "#nowhere", "text": "x"}, "no channel", id="channel"
        ),
        pytest.param("post_as_user", {"chanel": "#general"}, "argument", id="argument"),
        pytest.param(
            "stop_session",
            {"channel": "#general", "thread_ts": "1"},
            "no agent session",
            id="session",
        ),
        pytest.param("click", [], "not a JSON object", id="list"),
        pytest.param("advance", {"seconds": "x"}, "`seconds` has to be a number", id="kind"),
        pytest.param("advance", {"seconds": -1}, "forward only", id="back"),
        pytest.param("redeliver", {"count": 0}, "1 or more", id="none"),
        pytest.param("add_channel", {"name": "general"}, "'general' is taken", id="taken"),
        pytest.param("add_user", {"name": ""}, "a name is needed", id="nameless"),
        pytest.param("sockets/disconnect", {"reason": "boredom"}, "link_disabled", id="reason"),
        pytest.param("faults/error", {"method": [], "code": "x"}, "to be a text", id="method"),
        pytest.param(
            "post_as_app",
            {"channel": "#general", "app": "Grafana", "message": {"blocks": [1]}},
            "`blocks` of a message has to be a list of objects",
            id="blocks",
        ),
    ],
)
async def test_mistakes_are_explained(
    slack: SlackSimulator, session: aiohttp.ClientSession, command: str, body: Any, text: str
) -> None:
    """HTTP 400 with a sentence, not a stack trace."""
    async with session.post(f"{slack.url}/_emu/{command}", json=body) as response:
        assert response.status == 400
        assert text in (await response.json())["error"]


async def test_other_web_sites_cannot_drive_it(
    slack: SlackSimulator, session: aiohttp.ClientSession
) -> None:
    """A request with a foreign Origin is refused, one from the page is served."""
    url, body = f"{slack.url}/_emu/post_as_user", {"channel": "#general", "text": "x"}
    async with session.post(url, json=body, headers={"Origin": "https://evil.example"}) as response:
        assert response.status == 400
    async with session.post(url, json=body, headers={"Origin": slack.url}) as response:
        assert response.status == 200


async def test_page_and_its_parts_are_served(session: aiohttp.ClientSession) -> None:
    """The page, its modules and the first state with the gallery come with a content security policy."""
    item = GalleryItem("CPU high", "Datadog", {"text": "Triggered: CPU high"})
    async with SlackSimulator(gallery=[item]) as slack:
        async with session.get(slack.page_url) as response:
            assert response.content_type == "text/html"
            assert "script-src" in response.headers["Content-Security-Policy"]
        async with session.get(f"{slack.url}/page/app.js") as response:
            assert response.content_type == "text/javascript"
        async with session.get(f"{slack.url}/page/..%2fserver.py") as response:
            assert response.status == 404
        async with session.get(f"{slack.url}/_emu/state") as response:
            state = await response.json()
    assert state["gallery"] == [item.to_json()]
    assert state["app"]["name"] == "tocsin"
    assert {channel["name"] for channel in state["channels"]} == {"incidents", "general"}


async def test_feed_tells_the_page_of_new_messages(
    slack: SlackSimulator, session: aiohttp.ClientSession
) -> None:
    """A post comes down the feed with its whole message; a page of another site gets no feed."""
    async with session.ws_connect(f"{slack.url}/_emu/feed") as feed:
        ts = await slack.post_as_user("#general", "hello")
        change = await feed.receive_json()
        assert (change["kind"], change["message"]["ts"]) == ("message", ts)
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await session.ws_connect(f"{slack.url}/_emu/feed", origin="https://evil.example")


async def test_manifest_decides_what_is_possible() -> None:
    """Only declared commands and shortcuts exist, and only granted scopes count."""
    manifest = {
        "display_information": {"name": "Tocsin"},
        "features": {
            "slash_commands": [{"command": "/diagnose", "description": "d"}],
            "shortcuts": [{"name": "Diagnose", "type": "message", "callback_id": "diagnose_alarm"}],
        },
        "oauth_config": {"scopes": {"bot": ["commands"]}},
    }
    async with SlackSimulator(manifest=manifest) as slack:
        ts = await slack.post_as_user("#general", "x")
        with pytest.raises(CommandError, match="not a valid command"):
            await slack.slash("/other")
        with pytest.raises(CommandError, match="no shortcut"):
            await slack.shortcut("other", "#general", ts)
        assert (await slack.slash("/diagnose")).error == "dispatch_failed"
        assert (await slack.shortcut("diagnose_alarm", "#general", ts)).error == "dispatch_failed"


async def test_wait_for_names_the_last_calls_when_it_gives_up(slack: SlackSimulator) -> None:
    """The TimeoutError says what was going on."""
    with pytest.raises(TimeoutError, match="nothing after"):
        await slack.wait_for(lambda: False, timeout=0.01)


@pytest.mark.parametrize("clock", [ManualClock(), SystemClock()], ids=["manual", "system"])
async def test_clocks_wake_sleepers_when_moved(clock: ManualClock | SystemClock) -> None:
    """Nobody wakes before the time has come, everybody after it."""
    before = clock.time()
    sleeper = asyncio.ensure_future(clock.sleep(100))
    missed = asyncio.ensure_future(happens_within(clock, asyncio.Event(), 50))
    await asyncio.wait({sleeper, missed}, timeout=0.01)
    assert not sleeper.done()
    clock.advance(60)
    assert await missed is False
    assert not sleeper.done()
    clock.advance(60)
    await sleeper
    assert clock.time() - before >= 120
