"""A conversation that is too long for the model goes on with its oldest results left out."""

from __future__ import annotations

import copy
import json

import pytest

from bot.agent.claude import Claude
from bot.agent.fitted import LEFT_OUT, Fitted
from bot.agent.messages import Message, Prompt, Reply, text, user
from bot.agent.model import Lost, Notice, unheard
from bot.agent.refusals import PromptTooLong
from bot.simulators.messages_api import MessagesApiSimulator
from tests.agent.fakes import says, uses, words


def history(turns: int, *, about: str = "go", size: int = 50) -> Prompt:
    """A conversation of so many turns with one result each."""
    messages: list[Message] = [user(text(about))]
    for number in range(turns):
        call = {"type": "tool_use", "id": f"t{number}", "name": "look", "input": {}}
        result = {
            "type": "tool_result",
            "tool_use_id": f"t{number}",
            "content": [text(f"[c{number + 1}] look\n" + "x " * size)],
        }
        messages += [{"role": "assistant", "content": [call]}, user(result)]
    tool = {"name": "look", "input_schema": {"type": "object"}}
    return Prompt(system="s", tools=[tool], messages=messages)


class Small:
    """A model that reads so many characters at most."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.prompts: list[Prompt] = []

    async def reply(
        self, prompt: Prompt, *, within: float, notice: Notice, lost: Lost = unheard
    ) -> Reply:
        self.prompts.append(prompt)
        if len(json.dumps(prompt.messages)) > self._limit:
            raise PromptTooLong("too long")
        return says(uses("look"))

    def hidden(self) -> list[int]:
        """How many results each request left out."""
        return [json.dumps(prompt.messages).count(LEFT_OUT) for prompt in self.prompts]


async def _silent(_: str) -> None:
    """Nobody listens."""


async def test_what_fits_is_sent_as_it_is() -> None:
    """The very same prompt."""
    small = Small(100_000)
    prompt = history(3)
    await Fitted(small).reply(prompt, within=1, notice=_silent)
    assert small.prompts == [prompt]


async def test_the_oldest_half_gives_way_until_it_fits() -> None:
    """Calls, ids and the newest turn stay; the history given is not changed."""
    small = Small(15_000)
    prompt = history(20, size=600)
    before = copy.deepcopy(prompt)

    await Fitted(small).reply(prompt, within=1, notice=_silent)

    assert small.hidden() == [0, 10, 15]
    sent = small.prompts[-1].messages
    assert [message["role"] for message in sent] == [m["role"] for m in prompt.messages]
    assert sent[2]["content"][0]["content"][0]["text"] == f"[c1] look\n{LEFT_OUT}"
    assert sent[-1] == prompt.messages[-1]
    assert prompt == before


async def test_what_was_left_out_stays_out() -> None:
    """The next turn of the same conversation begins there; another conversation is whole."""
    small = Small(15_000)
    fitted = Fitted(small)
    await fitted.reply(history(20, size=600), within=1, notice=_silent)
    small.prompts.clear()

    await fitted.reply(history(20, size=600), within=1, notice=_silent)
    await fitted.reply(history(3, about="other"), within=1, notice=_silent)

    assert small.hidden() == [15, 0]


async def test_a_newest_turn_that_is_too_long_alone_is_said() -> None:
    """There is nothing more to leave out."""
    small = Small(10)
    with pytest.raises(PromptTooLong):
        await Fitted(small).reply(history(4), within=1, notice=_silent)
    assert small.hidden() == [0, 2, 3]


async def test_it_works_on_the_wire() -> None:
    """The API says that the prompt is too long; the next request is valid and answered."""
    async with MessagesApiSimulator() as api:
        api.script(["fine"])
        claude = Claude(api_key=api.api_key, model="claude-haiku-4-5", base_url=api.url)
        prompt = history(12, size=25_000)

        reply = await Fitted(claude).reply(prompt, within=50, notice=_silent)

        assert reply.words == words("fine")["text"]
        assert len(api.requests) == 2
        await claude.close()
