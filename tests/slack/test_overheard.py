"""A channel becomes shared with another organisation while its incident is investigated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.investigation.progress import Step
from bot.slack.directory import FRESH, Exceptions
from bot.slack.live import TICK
from tests.slack.stage import REPORT

if TYPE_CHECKING:
    from tests.slack.stage import Stage


def share(stage: Stage) -> None:
    """Others read along, and what the worker knew of the channel is old."""
    stage.slack.share_channel("#incidents")
    stage.clock.advance(FRESH["channel"])


async def test_what_is_found_is_not_told(stage: Stage) -> None:
    """One neutral message in place of the diagnosis; steps and first look are not shown, and the card says the same."""
    reporter = await stage.reporter()
    await stage.passes(reporter.started("Looking at cartservice"))
    share(stage)
    await reporter.step(Step(id="1", title="Read logs of redis-cart", status="done"))
    await stage.passes(reporter.first_look("redis-cart is down"))
    stage.clock.advance(TICK)
    await stage.passes(reporter.finished(REPORT))
    card, final = stage.replies()
    assert "not posted here" in final["text"]
    assert card["text"] == final["text"]
    assert [each["elements"] for each in card["blocks"]] == [
        each["elements"] for each in final["blocks"]
    ]
    assert not any(
        word in str(stage.replies()) for word in ("cartservice", "redis-cart", "database", "port")
    )
    assert "white_check_mark" in stage.slack.reactions("#incidents", stage.root)


async def test_it_is_said_once(stage: Stage) -> None:
    """Another delivery of the same work finds the neutral message, and adds nothing to it."""
    share(stage)
    for epoch in (1, 2):
        reporter = await stage.reporter(epoch=epoch)
        await stage.passes(reporter.finished(REPORT))
    (final,) = stage.replies()
    assert "not posted here" in final["text"]


async def test_an_exception_is_told_all(stage: Stage) -> None:
    """In a shared channel in which Tocsin may speak nothing is withheld."""
    stage.exceptions = Exceptions(channels=frozenset({"incidents"}))
    share(stage)
    reporter = await stage.reporter()
    await stage.passes(reporter.finished(REPORT))
    (final,) = stage.replies()
    assert "cartservice cannot reach its database" in str(final["blocks"])
