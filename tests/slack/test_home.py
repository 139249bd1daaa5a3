"""The app's own page, and news about the app."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from bot.clock import utc_now
from bot.costs.caps import Caps
from bot.costs.store import DailyLedger, Day
from bot.incidents.incident import Incident, Origin
from bot.investigation.diagnosis import Cost, Culprit, Diagnosis, Report
from bot.simulators.slack.blockkit.rules import check_blocks
from bot.slack.api import Api
from bot.slack.ballot import Ballot
from bot.slack.controls import Vote
from bot.slack.home_page import Channel, Found, Open, Page, view
from bot.slack.permalinks import Permalinks
from bot.tools.server_board import ServerBoard, ServerState
from tests.slack.stage import REPORT

if TYPE_CHECKING:
    from tests.slack.conftest import Bot

ALARM = {
    "text": "",
    "attachments": [{"color": "danger", "title": "[FIRING:1] Instance<Down> for cartservice"}],
}
ADMIN = "grace"


async def page(bot: Bot, part: str, user: str = "ada") -> str:
    """The home page of a person, once it shows this."""
    await bot.slack.open_home(user)
    await bot.slack.wait_for(lambda: part in str(bot.slack.home(user)))
    return str(bot.slack.home(user))


async def test_home_shows_open_incidents_and_help(connected: Bot) -> None:
    """The page lists what is open, escaped and linked, and says how to use the bot."""
    slack = connected.slack
    await page(connected, "Nothing is open")
    ts = await slack.post_as_app("#incidents", ALARM, app="Alertmanager")
    await slack.wait_for(lambda: "eyes" in slack.reactions("#incidents", ts))
    shown = await page(connected, "1 open incident")
    assert "Instance&lt;Down&gt;" in shown
    assert f"/p{ts.replace('.', '')}|" in shown
    assert "/diagnose &lt;service&gt;" in shown


async def test_home_shows_what_was_found_and_what_it_cost(connected: Bot, api: Api) -> None:
    """Recent diagnoses with cost and votes, today's spend against the cap, and how the tool servers are."""
    slack = connected.slack
    ts = await slack.post_as_app("#incidents", ALARM, app="Alertmanager")
    await slack.wait_for(lambda: "eyes" in slack.reactions("#incidents", ts))
    (incident,) = await connected.store.list_open()
    lease = await connected.store.begin(incident.id, 1)
    assert lease is not None
    await connected.store.save_report(lease, REPORT.model_dump_json())
    await Ballot(connected.redis).cast(Vote(incident=incident.id, slot="run:1", vote="right"), "U1")
    await DailyLedger(connected.redis, utc_now, Caps()).record("C1", 2.5, 9.0)
    states = [
        ServerState(name="tocsin", tools=17),
        ServerState(name="metrics", down="it is <down>"),
    ]
    await ServerBoard(connected.redis).post("host:1", states)

    shown = await page(connected, "Recent diagnoses")

    assert "🔴 Fault found" in shown
    assert "$0.06 · 41 s · 👍 1" in shown
    assert "$2.50 of $25.00" in shown
    assert "$6.50 spared by caching" in shown
    assert "🟢 *tocsin* 17 tools" in shown
    assert "🔴 *metrics* it is &lt;down&gt;" in shown


async def test_no_worker_is_said(connected: Bot) -> None:
    """When nobody can investigate, the page says so."""
    assert "No worker is running" in await page(connected, "Tool servers")


async def test_an_admin_pauses_and_resumes_a_channel(connected: Bot) -> None:
    """Paused, alarms get a sign and nothing else; by hand it still goes; resumed, all is as before."""
    slack = connected.slack
    await page(connected, "alarms are investigated", ADMIN)
    home = slack.home(ADMIN)
    assert home is not None
    await slack.click_in_view(home["id"], "tocsin_pause", user=ADMIN)
    await slack.wait_for(lambda: "paused by" in str(slack.home(ADMIN)))
    ts = await slack.post_as_app("#incidents", ALARM, app="Alertmanager")
    await slack.wait_for(lambda: "double_vertical_bar" in slack.reactions("#incidents", ts))
    await connected.settled()
    assert await connected.store.list_open() == []
    await slack.shortcut("diagnose_message", "#incidents", ts)
    await connected.settled()
    assert len(await connected.store.list_open()) == 1
    home = slack.home(ADMIN)
    assert home is not None
    await slack.click_in_view(home["id"], "tocsin_pause", user=ADMIN)
    await slack.wait_for(lambda: "paused by" not in str(slack.home(ADMIN)))


async def test_others_cannot_pause(connected: Bot) -> None:
    """Whoever is no admin sees the state without a button, and a forged click changes nothing."""
    slack = connected.slack
    assert "tocsin_pause" not in await page(connected, "alarms are investigated")
    await page(connected, "tocsin_pause", ADMIN)
    home = slack.home(ADMIN)
    assert home is not None
    await slack.click_in_view(home["id"], "tocsin_pause", user="ada")
    await connected.settled()
    ts = await slack.post_as_app("#incidents", ALARM, app="Alertmanager")
    await slack.wait_for(lambda: "eyes" in slack.reactions("#incidents", ts))


def test_a_full_page_fits() -> None:
    """As much of everything as there may be, in one view within Slack's limits."""
    now = datetime(2026, 11, 22, tzinfo=UTC)
    from_alarm: dict[str, Any] = {
        "source": "grafana",
        "name": "<!channel> " * 60,
        "started_at": now,
    }
    incident = Incident.model_validate(
        {
            "id": "i",
            "origin": Origin(team="T", channel="C1", thread_ts="1.000001"),
            "alarm": from_alarm,
            "opened_at": now,
            "last_seen_at": now,
        }
    )
    diagnosis = Diagnosis(verdict="fault", summary="x", culprit=Culprit(object="<@U1>" * 100))
    report = Report(outcome="diagnosed", diagnosis=diagnosis, cost=Cost(usd=1e6))
    full = Page(
        open=[Open(incident, running=True)] * 100,
        found=[Found(incident, report, now, 9, 9)] * 100,
        today=Day(usd=99.0, usd_uncached=999.0, replies=1, channels={}),
        caps=Caps(day_usd=10),
        servers={
            f"w{n}": [ServerState(name=f"s{n}", down="no <answer> " * 100)] for n in range(50)
        },
        channels=[Channel(f"C{n}", "U1") for n in range(50)],
        is_admin=True,
    )
    shown = view(full, Permalinks("https://acme.slack.example/"))
    assert len(shown["blocks"]) <= 100
    problems = check_blocks(shown["blocks"], surface="home")
    assert [str(problem) for problem in problems] == []
    assert "<!channel>" not in str(shown)
    assert "<@U1><@U1>" not in str(shown)


async def test_invitation_is_noticed(connected: Bot, caplog: pytest.LogCaptureFixture) -> None:
    """Invited into a channel, the bot logs whether it listens to alarms there."""
    caplog.set_level(logging.INFO)
    connected.slack.add_channel("elsewhere")
    connected.slack.invite_bot("#elsewhere")
    await connected.slack.wait_for(lambda: connected.slack.envelopes())
    await connected.settled()
    assert "alarms there are not investigated" in caplog.text
