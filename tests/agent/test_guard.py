"""Every way of going nowhere has a defined answer."""

from __future__ import annotations

from typing import Any

import pytest

from bot.agent.guard import BARREN, MOST_CALLS, SHORTER, Advice, LoopGuard, refusal
from bot.agent.messages import Reply, ToolUse, Turn
from bot.tools.toolset import ToolCall, ToolResult
from tests.agent.fakes import says, uses, words

GO_ON = Advice()
WITHDRAW = Advice(withdraw=True)


def result(name: str, text: str = "", *, error: bool = False, **arguments: Any) -> ToolResult:
    """The result of one call; without a text it is new every time."""
    call = ToolCall(id="t", label="c1", name=name, arguments=arguments)
    return ToolResult(call=call, text=text or f"{name} {arguments}", is_error=error)


class Watched:
    """A guard and the turns it is shown."""

    def __init__(self) -> None:
        self._guard = LoopGuard("finish")

    def turn(self, *results: ToolResult) -> Advice:
        """A turn with these results."""
        return self._guard.judge(Turn(reply=says(uses("look")), results=list(results)))

    def reply(self, reply: Reply) -> Advice:
        """A reply without calls."""
        return self._guard.judge(Turn(reply=reply))


def test_new_answers_are_never_disturbed() -> None:
    """Twenty different calls, and the same call whose answer changes."""
    watched = Watched()
    assert all(watched.turn(result("look", at=number)) == GO_ON for number in range(20))
    assert all(watched.turn(result("poll", f"at {number}")) == GO_ON for number in range(5))


def test_the_third_identical_call_with_the_same_answer_withdraws_the_tools() -> None:
    """However many other calls lie between, and whatever the order of the arguments."""
    watched = Watched()
    assert watched.turn(result("look", "same", a=1, b=2)) == GO_ON
    assert watched.turn(result("look", at="elsewhere")) == GO_ON
    assert watched.turn(result("look", "same", b=2, a=1)) == GO_ON
    assert watched.turn(result("look", at="third")) == GO_ON
    assert watched.turn(result("look", "same", a=1, b=2)) == WITHDRAW


def test_a_call_twice_in_one_reply_counts_once() -> None:
    """A clumsy reply is no loop."""
    assert Watched().turn(*[result("look", "same")] * 5) == GO_ON


def test_going_back_and_forth_is_nudged_and_then_withdrawn() -> None:
    """A-B-A-B: the second round brought nothing."""
    watched = Watched()
    a, b = result("look", "a", at="a"), result("look", "b", at="b")
    assert [watched.turn(a), watched.turn(b), watched.turn(a)] == [GO_ON] * 3
    assert watched.turn(b) == Advice(words=BARREN.format(tool="finish"))
    assert watched.turn(a) == WITHDRAW


def test_three_turns_of_errors_withdraw_the_tools() -> None:
    """Nudged after two, whatever the calls were; one good answer starts the count again."""
    watched = Watched()
    fails = [result("look", error=True, at=number) for number in range(9)]
    assert watched.turn(*fails[:3]) == GO_ON
    assert watched.turn(fails[3]).words
    assert watched.turn(fails[4], result("see")) == GO_ON
    assert watched.turn(fails[5]) == GO_ON
    assert watched.turn(fails[6]).words
    assert watched.turn(fails[7]) == WITHDRAW


def test_silence_is_nudged_twice_in_a_row_and_then_ends_the_run() -> None:
    """Empty replies, words alone, pauses and unknown stop reasons are the same: no call was made."""
    watched = Watched()
    silent = [says(stop="end_turn"), says(words("hm"), stop="pause_turn"), says(stop="eos")]
    first, second, third = (watched.reply(reply) for reply in silent)
    assert "call finish now" in first.words
    assert second == first
    assert third == Advice(end="ended")


def test_a_turn_with_calls_starts_the_count_of_silence_again() -> None:
    """A model that comments its work is not ended for it."""
    watched = Watched()
    for number in range(6):
        assert watched.reply(says(words("so far"), stop="end_turn")).words
        assert watched.turn(result("look", at=number)) == GO_ON


def test_cut_replies_are_told_to_be_shorter_and_then_withdrawn() -> None:
    """Three in a row never get further."""
    watched = Watched()
    cut = says(words("and then"), stop="max_tokens")
    assert [watched.reply(cut), watched.reply(cut)] == [Advice(words=SHORTER)] * 2
    assert watched.reply(cut) == WITHDRAW


def test_a_refusal_ends_the_run() -> None:
    """Asking again would be refused again."""
    assert Watched().reply(says(words("no"), stop="refusal")) == Advice(end="refused")


@pytest.mark.parametrize(
    ("use", "place", "only", "said"),
    [
        (ToolUse(id="a", name="look", input={}), 0, "", ""),
        (ToolUse(id="a", name="look", input=None), 0, "", "cut off or are not a JSON object"),
        (ToolUse(id="a", name="look", input={}), MOST_CALLS, "", "at most 12 calls"),
        (ToolUse(id="a", name="finish", input={}), MOST_CALLS, "", ""),
        (ToolUse(id="a", name="look", input={}), 0, "finish", "only finish is honoured"),
        (ToolUse(id="a", name="finish", input={}), 0, "finish", ""),
    ],
)
def test_which_calls_are_not_run(use: ToolUse, place: int, only: str, said: str) -> None:
    """Unreadable arguments, too many in one reply, and everything but the conclusion at the end."""
    told = refusal(use, place, only, "finish")
    assert said in told
    assert bool(told) == bool(said)
