"""An investigation's thread: the progress card, the one terminal message, and the signs on the post it is about.

Never a chat stream: those die after five minutes and need a human recipient. The card is one message edited in
place; the diagnosis is a new message, because edits notify nobody.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from types import TracebackType
from typing import Protocol, Self

from redis.asyncio import Redis

from bot.charts.chart import Chart
from bot.errors import TemporaryError, TocsinError
from bot.fencing import Superseded
from bot.incidents.incident import Incident, Lease
from bot.investigation.diagnosis import Report
from bot.investigation.progress import Step
from bot.slack.abilities import Abilities
from bot.slack.api import Api, SlackRefused
from bot.slack.blocks import Around, long_patches, report
from bot.slack.buckets import SharedBuckets
from bot.slack.card import Limits
from bot.slack.clock import Clock, SystemClock
from bot.slack.controls import Run
from bot.slack.directory import Directory, Exceptions
from bot.slack.ending import Ending
from bot.slack.letterbox import Letterbox, Overheard, PostOffice
from bot.slack.live_card import LiveCard, Look
from bot.slack.long_text import deliver
from bot.slack.markdown import preformatted, section, styled
from bot.slack.message import Message, notice, notification
from bot.slack.outbox import Outbox
from bot.slack.picture import picture_of
from bot.slack.reactions import Reactions
from bot.slack.repository import Repository
from bot.slack.wording import REACTION_SEEN, REACTIONS

_log = logging.getLogger(__name__)
OPEN_LIMIT = 15.0
"""Seconds that an investigation waits for its card, or its first look, at most; then it goes on without."""
_ABOUT_THIS_THREAD = frozenset(
    {"channel_not_found", "invalid_thread_ts", "is_archived", "not_in_channel", "thread_not_found"}
)
"""Refusals that say nothing about whether the app is an agent at all."""
_SIGN_TRIES = 3
WITHHELD = notice(
    "Others than this workspace can read this channel by now, so what Tocsin found is not posted here. "
    "People of this workspace find it on Tocsin's Home tab."
)
"""The terminal message where nothing internal may be said."""


class Draws(Protocol):
    """Who makes a picture of a chart."""

    async def png(self, chart: Chart) -> bytes | None:
        """The picture; None when there can be none."""


class SlackThreads:
    """Opens reporters; one per worker process. Remembers what this Slack refuses, so that it is asked once.

    `limits` is what one run may use: the card shows it. Without an `artist` there are no charts. `exceptions` names the
    shared channels in which all may be said.
    """

    def __init__(
        self,
        api: Api,
        redis: Redis,
        *,
        repository: Repository | None = None,
        limits: Limits | None = None,
        clock: Clock | None = None,
        artist: Draws | None = None,
        exceptions: Exceptions | None = None,
    ) -> None:
        self.api = api
        self.artist = artist
        self.repository = repository or Repository()
        self.clock = clock or SystemClock()
        buckets = SharedBuckets(redis)
        channels = Directory(api, self.clock, "", (), exceptions)
        self.office = PostOffice(api, Outbox(redis), buckets, self.clock, channels.is_barred)
        self.reactions = Reactions(api, self.clock, buckets)
        self.look = Look(limits or Limits())
        self.knows_sessions = True
        self._abilities = Abilities(redis)

    async def can_open_issues(self) -> bool:
        """Whether there is a front that opens issues. Raises TemporaryError."""
        return await self._abilities.issues()

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
        self._incident = incident
        self._place = incident.origin
        self._run = Run(incident=incident.id, slot=lease.slot)
        self._slot = lease.slot
        self._subject = lease.question.ts if lease.question else incident.origin.thread_ts
        self._box: Letterbox = threads.office.letterbox(incident.id, incident.origin, lease.epoch)
        self._card = LiveCard(self._box, self._run, threads.look, threads.clock)
        self._ending = Ending(self._box, lease.slot)

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
        await self._card.stop()

    async def started(self, headline: str) -> None:
        """Post the card, or go on with the one that an earlier delivery of this job posted."""
        if not self._card.is_open:
            await self._progress(self._within(OPEN_LIMIT, self._open(headline)))

    async def first_look(self, text: str) -> None:
        """Post what the rules saw, once, under the card."""
        heading = section(styled("First look", bold=True), styled(" · by rules, no model"))
        said = Message(
            text=notification("First look, by rules, no model"),
            blocks=[{"type": "rich_text", "elements": [heading, *preformatted(text)]}],
        )
        posting = self._post(f"{self._slot}/first_look", said)
        await self._progress(self._within(OPEN_LIMIT, posting))

    async def step(self, step: Step) -> None:
        """Shown with the next edit."""
        self._card.step(step)

    async def thought(self, text: str) -> None:
        """Shown with the next edit."""
        self._card.thought(text)

    async def finished(self, report: Report) -> None:
        """Post the terminal message once, with what does not fit into it; then, best effort, close the card and change
        the reaction. In a channel that others read by now, only that there is one is said."""
        await self._card.stop()
        try:
            await self._tell(report)
        except Overheard:
            _log.warning(
                "%s is not told: %s is shared by now", self._run.incident, self._place.channel
            )
            await self._ending.withhold(WITHHELD)
            await self._progress(self._card.withhold(WITHHELD))
            await self._progress(self._sign_off(report))

    async def _tell(self, report: Report) -> None:
        await self._post_final(report)
        for name, patch in long_patches(report):
            slot = f"{self._slot}/{name}"
            await deliver(self._box, slot, patch, name=name, title=f"Recommended fix: {name}")
        await self._progress(self._card.close(report))
        await self._progress(self._sign_off(report))
        await self._progress(self._picture(report.chart))

    async def _picture(self, chart: Chart | None) -> None:
        """The chart, once, below the terminal message: drawn only when it is not there already."""
        slot = f"{self._slot}/chart"
        if chart is None or self._threads.artist is None or await self._box.posted(slot):
            return
        drawn = await self._threads.artist.png(chart)
        if drawn is not None:
            await self._box.attach(slot, picture_of(chart, drawn))

    async def _open(self, headline: str) -> None:
        await self._threads.reactions.add(self._place.channel, self._subject, REACTION_SEEN)
        await self._card.open(headline)
        await self._session("processing")

    async def _post(self, slot: str, message: Message) -> None:
        await self._box.post(slot, message)

    async def _post_final(self, content: Report) -> None:
        messages = await self._ending.sealed()
        if messages is None:
            messages = report(content, self._run, await self._around())
        await self._ending.post(messages)

    async def _around(self) -> Around:
        """What the message links to. The alarm's own address is left out when Slack does not give it now."""
        place = self._place
        permalink = ""
        try:
            answer = await self._threads.api.call(
                "chat.getPermalink", channel=place.channel, message_ts=place.thread_ts
            )
            permalink = str(answer.get("permalink") or "")
        except TocsinError as error:
            _log.info("no address of the alarm: %s", error)
        return Around(
            repository=self._threads.repository,
            permalink=permalink,
            links=self._incident.alarm.links,
            issues=await self._threads.can_open_issues(),
        )

    async def _sign_off(self, content: Report) -> None:
        reactions, channel = self._threads.reactions, self._place.channel
        final = REACTIONS[content.outcome]
        await reactions.add(channel, self._subject, final, tries=_SIGN_TRIES)
        await reactions.remove(channel, self._subject, REACTION_SEEN, tries=_SIGN_TRIES)
        for ts in content.heard:
            await reactions.add(channel, ts, final, tries=_SIGN_TRIES)
            await reactions.remove(channel, ts, REACTION_SEEN, tries=_SIGN_TRIES)
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
