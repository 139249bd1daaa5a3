"""Shared by the tests of incidents: a store, alarms and posts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from redis.asyncio import Redis

from bot.alarms.alarm import Alarm, Severity, State
from bot.incidents.incident import Origin
from bot.incidents.store import IncidentStore
from tests.conftest import START, Clock

LEASE = timedelta(seconds=5)


def alarm(
    name: str = "CartErrors",
    state: State = "firing",
    service: str = "cartservice",
    severity: Severity = "unknown",
) -> Alarm:
    """An alarm; the same name and service are the same condition."""
    return Alarm(
        source="grafana",
        name=name,
        service=service,
        state=state,
        severity=severity,
        started_at=START,
    )


def post(ts: str, channel: str = "C1") -> Origin:
    """Where a post with this time stamp is."""
    return Origin(team="T1", channel=channel, thread_ts=ts)


@pytest.fixture
def store(redis: Redis, clock: Clock) -> IncidentStore:
    """A store on an empty Redis, with leases of five seconds."""
    return IncidentStore(redis, clock, lease=LEASE)
