"""Posting once. Slack has no idempotency key, so a post whose answer was lost may or may not be visible.

Before each post an intent is recorded; the message carries a key in its metadata; its `ts` is recorded afterwards.
Who finds an intent without a `ts`, after a lost answer or a crash, looks into the thread for the key before posting
again (`search`). A shared file carries no key: its id, noted before it is shared, is what is looked for. Edits and
reactions are idempotent and need none of this.

All that is posted or edited goes through here, so here it is looked up who can read it: a channel can become shared
with other organisations while an investigation runs.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar

from bot.errors import PermanentError, TemporaryError
from bot.incidents.incident import Origin
from bot.slack.api import TIMEOUT, Api, SlackBusy, SlackRefused, SlackUnclear
from bot.slack.attachment import Attachment, hand_in, share
from bot.slack.clock import Clock
from bot.slack.message import Message
from bot.slack.outbox import Outbox, intent
from bot.slack.pacer import EDITING, Buckets, Pacer
from bot.slack.search import Search, marked

Done = TypeVar("Done")
Bars = Callable[[str], Awaitable[bool]]
"""Whether nothing internal may be said in this channel."""
Send = Callable[[str], Awaitable[str | None]]
"""Posts under an intent; what is recorded as posted, or None when it must be tried again or looked for."""

_log = logging.getLogger(__name__)
_UPDATE = "chat.update"
_ATTEMPTS = 4
_PATIENCE = 60.0
"""Seconds of Retry-After that are waited out here; a longer pause is left to the job's retry."""
_OWN_GRACE = 1.0
"""Seconds until a post of our own, whose answer was lost, is looked for."""
_FOREIGN_GRACE = TIMEOUT + 2.0
"""Seconds after which a post begun by another process is no longer on its way."""
_LOOK_AGAIN = 1.0


class ThreadGone(PermanentError):
    """The message that the thread hangs on was deleted; Slack would post to the whole channel instead."""


class Overheard(PermanentError):
    """Others than this workspace can read the channel by now."""


class PostOffice:
    """Gives out letterboxes; one per process, so that all its posts and edits keep one pace."""

    def __init__(
        self, api: Api, outbox: Outbox, buckets: Buckets, clock: Clock, bars: Bars
    ) -> None:
        self.api = api
        self.outbox = outbox
        self.pacer = Pacer(clock, buckets)
        self.editing = Pacer(clock, buckets, EDITING, "edit")
        self.clock = clock
        self.bars = bars

    def letterbox(self, incident_id: str, place: Origin, epoch: int | None = None) -> Letterbox:
        """Where one writer posts for one incident; `epoch` fences it, None is for the front, which owns no work.

        An empty `place.thread_ts` posts to the channel, which begins a thread.
        """
        return Letterbox(self, incident_id, place, epoch)


