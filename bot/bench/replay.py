"""One design replayed: two incidents in a row through the real loop against the Messages API simulator.

The first finds a cold cache; the second comes two minutes later, within the lifetime of what the first has left.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from statistics import mean
from typing import Any, Literal, NamedTuple

import aiohttp

from bot.agent.budget import Budget, Meter
from bot.agent.claude import Claude
from bot.agent.loop import Agent
from bot.agent.messages import Message, Prompt, Spend, Turn, text, user
from bot.agent.model import Model
from bot.agent.remarks import remarks
from bot.bench.catalogue import ToolSet, tools_of
from bot.bench.placement import PlacedModel, peer, uncached
from bot.bench.script import Script, Step, block_replies, script
from bot.costs.pricing import PriceTable
from bot.errors import PermanentError
from bot.investigation import prompt
from bot.investigation.diagnosis import Diagnosis
from bot.investigation.evidence import Source, occurs
from bot.investigation.first_look import for_prompt
from bot.investigation.reread import Rereading
from bot.investigation.submission import NAME as SUBMIT
from bot.investigation.submission import Submission
from bot.simulators.messages_api import Entry, ManualClock, MessagesApiSimulator, tokens, totals
from bot.simulators.messages_api.models import MODELS
from bot.tools.compressed import Compressed
from bot.tools.shortening.clues import Remark
from bot.tools.toolset import Tool, ToolCall, ToolResult, Toolset

MODEL = "claude-sonnet-5-5"
SECONDS_PER_TURN = 10.0
SECONDS_BETWEEN = 120.0
"""From the end of the first incident to the second one's alarm."""
_BUDGET = Budget(seconds=600, turns=60, tool_calls=200, tokens=100_000_000, usd=1_000)
"""Out of the way: the script decides when it ends."""

Placement = Literal["none", "peer", "tocsin"]


class Setup(NamedTuple):
    """What is replayed, and how."""

    turns: int
    tools: ToolSet
    log_lines: int
    placement: Placement
    compressed: bool = False
    prefetched: bool = False


class Bill(NamedTuple):
    """What one incident cost, from the simulator's ledger. Tokens by kind, as `bot.costs.usage.Usage` names them."""

    usd: float
    tokens: dict[str, int]
    requests: int
    metered_usd: float
    """The bot's own account of the same."""


class Replayed(NamedTuple):
    """Both incidents of one design."""

    cold: Bill
    warm: Bill
    conclusion: Diagnosis
    saved_turns: int
    """Turns that the first look saves."""
    result_tokens: int
    """Mean tokens of a result as the model was shown it, first look not counted."""


async def replay(setup: Setup, scripts: Sequence[Script] = ()) -> Replayed:
    """Play both incidents, those of the setup's length unless others are given.

    Raises PermanentError when a run does not end in a diagnosis whose every quote stands in a result and was shown.
    """
    clock = ManualClock()
    bills: list[Bill] = []
    conclusions: list[Diagnosis] = []
    shown: list[str] = []
    scripts = scripts or [script(setup.turns, setup.log_lines, number) for number in (1, 2)]
    turns = len(scripts[0].steps)
    if setup.prefetched:
        scripts = [played.with_first_look() for played in scripts]
    async with (
        MessagesApiSimulator(clock=clock) as api,
        _model(api, setup.placement) as model,
    ):
        for played in scripts:
            api.script(block_replies(played))
            before = len(api.ledger)
            run = _Run(setup, played, clock)
            conclusions.append(await run.go(model))
            bills.append(_bill(api.ledger[before:], run.transcript.spend))
            shown += run.shown()
            clock.advance(SECONDS_BETWEEN)
    if conclusions[0] != conclusions[1]:
        raise PermanentError(f"The two incidents of {setup} end in different conclusions")
    saved = turns - len(scripts[0].steps)
    return Replayed(bills[0], bills[1], conclusions[0], saved, _mean_tokens(shown))


@asynccontextmanager
async def _model(api: MessagesApiSimulator, placement: Placement) -> AsyncIterator[Model]:
    if placement == "tocsin":
        claude = Claude(api_key=api.api_key, model=MODEL, base_url=api.url)
        try:
            yield claude
        finally:
            await claude.close()
        return
    arrange = peer if placement == "peer" else uncached
    async with aiohttp.ClientSession() as session:
        yield PlacedModel(
            session, api_key=api.api_key, model=MODEL, base_url=api.url, arrange=arrange
        )


def _bill(entries: list[Entry], spend: Spend) -> Bill:
    summed = totals(entries)
    counts = {
        "input": summed.input,
        "cache_write_5m": summed.write_5m,
        "cache_write_1h": summed.write_1h,
        "cache_read": summed.read,
        "output": summed.output,
    }
    return Bill(summed.usd, counts, summed.requests, spend.usd)


class _World:
    """Tools that return what the script says, each call a turn's time later."""

    def __init__(self, tool_set: ToolSet, script: Script, clock: ManualClock) -> None:
        self._tool_set: ToolSet = tool_set
        self._script = script
        self._clock = clock

    async def tools(self) -> Sequence[Tool]:
        return tools_of(self._tool_set)

    async def call(self, call: ToolCall, *, within: float) -> ToolResult:
        self._clock.advance(SECONDS_PER_TURN)
        known = (*self._script.looked, *self._script.steps)
        return ToolResult(call=call, text=known[int(call.label[1:]) - 1].result)


