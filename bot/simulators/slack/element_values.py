"""What a person's choice in an element looks like in payloads: `block_actions` and the state of a view alike."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.simulators.slack.blockkit.rules import every_block, interactive
from bot.simulators.slack.errors import CommandError

JSON = dict[str, Any]

_SCALAR = {
    "users_select": "selected_user",
    "channels_select": "selected_channel",
    "conversations_select": "selected_conversation",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "rich_text_input": "rich_text_value",
    "plain_text_input": "value",
    "email_text_input": "value",
    "url_text_input": "value",
    "number_input": "value",
}
_LISTS = {
    "multi_users_select": "selected_users",
    "multi_channels_select": "selected_channels",
    "multi_conversations_select": "selected_conversations",
    "file_input": "files",
}
_ONE_OPTION = {"static_select", "external_select", "radio_buttons", "overflow"}
_MANY_OPTIONS = {"multi_static_select", "multi_external_select", "checkboxes"}
_STATEFUL = {*_SCALAR, *_LISTS, *_ONE_OPTION, *_MANY_OPTIONS} - {"overflow"}
_INITIAL = {
    "users_select": "initial_user",
    "channels_select": "initial_channel",
    "conversations_select": "initial_conversation",
    "datepicker": "initial_date",
    "timepicker": "initial_time",
    "datetimepicker": "initial_date_time",
    "multi_users_select": "initial_users",
    "multi_channels_select": "initial_channels",
    "multi_conversations_select": "initial_conversations",
}


def find_element(
    blocks: list[JSON], action_id: str, value: str | None, block_id: str | None = None
) -> tuple[JSON, JSON]:
    """The block and the element with `action_id`; `block_id` or `value` tells several of the same id apart.

    An action_id is unique inside its block only. Raises CommandError, naming what there is.
    """
    found = [
        (block, element)
        for block, element in _elements(blocks)
        if element.get("action_id") == action_id and block_id in (None, block["block_id"])
    ]
    if not found:
        known = sorted({str(element.get("action_id")) for _, element in _elements(blocks)})
        where = "" if block_id is None else f" in block {block_id!r}"
        raise CommandError(f"no element with action_id {action_id!r}{where}; there are {known}")
    if value is not None:
        exact = [pair for pair in found if pair[1].get("value") == value]
        return (exact or found)[0]
    return found[0]


def _elements(blocks: list[JSON]) -> Iterator[tuple[JSON, JSON]]:
    for block in every_block(blocks):
        for element in interactive(block):
            if "action_id" in element:
                yield block, element


def _options(element: JSON) -> list[JSON]:
    groups = element.get("option_groups") or []
    return [
        *(element.get("options") or []),
        *(item for group in groups for item in group["options"]),
    ]


def _option(element: JSON, value: Any) -> JSON:
    for option in _options(element):
        if value in (option["value"], option["text"]["text"]):
            return option
    if element["type"] in ("external_select", "multi_external_select"):
        return value if isinstance(value, dict) else {"text": _plain(value), "value": value}
    raise CommandError(f"no option {value!r} in {element.get('action_id')!r}")


def _plain(text: Any) -> JSON:
    return {"type": "plain_text", "text": str(text), "emoji": True}


def pressed(element: JSON, value: Any = None) -> JSON:
    """The part of an action that says what was chosen in `element`.

    `value` is text for inputs, an option's value (or label) for menus, `positive` or `negative` (or one of the two
    values) for feedback buttons, a list where several may be chosen. Raises CommandError.
    """
    kind = element["type"]
    if kind == "feedback_buttons":
        return _feedback(element, value)
    if kind in ("button", "icon_button", "workflow_button"):
        shown: JSON = {
            key: element[key] for key in ("text", "value", "style", "url") if key in element
        }
        return {"type": kind, **shown}
    return {"type": kind, **chosen(element, value)}


def _feedback(element: JSON, value: Any) -> JSON:
    for side in ("positive", "negative"):
        button = element[f"{side}_button"]
        if value in (side, button["value"]) or (value is None and side == "positive"):
            return {"type": "feedback_buttons", "text": button["text"], "value": button["value"]}
    raise CommandError(f"feedback is positive or negative, not {value!r}")


def chosen(element: JSON, value: Any) -> JSON:
    """The state of a menu or input that holds `value`."""
    kind = element["type"]
    if kind in _ONE_OPTION:
        return {"selected_option": None if value is None else _option(element, value)}
    if kind in _MANY_OPTIONS:
        return {"selected_options": [_option(element, item) for item in value or []]}
    if kind in _LISTS:
        return {_LISTS[kind]: list(value or [])}
    return {_SCALAR[kind]: value}


def initial(element: JSON) -> Any:
    """What an untouched element holds, in the form `chosen` takes."""
    kind = element["type"]
    if kind in _ONE_OPTION:
        option = element.get("initial_option")
        return option["value"] if option else None
    if kind in _MANY_OPTIONS:
        return [option["value"] for option in element.get("initial_options") or []]
    return element.get(_INITIAL.get(kind, "initial_value"))


def is_stateful(element: JSON) -> bool:
    """Whether it holds a value, as menus and inputs do, and buttons and overflow menus do not."""
    return element["type"] in _STATEFUL


def state_values(blocks: list[JSON], given: JSON, *, complete: bool = True) -> JSON:
    """`state.values` for what a person entered.

    `given` is `{block_id: {action_id: value}}` or `{action_id: value}`; elements not named keep their initial value.
    Raises CommandError when it has to be `complete` and a required input stays empty.
    """
    values: JSON = {}
    for block, element in _elements(blocks):
        if not is_stateful(element):
            continue
        block_id, action_id = block["block_id"], element["action_id"]
        value = _given(given, block_id, action_id, initial(element))
        if (
            complete
            and block["type"] == "input"
            and not block.get("optional")
            and value in (None, "", [])
        ):
            raise CommandError(f"{block['label']['text']!r} ({block_id}/{action_id}) is required")
        state = {"type": element["type"], **chosen(element, value)}
        values.setdefault(block_id, {})[action_id] = state
    return values


def _given(given: JSON, block_id: str, action_id: str, default: Any) -> Any:
    inside = given.get(block_id)
    if isinstance(inside, dict) and action_id in inside:
        return inside[action_id]
    return given.get(action_id, default)