class Letterbox:
    """One writer's way into one thread."""

    def __init__(
        self, office: PostOffice, incident_id: str, place: Origin, epoch: int | None
    ) -> None:
        self._api = office.api
        self._search = Search(office.api, place)
        self._outbox = office.outbox
        self._pacer = office.pacer
        self._editing = office.editing
        self._clock = office.clock
        self._bars = office.bars
        self._incident_id = incident_id
        self._place = place
        self._epoch = epoch

    async def post(
        self,
        slot: str,
        message: Message,
        *,
        urgent: bool = False,
        paced: bool = True,
        for_all: bool = False,
    ) -> str:
        """Post once; the message's `ts`, also when it was posted before. `paced`: wait for a turn first. `for_all`:
        nothing internal is in it.

        Raises Superseded, SlackRefused, ThreadGone, Overheard, or TemporaryError when the job must come back to it.
        """
        send = partial(self._send, slot, message)
        return await self._once(slot, send, urgent=urgent, paced=paced, for_all=for_all)

    async def attach(self, slot: str, attachment: Attachment) -> str:
        """Share a file in the thread once; its id, also when it was shared before. Raises what `post` raises."""
        return await self._once(slot, partial(self._share, slot, attachment))

    async def _once(
        self,
        slot: str,
        send: Send,
        *,
        urgent: bool = False,
        paced: bool = True,
        for_all: bool = False,
    ) -> str:
        grace = _FOREIGN_GRACE
        for _ in range(_ATTEMPTS):
            if paced and await self.posted(slot) is None:
                await self._pacer.turn(self._place.channel, urgent=urgent)
            if not for_all:
                await self._listen()
            known, state = await self._begin(slot, grace)
            if known:
                return known
            if state and (ts := await send(state)):
                return await self._settle(slot, ts)
            grace = _OWN_GRACE if state else grace
        raise TemporaryError(f"Slack did not take the message {self._incident_id}/{slot}")

    async def _begin(self, slot: str, grace: float) -> tuple[str | None, str | None]:
        """`ts` when it is posted already, else the intent under which it may be posted now; neither when somebody else
        begins at the same moment."""
        now = self._clock.time()
        state = await self._outbox.intend(self._incident_id, self._epoch, slot, now)
        if state.startswith("sent "):
            return state.removeprefix("sent "), None
        if not state:
            return None, intent(now)
        since = float(state.split()[1])
        if ts := await self._settled_meanwhile(slot, since + grace):
            return ts, None
        if found := await self._find(slot, since):
            return await self._settle(slot, found), None
        now = self._clock.time()
        mine = await self._outbox.again(self._incident_id, self._epoch, slot, state, now)
        return None, intent(now) if mine else None

    async def posted(self, slot: str) -> str | None:
        """`ts` of what was posted for this slot, if it is known."""
        state = await self._outbox.state(self._incident_id, slot) or ""
        return state.removeprefix("sent ") if state.startswith("sent ") else None

    async def adopt(self, slot: str) -> str | None:
        """`ts` of what this slot shows, also when its post was cut off; never posts. Raises TemporaryError."""
        state = await self._outbox.state(self._incident_id, slot)
        if state is None:
            return None
        kind, _, value = state.partition(" ")
        if kind == "sent":
            return value
        found = await self._find(slot, float(value))
        return await self._settle(slot, found) if found else None

    async def edit(
        self,
        ts: str,
        latest: Callable[[], Message],
        *,
        urgent: bool = False,
        for_all: bool = False,
    ) -> None:
        """Replace a message's content, by what is the latest when its turn comes; idempotent.

        Raises Overheard, and what `Api.call` raises.
        """
        await self._editing.turn(_UPDATE, urgent=urgent)
        if not for_all:
            await self._listen()
        message = latest()
        try:
            await self._api.call(
                _UPDATE,
                channel=self._place.channel,
                ts=ts,
                text=message.text,
                blocks=message.blocks,
            )
        except SlackBusy as busy:
            await self._editing.hold(_UPDATE, busy.retry_after or 1.0)
            raise

    async def note(self, name: str, value: str) -> None:
        """Remember something beside the posts. Raises Superseded."""
        await self._outbox.note(self._incident_id, self._epoch, name, value)

    async def noted(self, name: str) -> str | None:
        """What was noted under this name, if anything."""
        return await self._outbox.noted(self._incident_id, name)

    async def turn(self) -> None:
        """Wait for a turn to post, for somebody who looks once more before posting without one."""
        await self._pacer.turn(self._place.channel)

    async def _listen(self) -> None:
        """Raises Overheard, or TemporaryError when Slack does not tell now who can read the channel."""
        if await self._bars(self._place.channel):
            raise Overheard("Others than this workspace can read this channel.")

    async def _send(self, slot: str, message: Message, state: str) -> str | None:
        """The new message's `ts`; None when it must be tried again or looked for."""
        work = self._api.call("chat.postMessage", **self._arguments(slot, message))
        answer = await self._tried(slot, state, work)
        if answer is None:
            return None
        ts = str(answer["ts"])
        if self._place.thread_ts in ("", (answer.get("message") or {}).get("thread_ts")):
            return ts
        await self._delete(ts)
        await self._withdraw(slot, state)
        raise ThreadGone("The message this thread belongs to was deleted.")

    async def _share(self, slot: str, attachment: Attachment, state: str) -> str | None:
        """The file's id; None when it must be tried again or looked for."""
        file_id = await self._tried(slot, state, hand_in(self._api, attachment))
        if file_id is None:
            return None
        await self.note(f"{slot}/file", file_id)
        return await self._tried(slot, state, share(self._api, file_id, attachment, self._place))

    async def _tried(self, slot: str, state: str, work: Awaitable[Done]) -> Done | None:
        """What `work` gives; None when it is not known whether it was done, or when Slack was busy and may be asked again."""
        channel = self._place.channel
        try:
            return await work
        except SlackBusy as busy:
            await self._withdraw(slot, state)
            pause = busy.retry_after or 1.0
            await self._pacer.hold(channel, pause)
            if pause > _PATIENCE:
                raise
        except SlackRefused:
            await self._withdraw(slot, state)
            raise
        except SlackUnclear as unclear:
            _log.warning("%s/%s may be posted or not: %s", self._incident_id, slot, unclear)
        return None

    async def _settled_meanwhile(self, slot: str, until: float) -> str | None:
        """Wait for a post that is on its way; its `ts` as soon as that is recorded, None at the end."""
        while (left := until - self._clock.time()) > 0:
            await self._clock.sleep(min(left, _LOOK_AGAIN))
            if ts := await self.posted(slot):
                return ts
        return None

    async def _withdraw(self, slot: str, state: str) -> None:
        await self._outbox.withdraw(self._incident_id, self._epoch, slot, state)

    async def _settle(self, slot: str, ts: str) -> str:
        """When somebody else's message was recorded first, this one is one too many."""
        kept = await self._outbox.settle(self._incident_id, slot, ts)
        if kept != ts:
            await self._delete(ts)
        return kept

    async def _find(self, slot: str, since: float) -> str | None:
        """`ts` of the first message that carries this key, further ones are deleted; or the id of the file, if it was
        one, and it is there."""
        key, file_id = f"{self._incident_id}/{slot}", await self.noted(f"{slot}/file")
        found = await self._search.look(key, file_id, since)
        for surplus in found[1:]:
            await self._delete(surplus)
        return found[0] if found else None

    async def _delete(self, ts: str) -> None:
        try:
            await self._api.call("chat.delete", channel=self._place.channel, ts=ts)
        except (SlackRefused, TemporaryError) as error:
            _log.error("a surplus message %s in %s stays: %s", ts, self._place.channel, error)

    def _arguments(self, slot: str, message: Message) -> dict[str, Any]:
        return {
            "channel": self._place.channel,
            "thread_ts": self._place.thread_ts or None,
            "text": message.text,
            "blocks": message.blocks or None,
            "metadata": marked(f"{self._incident_id}/{slot}"),
            "unfurl_links": False,
            "unfurl_media": False,
            "link_names": False,
        }
