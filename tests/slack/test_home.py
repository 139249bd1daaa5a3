"""The app's own page, and news about the app."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.slack.conftest import Bot

ALARM = {
    "text": "",
    "attachments": [{"color": "danger", "title": "[FIRING:1] Instance<Down> for cartservice"}],
}


async def test_home_shows_open_incidents_and_help(connected: Bot) -> None:
    """The page lists what is open, escaped, and says how to use the bot."""
    slack = connected.slack
    await slack.open_home("ada")
    await slack.wait_for(lambda: slack.home("ada"))
    assert "Nothing is open" in str(slack.home("ada"))
    ts = await slack.post_as_app("#incidents", ALARM, app="Alertmanager")
    await slack.wait_for(lambda: "eyes" in slack.reactions("#incidents", ts))
    await slack.open_home("ada")
    await slack.wait_for(lambda: "1 open incident" in str(slack.home("ada")))
    page = str(slack.home("ada"))
    assert "Instance&lt;Down&gt;" in page
    assert "/diagnose &lt;service&gt;" in page


async def test_invitation_is_noticed(connected: Bot, caplog: pytest.LogCaptureFixture) -> None:
    """Invited into a channel, the bot logs whether it listens to alarms there."""
    caplog.set_level(logging.INFO)
    connected.slack.add_channel("elsewhere")
    connected.slack.invite_bot("#elsewhere")
    await connected.slack.wait_for(lambda: connected.slack.envelopes())
    await connected.settled()
    assert "alarms there are not investigated" in caplog.text
