"""The buttons people press, and the values they carry: ids only, never text of a model.

The listeners read the same values back; a value that does not parse is refused.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.slack.markdown import Element

STOP = "tocsin_stop"
GO_ON = "tocsin_keep_going"
FEEDBACK = "tocsin_feedback"
SHORTCUT = "diagnose_message"
OPINION = "tocsin_opinion"
"""`callback_id` of the view that asks what it really was."""
INVESTIGATE = "tocsin_investigate"
CHECK = "tocsin_check"
ASK = "tocsin_ask"
"""Also the `callback_id` of its form, as with the next."""
ISSUE = "tocsin_issue"
DRAFT = "tocsin_draft"
PAUSE = "tocsin_pause"
GO_ON_BLOCK = "go_on"
INVESTIGATE_BLOCK = "investigate"
CHECK_BLOCK = "check"


class Run(BaseModel):
    """Which investigation a message belongs to: the incident's id and the slot of the work, `run:1` or `answer:<question>`."""

    model_config = ConfigDict(frozen=True)

    incident: str = Field(max_length=200)
    slot: str = Field(pattern=r"^(run:[1-9][0-9]{0,4}|answer:.{1,150})$")

    @property
    def number(self) -> int:
        """Which run it is; 0 for an answer."""
        return int(self.slot.removeprefix("run:")) if self.slot.startswith("run:") else 0


class Vote(Run):
    """A person's opinion of one diagnosis."""

    vote: Literal["right", "wrong"]


def stop_button(run: Run) -> Element:
    """The Stop button of a running investigation."""
    return _actions("controls", _button("Stop", STOP, run, style="danger"))


def go_on_button(run: Run, *, again: bool) -> Element:
    """Grants another run; `again` words it for one that failed."""
    return _actions(GO_ON_BLOCK, _button("Try again" if again else "Keep going", GO_ON, run))


def investigate_button(run: Run) -> Element:
    """Looks into a flapping alarm anew, although its pause is not over."""
    return _actions(INVESTIGATE_BLOCK, _button("Investigate now", INVESTIGATE, run))


def check_button(run: Run) -> Element:
    """Has the cause looked at again after the alarm was resolved."""
    return _actions(CHECK_BLOCK, _button("Check that the cause is gone", CHECK, run))


def pause_button(channel: str, *, resume: bool) -> Element:
    """For admins, on the home page: its value is the channel."""
    return {
        "type": "button",
        "action_id": PAUSE,
        "text": {"type": "plain_text", "text": "Resume" if resume else "Pause"},
        "value": channel,
    }


def result_buttons(run: Run, *, issue: bool, draft: bool) -> Element:
    """What can be done with a result."""
    buttons = [_button("Ask a question", ASK, run)]
    buttons += [_button("Post-incident draft", DRAFT, run)] if draft else []
    buttons += [_button("Open an issue", ISSUE, run)] if issue else []
    return _actions("result", *buttons)


def feedback_buttons(run: Run) -> Element:
    """Right or wrong: one click, and the answer becomes an evaluation case."""
    element: Element = {
        "type": "feedback_buttons",
        "action_id": FEEDBACK,
        "positive_button": _opinion("Right", run, "right"),
        "negative_button": _opinion("Wrong", run, "wrong"),
    }
    return {"type": "context_actions", "block_id": "feedback", "elements": [element]}


def opinion_view(vote: Vote) -> Element:
    """The form that asks, after Wrong, what it really was; it carries the vote with it."""
    field: Element = {
        "type": "plain_text_input",
        "action_id": "cause",
        "multiline": True,
        "max_length": 2_000,
        "placeholder": {"type": "plain_text", "text": "What was the cause, and where?"},
    }
    return {
        "type": "modal",
        "callback_id": OPINION,
        "private_metadata": vote.model_dump_json(),
        "title": {"type": "plain_text", "text": "What was it really?"},
        "submit": {"type": "plain_text", "text": "Send"},
        "close": {"type": "plain_text", "text": "Skip"},
        "blocks": [
            {
                "type": "input",
                "block_id": "really",
                "label": {"type": "plain_text", "text": "The real cause"},
                "element": field,
            }
        ],
    }


def said_in(view: dict[str, Any]) -> str:
    """What the person wrote into the form."""
    values = (view.get("state") or {}).get("values") or {}
    return str(values.get("really", {}).get("cause", {}).get("value") or "")[:2_000]


def _opinion(label: str, run: Run, vote: Literal["right", "wrong"]) -> Element:
    value = Vote(incident=run.incident, slot=run.slot, vote=vote).model_dump_json()
    return {"text": {"type": "plain_text", "text": label}, "value": value}


def _actions(block_id: str, *elements: Element) -> Element:
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def _button(label: str, action_id: str, run: Run, *, style: str = "") -> Element:
    button: Element = {
        "type": "button",
        "action_id": action_id,
        "text": {"type": "plain_text", "text": label},
        "value": run.model_dump_json(),
    }
    return {**button, "style": style} if style else button
