"""Posting once. Slack has no idempotency key, so a post whose answer was lost may or may not be visible.

Before each post an intent is recorded (fenced by the incident's epoch); the message carries a key in its metadata;
the `ts` is recorded after it. Who finds an intent without a `ts`, after a lost answer or a crash, looks into the
thread for the key before posting again. Edits and reactions are idempotent and need none of this.

One Redis hash per incident, `tocsin:{<incident>}:outbox`: `post:<slot>` is `intent <seconds>` or `sent <ts>`,
`note:<name>` is what a writer wants to find again after a restart.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from redis.asyncio import Redis
from redis.commands.core import AsyncScript

from bot.errors import PermanentError, TemporaryError
from bot.fencing import FENCE, Superseded, epoch_key, incident_key
from bot.incidents.incident import Origin
from bot.slack.api import TIMEOUT, Api, SlackBusy, SlackRefused, SlackUnclear
from bot.slack.clock import Clock
from bot.slack.message import Message
from bot.slack.pacer import Pacer

EVENT_TYPE = "tocsin_post"
"""`event_type` of the metadata on every message; `event_payload.key` is `<incident>/<slot>`."""

_log = logging.getLogger(__name__)
_TTL = timedelta(days=30)
_ATTEMPTS = 4
_PATIENCE = 60.0
"""Seconds of Retry-After that are waited out here; a longer pause is left to the job's retry."""
_OWN_GRACE = 1.0
"""Seconds until a post of our own, whose answer was lost, is looked for."""
_FOREIGN_GRACE = TIMEOUT + 2.0
"""Seconds after which a post begun by somebody else is no longer on its way."""
_CLOCK_SKEW = 300.0
_MAX_PAGES = 10

_INTEND = """
local known = redis.call('HGET', KEYS[2], ARGV[2])
if known then return known end
redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
redis.call('EXPIRE', KEYS[2], ARGV[4])
return ''
"""
_REPLACE = """
if redis.call('HGET', KEYS[2], ARGV[2]) ~= ARGV[3] then return 0 end
if ARGV[4] == '' then redis.call('HDEL', KEYS[2], ARGV[2]) else redis.call('HSET', KEYS[2], ARGV[2], ARGV[4]) end
return 1
"""
_SETTLE = """
local known = redis.call('HGET', KEYS[1], ARGV[1])
if known and string.sub(known, 1, 5) == 'sent ' then return known end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return ARGV[2]
"""
_WRITE = """
redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
redis.call('EXPIRE', KEYS[2], ARGV[4])
return 1
"""


class ThreadGone(PermanentError):
    """The message that the thread hangs on was deleted; Slack would post to the whole channel instead."""


