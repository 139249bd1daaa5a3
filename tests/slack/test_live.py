"""Edits of one message: coalesced, paced, and never in the way."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from bot.errors import PermanentError, TemporaryError
from bot.simulators.slack.clock import ManualClock
from bot.slack.live import INTERVAL, TICK, Edits, LiveMessage


class Shown:
    """A live message whose edits are counted, and fail when told to."""

    def __init__(self, clock: ManualClock, others_run: Callable[[], Awaitable[None]]) -> None:
        self.clock = clock
        self.edits = Edits()
        self.times: list[float] = []
        self.errors: list[Exception] = []
        self._others_run = others_run
        self.live = LiveMessage(self._show, clock, self.edits)

    async def passes(self, seconds: float) -> None:
        """Let time pass a second at a time."""
        for _ in range(int(seconds)):
            self.clock.advance(1)
            for _ in range(5):
                await self._others_run()

    async def begins(self) -> None:
        """Start, and let the waiting begin."""
        self.live.start()
        await self._others_run()

    async def _show(self) -> None:
        self.times.append(self.clock.time())
        if self.errors:
            raise self.errors.pop(0)


@pytest.fixture
async def shown(
    manual: ManualClock, others_run: Callable[[], Awaitable[None]]
) -> AsyncIterator[Shown]:
    made = Shown(manual, others_run)
    yield made
    await made.live.stop()


async def test_changes_within_the_interval_are_one_edit(shown: Shown) -> None:
    """However many changes, one edit per interval."""
    await shown.begins()
    for _ in range(10):
        shown.live.changed()
    await shown.passes(INTERVAL)
    assert len(shown.times) == 1
    await shown.passes(INTERVAL)
    assert len(shown.times) == 1


async def test_time_alone_is_shown_seldom(shown: Shown) -> None:
    """Nothing new: an edit per tick, for the elapsed time."""
    await shown.begins()
    await shown.passes(4 * TICK)
    assert len(shown.times) == 4


async def test_many_live_messages_are_edited_more_slowly(shown: Shown) -> None:
    """Slack limits the edits of the whole app."""
    for _ in range(9):
        shown.edits.begin()
    await shown.begins()
    assert shown.edits.interval == 15
    shown.live.changed()
    await shown.passes(14)
    assert shown.times == []
    await shown.passes(1)
    assert len(shown.times) == 1


async def test_a_failed_edit_is_made_again_after_the_pause(shown: Shown) -> None:
    """Retry-After is honoured; the content is the latest then."""
    shown.errors = [TemporaryError("limited", retry_after=20)]
    await shown.begins()
    shown.live.changed()
    await shown.passes(INTERVAL + 19)
    assert len(shown.times) == 1
    await shown.passes(1)
    assert len(shown.times) == 2


async def test_an_edit_that_is_refused_ends_it(
    shown: Shown, caplog: pytest.LogCaptureFixture
) -> None:
    """A deleted card is not edited again and again."""
    shown.errors = [PermanentError("message_not_found")]
    await shown.begins()
    shown.live.changed()
    await shown.passes(60)
    assert len(shown.times) == 1
    assert "message_not_found" in caplog.text


async def test_a_bug_is_logged_and_stops_only_the_card(
    shown: Shown, caplog: pytest.LogCaptureFixture
) -> None:
    """The work that is shown goes on; stopping does not raise."""
    shown.errors = [ValueError("a bug")]
    await shown.begins()
    shown.live.changed()
    await shown.passes(INTERVAL)
    await shown.live.stop()
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert shown.edits.interval == INTERVAL
