"""Incidents in a real Redis: one open incident per condition, whatever happens at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from redis.asyncio import Redis

from bot.alarms.alarm import Alarm, State
from bot.incidents.incident import Origin
from bot.incidents.store import OPEN_KEY, IncidentStore

from tests.conftest import Clock


def alarm(name: str = "CartErrors", state: State = "firing") -> Alarm:
    return Alarm(
        source="grafana",
        name=name,
        service="cartservice",
        state=state,
        started_at=datetime(2026, 3, 14, 9, tzinfo=UTC),
    )


def post(ts: str, channel: str = "C1") -> Origin:
    return Origin(team="T1", channel=channel, thread_ts=ts)


@pytest.fixture
def store(redis: Redis, clock: Callable[[], datetime]) -> IncidentStore:
    return IncidentStore(redis, clock)


async def test_first_alarm_opens_an_incident(store: IncidentStore, clock: Clock) -> None:
    """An alarm nobody knows opens an incident in its own thread, with run 1 waiting."""
    kind, incident = await store.claim(alarm(), post("1.000001"))
    assert kind == "new"
    assert incident is not None
    assert incident.origin == post("1.000001")
    assert (incident.state, incident.occurrences) == ("open", 1)
    assert incident.opened_at == incident.last_seen_at == clock.now
    assert await store.get(incident.id) == incident
    assert (await store.pending(incident.id)).runs == [1]
