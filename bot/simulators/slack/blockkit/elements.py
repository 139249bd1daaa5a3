"""Block elements: buttons, selects, inputs, and which of them may stand in which block."""

from __future__ import annotations

from typing import Any

from bot.simulators.slack.blockkit.objects import (
    CONFIRM,
    CONVERSATION_FILTER,
    DISPATCH_CONFIG,
    FEEDBACK_BUTTON,
    OPTION,
    OPTION_GROUP,
    OVERFLOW_OPTION,
    TICK,
    URL,
    any_text,
    image_source,
    plain_text,
)
from bot.simulators.slack.blockkit.schema import (
    Check,
    Report,
    anything,
    array,
    boolean,
    both,
    enum,
    exactly_one_of,
    matching,
    number,
    record,
    string,
    tagged,
)

ACTION_ID = string(1, 255)
_INTERACTIVE: dict[str, Check] = {"action_id": ACTION_ID, "confirm": CONFIRM}
_INPUT: dict[str, Check] = {
    "action_id": ACTION_ID,
    "focus_on_load": boolean,
    "placeholder": plain_text(150),
}
_MENU: dict[str, Check] = {**_INPUT, "confirm": CONFIRM}
_MULTI: dict[str, Check] = {**_MENU, "max_selected_items": number(1, whole=True)}
_OPTIONS: dict[str, Check] = {
    "options": array(OPTION, 1, 100),
    "option_groups": array(OPTION_GROUP, 1, 100),
}
_TYPED: dict[str, Check] = {**_INPUT, "dispatch_action_config": DISPATCH_CONFIG}
_CONVERSATIONS: dict[str, Check] = {
    "default_to_current_conversation": boolean,
    "filter": CONVERSATION_FILTER,
}
_DATE = both(
    string(10, 10), matching(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", "invalid date")
)
_TIME = both(string(5, 5), matching(r"([01]\d|2[0-3]):[0-5]\d", "invalid time"))


def _static(extra: dict[str, Check]) -> Check:
    menu = both(record({}, {**_OPTIONS, **extra}), exactly_one_of("options", "option_groups"))
    return both(menu, _initial_offered)


def _initial_offered(menu: Any, pointer: str, report: Report) -> None:
    """What is chosen from the start is one of the options, word for word."""
    groups = [group for group in _listed(menu, "option_groups") if isinstance(group, dict)]
    offered = [
        *_listed(menu, "options"),
        *(o for group in groups for o in _listed(group, "options")),
    ]
    for name in ("initial_option", "initial_options"):
        given = menu.get(name)
        chosen = given if isinstance(given, list) else [] if given is None else [given]
        if any(option not in offered for option in chosen):
            report.add(f"{pointer}/{name}", f"{name} must be among the options")


def _listed(value: Any, name: str) -> list[Any]:
    found = value.get(name)
    return found if isinstance(found, list) else []


def _lengths(field: Any, pointer: str, report: Report) -> None:
    low, high = field.get("min_length"), field.get("max_length")
    if isinstance(low, int) and isinstance(high, int) and low > high:
        report.add(pointer, "min_length must not be more than max_length")


BUTTON = record(
    {"text": plain_text(75)},
    {
        **_INTERACTIVE,
        "url": URL,
        "value": string(0, 2000),
        "style": enum("primary", "danger"),
        "accessibility_label": string(1, 75),
        "agent_prompt": string(1, 4000),
        "agent_prompt_display": anything,
        "visible_to_user_ids": array(string(1), 1, 10),
    },
)
_ICON_BUTTON = record(
    {"icon": enum("trash"), "text": plain_text(75)},
    {
        **_INTERACTIVE,
        "value": string(0, 2000),
        "accessibility_label": string(1, 75),
        "visible_to_user_ids": array(string(1), 1, 10),
    },
)
IMAGE = image_source({}, {})
_WORKFLOW_BUTTON = record(
    {"text": plain_text(75), "workflow": anything},
    {**_INTERACTIVE, "style": enum("primary", "danger"), "accessibility_label": string(1, 75)},
)

_SINGLE_MENUS: dict[str, Check] = {
    "static_select": _static({**_MENU, "initial_option": OPTION}),
    "external_select": record(
        {}, {**_MENU, "initial_option": OPTION, "min_query_length": number(0, whole=True)}
    ),
    "users_select": record({}, {**_MENU, "initial_user": string(1)}),
    "conversations_select": record(
        {},
        {
            **_MENU,
            **_CONVERSATIONS,
            "initial_conversation": string(1),
            "response_url_enabled": boolean,
        },
    ),
    "channels_select": record(
        {}, {**_MENU, "initial_channel": string(1), "response_url_enabled": boolean}
    ),
}
_MULTI_MENUS: dict[str, Check] = {
    "multi_static_select": _static({**_MULTI, "initial_options": array(OPTION, 1, 100)}),
    "multi_external_select": record(
        {},
        {
            **_MULTI,
            "initial_options": array(OPTION, 1, 100),
            "min_query_length": number(0, whole=True),
        },
    ),
    "multi_users_select": record({}, {**_MULTI, "initial_users": array(string(1), 1)}),
    "multi_conversations_select": record(
        {}, {**_MULTI, **_CONVERSATIONS, "initial_conversations": array(string(1), 1)}
    ),
    "multi_channels_select": record({}, {**_MULTI, "initial_channels": array(string(1), 1)}),
}
_CHOICES: dict[str, Check] = {
    "checkboxes": both(
        record(
            {"options": array(TICK, 1, 10)},
            {**_INTERACTIVE, "focus_on_load": boolean, "initial_options": array(TICK, 1, 10)},
        ),
        _initial_offered,
    ),
    "radio_buttons": both(
        record(
            {"options": array(TICK, 1, 10)},
            {**_INTERACTIVE, "focus_on_load": boolean, "initial_option": TICK},
        ),
        _initial_offered,
    ),
}
_PICKERS: dict[str, Check] = {
    "datepicker": record({}, {**_MENU, "initial_date": _DATE}),
    "timepicker": record({}, {**_MENU, "initial_time": _TIME, "timezone": string(1)}),
    "datetimepicker": record(
        {}, {**_INTERACTIVE, "focus_on_load": boolean, "initial_date_time": number(0, whole=True)}
    ),
}
_OVERFLOW = record({"options": array(OVERFLOW_OPTION, 1, 5)}, _INTERACTIVE)
_FIELDS: dict[str, Check] = {
    "plain_text_input": both(
        record(
            {},
            {
                **_TYPED,
                "initial_value": string(0, 3000),
                "multiline": boolean,
                "min_length": number(0, 3000, whole=True),
                "max_length": number(1, 3000, whole=True),
            },
        ),
        _lengths,
    ),
    "email_text_input": record({}, {**_TYPED, "initial_value": string(0)}),
    "url_text_input": record({}, {**_TYPED, "initial_value": string(0)}),
    "number_input": record(
        {"is_decimal_allowed": boolean},
        {**_TYPED, "initial_value": string(0), "min_value": string(1), "max_value": string(1)},
    ),
    "rich_text_input": record({}, {**_TYPED, "initial_value": anything}),
    "file_input": record(
        {},
        {
            "action_id": ACTION_ID,
            "filetypes": array(string(1), 1),
            "max_files": number(1, 10, whole=True),
        },
    ),
}
_FEEDBACK = record(
    {"positive_button": FEEDBACK_BUTTON, "negative_button": FEEDBACK_BUTTON},
    {"action_id": ACTION_ID},
)

_ACTING: dict[str, Check] = {
    "button": BUTTON,
    "overflow": _OVERFLOW,
    "workflow_button": _WORKFLOW_BUTTON,
    **_SINGLE_MENUS,
    **_MULTI_MENUS,
    **_CHOICES,
    **_PICKERS,
}
ACCESSORY = tagged({**_ACTING, "image": IMAGE})
IN_ACTIONS = tagged({**_ACTING, "rich_text_input": _FIELDS["rich_text_input"]})
IN_INPUT = tagged({**_FIELDS, **_SINGLE_MENUS, **_MULTI_MENUS, **_CHOICES, **_PICKERS})
IN_CONTEXT_ACTIONS = tagged({"feedback_buttons": _FEEDBACK, "icon_button": _ICON_BUTTON})
CARD_ACTION = tagged({"button": BUTTON})
_CONTEXT_TEXT = any_text(3000)
IN_CONTEXT = tagged({"image": IMAGE, "plain_text": _CONTEXT_TEXT, "mrkdwn": _CONTEXT_TEXT})
