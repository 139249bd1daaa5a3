"""Play one scenario to its end: the alarm is posted, the thread is watched, the terminal message is the result."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict
from redis.asyncio import Redis

from bot.clock import utc_now
from bot.demo.process import BotProcess
from bot.demo.world import CHANNEL, World
from bot.errors import PermanentError
from bot.incidents.store import IncidentStore
from bot.investigation.diagnosis import Report
from bot.redis_client import connect
from bot.tools.server_board import ServerBoard

COMMAND = "/diagnose"
PERSON = "ada"
PATIENCE = 420.0
"""Seconds from the alarm to the terminal message: the budget of five minutes, start-up, and some air."""
FINAL = "/final/"
_WARM_UP = 45.0
"""Seconds that a worker gets to start and to learn its tools."""
_POLL_SECONDS = 0.05
T = TypeVar("T")


class Played(BaseModel):
    """What came of it; `tocsin demo --once --json` prints it."""

    model_config = ConfigDict(frozen=True)

    verdict: str
    """The diagnosis' verdict, else the outcome."""
    report: Report
    thread: list[dict[str, Any]]

    def as_json(self) -> dict[str, Any]:
        """The documented form."""
        report = self.report
        return {
            "verdict": self.verdict,
            "outcome": report.outcome,
            "diagnosis": report.diagnosis.model_dump(mode="json") if report.diagnosis else None,
            "thread": self.thread,
            "cost": report.cost.model_dump(mode="json"),
            "seconds": round(report.seconds, 2),
            "tool_calls": report.tool_calls,
        }


async def connected(world: World, bot: BotProcess) -> None:
    """Wait until the bot listens to the workspace and its worker knows its tools, as it does when an alarm finds it at
    work; not for ever, as tools may be down. Raises PermanentError when it ends instead."""
    await unless_ended(bot, world.slack.wait_for(lambda: world.slack.connections() > 0, timeout=60))
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_WARM_UP):
            await unless_ended(bot, _warm(world))


async def _warm(world: World) -> None:
    """Wait until a worker says that it knows tools of a server."""
    async with _redis(world) as redis:
        board = ServerBoard(redis)
        while not any(state.tools for each in (await board.read()).values() for state in each):  # noqa: ASYNC110  # the worker is another process
            await asyncio.sleep(_POLL_SECONDS)


@contextlib.asynccontextmanager
async def _redis(world: World) -> AsyncIterator[Redis]:
    """The bot's own Redis."""
    folder = Path(world.environment["TOCSIN_STATE"]) / "redis"
    socket = await asyncio.to_thread((folder / "socket").read_text)
    redis = connect(f"unix://{socket}")
    try:
        yield redis
    finally:
        await redis.aclose()


async def trigger(world: World) -> str:
    """Post the scenario's alarm, or ask its question. The `ts` of the thread's root."""
    alarm = world.scenario.alarm
    if alarm.post is not None:
        return await world.slack.post_as_app(CHANNEL, alarm.post, app=sender(alarm.post))
    before = {message["ts"] for message in world.slack.messages(CHANNEL)}
    await world.slack.slash(COMMAND, alarm.question, channel=CHANNEL, user=PERSON)
    return await root_after(world, before)


async def root_after(world: World, before: set[str]) -> str:
    """The first new top-level message of the bot in the channel."""

    def new() -> list[str]:
        return [
            message["ts"]
            for message in world.slack.messages(CHANNEL)
            if message["ts"] not in before and message.get("bot_id") == world.slack.bot_id
        ]

    await world.slack.wait_for(lambda: bool(new()), timeout=30)
    return new()[0]


def sender(post: dict[str, Any]) -> str:
    """Which monitoring app posts it."""
    profile = post.get("bot_profile") or {}
    return str(profile.get("name") or post.get("username") or "Monitoring")


def final_message(world: World, root: str) -> dict[str, Any] | None:
    """The terminal message of a thread, if it is there."""
    for message in world.slack.thread(CHANNEL, root):
        if FINAL in key(message):
            return message
    return None


def key(message: dict[str, Any]) -> str:
    """What the bot calls this message of its own (`<incident>/<slot>`); empty for others' messages."""
    payload = (message.get("metadata") or {}).get("event_payload") or {}
    return str(payload.get("key", ""))


async def result(world: World, bot: BotProcess, root: str) -> Played:
    """Wait for the terminal message. Raises PermanentError when the bot ends or nothing comes."""
    waiting = world.slack.wait_for(lambda: final_message(world, root) is not None, timeout=PATIENCE)
    try:
        await unless_ended(bot, waiting)
    except TimeoutError:
        raise PermanentError(
            f"No terminal message within {PATIENCE:.0f} s; see {bot.log}"
        ) from None
    message = final_message(world, root)
    incident, _, rest = key(message or {}).partition("/")
    report = await _report(world, incident, rest.partition(FINAL)[0])
    verdict = report.diagnosis.verdict if report.diagnosis else report.outcome
    return Played(verdict=verdict, report=report, thread=world.slack.thread(CHANNEL, root))


async def _report(world: World, incident: str, slot: str) -> Report:
    """The report behind the message, from the bot's own Redis."""
    async with _redis(world) as redis:
        saved = await IncidentStore(redis, utc_now).saved_report(incident, slot)
    if saved is None:
        raise PermanentError(f"The report of {incident}, {slot}, is not in the bot's Redis")
    return Report.model_validate_json(saved)


async def unless_ended(bot: BotProcess, work: Awaitable[T]) -> T:
    """The work's result; raises PermanentError when the bot ends before."""
    task = asyncio.ensure_future(work)
    ended = asyncio.ensure_future(bot.ended())
    try:
        await asyncio.wait({task, ended}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise ended.result()
    finally:
        task.cancel()
        ended.cancel()
        await asyncio.gather(task, ended, return_exceptions=True)