class Outbox:
    """Posts that appear at most once each, and the notes that belong to them."""

    def __init__(self, redis: Redis, api: Api, pacer: Pacer, clock: Clock) -> None:
        self._redis = redis
        self._api = api
        self._pacer = pacer
        self._clock = clock
        self._settle = redis.register_script(_SETTLE)
        self._scripts = {
            name: (redis.register_script(source), redis.register_script(FENCE + source))
            for name, source in (("intend", _INTEND), ("replace", _REPLACE), ("write", _WRITE))
        }

    def letterbox(self, incident_id: str, place: Origin, epoch: int | None = None) -> Letterbox:
        """Where one writer posts for one incident; `epoch` fences it, None is for the front, which owns no work."""
        return Letterbox(self, incident_id, place, epoch)

    async def post(self, box: Letterbox, slot: str, message: Message, *, urgent: bool = False) -> str:
        """Post once; returns the message's `ts`, also when it was posted before.

        Raises Superseded, SlackRefused, ThreadGone, or TemporaryError when the job must come back to it.
        """
        field = f"post:{slot}"
        grace = _FOREIGN_GRACE
        for _ in range(_ATTEMPTS):
            intent = f"intent {self._clock.time():.3f}"
            state = await self._fenced("intend", box, field, intent, _seconds(_TTL))
            if state.startswith("sent "):
                return state.removeprefix("sent ")
            if state:
                await self._clock.sleep(float(state.split()[1]) + grace - self._clock.time())
                if found := await self._find(box, slot, float(state.split()[1])):
                    return await self._sent(box, field, found)
                if await self._fenced("replace", box, field, state, intent) != "1":
                    continue
            ts = await self._send(box, slot, message, intent, urgent=urgent)
            if ts:
                return await self._sent(box, field, ts)
            grace = _OWN_GRACE
        raise TemporaryError(f"Slack did not take the message {box.incident_id}/{slot}")

    async def note(self, box: Letterbox, name: str, value: str) -> None:
        """Remember something beside the posts. Raises Superseded."""
        await self._fenced("write", box, f"note:{name}", value, _seconds(_TTL))

    async def noted(self, box: Letterbox, name: str) -> str | None:
        """What was noted under this name, if anything."""
        value = await self._redis.hget(_key(box), f"note:{name}")
        return _text(value) if value is not None else None

    async def posted(self, box: Letterbox, slot: str) -> str | None:
        """`ts` of what was posted for this slot, if it was."""
        state = await self._redis.hget(_key(box), f"post:{slot}")
        text = _text(state) if state is not None else ""
        return text.removeprefix("sent ") if text.startswith("sent ") else None

    async def edit(self, place: Origin, ts: str, message: Message) -> None:
        """Replace a message's content; idempotent. Raises what `Api.call` raises."""
        await self._api.call(
            "chat.update", channel=place.channel, ts=ts, text=message.text, blocks=message.blocks
        )

    async def _send(
        self, box: Letterbox, slot: str, message: Message, intent: str, *, urgent: bool
    ) -> str | None:
        """The new message's `ts`; None when it must be tried or looked for again."""
        await self._pacer.turn(box.place.channel, urgent=urgent)
        try:
            answer = await self._api.call("chat.postMessage", **_arguments(box, slot, message))
        except SlackBusy as busy:
            await self._fenced("replace", box, f"post:{slot}", intent, "")
            pause = busy.retry_after or 1.0
            self._pacer.hold(box.place.channel, pause)
            if pause > _PATIENCE:
                raise
            return None
        except SlackRefused:
            await self._fenced("replace", box, f"post:{slot}", intent, "")
            raise
        except SlackUnclear as unclear:
            _log.warning("post %s/%s may be visible or not: %s", box.incident_id, slot, unclear)
            return None
        return await self._in_thread(box, slot, intent, answer)

    async def _in_thread(self, box: Letterbox, slot: str, intent: str, answer: dict[str, Any]) -> str:
        ts = str(answer["ts"])
        wanted = box.place.thread_ts
        if not wanted or answer.get("message", {}).get("thread_ts") == wanted:
            return ts
        await self._delete(box.place.channel, ts)
        await self._fenced("replace", box, f"post:{slot}", intent, "")
        raise ThreadGone("The message this thread belongs to was deleted.")

    async def _sent(self, box: Letterbox, field: str, ts: str) -> str:
        """Record the fact. When somebody else recorded another message first, ours is one too many."""
        answer = await self._settle(keys=[_key(box)], args=[field, f"sent {ts}", _seconds(_TTL)])
        kept = _text(answer).removeprefix("sent ")
        if kept != ts:
            await self._delete(box.place.channel, ts)
        return kept

    async def _find(self, box: Letterbox, slot: str, since: float) -> str | None:
        """`ts` of the first message that carries this key; further ones are deleted."""
        key = f"{box.incident_id}/{slot}"
        found: list[str] = []
        cursor: str | None = None
        for _ in range(_MAX_PAGES):
            page = await self._page(box.place, since - _CLOCK_SKEW, cursor)
            found += [str(item["ts"]) for item in page.get("messages", []) if _key_of(item) == key]
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                break
        first, *surplus = sorted(set(found), key=float) or [None]
        for ts in surplus:
            await self._delete(box.place.channel, str(ts))
        return first

    async def _page(self, place: Origin, oldest: float, cursor: str | None) -> dict[str, Any]:
        common: dict[str, Any] = {
            "channel": place.channel,
            "oldest": f"{max(oldest, 0):.6f}",
            "limit": 200,
            "include_all_metadata": True,
            "cursor": cursor,
        }
        if not place.thread_ts:
            return await self._api.call("conversations.history", **common)
        try:
            return await self._api.call("conversations.replies", ts=place.thread_ts, **common)
        except SlackRefused as refused:
            if refused.code == "thread_not_found":
                return {}
            raise

    async def _delete(self, channel: str, ts: str) -> None:
        try:
            await self._api.call("chat.delete", channel=channel, ts=ts)
        except (SlackRefused, TemporaryError) as error:
            _log.error("could not delete a surplus message %s in %s: %s", ts, channel, error)

    async def _fenced(self, name: str, box: Letterbox, *arguments: str | int) -> str:
        plain, fenced = self._scripts[name]
        script: AsyncScript = plain if box.epoch is None else fenced
        keys = [epoch_key(box.incident_id), _key(box)]
        answer = await script(keys=keys, args=["" if box.epoch is None else box.epoch, *arguments])
        if answer is None:
            raise Superseded(box.incident_id, box.epoch or 0)
        return _text(answer)


class Letterbox:
    """One writer's way into one thread: what it may post as, and where."""

    def __init__(self, outbox: Outbox, incident_id: str, place: Origin, epoch: int | None) -> None:
        self._outbox = outbox
        self.incident_id = incident_id
        self.place = place
        self.epoch = epoch

    async def post(self, slot: str, message: Message, *, urgent: bool = False) -> str:
        """See Outbox.post."""
        return await self._outbox.post(self, slot, message, urgent=urgent)

    async def posted(self, slot: str) -> str | None:
        """See Outbox.posted."""
        return await self._outbox.posted(self, slot)

    async def edit(self, ts: str, message: Message) -> None:
        """See Outbox.edit."""
        await self._outbox.edit(self.place, ts, message)

    async def note(self, name: str, value: str) -> None:
        """See Outbox.note."""
        await self._outbox.note(self, name, value)

    async def noted(self, name: str) -> str | None:
        """See Outbox.noted."""
        return await self._outbox.noted(self, name)


def _arguments(box: Letterbox, slot: str, message: Message) -> dict[str, Any]:
    payload = {"key": f"{box.incident_id}/{slot}"}
    return {
        "channel": box.place.channel,
        "thread_ts": box.place.thread_ts or None,
        "text": message.text,
        "blocks": message.blocks or None,
        "metadata": {"event_type": EVENT_TYPE, "event_payload": payload},
        "unfurl_links": False,
        "unfurl_media": False,
        "link_names": False,
    }


def _key_of(message: dict[str, Any]) -> str | None:
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != EVENT_TYPE:
        return None
    key = metadata.get("event_payload", {}).get("key")
    return key if isinstance(key, str) else None


def _key(box: Letterbox) -> str:
    return incident_key(box.incident_id, "outbox")


def _seconds(duration: timedelta) -> int:
    return int(duration.total_seconds())


def _text(value: bytes | str | int) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
