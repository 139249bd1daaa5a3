"""A conversation as remarks, from which results are shortened around what matters."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from bot.agent.messages import Message
from bot.tools.shortening.clues import Remark


def remarks(messages: Iterable[Message]) -> Iterator[Remark]:
    """Who said what, in order: people's and the program's words, results, and what the model said and called for."""
    for message in messages:
        for block in message["content"]:
            match block.get("type"):
                case "text":
                    yield Remark(block["text"], "person" if message["role"] == "user" else "model")
                case "tool_result":
                    yield Remark("\n".join(part["text"] for part in block["content"]), "tool")
                case "tool_use":
                    yield Remark(json.dumps(block["input"], ensure_ascii=False), "model")
