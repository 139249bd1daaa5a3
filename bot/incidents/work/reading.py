"""What is known of an incident's work: what waits, what goes on, how it ended. Nothing here changes anything."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from redis.asyncio import Redis

from bot.fencing import incident_key
from bot.incidents.incident import Question, slot_key
from bot.incidents.work.recent import RecentReports, Reported
from bot.redis_client import text, texts, translated

NOT_ENDED = ("queued", "running")


class Pending(NamedTuple):
    """What is not finished: numbers of runs, and ids of questions in the order in which they will be answered."""

    runs: list[int]
    questions: list[str]


class WorkReader:
    """Reads the keys that `WorkStore` writes. `work` arguments are a run's number or the slot key of an answer."""

    def __init__(self, redis: Redis, retention: timedelta) -> None:
        self._redis = redis
        self._recent = RecentReports(redis, retention)

    @translated
    async def waiting(self, incident_id: str) -> list[Question]:
        """The questions nobody has begun to answer, oldest first."""
        ids = await self._redis.lrange(incident_key(incident_id, "waiting"), 0, -1)
        if not ids:
            return []
        found = await self._redis.hmget(incident_key(incident_id, "questions"), ids)
        return [Question.model_validate_json(each) for each in found if each is not None]

    @translated
    async def saved_report(self, incident_id: str, work: int | str) -> str | None:
        """The terminal report (JSON) of a slot, posted or not."""
        return text(await self._redis.hget(incident_key(incident_id, "reports"), slot_key(work)))

    @translated
    async def reports(self, incident_id: str) -> dict[str, str]:
        """All terminal reports (JSON) of an incident, by slot."""
        found = await self._redis.hgetall(incident_key(incident_id, "reports"))
        return {str(slot): str(report) for slot, report in found.items()}

    @translated
    async def latest_reports(self, count: int) -> list[Reported]:
        """Where the newest reports of all incidents are, newest first."""
        return await self._recent.latest(count)

    @translated
    async def outcome(self, incident_id: str, work: int | str) -> str | None:
        """How a slot ended; None while it has not."""
        state = text(await self._redis.hget(incident_key(incident_id, "work"), slot_key(work)))
        return None if state in NOT_ENDED else state

    @translated
    async def running(self, incident_id: str) -> str | None:
        """The slot that was begun and not finished."""
        return text(await self._redis.hget(incident_key(incident_id, "work"), "active"))

    @translated
    async def pending(self, incident_id: str) -> Pending:
        """What is not finished, whether somebody works on it or not."""
        work = await self._redis.hgetall(incident_key(incident_id, "work"))
        open_slots = [str(slot) for slot, state in work.items() if state in NOT_ENDED]
        runs = [int(slot.removeprefix("run:")) for slot in open_slots if slot.startswith("run:")]
        begun = [slot.removeprefix("answer:") for slot in open_slots if slot.startswith("answer:")]
        waiting = await self._redis.lrange(incident_key(incident_id, "waiting"), 0, -1)
        return Pending(sorted(runs), begun + texts(waiting))

    @translated
    async def stop_requested(self, incident_id: str, work: int | str) -> str | None:
        """The user who asked to stop this slot; None when nobody did."""
        return text(await self._redis.hget(incident_key(incident_id, "stops"), slot_key(work)))

    @translated
    async def reported_at(self, incident_id: str, slot: str) -> datetime | None:
        """When a report was saved; None when that is not known (any more)."""
        at = await self._recent.time_of(incident_id, slot)
        return datetime.fromtimestamp(at, UTC) if at is not None else None

    @translated
    async def questions(self, incident_id: str) -> list[Question]:
        """Everything that people asked in the incident's thread, in the order of their messages."""
        found = await self._redis.hvals(incident_key(incident_id, "questions"))
        asked = [Question.model_validate_json(each) for each in texts(found)]
        return sorted(asked, key=lambda question: question.ts)
