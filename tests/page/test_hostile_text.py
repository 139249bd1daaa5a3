"""Whatever anybody posts is shown as text: nothing runs, nothing is loaded, nothing turns its surroundings round."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Locator, expect

from bot.simulators.slack import SlackSimulator
from tests.page.conftest import Visit
from tests.page.samples import mrkdwn, plain, rich
from tests.page.visitor import Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")
CHANNEL = "#incidents"
SCRIPT = "<script>document.title = 'owned'</script><img src=x onerror=\"document.title = 'owned'\">"
ESCAPED = SCRIPT.replace("<", "&lt;").replace(">", "&gt;")
JAVASCRIPT = "javascript:document.title='owned'"
OVERRIDE = "\u202e"


TASK = {
    "task_id": "1",
    "title": ESCAPED,
    "status": "error",
    "details": rich({"type": "text", "text": SCRIPT}),
}
SHAPES: dict[str, dict[str, Any]] = {
    "text": {"text": SCRIPT},
    "escaped": {"text": ESCAPED},
    "name": {"text": "hi", "username": SCRIPT},
    "section": {"blocks": [{"type": "section", "text": mrkdwn(ESCAPED), "fields": [plain(SCRIPT)]}]},
    "header": {"blocks": [{"type": "header", "text": plain(SCRIPT)}]},
    "context": {"blocks": [{"type": "context", "elements": [mrkdwn(ESCAPED), plain(SCRIPT)]}]},
    "markdown": {"blocks": [{"type": "markdown", "text": f"# {SCRIPT}\n\n> {SCRIPT}\n\n- `{SCRIPT}`"}]},
    "rich text": {"blocks": [rich({"type": "text", "text": SCRIPT})]},
    "plan": {"blocks": [{"type": "plan", "title": ESCAPED, "tasks": [TASK]}]},
    "table": {"blocks": [{"type": "table", "rows": [[{"type": "raw_text", "text": SCRIPT}]]}]},
    "attachment": {
        "attachments": [
            {
                "color": f"red;{SCRIPT}",
                "pretext": ESCAPED,
                "title": ESCAPED,
                "text": ESCAPED,
                "footer": ESCAPED,
                "author_name": SCRIPT,
                "fields": [{"title": ESCAPED, "value": ESCAPED, "short": True}],
            }
        ]
    },
}  # fmt: skip


async def _show(slack: SlackSimulator, visitor: Visitor, message: dict[str, Any]) -> Locator:
    """Post as a monitoring app; the message on the page."""
    shown = visitor.message(await slack.post_as_app(CHANNEL, message, app="Monitoring"))
    await expect(shown).to_be_visible()
    return shown


async def test_html_is_text(slack: SlackSimulator, visit: Visit) -> None:
    """In every place where a text can stand, its tags are read and not obeyed."""
    visitor = await visit(slack.url)
    for place, message in SHAPES.items():
        shown = await _show(slack, visitor, message)

        await expect(shown, place).to_contain_text("<script>document.title = 'owned'")
        await expect(shown.locator("script, img, [onerror]"), place).to_have_count(0)
    assert "owned" not in await visitor.page.title()


async def test_only_web_addresses_become_links(slack: SlackSimulator, visit: Visit) -> None:
    """A link that would run script stays text; so does an image of one."""
    visitor = await visit(slack.url)
    message = {
        "text": "all of them",
        "blocks": [
            {"type": "section", "text": mrkdwn(f"<{JAVASCRIPT}|mrkdwn> <{JAVASCRIPT}>")},
            {"type": "markdown", "text": f"[markdown]({JAVASCRIPT}) ![picture]({JAVASCRIPT})"},
            rich({"type": "link", "url": JAVASCRIPT, "text": "rich"}),
            {"type": "image", "image_url": JAVASCRIPT, "alt_text": "an image"},
            {
                "type": "task_card",
                "task_id": "1",
                "title": "a task",
                "status": "complete",
                "sources": [{"type": "url", "url": " JavaScript:alert(1)", "text": "a source"}],
            },
        ],
        "attachments": [{"title": "title", "title_link": JAVASCRIPT, "author_name": "author", "author_link": JAVASCRIPT}],
    }  # fmt: skip
    shown = await _show(slack, visitor, message)

    for label in ("mrkdwn", "markdown", "picture", "rich", "an image", "title", "author"):
        await expect(shown).to_contain_text(label)
    await expect(shown.locator("a, img")).to_have_count(0)


async def test_mentions_are_shown_and_call_nobody(slack: SlackSimulator, visit: Visit) -> None:
    """`<!channel>` is a mention where Slack makes it one, and plain text where the text was escaped."""
    visitor = await visit(slack.url)
    raw = await _show(slack, visitor, {"text": "<!channel> <!here|x> <@U0|&lt;b&gt;>"})
    escaped = await _show(slack, visitor, {"text": "&lt;!channel&gt; `<!channel>`"})

    await expect(raw.locator(".mention")).to_have_text(["@channel", "@here", "@<b>"])
    await expect(escaped.locator(".text")).to_have_text("<!channel> <!channel>")
    await expect(escaped.locator(".mention")).to_have_count(0)


async def test_the_longest_text_is_drawn_at_once(slack: SlackSimulator, visit: Visit) -> None:
    """Long lines wrap, and reading what Slack delivers at most takes time in proportion to its length."""
    visitor = await visit(slack.url)
    await visitor.page.evaluate(_WATCH)
    for piece in ("a <b> &amp; *c* `d ", "<", "x", "```"):
        text = piece * (40_000 // len(piece))
        shown = await _show(slack, visitor, {"text": text})

        assert await shown.evaluate("node => node.scrollWidth <= node.clientWidth"), piece
    after = await _show(slack, visitor, {"text": "still here"})
    await expect(after).to_be_in_viewport()
    longest = await visitor.page.evaluate("window.longest")
    assert 0 < longest < 2_000, f"the page stood still for {longest} ms"


_WATCH = """() => {
  window.longest = 0;
  new PerformanceObserver((list) => {
    for (const task of list.getEntries()) window.longest = Math.max(window.longest, task.duration);
  }).observe({ type: "longtask" });
}"""


async def test_an_override_turns_only_its_own_words_round(
    slack: SlackSimulator, visit: Visit
) -> None:
    """Right-to-left override in a name, a label or a mention leaves time, badge and next words in their places."""
    visitor = await visit(slack.url)
    text = f"<https://a.example|{OVERRIDE}gnp.exe> *{OVERRIDE}drow* `{OVERRIDE}edoc` the end"
    shown = await _show(slack, visitor, {"username": f"{OVERRIDE}eman", "text": text})

    assert await _left(shown.locator(".author")) < await _left(shown.locator(".badge"))
    assert await _left(shown.locator(".badge")) < await _left(shown.locator("time"))
    places = [await _left(shown.locator(f".text {tag}")) for tag in ("a", "strong", "code")]
    assert places == sorted(places)
    await expect(shown.locator(".text")).to_contain_text("the end")


async def _left(locator: Locator) -> float:
    box = await locator.bounding_box()
    assert box is not None
    return box["x"]


async def test_a_block_without_sense_spoils_nothing(slack: SlackSimulator, visit: Visit) -> None:
    """It is named in its place; what stands around it is drawn. A whole message without sense spoils no other."""
    visitor = await visit(slack.url)
    blocks = [
        {"type": "context"},
        {"type": "constructor"},
        {"type": "actions", "elements": [{}]},
        {"type": "section", "text": mrkdwn("the rest")},
    ]
    shown = await _show(slack, visitor, {"blocks": blocks})

    odd = await _show(slack, visitor, {"attachments": [{"fields": [None]}]})
    await expect(odd).to_contain_text("Message that cannot be drawn")
    await expect(shown.locator(".block-unknown")).to_have_count(3)
    await expect(shown).to_contain_text("the rest")
    assert all("cannot be drawn" in line for line in visitor.complaints)
    visitor.complaints.clear()
