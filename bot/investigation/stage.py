"""The conversations of an incident, one per model that has worked on it.

The first has the incident's id, the next `<incident>~2`, and so on. A conversation begins whole, with the run that
goes on in it, in one atomic step; so whichever is the latest is where a redelivered job goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.agent.remarks import remarks
from bot.conversations.conversation import Conversation, Json, stage_id
from bot.conversations.store import ConversationStore
from bot.errors import PermanentError
from bot.investigation import prompt
from bot.investigation.cascade import Cascade, handed_over
from bot.investigation.evidence import Source
from bot.investigation.existence import Existence
from bot.investigation.reread import NAME as REREAD
from bot.investigation.reread import Rereading
from bot.investigation.submission import NAME as SUBMIT
from bot.investigation.submission import Submission
from bot.investigation.transcript import Ledger, RunRecord, StoredTranscript
from bot.tools.compressed import Compressed
from bot.tools.loop_guard import Remembered
from bot.tools.toolset import Toolset


@dataclass(frozen=True, slots=True)
class Stage:
    """One conversation with one model, and the run that goes on in it."""

    number: int
    """From 1."""
    conversation: Conversation
    transcript: StoredTranscript
    submission: Submission
    toolset: Toolset
    """The tools outside, without what is added per stage."""


_OWN = frozenset({SUBMIT, REREAD})
"""Tools that there are without any server."""


class Stages:
    """Opens conversations and hands them over. `clock` is aware UTC."""

    def __init__(
        self, store: ConversationStore, cascade: Cascade, clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._cascade = cascade
        self._clock = clock

    async def enter(self, incident_id: str, slot: str, epoch: int, toolset: Toolset) -> Stage:
        """The incident's latest conversation, or its first one, newly begun. Raises Superseded."""
        for number in range(len(self._cascade.models), 0, -1):
            known = await self._store.load(stage_id(incident_id, number))
            if known is not None:
                stage = self._stage(number, known, slot, epoch, toolset)
                await self._thaw(stage)
                return stage
        stage = self._stage(1, self._empty(incident_id), slot, epoch, toolset)
        stage.conversation.tools = await _definitions(stage)
        if await self._store.create(stage.conversation, epoch):
            return stage
        return await self.enter(incident_id, slot, epoch, toolset)

    async def hand_over(self, stage: Stage, slot: str, why: str) -> Stage:
        """A new conversation in which the next model goes on with the same run. Raises Superseded."""
        before, transcript = stage.conversation, stage.transcript
        record = transcript.record
        if record is None:
            raise PermanentError("This run is no longer remembered; ask for a new diagnosis.")
        run = RunRecord(
            started_at=record.started_at,
            base=record.base,
            first_look=record.first_look,
            diagnosis=record.diagnosis,
            heard=record.heard,
            members=tuple(transcript.members),
        )
        number = stage.number + 1
        following = Conversation(
            id=stage_id(transcript.incident_id, number),
            model=self._cascade.models[number - 1],
            system=before.system,
            tools=before.tools,
            started_at=self._clock(),
            messages=[handed_over(before.messages, before.results, record.diagnosis, why)],
            results=dict(before.results),
            spend=Ledger(spend=transcript.spend, runs={slot: run}).model_dump(mode="json"),
        )
        if not await self._store.create(following, transcript.epoch):
            return await self.enter(transcript.incident_id, slot, transcript.epoch, stage.toolset)
        next_stage = self._stage(number, following, slot, transcript.epoch, stage.toolset)
        next_stage.submission.diagnosis = record.diagnosis
        return next_stage

    async def _thaw(self, stage: Stage) -> None:
        """Tools are frozen when a conversation begins. If it began while no server could be reached, there is nothing
        worth keeping: it takes the tools that are known now."""
        conversation = stage.conversation
        if any(tool["name"] not in _OWN for tool in conversation.tools):
            return
        tools = await _definitions(stage)
        if tools != conversation.tools:
            await self._store.retool(conversation.id, stage.transcript.epoch, tools)
            conversation.tools = tools

    def _empty(self, incident_id: str) -> Conversation:
        return Conversation(
            id=incident_id,
            model=self._cascade.models[0],
            system=prompt.system(),
            tools=[],
            started_at=self._clock(),
        )

    def _stage(
        self, number: int, conversation: Conversation, slot: str, epoch: int, toolset: Toolset
    ) -> Stage:
        def sources() -> Mapping[str, Source]:
            return transcript.sources()

        compressed = Compressed(toolset, remarks=lambda: remarks(conversation.messages))
        submission = Submission(
            Rereading(Remembered(compressed), sources),
            sources,
            Existence(toolset, lambda: conversation.results),
        )
        transcript = StoredTranscript(
            self._store,
            conversation,
            epoch=epoch,
            slot=slot,
            submitted=lambda: submission.diagnosis,
        )
        return Stage(number, conversation, transcript, submission, toolset)


async def _definitions(stage: Stage) -> list[Json]:
    return prompt.definitions(await stage.submission.tools())
