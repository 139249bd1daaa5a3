"""An investigation's thread: the progress card, the one terminal message, and the signs on the post it is about.

Never a chat stream: those die after five minutes and need a human recipient. The card is one message edited in
place; the diagnosis is a new message, because edits notify nobody.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from types import TracebackType
from typing import Self

from pydantic import TypeAdapter, ValidationError
from redis.asyncio import Redis

from bot.errors import TemporaryError, TocsinError
from bot.fencing import Superseded
from bot.incidents.incident import Incident, Lease
from bot.investigation.diagnosis import Report
from bot.investigation.progress import Step
from bot.slack.api import Api, SlackRefused
from bot.slack.blocks import Repository, report
from bot.slack.buckets import SharedBuckets
from bot.slack.card import Card, Style, render
from bot.slack.clock import Clock, SystemClock
from bot.slack.controls import Run
from bot.slack.letterbox import Letterbox, PostOffice
from bot.slack.live import Edits, LiveMessage
from bot.slack.markdown import preformatted, section, styled
from bot.slack.message import Message, notification
from bot.slack.outbox import Outbox
from bot.slack.pacer import Pacer
from bot.slack.plain import plain
from bot.slack.reactions import Reactions
from bot.slack.wording import REACTION_SEEN, REACTIONS

_log = logging.getLogger(__name__)
_MESSAGES = TypeAdapter(list[Message])
_REFUSED_BLOCKS = frozenset(
    {
        "invalid_blocks",
        "invalid_blocks_format",
        "invalid_attachments",
        "msg_blocks_too_long",
        "msg_too_long",
    }
)
OPEN_LIMIT = 15.0
"""Seconds that an investigation waits for its card at most; then it goes on without."""
_ABOUT_THIS_THREAD = frozenset(
    {"channel_not_found", "invalid_thread_ts", "is_archived", "not_in_channel", "thread_not_found"}
)
"""Refusals that say nothing about whether the app is an agent at all."""
_DONE_ATTEMPTS = 3
_SIGN_TRIES = 3


class SlackThreads:
    """Opens reporters; one per worker process. Remembers what this Slack refuses, so that it is asked once."""

    def __init__(
        self,
        api: Api,
        redis: Redis,
        *,
        repository: Repository | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.api = api
        self.repository = repository or Repository()
        self.clock = clock or SystemClock()
        buckets = SharedBuckets(redis)
        self.office = PostOffice(api, Outbox(redis), Pacer(self.clock, buckets), self.clock)
        self.reactions = Reactions(api, self.clock, buckets)
        self.edits = Edits()
        self.card_style: Style = "plan"
        self.knows_sessions = True

    def reporter(self, incident: Incident, lease: Lease) -> SlackReporter:
        """The Reporter of one piece of work: a run of the incident, or the answer to a question in its thread."""
        return SlackReporter(self, incident, lease)


class SlackReporter:
    """A Reporter on a Slack thread. Use as a context manager, or call `close`: an edit may be under way.

    Progress never raises; `finished` raises TemporaryError when the terminal message could not be posted, Superseded
    when another worker owns the incident by now, and SlackRefused or ThreadGone when Slack will not have it.
    """

    def __init__(self, threads: SlackThreads, incident: Incident, lease: Lease) -> None:
        self._threads = threads
        self._place = incident.origin
        self._run = Run(incident=incident.id, slot=lease.slot)
        self._slot = lease.slot
        self._subject = lease.question.ts if lease.question else incident.origin.thread_ts
        self._box: Letterbox = threads.office.letterbox(incident.id, incident.origin, lease.epoch)
        self._card: Card | None = None
        self._card_ts = ""
        self._live = LiveMessage(self._show, threads.clock, threads.edits)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Stop editing the card; what it shows stays."""
        await self._live.stop()

    async def started(self, headline: str) -> None:
        """Post the card, or go on with the one that an earlier delivery of this job posted."""
        if self._card is None:
            await self._progress(self._within(OPEN_LIMIT, self._open(headline)))

    async def first_look(self, text: str) -> None:
        """Post what the rules saw, once, under the card."""
        said = Message(
            text=notification("First look"),
            blocks=[
                {
                    "type": "rich_text",
                    "elements": [
                        section(styled("First look", bold=True), styled(" · by rules, no model")),
                        *preformatted(text),
                    ],
                }
            ],
        )
        await self._progress(self._post_first_look(said))

    async def step(self, step: Step) -> None:
        """Shown with the next edit."""
        if self._card is not None:
            self._card = self._card.with_step(step)
            self._live.changed()

    async def thought(self, text: str) -> None:
        """Shown with the next edit."""
        if self._card is not None:
            self._card = self._card.with_thought(text)
            self._live.changed()

    async def finished(self, report: Report) -> None:
        """Post the terminal message once; then, best effort, close the card and change the reaction."""
        await self._live.stop()
        await self._post_final(report)
        await self._progress(self._close_card(report))
        await self._progress(self._sign_off(report))

    async def _open(self, headline: str) -> None:
        await self._threads.reactions.add(self._place.channel, self._subject, REACTION_SEEN)
        stored = _stored_card(await self._box.noted(f"{self._slot}/card"))
        self._card = stored or Card(headline=headline, started_at=self._threads.clock.time())
        self._card_ts = await self._post_card(self._card)
        await self._remember()
        self._live.start()
        await self._session("processing")

    async def _post_first_look(self, said: Message) -> None:
        await self._box.post(f"{self._slot}/first_look", said)

    async def _post_card(self, card: Card) -> str:
        slot = f"{self._slot}/card"
        try:
            return await self._box.post(slot, self._render(card))
        except SlackRefused as refused:
            if not self._is_about_the_plan(refused):
                raise
        return await self._box.post(slot, self._render(card))

    async def _show(self) -> None:
        if self._card is None or not self._card_ts:
            return
        await self._remember()
        try:
            await self._box.edit(self._card_ts, self._render(self._card))
        except SlackRefused as refused:
            if not self._is_about_the_plan(refused):
                raise
            await self._box.edit(self._card_ts, self._render(self._card))

    async def _remember(self) -> None:
        if self._card is not None:
            await self._box.note(f"{self._slot}/card", self._card.model_dump_json())

    def _render(self, card: Card) -> Message:
        return render(
            card, self._run, now=self._threads.clock.time(), style=self._threads.card_style
        )

    def _is_about_the_plan(self, refused: SlackRefused) -> bool:
        """Whether the plan block may be why; from then on cards are plain, in this whole process."""
        if refused.code not in _REFUSED_BLOCKS or self._threads.card_style == "plain":
            return False
        _log.warning("Slack refuses the plan block, cards are plain from now on: %s", refused)
        self._threads.card_style = "plain"
        return True

    async def _post_final(self, content: Report) -> None:
        """What is posted first is what is posted: a later delivery of the job publishes the stored messages."""
        stored = await self._box.noted(f"{self._slot}/final")
        messages = _MESSAGES.validate_json(stored) if stored else None
        if messages is None:
            messages = report(content, self._run, self._threads.repository)
            await self._seal(messages)
        try:
            await self._post_all(messages)
        except SlackRefused as refused:
            await self._seal([])
            if refused.code not in _REFUSED_BLOCKS:
                raise
            _log.warning("Slack refuses the blocks of a diagnosis, posted plainly: %s", refused)
            simple = plain(messages)
            await self._post_all(simple)
            await self._seal(simple)

    async def _seal(self, messages: list[Message]) -> None:
        """Keep what is being posted; nothing, when Slack refused it and something else is to be posted."""
        kept = _MESSAGES.dump_json(messages).decode() if messages else ""
        await self._box.note(f"{self._slot}/final", kept)

    async def _post_all(self, messages: list[Message]) -> None:
        for number, message in enumerate(messages, start=1):
            await self._box.post(f"{self._slot}/final/{number}", message, urgent=True)

    async def _close_card(self, content: Report) -> None:
        ts = self._card_ts or await self._box.adopt(f"{self._slot}/card")
        card = self._card or _stored_card(await self._box.noted(f"{self._slot}/card"))
        if not ts or card is None:
            return
        self._card_ts = ts
        self._card = card.done(content.outcome, content.seconds)
        for _ in range(_DONE_ATTEMPTS - 1):
            try:
                await self._show()
            except TemporaryError as error:
                await self._threads.clock.sleep(error.retry_after or 1.0)
            else:
                return
        await self._show()

    async def _sign_off(self, content: Report) -> None:
        reactions, channel = self._threads.reactions, self._place.channel
        final = REACTIONS[content.outcome]
        await reactions.add(channel, self._subject, final, tries=_SIGN_TRIES)
        await reactions.remove(channel, self._subject, REACTION_SEEN, tries=_SIGN_TRIES)
        if not self._is_first_run:
            for name in sorted({*REACTIONS.values()} - {final}):
                await reactions.remove(channel, self._subject, name)
        await self._session("active")

    @property
    def _is_first_run(self) -> bool:
        return self._slot == "run:1" or self._slot.startswith("answer:")

    async def _session(self, status: str) -> None:
        """Slack's own "working" sign and Stop button; an app that is no agent does without."""
        if not self._threads.knows_sessions:
            return
        try:
            await self._threads.api.call(
                "agents.sessions.setStatus",
                channel_id=self._place.channel,
                thread_ts=self._place.thread_ts,
                status=status,
            )
        except SlackRefused as refused:
            self._threads.knows_sessions = refused.code in _ABOUT_THIS_THREAD
            _log.info("no agent session here: %s", refused)

    async def _within(self, seconds: float, work: Awaitable[None]) -> None:
        try:
            async with asyncio.timeout(seconds):
                await work
        except TimeoutError as error:
            raise TemporaryError(f"Slack took longer than {seconds:.0f} s") from error

    async def _progress(self, work: Awaitable[None]) -> None:
        """Progress that cannot be shown is dropped."""
        try:
            await work
        except Superseded as error:
            _log.info("no more progress: %s", error)
        except TocsinError as error:
            _log.warning("progress of %s not shown: %s", self._run.incident, error)


def _stored_card(text: str | None) -> Card | None:
    if text is None:
        return None
    try:
        return Card.model_validate_json(text)
    except ValidationError:
        _log.warning("a stored card of another version is ignored")
        return None
