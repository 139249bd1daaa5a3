"""Servers that speak the Messages API in their own way: each quirk on the wire, with the real SDK."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest
from pydantic import ValidationError

from bot.agent.backends import BACKENDS, FEATURES, Dialect
from bot.agent.budget import Budget, Meter
from bot.agent.claude import Claude
from bot.agent.loop import Agent
from bot.agent.messages import Message, Prompt, StopReason, text, user
from bot.agent.messages import Reply as Answered
from bot.agent.model import Notice
from bot.costs.usage import Usage
from bot.errors import PermanentError
from bot.settings import Settings
from bot.simulators.messages_api import (
    MessagesApiSimulator,
    Reply,
    faults,
    thinking,
    tool_use,
)
from bot.simulators.messages_api import text as says
from bot.tools.toolset import ToolCall, ToolResult
from tests.agent.fakes import Bench, Diary, MemoryTranscript, a_dollar_each

TOOLS = [
    {
        "name": name,
        "description": "d",
        "input_schema": {"type": "object", "properties": {}, "additionalProperties": False},
        "strict": True,
    }
    for name in ("look", "finish")
]
REFUSING = [
    "no_cache_control",
    "no_thinking",
    "no_effort",
    "no_strict",
    "no_thinking_history",
    "no_redacted_thinking",
    "no_error_marks",
    "string_system",
    "string_results",
    "small_output",
]
ANSWERING = [
    "repeated_ids",
    "no_usage",
    "no_cache_usage",
    "null_usage",
    "foreign_stop_reason",
    "unsigned_thinking",
    "broken_input",
    "quoted_input",
    "half_characters",
]
NEVER_USED = ["no_tool_choice", "no_token_counting", "no_model_list", "no_repeated_roles"]
OPEN = (
    *("any_model", "no_model_list", "no_token_counting", "no_tool_choice", "no_thinking"),
    "unsigned_thinking",
)
SERVERS = {
    "vllm": (*OPEN, "no_effort", "no_cache_usage", "repeated_ids"),
    "sglang": (*OPEN, "no_redacted_thinking", "validation_errors"),
    "llamacpp": (*OPEN, "no_cache_usage", "broken_input", "foreign_stop_reason"),
    "ollama": (*OPEN, "no_cache_usage", "no_strict", "no_cache_control"),
    "lmstudio": (*OPEN, "null_usage", "quoted_input"),
}


class Frank(MemoryTranscript):
    """A transcript with a system prompt and tools."""

    def prompt(self) -> Prompt:
        return Prompt(system="You look.", tools=TOOLS, messages=list(self.messages))


class Known(Bench):
    """A bench that has the listed tools only."""

    async def call(self, call: ToolCall, *, within: float) -> ToolResult:
        if call.name not in ("look", "finish"):
            return ToolResult(call=call, text=f"There is no tool named {call.name}.", is_error=True)
        return await super().call(call, within=within)


def _note(lost: list[tuple[str, Usage]], model: str, usage: Usage) -> None:
    lost.append((model, usage))


class Stage:
    """A run of the loop against one server."""

    def __init__(self, api: MessagesApiSimulator, claude: Claude) -> None:
        self.api = api
        self.claude = claude
        self.bench = Known()
        self.diary = Diary()
        self.transcript = Frank()
        self.lost: list[tuple[str, Usage]] = []

    async def reply(self, prompt: Prompt, *, within: float, notice: Notice) -> Answered:
        """The client's, noting what it lost."""
        lose = partial(_note, self.lost)
        return await self.claude.reply(prompt, within=within, notice=notice, lost=lose)

    async def run(self) -> StopReason:
        """One run over a fresh transcript."""
        self.transcript = Frank()
        meter = Meter(Budget(usd=100, seconds=20, reserve_seconds=1), started=0.0)
        agent = Agent(self, self.bench, a_dollar_each, concluding="finish", clock=lambda: 0.0)
        return await agent.run(self.transcript, meter, self.diary)

    @property
    def bodies(self) -> list[Any]:
        """Requests so far, refused ones included."""
        return [request.body for request in self.api.requests]

    @property
    def refused(self) -> int:
        """Requests that got no answer."""
        return len(self.api.requests) - len(self.api.ledger)


def looks_twice_and_finishes(request: dict[str, Any]) -> Any:
    """Thinks, fails once, looks again, finishes; every step depends on what it is shown."""
    seen = json.dumps(request["messages"])
    if "saw {'at': 2}" in seen:
        return tool_use("finish", {"done": True})
    if "saw {'at': 1}" in seen:
        return [thinking("more"), says("Once more 😀."), tool_use("look", {"at": 2})]
    hidden = {"type": "redacted_thinking", "data": "x"}
    return [thinking("hm"), hidden, tool_use("look", {"at": 1}), tool_use("nothing", {"at": 0})]


@contextlib.asynccontextmanager
async def staged(
    *quirks: str, model: str = "claude-sonnet-5-5", **changes: Any
) -> AsyncIterator[Stage]:
    """A server with these quirks and a client for it."""
    async with MessagesApiSimulator(quirks=quirks) as api:
        api.script(looks_twice_and_finishes)
        claude = Claude(api_key=api.api_key, model=model, base_url=api.url, **changes)
        yield Stage(api, claude)
        await claude.close()


