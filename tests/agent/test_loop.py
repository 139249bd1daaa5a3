"""The loop takes turns until something ends the run, and always asks for a last reply."""

from __future__ import annotations

import pytest

from bot.agent.budget import Budget, Meter
from bot.agent.loop import Agent
from bot.agent.messages import StopReason
from bot.errors import PermanentError, TemporaryError
from tests.agent.fakes import (
    Answer,
    Bench,
    Diary,
    MemoryTranscript,
    ScriptedModel,
    a_dollar_each,
    says,
    uses,
    words,
)


class Run:
    """One run over scripted answers, on a clock that stands still unless moved."""

    def __init__(
        self, *answers: Answer, budget: Budget | None = None, seconds_per_reply: float = 0.0
    ) -> None:
        self.now = 0.0
        self._seconds_per_reply = seconds_per_reply
        self.model = ScriptedModel(answers, self._tick)
        self.bench = Bench()
        self.transcript = MemoryTranscript()
        self.diary = Diary()
        self.meter = Meter(budget or Budget(usd=100), started=0.0)
        self.agent = Agent(
            self.model, self.bench, a_dollar_each, concluding="finish", clock=lambda: self.now
        )

    def _tick(self) -> None:
        self.now += self._seconds_per_reply

    async def go(self) -> StopReason:
        return await self.agent.run(self.transcript, self.meter, self.diary)


async def test_calls_of_one_reply_run_and_their_results_go_back_in_one_message() -> None:
    """Two parallel calls give one user message with two results, labelled in order."""
    run = Run(
        says(words("looking"), uses("look", "a", at="x"), uses("look", "b", at="y")),
        says(uses("finish", "c")),
    )

    assert await run.go() == "concluded"

    results = run.transcript.messages[2]
    assert results["role"] == "user"
    assert [block["tool_use_id"] for block in results["content"]] == ["a", "b"]
    assert results["content"][0]["content"][0]["text"] == "[c1] look\nsaw {'at': 'x'}"
    assert [call.label for call in run.bench.calls] == ["c1", "c2", "c3"]
    assert run.diary.lines[0] == "thought looking"


async def test_the_conversation_stays_valid_after_the_end() -> None:
    """Every tool_use has its result, even the one that ended the run."""
    run = Run(says(uses("finish", "a"), uses("look", "b")))

    await run.go()

    assert [message["role"] for message in run.transcript.messages] == ["user", "assistant", "user"]
    assert [block["tool_use_id"] for block in run.transcript.messages[-1]["content"]] == ["a", "b"]


async def test_at_the_deadline_one_last_reply_is_asked_for_and_only_the_concluding_tool_is_honoured() -> (
    None
):
    """The other call of the last reply is answered as ignored and never runs."""
    budget = Budget(seconds=100, reserve_seconds=40, usd=100)
    run = Run(
        says(uses("look", "a")),
        says(uses("look", "b"), uses("finish", "c")),
        budget=budget,
        seconds_per_reply=61,
    )

    assert await run.go() == "out_of_time"

    assert [call.name for call in run.bench.calls] == ["look", "finish"]
    assert run.model.limits == [60, 39]
    notice = run.transcript.messages[-3]["content"][0]["text"]
    assert "only finish is honoured" in notice
    ignored = run.transcript.messages[-1]["content"][0]
    assert ignored["is_error"] is True


@pytest.mark.parametrize(
    ("budget", "reason"),
    [
        (Budget(turns=1, usd=100), "out_of_turns"),
        (Budget(tool_calls=1, usd=100), "out_of_turns"),
        (Budget(tokens=110, usd=100), "out_of_tokens"),
        (Budget(usd=2), "out_of_money"),
    ],
)
async def test_every_limit_leads_to_a_last_reply(budget: Budget, reason: str) -> None:
    """After one turn the limit is reached; the second reply is the last."""
    run = Run(says(uses("look", "a")), says(uses("finish", "b")), budget=budget)

    assert await run.go() == reason
    assert run.bench.calls[-1].name == "finish"


async def test_a_last_reply_that_cannot_be_paid_is_not_asked_for() -> None:
    """A reply that took more than it should leaves nothing; nobody is charged for more."""
    run = Run(says(uses("look", "a")), budget=Budget(usd=1.5))

    assert await run.go() == "out_of_money"
    assert len(run.model.prompts) == 1


@pytest.mark.parametrize(
    ("budget", "asked"),
    [
        (Budget(turns=1, usd=100), 3),
        (Budget(turns=1, usd=2), 2),
        (Budget(turns=1, usd=100, seconds=4, reserve_seconds=1), 2),
    ],
    ids=["room for another", "no money", "no time"],
)
async def test_a_conclusion_that_is_not_accepted_may_be_corrected_once(
    budget: Budget, asked: int
) -> None:
    """As far as time and money go; never a third time."""
    wrong = says(uses("finish", "b", wrong=True))
    run = Run(says(uses("look", "a")), wrong, says(uses("finish", "c", wrong=True)), budget=budget)

    assert await run.go() == "out_of_turns"
    assert len(run.model.prompts) == asked


async def test_a_model_that_answers_too_late_is_asked_for_the_last_reply() -> None:
    """Time over while waiting is time over."""
    run = Run(TimeoutError(), says(uses("finish")))

    assert await run.go() == "out_of_time"
    assert [call.name for call in run.bench.calls] == ["finish"]


async def test_an_api_that_stays_away_ends_the_run_as_unavailable() -> None:
    """Neither the turn nor the last reply could be had."""
    run = Run(TemporaryError("overloaded"), TemporaryError("overloaded"))

    assert await run.go() == "model_unavailable"


async def test_a_refused_key_is_raised_at_once() -> None:
    """Nothing can be gained by going on."""
    with pytest.raises(PermanentError):
        await Run(PermanentError("bad key")).go()


async def test_a_reply_without_calls_is_nudged_twice_and_then_ends_the_run() -> None:
    """Words alone do not conclude."""
    talk = [says(words("hm"), stop="end_turn") for _ in range(3)]
    run = Run(*talk)

    assert await run.go() == "ended"
    assert len(run.model.prompts) == 3
    assert "call finish now" in run.transcript.messages[2]["content"][0]["text"]


async def test_an_empty_reply_is_not_recorded() -> None:
    """An empty assistant message would make the next request invalid."""
    run = Run(says(stop="end_turn"), says(uses("finish")))

    assert await run.go() == "concluded"
    assert all(message["content"] for message in run.transcript.messages)


async def test_a_refusal_ends_the_run() -> None:
    """Asking again would be refused again."""
    assert await Run(says(words("I cannot help"), stop="refusal")).go() == "refused"


@pytest.mark.parametrize(
    "reply",
    [
        says(
            uses("look", "a"),
            {"type": "tool_use", "id": "b", "name": "look", "input": {"cut": 1}},
            stop="max_tokens",
        ),
        says(uses("look", "a"), {"type": "tool_use", "id": "b", "name": "look", "input": "text"}),
    ],
)
async def test_cut_or_malformed_arguments_are_never_run(reply: Answer) -> None:
    """The call is answered as an error and the model may call again."""
    run = Run(reply, says(uses("finish", "c")))

    assert await run.go() == "concluded"
    assert [call.name for call in run.bench.calls] == ["look", "finish"]
    assert run.transcript.messages[2]["content"][1]["is_error"] is True
