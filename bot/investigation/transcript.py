"""A stored conversation, as the loop sees it: saved after every turn, with what each run of it spent and found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from bot.agent.messages import Message, Prompt, Spend, StopReason, Turn
from bot.conversations.conversation import Conversation, StoredResult, incident_of
from bot.conversations.store import ConversationStore
from bot.investigation.diagnosis import Diagnosis
from bot.investigation.evidence import Source
from bot.tools.toolset import ToolResult


class RunRecord(BaseModel):
    """One run (`run:1`) or follow-up (`answer:…`) of a conversation."""

    model_config = ConfigDict(frozen=True)

    started_at: datetime
    base: Spend
    """What the conversation had spent before."""
    first_look: str = ""
    """What rules saw before the model was asked, as the thread shows it."""
    diagnosis: Diagnosis | None = None
    """The last one submitted in this run."""
    reason: StopReason | None = None
    """Why the loop ended; None while it goes on."""
    heard: tuple[str, ...] = ()
    """`ts` of the messages that people wrote while it ran, and that it took up."""
    members: tuple[str, ...] = ()
    """Fingerprints of the incident's further alarms that the model was told of."""


class Ledger(BaseModel):
    """What is saved beside the messages with every turn."""

    model_config = ConfigDict(frozen=True)

    spend: Spend = Spend()
    runs: dict[str, RunRecord] = {}


class StoredTranscript:
    """Implements `bot.agent.transcript.Transcript` over a `ConversationStore`.

    `submitted` gives the diagnosis that the run has submitted so far; it is saved in the same step as the turn.
    Saving raises Superseded when another worker has taken the incident over.
    """

    def __init__(
        self,
        store: ConversationStore,
        conversation: Conversation,
        *,
        epoch: int,
        slot: str,
        submitted: Callable[[], Diagnosis | None],
    ) -> None:
        self._store = store
        self._conversation = conversation
        self.incident_id = incident_of(conversation.id)
        self.epoch = epoch
        self._slot = slot
        self._submitted = submitted
        self._ledger = Ledger.model_validate(conversation.spend)

    @property
    def spend(self) -> Spend:
        """What the whole conversation has used."""
        return self._ledger.spend

    @property
    def record(self) -> RunRecord | None:
        """This run as saved; None before it began."""
        return self._ledger.runs.get(self._slot)

    @property
    def members(self) -> set[str]:
        """Fingerprints of the further alarms that this conversation knows of."""
        return {each for run in self._ledger.runs.values() for each in run.members}

    @property
    def goes_on(self) -> bool:
        """Whether the conversation has messages already."""
        return bool(self._conversation.messages)

    @property
    def last_words(self) -> str:
        """What the model said last."""
        for message in reversed(self._conversation.messages):
            if message["role"] == "assistant":
                blocks = message["content"]
                return "\n".join(b["text"] for b in blocks if b.get("type") == "text").strip()
        return ""

    def prompt(self) -> Prompt:
        conversation = self._conversation
        return Prompt(
            system=conversation.system,
            tools=conversation.tools,
            messages=conversation.messages,
            model=conversation.model,
        )

    def label(self, ahead: int) -> str:
        return f"c{len(self._conversation.results) + ahead + 1}"

    def sources(self) -> Mapping[str, Source]:
        """The results so far, whole, by short call id: what quotes are checked against."""
        results = self._conversation.results.items()
        return {
            label: Source(result.tool, result.text, result.is_error) for label, result in results
        }

    async def begin(
        self,
        opening: Message,
        now: datetime,
        seen: Sequence[ToolResult] = (),
        first_look: str = "",
        members: Sequence[str] = (),
    ) -> RunRecord:
        """Register the run, its first message, the results of the first look, and the alarms it tells of, once.

        `first_look` is how the thread shows those results.
        """
        record = RunRecord(
            started_at=now,
            base=self.spend,
            first_look=first_look,
            members=tuple(members),
        )
        spend = self.spend.model_copy(update={"model": ""})  # the report names this run's models
        await self._save([opening], _stored(seen), spend, record)
        return record

    async def add(self, turn: Turn, spend: Spend) -> None:
        await self._save(
            turn.messages(),
            _stored(turn.results),
            spend,
            self._current(diagnosis=self._submitted()),
        )

    async def say(self, message: Message) -> None:
        await self._save([message], {}, self.spend, self._current())

    async def hear(
        self, message: Message, *, heard: Sequence[str] = (), members: Sequence[str] = ()
    ) -> None:
        """Append what came in while the run goes on: messages of people (their `ts`), further alarms (fingerprints)."""
        record = self._current()
        told = record.model_copy(
            update={
                "heard": (*record.heard, *heard),
                "members": (*record.members, *members),
            }
        )
        await self._save([message], {}, self.spend, told)

    def expect(self, spend: Spend) -> None:
        """Take over what the next reply will cost; saved with whatever is saved next."""
        self._ledger = self._ledger.model_copy(update={"spend": spend})

    async def charge(self, spend: Spend) -> None:
        """Save what was paid for no turn."""
        await self._save([], {}, spend, self._current())

    async def end(self, reason: StopReason) -> None:
        """Remember why the loop ended, so that a redelivered job reports instead of asking again."""
        await self._save([], {}, self.spend, self._current(reason=reason))

    def _current(self, **changes: object) -> RunRecord:
        record = self.record
        if record is None:
            raise RuntimeError(f"{self._slot} has not begun")
        return record.model_copy(update=changes)

    async def _save(
        self,
        messages: list[Message],
        results: Mapping[str, StoredResult],
        spend: Spend,
        record: RunRecord,
    ) -> None:
        ledger = Ledger(spend=spend, runs={**self._ledger.runs, self._slot: record})
        saved = ledger.model_dump(mode="json")
        await self._store.append(self._conversation.id, self.epoch, messages, results, saved)
        self._ledger = ledger
        self._conversation.messages += messages
        self._conversation.results.update(results)


def _stored(results: Sequence[ToolResult]) -> dict[str, StoredResult]:
    return {
        result.call.label: StoredResult(
            result.call.name, result.call.arguments, result.whole, result.is_error
        )
        for result in results
    }
