"""The durable inbox: nothing twice, nothing lost."""

from __future__ import annotations

import logging

import pytest
from redis.asyncio import Redis

from bot.errors import TemporaryError
from bot.redis_client import connect
from bot.simulators.slack.clock import ManualClock
from bot.slack.inbox import PATIENCE, TRIES, Inbox

BODY = {"event_id": "Ev1", "event": {"type": "message", "text": "née \ud800"}}


@pytest.fixture
def time() -> ManualClock:
    return ManualClock()


@pytest.fixture
def inbox(redis: Redis, time: ManualClock) -> Inbox:
    return Inbox(redis, time)


async def test_a_request_is_kept_once(inbox: Inbox) -> None:
    """The second delivery of an event is seen to be one, also after it was acted on."""
    assert await inbox.insert_once("Ev1", BODY)
    assert not await inbox.insert_once("Ev1", BODY)
    await inbox.done("Ev1")
    assert not await inbox.insert_once("Ev1", BODY)
    assert await inbox.insert_once("Ev2", BODY)


async def test_done_leaves_nothing_to_do(inbox: Inbox, time: ManualClock, redis: Redis) -> None:
    """What was crossed out never comes back, and its body is not kept."""
    await inbox.insert_once("Ev1", BODY)
    await inbox.done("Ev1")
    time.advance(PATIENCE * 100)
    assert await inbox.left() == []
    assert await redis.hget("tocsin:{inbox}:event:Ev1", "body") is None


async def test_what_a_crash_left_comes_back(inbox: Inbox, time: ManualClock) -> None:
    """After its time an unfinished request is given out again, to one caller, with its body."""
    await inbox.insert_once("Ev1", BODY)
    assert await inbox.left() == []
    time.advance(PATIENCE + 1)
    (left,) = await inbox.left()
    assert left.id == "Ev1"
    assert left.body["event"]["type"] == "message"
    assert await inbox.left() == []


async def test_a_request_that_always_fails_is_given_up(
    inbox: Inbox, time: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    """Tries are bounded; the last one is logged as an error with what it was."""
    await inbox.insert_once("Ev1", BODY)
    given = 0
    for _ in range(TRIES + 3):
        time.advance(PATIENCE * 2**TRIES)
        given += len(await inbox.left())
    assert given == TRIES - 1
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(errors) == 1
    assert "Ev1" in errors[0].getMessage()
    assert "message" in errors[0].getMessage()


async def test_a_post_belongs_to_one_event(inbox: Inbox) -> None:
    """Of message and mention one acts; the same event may claim again, for it comes again only after a crash."""
    assert await inbox.claim("T1", "C1", "1.0", "EvA")
    assert not await inbox.claim("T1", "C1", "1.0", "EvB")
    assert await inbox.claim("T1", "C1", "1.0", "EvA")
    assert await inbox.claim("T1", "C2", "1.0", "EvB")


async def test_cursor_is_remembered(inbox: Inbox) -> None:
    """How far a channel was read."""
    assert await inbox.cursor("C1") is None
    await inbox.move_cursor("C1", "12.34")
    assert await inbox.cursor("C1") == "12.34"


async def test_redis_away_is_a_temporary_error(time: ManualClock, tmp_path: object) -> None:
    """Nothing is acknowledged then, so Slack delivers again."""
    gone = connect(f"unix://{tmp_path}/none.sock")
    with pytest.raises(TemporaryError):
        await Inbox(gone, time).insert_once("Ev1", BODY)
    await gone.aclose()