class _Memory:
    """A transcript that is not saved anywhere."""

    def __init__(self, system: str, tools: list[dict[str, Any]]) -> None:
        self.spend = Spend()
        self.sources: dict[str, Source] = {}
        self.messages: list[Message] = []
        self._system = system
        self._tools = tools

    def prompt(self) -> Prompt:
        return Prompt(system=self._system, tools=self._tools, messages=self.messages)

    def label(self, ahead: int) -> str:
        return f"c{len(self.sources) + ahead + 1}"

    def note(self, result: ToolResult) -> None:
        """Keep a whole result for looking quotes up."""
        self.sources[result.call.label] = Source(result.call.name, result.whole)

    async def add(self, turn: Turn, spend: Spend) -> None:
        self.messages += turn.messages()
        self.spend = spend
        for result in turn.results:
            self.note(result)

    async def say(self, message: Message) -> None:
        self.messages.append(message)


class _Silent:
    """A listener that tells nobody."""

    async def thought(self, words: str) -> None:
        pass

    async def calling(self, call: ToolCall) -> None:
        pass

    async def called(self, result: ToolResult) -> None:
        pass

    async def delayed(self, reason: str) -> None:
        raise PermanentError(f"The simulator does not answer: {reason}")


class _Run:
    """One incident."""

    def __init__(self, setup: Setup, script: Script, clock: ManualClock) -> None:
        world: Toolset = _World(setup.tools, script, clock)
        self._tools = Compressed(world, remarks=self._remarks) if setup.compressed else world
        self._script = script
        self._submission = Submission(Rereading(self._tools, self._sources), self._sources)
        self.transcript = _Memory("", [])

    def _remarks(self) -> Iterator[Remark]:
        return remarks(self.transcript.messages)

    def _sources(self) -> Mapping[str, Source]:
        return self.transcript.sources

    async def go(self, model: Model) -> Diagnosis:
        """Play the script. Evidence comes back without the ids of calls, which differ between designs."""
        definitions = prompt.definitions(await self._submission.tools())
        self.transcript = transcript = _Memory(prompt.system(), definitions)
        incident = self._script.incident
        looked = [await self._look(step) for step in self._script.looked]
        said = [prompt.opening(incident, incident.opened_at), for_prompt(looked)]
        await transcript.say(user(*(text(part) for part in said if part)))
        agent = Agent(model, self._submission, _price, concluding=SUBMIT)
        clock = asyncio.get_running_loop().time
        reason = await agent.run(transcript, Meter(_BUDGET, started=clock()), _Silent())
        diagnosis = self._submission.diagnosis
        if reason != "concluded" or diagnosis is None:
            raise PermanentError(f"{incident.id} ended without a diagnosis: {reason}")
        self._check(diagnosis)
        return _without_ids(diagnosis)

    async def _look(self, step: Step) -> ToolResult:
        """A call of the first look, under the label that the next call of the loop would have."""
        label = self.transcript.label(0)
        call = ToolCall(id=f"look_{label}", label=label, name=step.tool, arguments=step.arguments)
        result = await self._tools.call(call, within=60.0)
        self.transcript.note(result)
        return result

    def shown(self) -> list[str]:
        """The results of the script's calls as they stand in the conversation."""
        found = (block for message in self.transcript.messages for block in message["content"])
        texts = ["".join(part["text"] for part in block["content"]) for block in found if block["type"] == "tool_result"]  # fmt: skip
        return texts[: len(self._script.steps)]

    def _check(self, diagnosis: Diagnosis) -> None:
        if not all(finding.verified for finding in diagnosis.findings):
            raise PermanentError(f"A quote of {diagnosis.findings} stands in no result")
        shown = "\n".join(_texts(self.transcript.messages))
        for quote in self._script.quotes:
            if not occurs(quote, shown):
                raise PermanentError(f"The model was never shown what it quotes: {quote}")


def _mean_tokens(texts: Sequence[str]) -> int:
    return round(mean(tokens.count_text(each, MODELS[MODEL].family) for each in texts))


def _without_ids(diagnosis: Diagnosis) -> Diagnosis:
    findings = tuple(
        finding.model_copy(
            update={
                "evidence": tuple(
                    item.model_copy(update={"tool_call_id": ""}) for item in finding.evidence
                )
            }
        )
        for finding in diagnosis.findings
    )
    return diagnosis.model_copy(update={"findings": findings})


def _texts(messages: Sequence[Message]) -> list[str]:
    """All text that a model was given, its own words left out."""
    given = [block for message in messages if message["role"] == "user" for block in message["content"]]  # fmt: skip
    return [part["text"] for block in given for part in (block.get("content") or [block])]


def _price(turn: Turn, spend: Spend) -> Spend:
    reply = turn.reply
    return Spend(
        usage=spend.usage + reply.usage,
        usd=spend.usd + PriceTable().of(reply.model).usd(reply.usage),
        turns=spend.turns + 1,
        tool_calls=spend.tool_calls + len(reply.uses),
        model=reply.model,
    )
