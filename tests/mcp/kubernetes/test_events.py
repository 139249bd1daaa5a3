"""list_events."""

from __future__ import annotations

import pytest

from .conftest import Ask, Json, Serve, World


def reasons(text: str) -> list[str]:
    """The reasons of the listed events, in order."""
    return [line.split()[4] for line in text.splitlines()[1:] if line[:4] == "2026"]


async def test_newest_first_with_counts_and_times(ask: Ask) -> None:
    """Events are ordered by their last occurrence and carry count, first time, object and reporter."""
    text = await ask("list_events")
    assert text.startswith("Namespace shop: 6 distinct events, 4 warnings, newest first")
    assert reasons(text) == [
        "Unhealthy",
        "BackOff",
        "NodeNotReady",
        "Failed",
        "FailedScheduling",
        "ScalingReplicaSet",
    ]
    assert (
        "2026-11-18T14:24:30Z (30s ago) Warning BackOff pod/cartservice-6c9f8d7b5-abcde ×31 since "
        "2026-11-18T14:05:00Z: Back-off restarting failed container server" in text
    )


async def test_split_counters_are_added_up(ask: Ask) -> None:
    """Two Event objects that say the same about the same pod are one line with the sum of their counts."""
    line = next(line for line in (await ask("list_events")).splitlines() if "ErrImagePull" in line)
    assert "×6 since 2026-11-18T14:00:30Z" in line
    assert line.startswith("2026-11-18T14:23:00Z")


async def test_series_carry_the_latest_time(ask: Ask) -> None:
    """A series' own count and last observation are used."""
    line = next(line for line in (await ask("list_events")).splitlines() if "Unhealthy" in line)
    assert line.startswith("2026-11-18T14:24:50Z (10s ago)")
    assert "×12 since 2026-11-18T14:10:00Z" in line


@pytest.mark.parametrize(
    ("about", "found"),
    [
        ("cartservice", ["Unhealthy", "BackOff", "ScalingReplicaSet"]),
        ("deployment/cartservice", ["Unhealthy", "BackOff", "ScalingReplicaSet"]),
        ("pod/cartservice-6c9f8d7b5-abcde", ["BackOff"]),
        ("Pod/redis-cart-0", ["FailedScheduling"]),
        ("node/node-b", ["NodeNotReady"]),
        ("redis-cart", ["FailedScheduling"]),
    ],
)
async def test_events_of_an_object_and_what_belongs_to_it(
    ask: Ask, about: str, found: list[str]
) -> None:
    """A workload's name covers its ReplicaSets and pods; a pod or node covers itself."""
    assert reasons(await ask("list_events", object=about)) == found


async def test_since_uses_the_last_occurrence(ask: Ask) -> None:
    """An event that goes on is recent, however long ago it began."""
    assert reasons(await ask("list_events", since="90s")) == [
        "Unhealthy",
        "BackOff",
        "NodeNotReady",
    ]
    assert reasons(await ask("list_events", since="2026-11-18T14:24:40Z")) == ["Unhealthy"]


async def test_limit_says_how_many_more(ask: Ask) -> None:
    """What the limit cut is counted, with the way to see it."""
    text = await ask("list_events", limit=2)
    assert reasons(text) == ["Unhealthy", "BackOff"]
    assert "4 more not shown: pass `object` or `since`, or raise `limit`" in text


async def test_no_events_says_that_old_ones_are_gone(ask: Ask) -> None:
    """Absence of events proves little; the text says why."""
    text = await ask("list_events", object="nobody")
    assert "no events" in text
    assert "about an hour" in text


async def test_events_without_times_come_last(serve: Serve, recording: Json) -> None:
    """An event that carries no time at all is still shown."""
    event = {"involvedObject": {"kind": "Pod", "name": "x"}, "reason": "Odd", "message": "m"}
    recording["events"].append({**event, "metadata": {"name": "odd", "creationTimestamp": None}})
    world = await serve(recording)
    assert "Normal Odd pod/x: m" in (await world.ask("list_events")).splitlines()[-1]


async def test_one_request(world: World) -> None:
    """The events of a namespace are one list."""
    await world.ask("list_events", object="cartservice")
    assert world.cluster.requests == ["GET /api/v1/namespaces/shop/events?limit=500"]
