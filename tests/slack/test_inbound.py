"""From Slack's message events to notifications, and the questions a listener asks."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.alarms.notification import Link
from bot.slack.inbound import (
    changes_content,
    is_bot_post,
    is_top_level,
    normalise,
    sender_id,
    unwrap,
)
from bot.slack.inbound_text import MAX_CHARACTERS, MAX_LINKS

SAMPLES = sorted(
    path
    for path in (Path(__file__).parents[1] / "samples").glob("*/*.json")
    if path.with_suffix(".expected.json").exists()
)


def load(path: Path) -> Any:
    return json.loads(path.read_text())


def edit(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "message",
        "subtype": "message_changed",
        "channel": "C1",
        "ts": "1795330999.000100",
        "message": after,
        "previous_message": before,
    }


@pytest.mark.parametrize("text", [None, "", "absent"])
def test_content_in_attachments_is_found_whatever_the_text(text: str | None) -> None:
    """`text` may be null, empty or missing: the attachment speaks."""
    event: dict[str, Any] = {"bot_id": "B1", "ts": "1.0", "attachments": [{"title": "Disk full"}]}
    if text != "absent":
        event["text"] = text
    assert normalise(event).full_text == "Disk full"


def test_an_attachment_keeps_all_its_parts() -> None:
    """Each part of an attachment has its place; nested blocks join the text, buttons the links."""
    event = {
        "ts": "1795330940.001100",
        "attachments": [
            {
                "pretext": "before",
                "author_name": "Robin &amp; co",
                "title": "Disk <full>",
                "title_link": "https://a.example/?x=1&amp;y=2",
                "text": "see <https://wiki.example|the wiki>",
                "fallback": "plain",
                "fields": [
                    {"title": "Host", "value": "db-1"},
                    {"title": "Host", "value": "db-2"},
                    {"title": "", "value": "alone"},
                    "junk",
                ],
                "footer": "Grafana",
                "color": "a30200",
                "ts": 1795330900,
                "blocks": [
                    {"type": "section", "text": {"type": "mrkdwn", "text": "inner *block*"}}
                ],
                "actions": [
                    {"type": "button", "text": "Runbook", "url": "https://run.example"},
                    {"type": "button", "text": "Resolve"},
                ],
            }
        ],
    }
    (section,) = normalise(event).sections
    assert section.title == "Disk <full>"
    assert section.title_link == "https://a.example/?x=1&y=2"
    assert (section.pretext, section.author, section.footer) == ("before", "Robin & co", "Grafana")
    assert section.text == "see the wiki\nalone\ninner *block*"
    assert section.fields == {"Host": "db-1\ndb-2"}
    assert section.color == "a30200"
    assert section.at == datetime(2026, 11, 22, 7, 1, 40, tzinfo=UTC)
    assert normalise(event).links == (
        Link(label="Disk <full>", url="https://a.example/?x=1&y=2"),
        Link(label="the wiki", url="https://wiki.example"),
        Link(label="Runbook", url="https://run.example"),
    )


def test_slack_s_placeholder_and_link_previews_are_not_content() -> None:
    """`[no preview available]` and attachments that Slack unfurled are left out."""
    event = {
        "ts": "1.0",
        "text": "https://a.example",
        "attachments": [
            {"fallback": "[no preview available]", "text": "own"},
            {"from_url": "https://a.example", "title": "A preview: alarm!"},
            {"is_app_unfurl": True, "title": "Another"},
        ],
    }
    assert [section.text for section in normalise(event).sections] == ["own"]
    assert normalise(event).sections[0].fallback == ""


def test_who_sent_it() -> None:
    """The app's profile name first, else the webhook's; ids beside it."""
    profile = {"id": "B2", "app_id": "A2", "name": "Grafana"}
    assert normalise({"bot_profile": profile, "username": "hook"}).sender == "Grafana"
    assert normalise({"username": "hook"}).sender == "hook"
    notification = normalise({"bot_profile": profile})
    assert (notification.app_id, notification.bot_id) == ("A2", "B2")


@pytest.mark.parametrize(
    ("event", "sender"),
    [
        ({"app_id": "A1", "bot_profile": {"app_id": "A2", "name": "n"}, "username": "u"}, "A1"),
        ({"bot_profile": {"app_id": "A2", "name": "n"}, "username": "u"}, "A2"),
        ({"bot_profile": {"name": "n"}, "username": "u"}, "n"),
        ({"username": "u", "bot_id": "B1"}, "u"),
        ({"bot_id": "B1"}, "B1"),
        ({"subtype": "message_changed", "message": {"app_id": "A1"}}, "A1"),
        ({}, ""),
    ],
)
def test_sender_id_order(event: dict[str, Any], sender: str) -> None:
    """App id, profile name, webhook name, bot id; of an edit, those of the message."""
    assert sender_id(event) == sender


@pytest.mark.parametrize(
    ("event", "is_bot"),
    [
        ({"bot_id": "B1"}, True),
        ({"subtype": "bot_message"}, True),
        ({"subtype": "message_changed", "message": {"bot_id": "B1"}}, True),
        ({"user": "U1"}, False),
        ({"subtype": "channel_join", "user": "U1"}, False),
        ({"subtype": "message_deleted", "previous_message": {"bot_id": "B1"}}, False),
    ],
)
def test_bot_posts(event: dict[str, Any], is_bot: bool) -> None:
    """A bot id or the subtype makes a bot post, also inside of an edit."""
    assert is_bot_post(event) is is_bot


@pytest.mark.parametrize(
    ("event", "top"),
    [
        ({"ts": "1.0"}, True),
        ({"ts": "1.0", "thread_ts": "1.0"}, True),
        ({"ts": "2.0", "thread_ts": "1.0"}, False),
        ({"ts": "2.0", "thread_ts": "1.0", "subtype": "thread_broadcast"}, False),
        (
            {
                "subtype": "message_changed",
                "ts": "9.0",
                "message": {"ts": "1.0", "thread_ts": "1.0"},
            },
            True,
        ),
        (
            {
                "subtype": "message_changed",
                "ts": "9.0",
                "message": {"ts": "2.0", "thread_ts": "1.0"},
            },
            False,
        ),
    ],
)
def test_top_level(event: dict[str, Any], top: bool) -> None:
    """A thread's root is top level; replies are not, even when also sent to the channel."""
    assert is_top_level(event) is top


