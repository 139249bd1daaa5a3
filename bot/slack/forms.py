"""The forms behind the buttons of a result: ask a question, look at an issue before it is opened."""

from __future__ import annotations

from typing import Any

from bot.slack.controls import ASK, ISSUE, Run
from bot.slack.documents import MAX_TITLE
from bot.slack.markdown import Element, preformatted, shorten

MAX_QUESTION = 2_000
MAX_BODY = 3_000
_SHOWN_PATCH = 2_500
_ONLY_BEGINNING = "Added below the text, as a whole; this is its beginning:"


def ask_view(run: Run) -> Element:
    """A question for the incident's thread."""
    field = _input(max_length=MAX_QUESTION, multiline=True, hint="What about the payment service?")
    question = _labelled("question", "Your question", field)
    note = _note("The question and its answer are posted in the thread, for everybody there.")
    return _modal(ASK, run, "Ask a question", "Ask", [question, note])


def issue_view(run: Run, repository: str, title: str, body: str, patches: str) -> Element:
    """The issue as it would be opened; title and text can be changed."""
    fields = [
        _labelled("title", "Title", _input(max_length=MAX_TITLE + 30, value=title)),
        _labelled("body", "Text", _input(max_length=MAX_BODY, multiline=True, value=body)),
    ]
    notes = [_note(f"Opens in {repository}, where everybody who can read it sees this.")]
    if patches:
        shown = shorten(patches, _SHOWN_PATCH)
        notes.append(_note("Added below the text:" if shown == patches else _ONLY_BEGINNING))
        notes.append({"type": "rich_text", "elements": preformatted(shown)})
    return _modal(ISSUE, run, "Open an issue", "Open it", [*fields, *notes])


def said_in(view: dict[str, Any], block: str) -> str:
    """What the person wrote into one field."""
    values = (view.get("state") or {}).get("values") or {}
    return str((values.get(block) or {}).get("text", {}).get("value") or "").strip()


def _modal(callback: str, run: Run, title: str, submit: str, blocks: list[Element]) -> Element:
    return {
        "type": "modal",
        "callback_id": callback,
        "private_metadata": run.model_dump_json(),
        "title": _plain(title),
        "submit": _plain(submit),
        "close": _plain("Cancel"),
        "blocks": blocks,
    }


def _input(*, max_length: int, multiline: bool = False, value: str = "", hint: str = "") -> Element:
    field: Element = {
        "type": "plain_text_input",
        "action_id": "text",
        "multiline": multiline,
        "max_length": max_length,
    }
    field |= {"initial_value": value[:max_length]} if value else {}
    return {**field, "placeholder": _plain(hint)} if hint else field


def _labelled(block: str, label: str, element: Element) -> Element:
    return {"type": "input", "block_id": block, "label": _plain(label), "element": element}


def _note(text: str) -> Element:
    return {"type": "context", "elements": [_plain(text)]}


def _plain(text: str) -> Element:
    return {"type": "plain_text", "text": text}
