"""What people write in the thread, and what fires, while an investigation runs enters at its next turn.

Nothing is lost and nothing is paid twice: the words are appended to the conversation, whose prefix stays cached. They
are only taken off the waiting list once they are saved, so a crash in between answers them twice rather than never.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from bot.agent.messages import Prompt, Reply, text, user
from bot.agent.model import Model, Notice
from bot.incidents.incident import Member, Question
from bot.investigation import prompt as words
from bot.investigation.transcript import StoredTranscript


class Heard(Protocol):
    """What people said and nobody has taken up, and what fired; `bot.incidents.store.IncidentStore` is one."""

    async def members(self, incident_id: str) -> list[Member]:
        """The further alarms of an incident, in the order in which they joined."""

    async def waiting(self, incident_id: str) -> list[Question]:
        """The questions of an incident that wait, oldest first."""

    async def absorb(self, incident_id: str, epoch: int, ids: Sequence[str]) -> None:
        """They entered the run that goes on. Raises Superseded."""


class Steered:
    """A Model that lets people, and further alarms of the incident, speak before each reply."""

    def __init__(
        self,
        inner: Model,
        transcript: StoredTranscript,
        heard: Heard,
        clock: Callable[[], datetime],
    ) -> None:
        self._inner = inner
        self._transcript = transcript
        self._heard = heard
        self._clock = clock

    async def reply(self, prompt: Prompt, *, within: float, notice: Notice) -> Reply:
        fired, asked = await self._joined(), await self._asked()
        return await self._inner.reply(
            self._transcript.prompt() if fired or asked else prompt, within=within, notice=notice
        )

    async def _joined(self) -> bool:
        transcript = self._transcript
        members = await self._heard.members(transcript.incident_id)
        fresh = [member for member in members if member.fingerprint not in transcript.members]
        if fresh:
            told = words.joined(fresh, self._clock())
            await transcript.hear(user(text(told)), members=[m.fingerprint for m in fresh])
        return bool(fresh)

    async def _asked(self) -> bool:
        transcript = self._transcript
        said = await self._heard.waiting(transcript.incident_id)
        for question in said:
            told = words.steer(question.text, question.user, self._clock())
            await transcript.hear(user(text(told)), heard=[question.ts])
        if said:
            await self._heard.absorb(transcript.incident_id, transcript.epoch, [q.id for q in said])
        return bool(said)