def test_an_edit_is_unwrapped_with_its_channel() -> None:
    """The new version speaks, at the time of the post; the channel comes along, the edit's time is kept."""
    event = edit({"text": "old"}, {"text": "new", "ts": "1795330940.001100", "bot_id": "B1"})
    assert unwrap(event)["channel"] == "C1"
    notification = normalise(event)
    assert notification.text == "new"
    assert notification.posted_at.replace(microsecond=0) == datetime(
        2026, 11, 22, 7, 2, 20, tzinfo=UTC
    )
    assert notification.edited_at == datetime(2026, 11, 22, 7, 3, 19, 100, tzinfo=UTC)


MESSAGE: dict[str, Any] = {
    "text": "see <https://a.example>",
    "attachments": [{"title": "Disk", "color": "a30200"}],
}
PREVIEW = {"from_url": "https://a.example", "title": "A page"}


@pytest.mark.parametrize(
    ("change", "changes"),
    [
        ({"attachments": [*MESSAGE["attachments"], PREVIEW]}, False),
        ({"reply_count": 3, "latest_reply": "2.0"}, False),
        ({"edited": {"user": "U1", "ts": "9.0"}}, False),
        ({"text": "see <https://b.example>"}, True),
        ({"attachments": [{"title": "Disk", "color": "2eb886"}]}, True),
        ({"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "more"}}]}, True),
    ],
)
def test_which_edits_change_what_is_said(change: dict[str, Any], changes: bool) -> None:
    """Link previews and reply counts change nothing; text, colour and blocks do."""
    assert changes_content(edit(MESSAGE, {**MESSAGE, **change})) is changes


def test_an_edit_without_its_past_counts_as_a_change() -> None:
    """Without the previous version nothing can be ruled out; an ordinary message is no edit."""
    assert changes_content({"subtype": "message_changed", "message": MESSAGE})
    assert not changes_content(MESSAGE)


@pytest.mark.parametrize("ts", ["", "abc", None, "1e400", "nan", -1e300, {}])
def test_an_unreadable_time_falls_back(ts: object) -> None:
    """Without a usable `ts` the event's time counts, and without that 1970."""
    assert normalise({"ts": ts, "event_ts": "60.0"}).posted_at == datetime(
        1970, 1, 1, 0, 1, tzinfo=UTC
    )
    assert normalise({"ts": ts}).posted_at == datetime(1970, 1, 1, tzinfo=UTC)


def test_size_is_bounded() -> None:
    """Length, number of parts, number of links and depth have limits."""
    long = normalise({"text": "x" * 3 * MAX_CHARACTERS})
    assert len(long.text) == MAX_CHARACTERS
    many = normalise({"attachments": [{"title": f"t{number}"} for number in range(5_000)]})
    assert len(many.sections) == 100
    links = " ".join(f"<https://a.example/{number}|l>" for number in range(MAX_LINKS * 2))
    assert len(normalise({"text": links}).links) == MAX_LINKS
    deep: dict[str, Any] = {"type": "plain_text", "text": "bottom"}
    for _ in range(500):
        deep = {"type": "container", "elements": [deep]}
    assert normalise({"blocks": [deep]}).full_text == ""


def test_reading_leaves_the_event_alone() -> None:
    """The event handed in is not changed."""
    for path in SAMPLES:
        event = load(path)
        before = copy.deepcopy(event)
        normalise(event)
        assert event == before
