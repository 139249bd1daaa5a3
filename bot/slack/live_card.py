"""The progress card in its thread: posted once, edited while the run goes on, continued after a restart, closed at the end."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from pydantic import ValidationError

from bot.errors import TemporaryError
from bot.investigation.diagnosis import Report
from bot.investigation.progress import Step
from bot.slack.api import REFUSED_BLOCKS, SlackRefused
from bot.slack.card import Card, Limits, Style, render
from bot.slack.clock import Clock
from bot.slack.controls import Run
from bot.slack.letterbox import Letterbox
from bot.slack.live import Edits, LiveMessage
from bot.slack.message import Message

_log = logging.getLogger(__name__)
_DONE_ATTEMPTS = 8
"""A card that still says that it runs, after its end, would be a lie."""


@dataclass
class Look:
    """How the cards of one process look. What Slack refuses once is not tried again."""

    limits: Limits = field(default_factory=Limits)
    style: Style = "plan"
    edits: Edits = field(default_factory=Edits)

    def gives_in(self, refused: SlackRefused) -> bool:
        """Whether the plan block may be why; from then on cards are plain, in this whole process."""
        if refused.code not in REFUSED_BLOCKS or self.style == "plain":
            return False
        _log.warning("Slack refuses the plan block, cards are plain from now on: %s", refused)
        self.style = "plain"
        return True


class LiveCard:
    """The card of one run or answer. Before `open` and after `stop` nothing is edited."""

    def __init__(self, box: Letterbox, run: Run, look: Look, clock: Clock) -> None:
        self._box = box
        self._run = run
        self._look = look
        self._clock = clock
        self._slot = card_slot(run)
        self._card: Card | None = None
        self._ts = ""
        self._live = LiveMessage(self._show, clock, look.edits)

    @property
    def is_open(self) -> bool:
        """Whether there is a card to show progress on."""
        return self._card is not None

    async def open(self, headline: str) -> None:
        """Post the card, or go on with the one that is there: of an earlier delivery, or of the time in the queue."""
        stored = _stored(await self._box.noted(self._slot))
        waited = stored is None and await self._box.posted(self._slot) is not None
        self._card = stored or Card(headline=headline, started_at=self._clock.time())
        self._ts = await self._post(self._card)
        if waited:
            await self._show()
        await self._remember()
        self._live.start()

    def step(self, step: Step) -> None:
        """Shown with the next edit."""
        if self._card is not None:
            self._card = self._card.with_step(step)
            self._live.changed()

    def thought(self, text: str) -> None:
        """Shown with the next edit."""
        if self._card is not None:
            self._card = self._card.with_thought(text)
            self._live.changed()

    async def stop(self) -> None:
        """Edit no more; what it shows stays."""
        await self._live.stop()

    async def close(self, report: Report) -> None:
        """Show how the run ended, also on a card whose post was cut off. Raises what an edit raises."""
        ts = self._ts or await self._box.adopt(self._slot)
        card = self._card or _stored(await self._box.noted(self._slot))
        if not ts or card is None:
            return
        self._ts = ts
        self._card = card.done(report.outcome, report.seconds)
        for _ in range(_DONE_ATTEMPTS - 1):
            try:
                await self._show(urgent=True)
            except TemporaryError as error:
                await self._clock.sleep(error.retry_after or 1.0)
            else:
                return
        await self._show(urgent=True)

    async def withhold(self, message: Message) -> None:
        """Show this instead of the card, if there is one. Raises what an edit raises."""
        if ts := self._ts or await self._box.adopt(self._slot):
            await self._box.edit(ts, lambda: message, urgent=True, for_all=True)

    async def _post(self, card: Card) -> str:
        try:
            return await self._box.post(self._slot, self._render(card))
        except SlackRefused as refused:
            if not self._look.gives_in(refused):
                raise
        return await self._box.post(self._slot, self._render(card))

    async def _show(self, *, urgent: bool = False) -> None:
        card = self._card
        if card is None or not self._ts:
            return
        await self._remember()

        def latest() -> Message:
            return self._render(self._card or card)

        try:
            await self._box.edit(self._ts, latest, urgent=urgent)
        except SlackRefused as refused:
            if not self._look.gives_in(refused):
                raise
            await self._box.edit(self._ts, latest, urgent=urgent)

    async def _remember(self) -> None:
        if self._card is not None:
            await self._box.note(self._slot, self._card.model_dump_json())

    def _render(self, card: Card) -> Message:
        look = self._look
        now = self._clock.time()
        return render(card, self._run, now=now, style=look.style, limits=look.limits)


def card_slot(run: Run) -> str:
    """The outbox slot of a run's card."""
    return f"{run.slot}/card"


def _stored(text: str | None) -> Card | None:
    if text is None:
        return None
    try:
        return Card.model_validate_json(text)
    except ValidationError:
        _log.warning("a stored card of another version is ignored")
        return None
