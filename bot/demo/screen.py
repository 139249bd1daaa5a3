"""A Slack thread in the terminal, printed as it grows: each line once, a task when it is over."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.text import Text

from bot.demo.play import key

_LINK = re.compile(r"<(?:https?://[^|>]+)\|([^>]+)>")
_BOLD = re.compile(r"(?<![\w*])\*([^*\n]+)\*(?![\w*])")
_OVER = {"complete": ("✓", "green"), "error": ("✗", "red")}
_INDENT = "  "


class Screen:
    """Prints a thread. Whatever stands in it is printed as text, never as markup or control codes."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._printed: set[tuple[str, str]] = set()

    def show(self, thread: list[dict[str, Any]], bot_id: str) -> None:
        """Print what is new in the thread since the last call."""
        for message in thread:
            ours = message.get("bot_id") == bot_id
            for line in lines(message):
                if (message["ts"], line.plain) in self._printed:
                    continue
                self._printed.add((message["ts"], line.plain))
                self._console.print(Text(_INDENT if ours else "") + line, soft_wrap=True)


def lines(message: dict[str, Any]) -> Iterator[Text]:
    """A message's readable lines; of the progress card only the tasks that are over."""
    if any(block.get("type") == "plan" for block in message.get("blocks", ())):
        yield from _card(message)
        return
    name = (message.get("bot_profile") or {}).get("name") or message.get("username") or "somebody"
    final = "/final/" in key(message)
    yield Text(f"── {name} ──", style="bold magenta" if final else "bold")
    for part in _pieces(message):
        for line in part.splitlines():
            if line.strip():
                yield Text(line.rstrip(), style="bold" if final and part is line else "")


def _card(message: dict[str, Any]) -> Iterator[Text]:
    for block in message["blocks"]:
        for task in block.get("tasks", ()):
            if task.get("status") in _OVER:
                sign, style = _OVER[task["status"]]
                detail = " ".join(_strings(task.get("details") or task.get("output") or {}))
                line = Text(f"{sign} {plain(task['title'])}", style=style)
                yield line + Text(f"  {plain(detail)}" if detail else "", style="dim")


def _pieces(message: dict[str, Any]) -> Iterator[str]:
    blocks = message.get("blocks") or []
    for block in blocks:
        if block.get("type") not in ("actions", "context_actions", "divider"):
            yield plain("\n".join(_strings(block)))
    if not blocks and message.get("text"):
        yield plain(message["text"])
    for attachment in message.get("attachments") or []:
        said = attachment.get("title") or attachment.get("text") or attachment.get("fallback") or ""
        yield plain(said)
        yield from (
            f"{field['title']}: {plain(field['value'])}" for field in attachment.get("fields", ())
        )


def _strings(value: Any) -> Iterator[str]:
    """Every text of a block, in order; the elements of one rich text section are one line."""
    if isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, dict):
        if value.get("type") in ("rich_text_section", "rich_text_preformatted", "rich_text_quote"):
            yield "".join(
                element.get("text", element.get("url", "")) for element in value["elements"]
            )
        elif isinstance(value.get("text"), str):
            yield value["text"]
        else:
            for name in ("text", "title", "elements", "fields", "child_blocks", "blocks"):
                yield from _strings(value.get(name))


def plain(mrkdwn: str) -> str:
    """Slack's markup as plain text: links by their label, no stars, entities unescaped."""
    text = _BOLD.sub(r"\1", _LINK.sub(r"\1", mrkdwn))
    return "".join(char for char in html.unescape(text) if char == "\n" or char.isprintable())
