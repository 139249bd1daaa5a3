"""How jobs end that go wrong: the thread is told exactly once, in words meant for people."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import PermanentError, TemporaryError
from bot.investigation.diagnosis import Report
from bot.jobs import BUG, TOO_LONG, Limits
from tests.conftest import wait_until
from tests.jobs_world import DONE, QUICK, Play, ended, only_running, world


async def test_temporary_errors_are_retried(redis_url: str) -> None:
    """Two failures that may pass, then success: three tries, one report, none of them counted as a death."""
    play = Play(TemporaryError("the model is busy"), TemporaryError("busy", retry_after=0.01))
    async with world(redis_url, play) as this:
        incident_id = await this.incident()
        async with this.working():
            await wait_until(ended(this, incident_id))
        assert len(play.calls) == 3
        assert await this.thread.posted() == [("run:1", DONE)]


async def test_temporary_errors_end(redis_url: str) -> None:
    """An error that does not pass is told once, after the last try, with its reason."""
    play = Play(*[TemporaryError("the model is busy") for _ in range(20)])
    async with world(redis_url, play, replace(QUICK, attempts=3)) as this:
        incident_id = await this.incident()
        async with this.working():
            await wait_until(ended(this, incident_id))
        assert len(play.calls) == 3
        ((slot, report),) = await this.thread.posted()
        assert (slot, report.outcome) == ("run:1", "failed")
        assert report.note == "the model is busy. It was tried 3 times."


async def test_a_permanent_error_is_told_at_once(redis_url: str) -> None:
    """What will not pass is not tried again."""
    play = Play(PermanentError("No model is configured."))
    async with world(redis_url, play) as this:
        incident_id = await this.incident()
        async with this.working():
            await wait_until(ended(this, incident_id))
        assert len(play.calls) == 1
        report = Report(outcome="failed", note="No model is configured.")
        assert await this.thread.posted() == [("run:1", report)]


async def test_a_bug_is_told_without_its_text(
    redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """An error nobody foresaw ends the work at once; the log has the traceback, the thread has not."""
    play = Play(ZeroDivisionError("token=secret"))
    async with world(redis_url, play) as this:
        incident_id = await this.incident()
        with caplog.at_level(logging.ERROR, logger="bot.jobs"):
            async with this.working():
                await wait_until(ended(this, incident_id))
        assert len(play.calls) == 1
        assert await this.thread.posted() == [("run:1", Report(outcome="failed", note=BUG))]
    assert any(r.exc_info and r.exc_info[0] is ZeroDivisionError for r in caplog.records)


async def test_work_without_an_end_is_cut_off(redis_url: str) -> None:
    """An investigator that ignores its own deadline is ended by the job's."""
    play = Play(hold=True)
    async with world(redis_url, play, replace(QUICK, duration=0.05)) as this:
        incident_id = await this.incident()
        async with this.working():
            await wait_until(ended(this, incident_id))
        assert await this.thread.posted() == [
            ("run:1", Report(outcome="out_of_time", note=TOO_LONG))
        ]
        assert play.cut_off == 1


async def test_a_timeout_of_the_investigator_s_own_is_a_bug(redis_url: str) -> None:
    """A TimeoutError that is not the job's own limit is told as what it is."""
    async with world(redis_url, Play(TimeoutError())) as this:
        incident_id = await this.incident()
        async with this.working():
            await wait_until(ended(this, incident_id))
        assert await this.thread.posted() == [("run:1", Report(outcome="failed", note=BUG))]


async def test_a_report_that_could_not_be_posted_is_not_found_out_again(redis_url: str) -> None:
    """Slack is away when the report is ready: the same report is posted later, the model is asked once."""
    play = Play()
    async with world(redis_url, play) as this:
        this.thread.troubles = [TemporaryError("Slack is away"), TemporaryError("Slack is away")]
        incident_id = await this.incident()
        async with this.working():
            await wait_until(ended(this, incident_id))
        assert len(play.calls) == 1
        assert await this.thread.posted() == [("run:1", DONE)]


async def test_a_report_outlives_a_long_outage(redis_url: str) -> None:
    """Slack is away for longer than all tries: the report is kept, and the next sweep gets it posted."""
    play = Play()
    async with world(redis_url, play, replace(QUICK, attempts=2)) as this:
        this.thread.troubles = [TemporaryError("Slack is away") for _ in range(2)]
        incident_id = await this.incident()
        async with this.working():
            await wait_until(lambda: not this.thread.troubles)
            await wait_until(lambda: only_running(this, 0))
            assert await this.incidents.outcome(incident_id, 1) is None
            await this.jobs.sweep()
            await wait_until(ended(this, incident_id))
        assert len(play.calls) == 1
        assert await this.thread.posted() == [("run:1", DONE)]


async def test_a_report_slack_will_not_have_is_replaced(redis_url: str) -> None:
    """When the report cannot be rendered, the thread is still told, in plain words."""
    async with world(redis_url, Play()) as this:
        this.thread.troubles = [KeyError("a bug in the blocks")]
        incident_id = await this.incident()
        async with this.working():
            await wait_until(ended(this, incident_id))
        assert await this.thread.posted() == [("run:1", Report(outcome="failed", note=BUG))]
        assert await this.incidents.outcome(incident_id, 1) == "diagnosed"


async def test_a_thread_that_is_gone_ends_the_run(redis_url: str) -> None:
    """Nobody left to tell: the run is finished all the same, and not tried for ever."""
    async with world(redis_url, Play()) as this:
        this.thread.troubles = [PermanentError("the thread is gone") for _ in range(2)]
        incident_id = await this.incident()
        async with this.working():
            await wait_until(ended(this, incident_id))
        assert await this.thread.posted() == []


@pytest.mark.parametrize(
    ("attempt", "retry_after", "seconds"),
    [
        (1, None, 2),
        (2, None, 4),
        (5, None, 32),
        (6, None, 60),
        (500, None, 60),
        (1, 7.5, 7.5),
        (1, 900, 60),
    ],
)
def test_pauses_grow_to_a_bound(attempt: int, retry_after: float | None, seconds: float) -> None:
    """Twice as long each time, or as long as the other side said, and never longer than a minute."""
    error = TemporaryError("busy", retry_after=retry_after)
    assert Limits().pause(attempt, error) == timedelta(seconds=seconds)