@pytest.mark.parametrize("quirk", REFUSING)
async def test_a_refused_feature_is_given_up_once_and_for_all(quirk: str) -> None:
    """One refused request, then everything works without it, in the next run too; no request is sent twice."""
    async with staged(quirk) as stage:
        assert await stage.run() == "concluded"
        assert stage.refused == 1
        bodies = [json.dumps(body) for body in stage.bodies]
        assert len(set(bodies)) == len(bodies)

        assert await stage.run() == "concluded"
        assert stage.refused == 1


async def test_a_refused_lifetime_leaves_the_markers() -> None:
    """Five minutes are what every cache knows."""
    async with staged("no_cache_ttl", shared_ttl="1h") as stage:
        assert await stage.run() == "concluded"
        assert stage.refused == 1
        assert stage.bodies[-1]["tools"][-1]["cache_control"] == {"type": "ephemeral"}


async def test_what_was_learned_holds_for_other_clients_of_the_process() -> None:
    """By base URL and model: another model of the same server is asked in full."""
    async with staged("no_thinking") as stage:
        await stage.run()
        other = Claude(api_key=stage.api.api_key, model="claude-sonnet-5-5", base_url=stage.api.url)
        await Stage(stage.api, other).run()
        assert stage.refused == 1
        third = Claude(api_key=stage.api.api_key, model="claude-haiku-5-5", base_url=stage.api.url)
        await Stage(stage.api, third).run()
        assert stage.refused == 2
        await other.close()
        await third.close()


async def test_a_server_that_refuses_many_things_is_learned_step_by_step() -> None:
    """Each refusal gives up one feature; errors may have the form of FastAPI's validation."""
    refuses = ("no_cache_control", "no_thinking", "no_effort", "no_strict", "string_system")
    async with staged(*refuses, "validation_errors") as stage:
        assert await stage.run() == "concluded"
        assert stage.refused == len(refuses)
        assert "no_thinking" in stage.api.quirks


@pytest.mark.parametrize("quirk", ANSWERING)
async def test_answers_in_a_servers_own_way_are_understood(quirk: str) -> None:
    """Ids, counts, signatures, stop reasons and arguments: nothing is refused, the run concludes."""
    async with staged(quirk) as stage:
        assert await stage.run() == "concluded"
        assert stage.refused == 0
        assert [call.arguments for call in stage.bench.calls if call.name == "look"][-2:] == [
            {"at": 1},
            {"at": 2},
        ]


@pytest.mark.parametrize("quirk", NEVER_USED)
async def test_what_servers_lack_most_often_is_never_used(quirk: str) -> None:
    """No forced choice, no token counting, no list of models, no neighbours of the same role."""
    async with staged(quirk) as stage:
        await stage.claude.check()
        assert await stage.run() == "concluded"
        assert stage.refused == 0


async def test_nudges_never_make_two_user_messages_in_a_row() -> None:
    """Results and the words after them go as one message."""
    async with staged("no_repeated_roles") as stage:
        stage.api.script(["hm", "hm", tool_use("finish")])
        assert await stage.run() == "concluded"
        assert stage.refused == 0


@pytest.mark.parametrize("backend", SERVERS)
async def test_a_server_known_by_name_is_asked_right_from_the_start(backend: str) -> None:
    """No request is refused, and an open model's name is no hindrance."""
    async with staged(*SERVERS[backend], model="deepseek-v3.2", backend=backend) as stage:
        await stage.claude.check()
        assert await stage.run() == "concluded"
        assert stage.refused == 0
        assert stage.transcript.turns[-1].reply.model == "deepseek-v3.2"


@pytest.mark.parametrize("backend", SERVERS)
async def test_a_server_not_known_by_name_is_learned(backend: str) -> None:
    """The same servers without the setting."""
    async with staged(*SERVERS[backend], model="llama-4") as stage:
        assert await stage.run() == "concluded"
        assert 0 < stage.refused <= 4


async def test_unreadable_arguments_are_answered_and_never_run() -> None:
    """The model is told; what goes back to the server is valid."""
    async with staged("broken_input") as stage:
        assert await stage.run() == "concluded"
        first = stage.transcript.messages[2]["content"]
        assert all(block["is_error"] for block in first)
        assert "not a JSON object" in first[0]["content"][0]["text"]
        assert stage.transcript.messages[1]["content"][2]["input"] == {}


async def test_unsigned_thinking_goes_back_without_a_signature() -> None:
    """Nothing is made up."""
    async with staged("unsigned_thinking") as stage:
        await stage.run()
        thought = stage.bodies[1]["messages"][1]["content"][0]
        assert thought == {"type": "thinking", "thinking": "hm"}


async def test_unknown_tokens_are_zero_and_known_ones_counted() -> None:
    """A server without cache counts still shows its tokens; one without any shows none."""
    async with staged("no_cache_usage") as stage:
        await stage.run()
        usage = stage.transcript.spend.usage
        assert usage.input > 0
        assert usage.cache_read == usage.cache_write_5m == 0
    async with staged("no_usage") as stage:
        await stage.run()
        assert stage.transcript.spend.usage.total == 0


