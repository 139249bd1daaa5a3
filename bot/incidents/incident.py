"""Correlated alarms in one Slack thread, and where that thread is."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.alarms.alarm import Alarm

IncidentState = Literal["open", "resolved"]


class Origin(BaseModel):
    """Where an incident lives in Slack. Everything Tocsin says about it is said there, and nowhere else."""

    model_config = ConfigDict(frozen=True)

    team: str
    channel: str
    thread_ts: str
    """`ts` of the thread's root: the alarm post itself, or the message Tocsin posted for `/diagnose`."""
    requester: str = ""
    """User id of the person who asked; empty when an alarm did."""


class Incident(BaseModel):
    """What is known of one incident. Times are aware UTC."""

    id: str
    origin: Origin
    alarm: Alarm
    """The alarm that opened it."""
    question: str = ""
    """What the person asked, when a person opened it."""
    state: IncidentState = "open"
    occurrences: int = 1
    opened_at: datetime
    last_seen_at: datetime
    members: list[Alarm] = Field(default_factory=list)
    """Other alarms that joined."""


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
