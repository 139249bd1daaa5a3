"""`tocsin feedback export`: people's votes as drafts of evaluation scenarios."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from rich.console import Console

from bot import settings as configuration
from bot.clock import utc_now
from bot.conversations.store import ConversationStore
from bot.embedded_redis import running
from bot.errors import ConfigurationError
from bot.evals.drafts import name_of, opinions_of, write
from bot.incidents.store import IncidentStore
from bot.redis_client import check, connect
from bot.settings import Settings
from bot.slack.ballot import Ballot
from bot.slack.cases import Cases
from bot.slack.clock import SystemClock

_NO_REDIS = (
    "Feedback is kept in the bot's Redis: set REDIS_URL, or run this where `tocsin run` runs."
)


def run(arguments: argparse.Namespace) -> int:
    """Write one folder for each judged diagnosis; exit 0 also when there is none."""
    settings = configuration.load()
    asyncio.run(export(settings, arguments.folder, Console(highlight=False, markup=False)))
    return 0


async def export(settings: Settings, folder: Path, console: Console) -> None:
    """Write what is not there yet. Raises ConfigurationError."""
    url = settings.redis_url or running(settings.state_folder / "redis")
    if not url:
        raise ConfigurationError(_NO_REDIS)
    await check(url)
    redis = connect(url)
    try:
        store = IncidentStore(redis, utc_now)
        cases = await Cases(redis, store, ConversationStore(redis), SystemClock()).everything()
        ballot = Ballot(redis)
        said = {case.incident.id: await ballot.opinions(case.incident.id) for case in cases}
    finally:
        await redis.aclose()
    if not cases:
        console.print("Nobody has judged a diagnosis yet: Right and Wrong below it do.")
    for case in cases:
        opinions = opinions_of(case, said)
        try:
            written = await asyncio.to_thread(write, case, opinions, folder)
        except OSError as error:
            raise ConfigurationError(f"{folder} cannot be written to: {error.strerror}.") from error
        votes = ", ".join(opinion.vote.vote for opinion in opinions)
        state = "written" if written else "is there already, left as it is"
        console.print(f"{folder / name_of(case)}: {votes}; {state}", soft_wrap=True)
