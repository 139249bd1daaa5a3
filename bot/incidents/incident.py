"""Correlated alarms in one Slack thread, and where that thread is."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.alarms.alarm import Alarm, Severity, State

IncidentState = Literal["open", "resolved"]
Relation = Literal["condition", "node", "service", "graph", "namespace", "time"]
"""What makes an alarm part of an incident, the strongest first: the same condition, the same node, the same service, a
service that calls it or is called by it, the same namespace, or nothing but the same minute of a storm."""


class Origin(BaseModel):
    """Where an incident lives in Slack. Everything Tocsin says about it is said there, and nowhere else."""

    model_config = ConfigDict(frozen=True)

    team: str
    channel: str
    thread_ts: str
    """`ts` of the thread's root: the alarm post itself, or the message Tocsin posted for `/diagnose`."""
    requester: str = ""
    """User id of the person who asked; empty when an alarm did."""


class Member(BaseModel):
    """Another condition that fired together with the incident's own. Times are aware UTC."""

    fingerprint: str
    name: str
    service: str
    namespace: str = ""
    severity: Severity = "unknown"
    because: Relation
    """Why it belongs here."""
    origin: Origin
    """Its first post."""
    state: State = "firing"
    occurrences: int = 1
    first_seen_at: datetime
    last_seen_at: datetime


class Incident(BaseModel):
    """What is known of one incident. Times are aware UTC."""

    id: str
    origin: Origin
    alarm: Alarm
    """The alarm that opened it."""
    question: str = ""
    """What the person asked, when a person opened it."""
    state: IncidentState = "open"
    alarm_state: State = "firing"
    """State of the alarm that opened it; the incident is over when its members are resolved, too."""
    occurrences: int = 1
    """How often the alarm that opened it fired."""
    opened_at: datetime
    last_seen_at: datetime
    run: int = 1
    """Number of the latest run that an alarm asked for."""
    flaps: int = 0
    """How often it was over and began again since that run, without being investigated anew."""
    rests_until: datetime | None = None
    """Until then it is not investigated anew when it begins again; None while it never was."""
    members: list[Member] = Field(default_factory=list)
    """Other conditions that joined, in this order."""

    def has(self, fingerprint: str) -> bool:
        """Whether this condition is the incident's own or one of its members'."""
        return fingerprint == self.alarm.fingerprint or any(
            member.fingerprint == fingerprint for member in self.members
        )


class Question(BaseModel):
    """What a person asked in an incident's thread."""

    model_config = ConfigDict(frozen=True)

    id: str
    """Unique within the incident, and the same when Slack delivers the message again: its `ts` serves."""
    user: str
    text: str
    ts: str
    """`ts` of the message, to react to it or to link it."""


class Lease(BaseModel):
    """The right to work on one slot of an incident, until a newer epoch exists."""

    model_config = ConfigDict(frozen=True)

    incident_id: str
    slot: str
    epoch: int
    deliveries: int
    """How often this slot was begun since it last made progress, this time included."""
    question: Question | None = None
    """What to answer, when the slot is an answer."""


def slot_key(work: int | str) -> str:
    """The name of one piece of work within an incident: `run:<n>` for a run's number; an answer's slot as it is."""
    return f"run:{work}" if isinstance(work, int) else work


def answer_slot(question_id: str) -> str:
    """The slot of the answer to one question."""
    return f"answer:{question_id}"
