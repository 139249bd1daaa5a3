"""Conversations in Redis, saved after every turn: whoever takes a thread over goes on where it was.

| key | type | content |
|---|---|---|
| `tocsin:{<incident>}:conversation` | hash | `model`, `system`, `tools` (JSON), `spend` (JSON), `started_at` |
| `tocsin:{<incident>}:messages` | list | one message each, the exact JSON text that was first written |
| `tocsin:{<incident>}:results` | hash | short call id to tool name, arguments, text, is_error (JSON) |

A second conversation of the same incident (`<incident>~2`, when another model took over) has keys of the same names
that end in `~2`: same hash tag, same epoch.

A turn is added whole or not at all, and only by the present owner of the incident (see `bot.fencing`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from redis.asyncio import Redis

from bot.conversations.conversation import (
    RESULT_LIMIT,
    Conversation,
    Json,
    StoredResult,
    exact_json,
    stage_id,
)
from bot.errors import PermanentError
from bot.fencing import FENCE, Superseded, epoch_key, incident_key
from bot.redis_client import texts, translated

RETENTION = timedelta(days=7)
MOST_STAGES = 5
"""Conversations that one incident may have."""

_ADD = """
local function add(first)
  redis.call('HSET', KEYS[2], 'spend', ARGV[3])
  local results = first + tonumber(ARGV[4])
  for i = first, results - 1 do redis.call('RPUSH', KEYS[3], ARGV[i]) end
  for i = results, #ARGV, 2 do redis.call('HSET', KEYS[4], ARGV[i], ARGV[i + 1]) end
  for i = 2, 4 do redis.call('EXPIRE', KEYS[i], ARGV[2]) end
  return 1
end
"""

_CREATE = f"""
{FENCE}
{_ADD}
-- KEYS: epoch, conversation, messages, results.
-- ARGV: epoch, ttl, spend, how many messages, model, system, tools, started_at, messages…, (id, result)…
-- -> 1 created, 0 there is one already
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
redis.call('DEL', KEYS[3], KEYS[4])
redis.call('HSET', KEYS[2], 'model', ARGV[5], 'system', ARGV[6], 'tools', ARGV[7], 'started_at', ARGV[8])
return add(9)
"""

_APPEND = f"""
{FENCE}
{_ADD}
-- KEYS: epoch, conversation, messages, results.
-- ARGV: epoch, ttl, spend, how many messages, messages…, (id, result)…
-- -> 1 added, 0 there is no such conversation
if redis.call('EXISTS', KEYS[2]) == 0 then return 0 end
return add(5)
"""

_RETOOL = f"""
{FENCE}
-- KEYS: epoch, conversation. ARGV: epoch, tools. -> 1 done, 0 there is no such conversation
if redis.call('EXISTS', KEYS[2]) == 0 then return 0 end
redis.call('HSET', KEYS[2], 'tools', ARGV[2])
return 1
"""


class ConversationStore:
    """Loads, creates and extends conversations. Every method raises TemporaryError when Redis is not there."""

    def __init__(
        self, redis: Redis, *, retention: timedelta = RETENTION, result_limit: int = RESULT_LIMIT
    ) -> None:
        self._redis = redis
        self._ttl = int(retention.total_seconds())
        self._result_limit = result_limit
        self._create = redis.register_script(_CREATE)
        self._append = redis.register_script(_APPEND)
        self._retool = redis.register_script(_RETOOL)

    @translated
    async def load(self, conversation_id: str) -> Conversation | None:
        """The conversation as last saved; None when there is none (any more)."""
        _, head_key, messages_key, results_key = _keys(conversation_id)
        head = await self._redis.hgetall(head_key)
        if "model" not in head:
            return None
        messages = await self._redis.lrange(messages_key, 0, -1)
        results = await self._redis.hgetall(results_key)
        return Conversation(
            id=conversation_id,
            model=str(head["model"]),
            system=str(json.loads(head["system"])),
            tools=json.loads(head["tools"]),
            started_at=datetime.fromisoformat(str(head["started_at"])),
            messages=[json.loads(each) for each in texts(messages)],
            results={str(call): StoredResult(**json.loads(each)) for call, each in results.items()},
            spend=json.loads(head["spend"]),
        )

    @translated
    async def length(self, incident_id: str) -> int:
        """Number of messages saved in all conversations of an incident: it grows with every turn."""
        total, number = 0, 0
        while number < MOST_STAGES:
            number += 1
            messages = _keys(stage_id(incident_id, number))[2]
            found = await self._redis.llen(messages)
            total += found
            if not found and number > 1:
                break
        return total

    @translated
    async def create(self, conversation: Conversation, epoch: int) -> bool:
        """Begin a conversation, with the messages it has; False when there is one already: load that.

        Raises Superseded.
        """
        args: list[str | int] = [
            epoch,
            self._ttl,
            exact_json(conversation.spend),
            len(conversation.messages),
            conversation.model,
            exact_json(conversation.system),
            exact_json(conversation.tools),
            conversation.started_at.isoformat(),
        ]
        args += self._turn(conversation.messages, conversation.results)
        created = await self._create(keys=_keys(conversation.id), args=args)
        if created is None:
            raise Superseded(conversation.id, epoch)
        return bool(created)

    @translated
    async def append(
        self,
        conversation_id: str,
        epoch: int,
        messages: Sequence[Json],
        results: Mapping[str, StoredResult],
        spend: Json,
    ) -> None:
        """Add what a turn brought, all of it or nothing, and keep the conversation for another `retention`.

        Raises Superseded, and PermanentError when the conversation is not there.
        """
        args: list[str | int] = [epoch, self._ttl, exact_json(spend), len(messages)]
        args += self._turn(messages, results)
        _there(conversation_id, epoch, await self._append(keys=_keys(conversation_id), args=args))

    @translated
    async def retool(self, conversation_id: str, epoch: int, tools: Sequence[Json]) -> None:
        """Give a conversation other tools: its whole prefix moves, so only where nothing of it is worth keeping.

        Raises Superseded, and PermanentError when the conversation is not there.
        """
        keys = _keys(conversation_id)[:2]
        _there(
            conversation_id, epoch, await self._retool(keys=keys, args=[epoch, exact_json(tools)])
        )

    def _turn(self, messages: Sequence[Json], results: Mapping[str, StoredResult]) -> list[str]:
        turn = [exact_json(message) for message in messages]
        for call_id, result in results.items():
            turn += [call_id, exact_json(asdict(result.bounded(self._result_limit)))]
        return turn


def _there(conversation_id: str, epoch: int, done: object) -> None:
    if done is None:
        raise Superseded(conversation_id, epoch)
    if not done:
        raise PermanentError("This conversation is no longer remembered; ask for a new diagnosis.")


def _keys(conversation_id: str) -> list[str]:
    """Epoch, conversation, messages, results: the order of the scripts."""
    incident, mark, number = conversation_id.partition("~")
    names = ("conversation", "messages", "results")
    return [
        epoch_key(incident),
        *(incident_key(incident, f"{name}{mark}{number}") for name in names),
    ]
