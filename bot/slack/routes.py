"""Which request goes to which listener. bolt runs the first that matches, so the ones for everything come last."""

from __future__ import annotations

import re
from dataclasses import dataclass

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.slack.controls import (
    ASK,
    CHECK,
    DRAFT,
    FEEDBACK,
    GO_ON,
    INVESTIGATE,
    ISSUE,
    OPINION,
    PAUSE,
    SHORTCUT,
    STOP,
)
from bot.slack.listeners.actions import Actions
from bot.slack.listeners.alarms import Alarms
from bot.slack.listeners.commands import Commands
from bot.slack.listeners.home import Home
from bot.slack.listeners.questions import Questions
from bot.slack.listeners.requests import Body
from bot.slack.listeners.results import Results
from bot.slack.scopes import COMMAND
from bot.slack.work import Work

_ANYTHING = re.compile(".*")


@dataclass(frozen=True)
class Listeners:
    """One of each kind."""

    alarms: Alarms
    questions: Questions
    commands: Commands
    actions: Actions
    results: Results
    home: Home


def register(app: AsyncApp, work: Work, to: Listeners) -> None:
    """Tell bolt where everything goes."""
    _register_events(app, work, to)
    _register_interactions(app, work, to)
    app.event(_ANYTHING)(work.event(_unwanted))
    app.action(_ANYTHING)(work.listener(_acknowledge))
    app.shortcut(_ANYTHING)(work.listener(_acknowledge))
    app.view(_ANYTHING)(work.listener(_acknowledge))


def _register_events(app: AsyncApp, work: Work, to: Listeners) -> None:
    app.event("message", matchers=[to.alarms.concerns])(work.event(to.alarms.posted))
    app.event("message", matchers=[to.questions.is_direct])(
        work.event(to.questions.written_directly)
    )
    app.event("message", matchers=[to.questions.is_reply_of_a_person])(
        work.event(to.questions.replied)
    )
    app.event("app_mention")(work.event(to.questions.mentioned))
    app.event("app_home_opened")(work.event(to.home.opened))
    app.event("agent_session_stopped")(work.event(to.actions.session_stopped))
    app.event("member_joined_channel")(work.event(to.home.joined))
    app.event("channel_shared")(work.event(to.home.shared))
    app.event("channel_unshared")(work.event(to.home.shared))
    app.event("app_uninstalled")(work.event(to.home.removed))
    app.event("tokens_revoked")(work.event(to.home.removed))


def _register_interactions(app: AsyncApp, work: Work, to: Listeners) -> None:
    app.command(COMMAND)(work.listener(to.commands.command))
    app.shortcut({"type": "message_action", "callback_id": SHORTCUT})(
        work.listener(to.commands.shortcut)
    )
    app.action(STOP)(work.listener(to.actions.stop))
    app.action(GO_ON)(work.listener(to.actions.keep_going))
    app.action(INVESTIGATE)(work.listener(to.actions.investigate))
    app.action(CHECK)(work.listener(to.actions.check))
    app.action(re.compile(f"{FEEDBACK}.*"))(work.listener(to.actions.feedback))
    app.view(OPINION)(work.listener(to.actions.explained))
    app.action(ASK)(work.listener(to.results.ask))
    app.view(ASK)(work.listener(to.results.asked))
    app.action(DRAFT)(work.listener(to.results.draft))
    app.action(ISSUE)(work.listener(to.results.issue))
    app.view(ISSUE)(work.listener(to.results.opened))
    app.action(PAUSE)(work.listener(to.home.paused))


async def _unwanted(_body: Body) -> None:
    """An event that concerns nobody: bolt has acknowledged it."""


async def _acknowledge(_body: Body, ack: AsyncAck) -> None:
    await ack()
