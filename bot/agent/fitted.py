"""A conversation longer than the model can read goes on with its oldest results left out.

Only when the server says that the prompt is too long. The history itself never changes: results are replaced in the
request by one line that tells how to see them again, oldest first, half of those that are left each time, and the
newest turn never. What was left out once stays out, so the prefix moves once per step and is stable in between.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict

from bot.agent.messages import Block, Message, Prompt, Reply
from bot.agent.model import Billed, Lost, Notice, unheard
from bot.agent.refusals import PromptTooLong

_MOST_CONVERSATIONS = 256
LEFT_OUT = (
    "(left out: the conversation is longer than you can read; read_result shows this result again)"
)


class Fitted:
    """A Model that shortens what its inner model cannot take."""

    def __init__(self, inner: Billed) -> None:
        self._inner = inner
        self._left_out: OrderedDict[str, int] = OrderedDict()
        """How many results are left out, by the conversation's first message."""

    async def reply(
        self, prompt: Prompt, *, within: float, notice: Notice, lost: Lost = unheard
    ) -> Reply:
        key = _key(prompt)
        while True:
            count = self._left_out.get(key, 0)
            try:
                return await self._inner.reply(
                    shortened(prompt, count), within=within, notice=notice, lost=lost
                )
            except PromptTooLong:
                left = _results(prompt.messages[:-1]) - count
                if left <= 0:
                    raise
                self._remember(key, count + (left + 1) // 2)

    def _remember(self, key: str, count: int) -> None:
        self._left_out[key] = count
        self._left_out.move_to_end(key)
        if len(self._left_out) > _MOST_CONVERSATIONS:
            self._left_out.popitem(last=False)


def shortened(prompt: Prompt, count: int) -> Prompt:
    """The prompt with its first `count` results replaced by a line each."""
    if not count:
        return prompt
    messages: list[Message] = []
    for message in prompt.messages:
        content: list[Block] = []
        for block in message["content"]:
            hide = block.get("type") == "tool_result" and count > 0
            count -= hide
            content.append(_hidden(block) if hide else block)
        messages.append({**message, "content": content})
    return prompt.model_copy(update={"messages": messages})


def _hidden(result: Block) -> Block:
    heading = str(result["content"][0]["text"]).partition("\n")[0]
    return {**result, "content": [{"type": "text", "text": f"{heading}\n{LEFT_OUT}"}]}


def _results(messages: list[Message]) -> int:
    return sum(
        block.get("type") == "tool_result" for message in messages for block in message["content"]
    )


def _key(prompt: Prompt) -> str:
    first = json.dumps([prompt.model, prompt.messages[0]], sort_keys=True)
    return hashlib.sha256(first.encode()).hexdigest()
