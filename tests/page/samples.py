"""One message of every look that the page has to draw."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def plain(text: str) -> Json:
    """A plain_text object."""
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    """A mrkdwn object."""
    return {"type": "mrkdwn", "text": text}


def rich(*pieces: Json) -> Json:
    """A rich_text block of one section."""
    section = {"type": "rich_text_section", "elements": list(pieces)}
    return {"type": "rich_text", "elements": [section]}


def button(label: str, **more: Any) -> Json:
    """A button."""
    return {"type": "button", "action_id": label, "text": plain(label), **more}


def text_input(label: str) -> Json:
    """An input block with a field for text, named by its label in lower case."""
    element = {"type": "plain_text_input", "action_id": "text"}
    return {"type": "input", "block_id": label.lower(), "label": plain(label), "element": element}


ASKING = {
    "title": plain("Are you sure?"),
    "text": plain("It cannot be undone."),
    "confirm": plain("Restart it"),
    "deny": plain("Leave it"),
    "style": "danger",
}
_STATES = ("complete", "error", "in_progress", "pending")
_TASKS = [
    {
        "type": "task_card",
        "task_id": state,
        "title": f"A step that is {state}",
        "status": state,
        "details": rich({"type": "text", "text": "what it is about"}),
    }
    for state in _STATES
]
_FEEDBACK = {
    "type": "feedback_buttons",
    "action_id": "feedback",
    "positive_button": {"text": plain("Right"), "value": "right"},
    "negative_button": {"text": plain("Wrong"), "value": "wrong"},
}
BLOCKS: list[Json] = [
    {"type": "header", "text": plain("A header")},
    {"type": "section", "text": mrkdwn("*bold* _italic_ ~strike~ `code` <https://a.example|link> <@U1> <!here>\n> quote\n```a block```")},
    {"type": "section", "fields": [mrkdwn("*one*\n1"), mrkdwn("*two*\n2")]},
    {"type": "context", "elements": [plain("$0.06 · 9 tool calls")]},
    {"type": "divider"},
    rich({"type": "text", "text": "text "}, {"type": "text", "text": "code", "style": {"code": True}}),
    {"type": "rich_text", "elements": [{"type": "rich_text_preformatted", "language": "diff", "elements": [{"type": "text", "text": "--- a\n+++ b\n@@ -1 +1 @@\n-old\n+new\n same"}]}]},
    {"type": "markdown", "text": "# Title\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n- item\n"},
    {"type": "plan", "title": "A plan with a long title that has to be broken over two lines", "tasks": _TASKS},
    {"type": "actions", "elements": [button("Plain"), button("Go", style="primary"), button("Stop", style="danger", confirm=ASKING)]},
    {"type": "context_actions", "elements": [_FEEDBACK]},
]  # fmt: skip
ALARM: Json = {
    "text": "",
    "attachments": [
        {
            "color": "danger",
            "author_name": "Monitoring",
            "title": "[FIRING:1] Too many errors",
            "title_link": "https://a.example/alarm",
            "text": "5 % of all requests fail",
            "fields": [{"title": "service", "value": "cart", "short": True}],
            "footer": "Monitoring | production",
        }
    ],
}
