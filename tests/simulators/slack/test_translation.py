"""A `markdown` block comes back as the blocks Slack translates it into."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.web.async_client import AsyncWebClient

from bot.simulators.slack import SlackSimulator
from bot.simulators.slack.blockkit.rules import check_blocks
from bot.simulators.slack.translation import inline, translate

MARKDOWN = """# Bad deploy

**Cause**: commit [9f2e1ab](https://git.example/c) in `cart.cs`
still *here*

1. one
2. two
   goes on
   - deeper

> quoted

```
code
```
---
| Pod | Ready |
|-----|------:|
| a   | 0/1   |
"""


def test_each_kind_of_markdown_has_its_block() -> None:
    """Headings, text, lists, quotes and code, a rule and a table, in this order."""
    blocks = translate(MARKDOWN)
    assert [block["type"] for block in blocks] == ["header", "rich_text", "divider", "table"]
    assert blocks[0]["text"]["text"] == "Bad deploy"
    parts = blocks[1]["elements"]
    assert [part["type"] for part in parts] == [
        "rich_text_section",
        "rich_text_list",
        "rich_text_list",
        "rich_text_quote",
        "rich_text_preformatted",
    ]
    assert (parts[1]["style"], len(parts[1]["elements"])) == ("ordered", 2)
    assert (parts[2]["style"], parts[2]["indent"]) == ("bullet", 1)
    assert len(blocks[3]["rows"]) == 2
    assert check_blocks(blocks) == []


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("a **b** c", [("a ", None), ("b", {"bold": True}), (" c", None)]),
        ("**a `b`**", [("a ", {"bold": True}), ("b", {"bold": True, "code": True})]),
        ("snake_case_name", [("snake_case_name", None)]),
        ("2 * 3 * 4", [("2 * 3 * 4", None)]),
        ("~~old~~ _new_", [("old", {"strike": True}), (" ", None), ("new", {"italic": True})]),
    ],
)
def test_inline_styles(text: str, pieces: list[tuple[str, dict[str, bool] | None]]) -> None:
    """Styles nest, and marks inside words stay text."""
    assert [(piece["text"], piece.get("style")) for piece in inline(text)] == pieces


@given(st.text(alphabet="a1 #*_`~|>-[]()\n.", max_size=60))
def test_any_markdown_becomes_valid_blocks(text: str) -> None:
    """Nothing is refused by Block Kit itself, and no text makes the translation run for ever."""
    problems = [
        item for item in check_blocks(translate(text)) if "no more than" not in item.message
    ]
    assert problems == []


async def test_apps_read_the_translation_and_people_the_original(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    """The answer and the history hold rich text; the simulator still shows what was sent."""
    channel = slack.channel("general")
    odd = {"text": "", "blocks": [{"type": "markdown"}, {"text": "no type"}]}
    await slack.post_as_app(channel, odd, app="Monitoring")  # checked by nobody
    block: dict[str, Any] = {"type": "markdown", "text": "It is **Redis**"}
    posted = await client.chat_postMessage(channel=channel, text="It is Redis", blocks=[block])
    history = await client.conversations_history(channel=channel)
    for message in (posted["message"], history["messages"][0]):
        assert [item["type"] for item in message["blocks"]] == ["rich_text"]
    assert slack.messages(channel)[1]["blocks"][0]["text"] == "It is **Redis**"
