"""A wrong setting is one clear line within seconds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from bot.errors import ConfigurationError
from bot.simulators.slack import SlackSimulator
from bot.slack.startup import check

if TYPE_CHECKING:
    from tests.slack.conftest import Bot


async def test_good_tokens_tell_who_we_are(slack: SlackSimulator) -> None:
    """One checked call to auth.test, one to apps.connections.open."""
    identity = await check(slack.bot_token, slack.app_token, slack.api_url)
    assert (identity.team, identity.user, identity.bot) == (
        slack.team_id,
        slack.bot_user_id,
        slack.bot_id,
    )
    assert [call.method for call in slack.calls()] == ["auth.test", "apps.connections.open"]


@pytest.mark.parametrize(
    ("bot_token", "app_token", "said"),
    [
        pytest.param("", "APP", "SLACK_BOT_TOKEN is not set", id="no bot token"),
        pytest.param("BOT", "", "SLACK_APP_TOKEN is not set", id="no app token"),
        pytest.param("xoxp-1", "APP", "SLACK_BOT_TOKEN does not begin with xoxb-", id="user token"),
        pytest.param("APP", "BOT", "SLACK_BOT_TOKEN does not begin with xoxb-", id="swapped"),
        pytest.param("BOT", "BOT", "SLACK_APP_TOKEN does not begin with xapp-", id="bot twice"),
        pytest.param("xoxb-1", "APP", "refuses SLACK_BOT_TOKEN (invalid_auth)", id="bad bot"),
        pytest.param("BOT", "xapp-1", "refuses SLACK_APP_TOKEN (invalid_auth)", id="bad app"),
    ],
)
async def test_bad_tokens_are_one_line(
    slack: SlackSimulator, bot_token: str, app_token: str, said: str
) -> None:
    """The line names the setting and says where the right value is found."""
    real = {"BOT": slack.bot_token, "APP": slack.app_token}
    with pytest.raises(ConfigurationError, match=re.escape(said)) as caught:
        await check(real.get(bot_token, bot_token), real.get(app_token, app_token), slack.api_url)
    assert "\n" not in str(caught.value)
    assert "App-Level Tokens" in str(caught.value) or "OAuth & Permissions" in str(caught.value)


async def test_missing_scope_is_named(slack: SlackSimulator) -> None:
    """An app installed with an older manifest is told what it lacks."""
    slack.remove_scope("reactions:write")
    with pytest.raises(ConfigurationError, match=r"lacks the scope reactions:write"):
        await check(slack.bot_token, slack.app_token, slack.api_url)


async def test_unreachable_slack_is_said(slack: SlackSimulator) -> None:
    """Nobody listens there: an error, no retry loop."""
    with pytest.raises(
        ConfigurationError, match=r"cannot be reached at http://127\.0\.0\.1:9/api/"
    ):
        await check(slack.bot_token, slack.app_token, "http://127.0.0.1:9/api/")


async def test_broken_slack_is_said(slack: SlackSimulator) -> None:
    """An error of Slack's own is not taken for a bad token."""
    slack.faults.http_500("auth.test")
    with pytest.raises(ConfigurationError, match="cannot be reached"):
        await check(slack.bot_token, slack.app_token, slack.api_url)


async def test_front_does_not_start_with_a_bad_token(bot: Bot) -> None:
    """The front fails in the same way, before it connects."""
    with pytest.raises(ConfigurationError, match="SLACK_APP_TOKEN"):
        await bot.front(app_token="xapp-wrong").__aenter__()
    assert bot.slack.connections() == 0
