"""The buttons people press, and the values they carry: ids only, never text of a model.

The listeners read the same values back; a value that does not parse is refused.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.slack.markdown import Element

STOP = "tocsin_stop"
GO_ON = "tocsin_keep_going"
FEEDBACK = "tocsin_feedback"
SHORTCUT = "diagnose_message"


class Run(BaseModel):
    """Which investigation a message belongs to: the incident's id and the slot of the work, `run:1` or `answer:<question>`."""

    model_config = ConfigDict(frozen=True)

    incident: str = Field(max_length=200)
    slot: str = Field(default="run:1", max_length=200)


class Vote(Run):
    """A person's opinion of one diagnosis."""

    vote: Literal["right", "wrong"]


def stop_button(run: Run) -> Element:
    """The Stop button of a running investigation."""
    return _actions("controls", _button("Stop", STOP, run, style="danger"))


def go_on_button(run: Run, *, again: bool) -> Element:
    """Grants another run; `again` words it for one that failed."""
    return _actions("go_on", _button("Try again" if again else "Keep going", GO_ON, run))


def feedback_buttons(run: Run) -> Element:
    """Right or wrong: one click, and the answer becomes an evaluation case."""
    element: Element = {
        "type": "feedback_buttons",
        "action_id": FEEDBACK,
        "positive_button": _opinion("Right", run, "right"),
        "negative_button": _opinion("Wrong", run, "wrong"),
    }
    return {"type": "context_actions", "block_id": "feedback", "elements": [element]}


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
