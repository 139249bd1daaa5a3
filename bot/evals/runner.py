"""Runs a scenario through the whole bot, front door to thread, and scores what was posted."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from bot.demo.command import staged
from bot.demo.play import connected, result, trigger
from bot.evals.scoring import Score, score
from bot.investigation.diagnosis import Report
from bot.scenario import Scenario


class Outcome(BaseModel):
    """One run of one scenario."""

    model_config = ConfigDict(frozen=True)

    id: str
    run: int
    score: Score
    report: Report

    @property
    def passed(self) -> bool:
        """Everything the scenario asks for is right and proven."""
        return self.score.passed


async def play(scenario: Scenario, run: int) -> Outcome:
    """Play a scenario once. Raises PermanentError when the bot fails as a program."""
    async with staged(scenario) as (world, bot):
        await connected(world, bot)
        root = await trigger(world)
        played = await result(world, bot, root)
    return Outcome(
        id=scenario.id, run=run, score=score(played.report, scenario.expected), report=played.report
    )
