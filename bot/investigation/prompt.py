"""What the model is told: one static system text, then the alarm or the question.

The system text and the tools are the same for every investigation, so that their cache entry is shared; time, ids and
alarm text come after them, in the first user message.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

from bot.guardrails.redaction import redact
from bot.guardrails.untrusted import clean, cleaned, fence
from bot.incidents.incident import Incident, Member
from bot.tools.toolset import Tool

_MAX_ALARM_CHARS = 6_000
_MAX_QUESTION_CHARS = 4_000
_MAX_MEMBERS = 40


@cache
def system() -> str:
    """The static system text."""
    return resources.files("bot.investigation").joinpath("prompts/system.md").read_text("utf-8")


def definitions(tools: Sequence[Tool]) -> list[dict[str, Any]]:
    """Tool definitions in their one canonical order, by name. What servers say in them is cleaned: a person who reads a
    description must see all that the model sees."""
    return [cleaned(tool.definition()) for tool in sorted(tools, key=lambda tool: tool.name)]


def opening(incident: Incident, now: datetime) -> str:
    """The first user message: what happened, when, and what is asked."""
    alarm = incident.alarm
    facts = {
        "service": alarm.service,
        "namespace": alarm.namespace or "(the default one)",
        "severity": alarm.severity,
        "state": alarm.state,
        "began": _time(alarm.started_at),
        "now": _time(now),
        "source": alarm.source,
    }
    lines = [f"{name}: {outside(value, 200)}" for name, value in facts.items()]
    if incident.question:
        task = "A person asks for an investigation:"
        said = fence(outside(incident.question, _MAX_QUESTION_CHARS), "question")
        if alarm.text and alarm.text != incident.question:
            said += "\n" + fence(outside(alarm.text, _MAX_ALARM_CHARS), "alarm")
    else:
        task = "An alarm was posted. Find out what is wrong and why:"
        said = fence(outside(f"{alarm.name}\n{alarm.text}", _MAX_ALARM_CHARS), "alarm")
    return "\n".join([task, said, *lines, *_members(incident)])


def follow_up(question: str, user: str, now: datetime) -> str:
    """A later message of a person in the thread."""
    said = fence(outside(question, _MAX_QUESTION_CHARS), "person")
    return (
        f"A person in the thread ({outside(user, 40)}, {_time(now)}) writes:\n{said}\n"
        "Look up what is needed and answer with submit_diagnosis again: `summary` is the answer, `cause` and the rest "
        "as they stand now."
    )


def steer(question: str, user: str, now: datetime) -> str:
    """What a person wrote in the thread while the investigation goes on."""
    said = fence(outside(question, _MAX_QUESTION_CHARS), "person")
    return (
        f"While you work, a person in the thread ({outside(user, 40)}, {_time(now)}) writes:\n{said}\n"
        "Take it into account from here on, and answer it in your diagnosis."
    )


def again(incident: Incident, now: datetime) -> str:
    """The alarm was over and fires once more."""
    told = [
        f"The alarm was resolved and fires again (occurrence {incident.occurrences}, {_time(now)}). You have a fresh "
        "budget. Look at the present state first: is it the same cause as before, or another? Was a fix undone, or did "
        "it never hold? Then call submit_diagnosis.",
        *_members(incident),
    ]
    return "\n".join(told)


def keep_going(now: datetime) -> str:
    """A person granted more time and budget."""
    return (
        f"A person asks you to keep going ({_time(now)}). You have a fresh budget. Check what was left open, then call "
        "submit_diagnosis."
    )


def joined(members: Sequence[Member], now: datetime) -> str:
    """Alarms that joined the incident while it is investigated."""
    return (
        f"While you work, further alarms joined this incident ({_time(now)}):\n{_listed(members)}\n"
        "Take them into account from here on: one cause may explain them all, or they rule yours out."
    )


def _members(incident: Incident) -> list[str]:
    if not incident.members:
        return []
    return [
        "Other alarms fired with it; one cause may explain them all:",
        _listed(incident.members),
    ]


def _listed(members: Sequence[Member]) -> str:
    """Alarms, one a line, as text from outside."""
    listed = [
        f"{member.name} (service {member.service}, {member.severity}, {member.state}, {member.because})"
        for member in members[:_MAX_MEMBERS]
    ]
    left = len(members) - len(listed)
    listed += [f"and {left} more"] if left else []
    return fence(outside("\n".join(listed), _MAX_ALARM_CHARS), "alarm")


def outside(text: str, limit: int) -> str:
    """Text from outside: cleaned, redacted, cut to `limit` characters with a mark."""
    safe = redact(clean(text)).strip()
    return safe if len(safe) <= limit else f"{safe[:limit]} … (cut)"


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
