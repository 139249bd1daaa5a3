"""How an incident stands: how often it fired, what fired with it, whether it flaps. One message, edited in place.

Pure. A storm is a list in the first thread, not a hundred messages.
"""

from __future__ import annotations

from bot.alarms.alarm import UNKNOWN_SERVICE, Severity
from bot.incidents.incident import Incident, Member, Relation
from bot.slack.controls import Run, investigate_button
from bot.slack.markdown import Element, link, one_line, section, styled
from bot.slack.message import Message, notification
from bot.slack.permalinks import Permalinks
from bot.slack.wording import counted

MAX_MEMBERS = 40
_SIGN: dict[Severity, str] = {"critical": "🔴", "warning": "🟠", "info": "🔵", "unknown": "⚪"}
_BECAUSE: dict[Relation, str] = {
    "condition": "same alarm",
    "node": "same node",
    "service": "same service",
    "graph": "depends on it, or it on this",
    "namespace": "same namespace",
    "time": "same minute",
}


def standing(incident: Incident, permalinks: Permalinks) -> Message | None:
    """The message; None while there is nothing to say beyond the alarm itself."""
    parts = [part for part in (_repeats(incident), _related(incident)) if part]
    if not parts:
        return None
    headline = " · ".join(parts)
    blocks: list[Element] = [_rich(section(styled(headline)))]
    if incident.flaps and incident.rests_until is not None:
        until = f"{incident.rests_until:%H:%M} UTC"
        blocks = [_rich(section(styled(f"{headline}. Not investigated anew before {until}.")))]
    if incident.members:
        blocks.append(_rich(_list(incident, permalinks)))
    if incident.flaps and incident.state == "open":
        blocks.append(investigate_button(Run(incident=incident.id, slot=f"run:{incident.run}")))
    return Message(text=notification(headline), blocks=blocks)


def _repeats(incident: Incident) -> str:
    last = f"last {incident.last_seen_at:%H:%M} UTC"
    if incident.flaps:
        now = "firing now" if incident.state == "open" else "over now"
        return f"🔁 Flapping: fired ×{incident.occurrences}, {last}, {now}"
    if incident.occurrences < 2:
        return ""
    word = "Still firing" if incident.alarm_state == "firing" else "Fired"
    return f"🔁 {word} ×{incident.occurrences}, {last}"


def _related(incident: Incident) -> str:
    if not incident.members:
        return ""
    over = sum(member.state == "resolved" for member in incident.members)
    text = f"🔗 {counted(len(incident.members), 'related alarm')} in this incident"
    return f"{text}, {over} resolved" if over else text


def _list(incident: Incident, permalinks: Permalinks) -> Element:
    shown = [_line(member, permalinks) for member in incident.members[:MAX_MEMBERS]]
    left = len(incident.members) - MAX_MEMBERS
    if left > 0:
        shown.append(section(styled(f"… and {left} more", italic=True)))
    return {"type": "rich_text_list", "style": "bullet", "elements": shown}


def _line(member: Member, permalinks: Permalinks) -> Element:
    sign = "🟢" if member.state == "resolved" else _SIGN[member.severity]
    name, url = one_line(member.name, 90), permalinks.of(member.origin)
    about = [] if member.service == UNKNOWN_SERVICE else [one_line(member.service, 40)]
    about.append(_BECAUSE[member.because])
    about += [f"×{member.occurrences}"] if member.occurrences > 1 else []
    return section(
        styled(f"{sign} "),
        link(url, name) if url else styled(name),
        styled(f" · {' · '.join(about)}"),
    )


def _rich(element: Element) -> Element:
    return {"type": "rich_text", "elements": [element]}
