"""The app's Home as Block Kit: what is open, what was found, what it cost, whether the tools work. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from bot.costs.caps import Caps
from bot.costs.store import Day
from bot.incidents.incident import Incident
from bot.investigation.diagnosis import Report
from bot.slack.controls import pause_button
from bot.slack.markdown import Element, escaped, one_line, shorten
from bot.slack.permalinks import Permalinks
from bot.slack.wording import HELP, counted, dollars, duration, headline
from bot.tools.server_board import ServerState

MAX_INCIDENTS = 20
MAX_REPORTS = 8
MAX_SERVERS = 12
MAX_CHANNELS = 15
_BAR = 10


class Open(NamedTuple):
    """An open incident, and whether somebody works on it."""

    incident: Incident
    running: bool


class Found(NamedTuple):
    """A report that was posted, and what people thought of it."""

    incident: Incident
    report: Report
    at: datetime
    right: int
    wrong: int
    is_answer: bool = False
    """Whether it answers a question in the incident's thread."""


class Channel(NamedTuple):
    """A channel whose alarms are investigated, unless paused by somebody."""

    id: str
    paused_by: str | None


class Page(NamedTuple):
    """Everything that the page shows."""

    open: Sequence[Open]
    found: Sequence[Found]
    today: Day
    caps: Caps
    servers: Mapping[str, Sequence[ServerState]]
    """By worker."""
    channels: Sequence[Channel]
    is_admin: bool


def refused(words: str) -> Element:
    """The page for somebody who may not ask."""
    return {"type": "home", "blocks": [_header(words), _mrkdwn(HELP)]}


def view(page: Page, permalinks: Permalinks) -> Element:
    """The whole page."""
    blocks = [
        *_incidents(page.open, permalinks),
        *_reports(page.found, permalinks),
        *_spend(page.today, page.caps),
        *_servers(page.servers),
        *_channels(page.channels, is_admin=page.is_admin),
        {"type": "divider"},
        _mrkdwn(HELP),
    ]
    return {"type": "home", "blocks": blocks[:100]}


def _incidents(incidents: Sequence[Open], permalinks: Permalinks) -> Iterator[Element]:
    yield _header(counted(len(incidents), "open incident") if incidents else "Nothing is open")
    for each in incidents[:MAX_INCIDENTS]:
        incident = each.incident
        alarm = incident.alarm
        times = f" ×{incident.occurrences}" if incident.occurrences > 1 else ""
        members = f" +{counted(len(incident.members), 'related alarm')}" if incident.members else ""
        state = "being investigated" if each.running else "waiting for a resolve"
        severity = "" if alarm.severity == "unknown" else f"{alarm.severity} · "
        yield _mrkdwn(
            f"*{_name(incident, permalinks)}*{times}{members}\n{severity}<#{incident.origin.channel}> · "
            f"since {incident.opened_at:%d %b %H:%M} UTC · {state}"
        )
    if len(incidents) > MAX_INCIDENTS:
        yield _context(f"… and {len(incidents) - MAX_INCIDENTS} more")


def _reports(found: Sequence[Found], permalinks: Permalinks) -> Iterator[Element]:
    if not found:
        return
    yield _header("Recent diagnoses")
    for each in found[:MAX_REPORTS]:
        votes = "".join(
            [f" · 👍 {each.right}" * bool(each.right), f" · 👎 {each.wrong}" * bool(each.wrong)]
        )
        yield _mrkdwn(
            f"{escaped(headline(each.report))} – {_name(each.incident, permalinks)}\n"
            f"{each.at.astimezone(UTC):%d %b %H:%M} UTC · {dollars(each.report.cost.usd)} · "
            f"{duration(each.report.seconds)}{' · answer to a question' * each.is_answer}{votes}"
        )


def _spend(today: Day, caps: Caps) -> Iterator[Element]:
    yield _header("Today")
    if not caps.day_usd:
        said = f"{dollars(today.usd)}, without a daily limit"
    else:
        share = min(today.usd / caps.day_usd, 1.0)
        full = round(share * _BAR)
        said = (
            f"`{'█' * full}{'░' * (_BAR - full)}` {dollars(today.usd)} of {dollars(caps.day_usd)}"
        )
    saved = today.usd_uncached - today.usd
    spared = f" · {dollars(saved)} spared by caching" if saved > 0.005 else ""
    yield _mrkdwn(f"{said} · {counted(today.replies, 'reply', 'replies')} of the model{spared}")


def _servers(servers: Mapping[str, Sequence[ServerState]]) -> Iterator[Element]:
    yield _header("Tool servers")
    if not servers:
        yield _mrkdwn("🔴 No worker is running: nothing can be investigated.")
        return
    states: dict[str, list[ServerState]] = {}
    for worker in servers.values():
        for state in worker:
            states.setdefault(state.name, []).append(state)
    lines = [_server(name, each) for name, each in sorted(states.items())[:MAX_SERVERS]]
    yield _mrkdwn(shorten("\n".join([*lines, f"{counted(len(servers), 'worker')} running"]), 3_000))


def _server(name: str, states: Sequence[ServerState]) -> str:
    down = next((state.down for state in states if state.down), "")
    if down:
        return f"🔴 *{escaped(one_line(name, 40))}* {escaped(one_line(down, 150))}"
    return f"🟢 *{escaped(one_line(name, 40))}* {counted(max(s.tools for s in states), 'tool')}"


def _channels(channels: Sequence[Channel], *, is_admin: bool) -> Iterator[Element]:
    if not channels:
        return
    yield _header("Alarm channels")
    for channel in channels[:MAX_CHANNELS]:
        by = (
            f"⏸️ paused by <@{channel.paused_by}>"
            if channel.paused_by
            else "alarms are investigated"
        )
        line = _mrkdwn(f"<#{channel.id}> · {by}")
        button = pause_button(channel.id, resume=channel.paused_by is not None)
        yield {**line, "accessory": button} if is_admin else line


def _name(incident: Incident, permalinks: Permalinks) -> str:
    name = escaped(one_line(incident.alarm.name, 150)).replace("|", "/")
    url = permalinks.of(incident.origin)
    return f"<{url}|{name}>" if url else name


def _header(text: str) -> Element:
    return {"type": "header", "text": {"type": "plain_text", "text": text[:150]}}


def _context(text: str) -> Element:
    return {"type": "context", "elements": [{"type": "plain_text", "text": text}]}


def _mrkdwn(text: str) -> Element:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}
