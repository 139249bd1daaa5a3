"""Whatever JSON arrives, reading it neither fails nor hangs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.alarms.catalog import ServiceCatalog
from bot.alarms.explain import explain
from bot.alarms.notification import Notification
from bot.alarms.recognise import recognise
from bot.slack.inbound import (
    changes_content,
    is_bot_post,
    is_edit,
    is_top_level,
    normalise,
    sender_id,
    unwrap,
)

SAMPLES = sorted(
    path
    for path in (Path(__file__).parents[1] / "samples").glob("*/*.json")
    if path.with_suffix(".expected.json").exists()
)

_KEY_NAMES = (
    "type subtype text blocks attachments elements fields title title_link pretext fallback footer author_name color "
    "ts value actions url accessory image_url alt_text rows cells tasks sources details output style indent name "
    "unicode timestamp user_id message previous_message edited bot_id bot_profile app_id username thread_ts from_url"
)
_KIND_NAMES = (
    "header section context rich_text rich_text_section rich_text_list link emoji date user mrkdwn plain_text "
    "markdown table raw_text actions button image plan task_card container bot_message message_changed divider"
)
_KEYS = st.sampled_from(_KEY_NAMES.split())
_KINDS = st.sampled_from(_KIND_NAMES.split())
_LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=30),
    _KINDS,
    st.sampled_from(
        ["<https://a.example|b>", "<!date^99999999999^x|y>", "<@U1>", "\ud800", "&lt;", ":fire:"]
    ),
)
junk = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.dictionaries(st.one_of(_KEYS, st.text(max_size=5)), inner, max_size=6),
    ),
    max_leaves=40,
)


def load(path: Path) -> Any:
    return json.loads(path.read_text())


@given(event=junk)
@settings(deadline=5_000)
def test_any_json_gives_a_notification(event: object) -> None:
    """Whatever arrives, a notification comes out that can be stored; nothing raises."""
    notification = normalise(event)
    assert Notification.model_validate_json(notification.model_dump_json()) == notification


@given(
    message=st.dictionaries(_KEYS, junk, max_size=8),
    sender=st.sampled_from(
        ["Alertmanager", "Grafana", "Datadog", "PagerDuty", "Opsgenie", "Sentry", "New Relic", "x"]
    ),
)
@settings(max_examples=150, deadline=5_000)
def test_any_json_is_recognised_or_not_but_never_fails(
    message: dict[str, Any], sender: str
) -> None:
    """The whole road from JSON to alarm and explanation holds for junk under any sender's name."""
    notification = normalise({**message, "username": sender, "bot_profile": None})
    alarm = recognise(notification, ServiceCatalog())
    assert alarm is None or len(alarm.fingerprint) == 16
    assert explain(notification, ServiceCatalog())


@given(event=junk)
@settings(deadline=5_000)
def test_the_questions_take_any_json(event: object) -> None:
    """The helpers answer for junk, too."""
    answers = [is_bot_post(event), is_top_level(event), is_edit(event), changes_content(event)]
    assert all(isinstance(answer, bool) for answer in answers)
    assert isinstance(sender_id(event), str)
    assert isinstance(unwrap(event), dict)


@given(path=st.sampled_from(SAMPLES), data=st.data())
@settings(max_examples=300, deadline=None)
def test_damaged_samples_are_read_without_failing(path: Path, data: st.DataObject) -> None:
    """A real post with any one part replaced by junk is still read or left."""
    event = load(path)
    places: list[tuple[Any, Any]] = []
    stack = [event]
    while stack:
        node = stack.pop()
        items = node.items() if isinstance(node, dict) else enumerate(node)
        for key, value in list(items):
            places.append((node, key))
            if isinstance(value, dict | list):
                stack.append(value)
    node, key = data.draw(st.sampled_from(places))
    node[key] = data.draw(junk)
    recognise(normalise(event), ServiceCatalog())


@pytest.mark.parametrize(
    "sender", ["Alertmanager", "Grafana", "Datadog", "Opsgenie", "Sentry", "x"]
)
@pytest.mark.parametrize(
    "piece",
    [
        "a",
        " ",
        "\n",
        "-",
        "*a* ",
        "`",
        "<a|",
        "[FIRING:1] (",
        " | http://x",
        'new alert "',
        "@a",
        "a-b",
        "Started at ",
    ],
)
def test_a_long_monotonous_post_does_not_hang(sender: str, piece: str) -> None:
    """40,000 characters that any pattern might stumble over are read at once, wherever they stand."""
    text = piece * (40_000 // len(piece))
    block = {"type": "section", "fields": [{"type": "mrkdwn", "text": f"a:{text}"}]}
    events: list[dict[str, Any]] = [
        {"text": text},
        {"attachments": [{"title": text, "fallback": text}]},
        {"blocks": [block]},
    ]
    for event in events:
        recognise(normalise({"username": sender, "ts": "1795330940.0", **event}), ServiceCatalog())
