"""What a judged diagnosis rested on, kept until it becomes an evaluation case: `tocsin feedback export` reads it.

Conversations are forgotten after a week; a vote keeps the incident, the report, the alarm's post and what every tool
returned for as long as the vote itself. All of it is redacted before it is written.

| key | type | content |
|---|---|---|
| `tocsin:{<incident>}:case:<slot>` | string | a Case as JSON |
| `tocsin:cases` | sorted set | `<incident> <slot>` by when it was judged first |
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from redis.asyncio import Redis

from bot.conversations.conversation import StoredResult, stage_id
from bot.conversations.store import MOST_STAGES, ConversationStore
from bot.fencing import incident_key
from bot.guardrails.redaction import redact
from bot.incidents.incident import Incident
from bot.incidents.store import IncidentStore
from bot.investigation.diagnosis import Report
from bot.redis_client import text, texts, translated
from bot.slack.clock import Clock
from bot.slack.controls import Run

RETENTION = timedelta(days=90)
INDEX = "tocsin:cases"
_LONGEST_RESULT = 50_000
_MOST_RESULTS = 200


class Result(BaseModel):
    """What one tool call returned."""

    model_config = ConfigDict(frozen=True)

    call: str
    """The short id that the diagnosis cites."""
    model: str
    """Who asked for it; empty for the first model of a run."""
    tool: str
    arguments: dict[str, Any]
    text: str
    is_error: bool


class Case(BaseModel):
    """One diagnosis that somebody judged, and all that is known of how it came about."""

    model_config = ConfigDict(frozen=True)

    incident: Incident
    slot: str
    report: Report
    results: tuple[Result, ...] = ()
    post: dict[str, Any] | None = None
    """The alarm's message as Slack has it; None when it could not be read."""


class Cases:
    """Keeps and lists cases. Every method raises TemporaryError when Redis is not there."""

    def __init__(
        self, redis: Redis, store: IncidentStore, conversations: ConversationStore, clock: Clock
    ) -> None:
        self._redis = redis
        self._store = store
        self._conversations = conversations
        self._clock = clock

    @translated
    async def keep(self, run: Run, incident: Incident, post: dict[str, Any] | None) -> bool:
        """Keep what this diagnosis rested on, as it is now; False when its report is forgotten."""
        saved = await self._store.saved_report(incident.id, run.slot)
        if saved is None:
            return False
        about = Case(
            incident=incident,
            slot=run.slot,
            report=Report.model_validate_json(saved),
            post=post,
        )
        case = Case.model_validate(_redacted(about.model_dump(mode="json")))
        results = tuple(await self._results(incident.id))  # redacted since they came in
        case = case.model_copy(update={"results": results})
        ttl = int(RETENTION.total_seconds())
        await self._redis.set(_key(incident.id, run.slot), case.model_dump_json(), ex=ttl)
        await self._redis.zadd(INDEX, {f"{incident.id} {run.slot}": self._clock.time()}, nx=True)
        await self._redis.expire(INDEX, ttl)
        return True

    @translated
    async def everything(self) -> list[Case]:
        """All cases, the one judged first at the head; those of another version are left out."""
        found = []
        for name in texts(await self._redis.zrange(INDEX, 0, -1)):
            incident_id, _, slot = name.partition(" ")
            saved = text(await self._redis.get(_key(incident_id, slot)))
            if saved is None:
                await self._redis.zrem(INDEX, name)
                continue
            try:
                found.append(Case.model_validate_json(saved))
            except ValidationError:
                continue
        return found

    async def _results(self, incident_id: str) -> list[Result]:
        results: list[Result] = []
        for number in range(1, MOST_STAGES + 1):
            conversation = await self._conversations.load(stage_id(incident_id, number))
            if conversation is None:
                break
            asked_by = "" if number == 1 else conversation.model
            results += [_result(call, asked_by, r) for call, r in conversation.results.items()]
        return results[:_MOST_RESULTS]


def _result(call: str, model: str, stored: StoredResult) -> Result:
    bounded = stored.bounded(_LONGEST_RESULT)
    return Result(
        call=call,
        model=model,
        tool=bounded.tool,
        arguments=_redacted(bounded.arguments),
        text=bounded.text,
        is_error=bounded.is_error,
    )


def _redacted(value: Any) -> Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {name: _redacted_pair(str(name), each) for name, each in value.items()}
    if isinstance(value, list):
        return [_redacted(each) for each in value]
    return value


def _redacted_pair(name: str, value: Any) -> Any:
    """What a name gives away too: a label `password` has a value that looks like any other word."""
    return (
        redact(f"{name}={value}")[len(name) + 1 :] if isinstance(value, str) else _redacted(value)
    )


def _key(incident_id: str, slot: str) -> str:
    return incident_key(incident_id, f"case:{slot}")