async def test_a_refusal_that_names_nothing_is_final() -> None:
    """It is said, and not sent again."""
    async with staged() as stage:
        stage.api.faults.add(faults.refused(400, "something is wrong"), times=5)
        with pytest.raises(PermanentError, match="something is wrong"):
            await stage.run()
        assert len(stage.bodies) == 1


async def test_a_feature_that_is_refused_again_is_final() -> None:
    """Nothing is given up twice, so nothing is asked for ever."""
    async with staged() as stage:
        stage.api.faults.add(faults.refused(400, "thinking: no"), times=99)
        with pytest.raises(PermanentError, match="thinking: no"):
            await stage.run()
        assert len(stage.bodies) == 2


async def test_a_call_cut_at_the_length_limit_is_asked_for_with_more_room_once() -> None:
    """Both attempts are paid for, apart; a server of unknown size is not asked for more."""
    long = tool_use("look", {"at": "x" * 2000})
    async with staged(backend="anthropic", max_tokens=300) as stage:
        stage.api.script([[long], [long], tool_use("finish")])
        assert await stage.run() == "concluded"
        assert [body["max_tokens"] for body in stage.bodies] == [300, 600, 300]
        cut, first, _ = stage.api.ledger
        assert stage.transcript.turns[0].reply.usage.output == first.output
        assert [usage.output for _, usage in stage.lost] == [cut.output]
    async with staged(max_tokens=300) as stage:
        stage.api.script([[long], tool_use("finish")])
        assert await stage.run() == "concluded"
        assert [body["max_tokens"] for body in stage.bodies] == [300, 300]
        assert not [call for call in stage.bench.calls if call.name == "look"]


@pytest.mark.parametrize("stop", ["pause_turn", "model_context_window_exceeded", "eos", ""])
async def test_any_stop_reason_leads_on(stop: str) -> None:
    """A pause and words nobody knows are an end of the reply like any other."""
    async with staged() as stage:
        stage.api.script([Reply([says("hm")], stop_reason=stop or None), tool_use("finish")])
        assert await stage.run() == "concluded"


async def test_a_refusal_by_the_model_is_paid_for_and_not_kept() -> None:
    """Its words would make the model refuse again in every later turn; its calls are not run."""
    async with staged() as stage:
        stage.api.script([Reply([says("I can"), tool_use("look")], stop_reason="refusal")])
        assert await stage.run() == "refused"
        assert [message["role"] for message in stage.transcript.messages] == ["user"]
        assert stage.transcript.spend.usage.total > 0
        assert stage.bench.calls == []


async def test_thirty_calls_in_one_reply_are_bounded() -> None:
    """The first are run, the others answered as not run; the conversation stays valid."""
    async with staged("repeated_ids") as stage:
        many = [tool_use("look", {"at": number}) for number in range(30)]
        stage.api.script([many, tool_use("finish")])
        assert await stage.run() == "concluded"
        assert len(stage.bench.calls) == 12 + 1
        results = stage.transcript.messages[2]["content"]
        assert len(results) == 30
        assert sum("at most 12 calls" in block["content"][0]["text"] for block in results) == 18


def test_the_table_names_features_that_exist() -> None:
    """A typing error there would be silent."""
    names = {feature.name for feature in FEATURES}
    assert all(lacks <= names for lacks in BACKENDS.values())


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_setting_takes_every_backend_of_the_table(backend: str) -> None:
    """And no other."""
    assert Settings.model_validate({"TOCSIN_BACKEND": backend}).backend == backend
    with pytest.raises(ValidationError, match=r"(?i)backend"):
        Settings.model_validate({"TOCSIN_BACKEND": f"{backend}2"})


def test_a_request_without_every_feature_is_still_whole() -> None:
    """Messages that consist of thinking alone disappear and their neighbours are joined."""
    history: list[Message] = [
        user(text("go")),
        {"role": "assistant", "content": [{"type": "thinking", "thinking": "t"}]},
        user({"type": "tool_result", "tool_use_id": "a", "content": [text("r")], "is_error": True}),
    ]
    body = {
        "model": "m",
        "max_tokens": 16_000,
        "system": [text("s")],
        "tools": [{**TOOLS[0], "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
        "messages": history,
        "thinking": {"type": "adaptive"},
        "output_config": {"effort": "low"},
    }
    dialect = Dialect("http://nowhere", "m")
    signs = "thinking signature max_tokens ttl cache_control effort strict is_error system: string"
    while dialect.learn(f"{signs}; tool_result: string", dialect.spoken(body)):
        pass

    spoken = dialect.spoken(body)

    assert spoken["messages"] == [
        user(text("go"), {"type": "tool_result", "tool_use_id": "a", "content": "r"})
    ]
    assert spoken["system"] == "s"
    assert set(spoken) == {"model", "max_tokens", "system", "tools", "messages"}
    assert set(spoken["tools"][0]) == {"name", "description", "input_schema"}
    assert history[1]["content"], "the history itself never changes"
