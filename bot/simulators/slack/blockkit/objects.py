"""Composition objects: text, options, confirm dialogs, Slack files."""

from __future__ import annotations

from typing import Any

from bot.simulators.slack.blockkit.schema import (
    Check,
    Report,
    array,
    boolean,
    both,
    enum,
    exactly_one_of,
    matching,
    record,
    string,
    tagged,
)

ANY_URL = string(1, 3000)
"""Of a link inside rich text, which Slack does not look at closely."""
URL = both(ANY_URL, matching(r"[A-Za-z][A-Za-z0-9+.-]*:(//)?[^\s/]\S*", "invalid url"))
IMAGE_URL = both(ANY_URL, matching(r"https?://[^\s/]\S*", "invalid url"))
ALT_TEXT = string(0, 2000)


def plain_text(high: int, low: int = 1) -> Check:
    """A `plain_text` object of `low` to `high` characters."""
    return tagged({"plain_text": record({"text": string(low, high)}, {"emoji": boolean})})


def any_text(high: int = 3000) -> Check:
    """`plain_text` or `mrkdwn`. A problem inside is reported for the object and for its text, as Slack does."""
    inner = tagged(
        {
            "plain_text": record({"text": string(1, high)}, {"emoji": boolean}),
            "mrkdwn": record({"text": string(1, high)}, {"verbatim": boolean}),
        }
    )

    def check(value: Any, pointer: str, report: Report) -> None:
        found = Report(report.surface, report.usable_file)
        inner(value, pointer, found)
        if found.problems:
            report.add(pointer, "failed to match all allowed schemas", "failed_schema")
            report.problems += found.problems

    return check


def _slack_file(value: Any, pointer: str, report: Report) -> None:
    before = len(report.problems)
    both(record({}, {"id": string(1), "url": URL}), exactly_one_of("id", "url"))(
        value, pointer, report
    )
    if len(report.problems) == before and not report.usable_file(value):
        report.add(pointer, "invalid slack file", "invalid_slack_file")


def image_source(required: dict[str, Check], optional: dict[str, Check]) -> Check:
    """A record with an image in it: `image_url` or `slack_file`."""
    fields = {"image_url": IMAGE_URL, "slack_file": _slack_file, **optional}
    return both(
        record({"alt_text": ALT_TEXT, **required}, fields),
        exactly_one_of("image_url", "slack_file"),
    )


CONFIRM = record(
    {
        "title": plain_text(100),
        "text": any_text(300),
        "confirm": plain_text(30),
        "deny": plain_text(30),
    },
    {"style": enum("primary", "danger")},
)
OPTION = record({"text": plain_text(75), "value": string(1, 150)}, {"description": plain_text(75)})
"""Of a menu; only the options of check boxes and radio buttons may be written in mrkdwn."""
TICK = record({"text": any_text(75), "value": string(1, 150)}, {"description": any_text(75)})
OVERFLOW_OPTION = record(
    {"text": plain_text(75), "value": string(1, 150)},
    {"description": plain_text(75), "url": URL},
)
OPTION_GROUP = record({"label": plain_text(75), "options": array(OPTION, 1, 100)}, {})
FEEDBACK_BUTTON = record(
    {"text": plain_text(75), "value": string(1, 2000)}, {"accessibility_label": string(1, 75)}
)
DISPATCH_CONFIG = record(
    {}, {"trigger_actions_on": array(enum("on_enter_pressed", "on_character_entered"), 1)}
)
CONVERSATION_FILTER = record(
    {},
    {
        "include": array(enum("im", "mpim", "private", "public"), 1),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
)
