"""From a raw Slack message event to a `Notification`, and the questions a listener asks about an event.

Alarm posts keep their content in different places: `text` is often empty or null and everything stands in
attachments or blocks. All functions here are pure, take any JSON value and never raise; sizes and depth are bounded
(`inbound_text`).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from bot.alarms.notification import Notification, Section
from bot.slack.inbound_blocks import Flat, Node, flatten, link_button, nodes
from bot.slack.inbound_text import Scan, scrub, time_of, unescape

MAX_ATTACHMENTS: Final = 100
"""Slack's limit per message."""
_CARRIED: Final[tuple[str, ...]] = ("channel", "channel_type", "team")
_NO_TIME: Final = datetime.fromtimestamp(0, UTC)
_NO_PREVIEW: Final = "[no preview available]"
"""What Slack writes into `fallback` when the sender gave none."""


def normalise(event: object) -> Notification:
    """The readable content of a message event; of an edit, the new content.

    `posted_at` is the time of the post itself (1970 when the event has no readable `ts`), also for an edit, whose
    own time is `edited_at`. Previews that Slack added to links are not part of what the sender said.
    """
    message = unwrap(event)
    scan = Scan()
    profile = _node(message.get("bot_profile"))
    text = scan.mrkdwn(message.get("text")).strip()
    sections = [_from_blocks(flatten(message.get("blocks"), scan))]
    own = _own_attachments(message)
    sections += [_from_attachment(item, scan) for item in own if scan.take(item, 0)]
    return Notification(
        sender=scrub(profile.get("name")) or scrub(message.get("username")),
        app_id=scrub(message.get("app_id")) or scrub(profile.get("app_id")),
        bot_id=scrub(message.get("bot_id")) or scrub(profile.get("id")),
        text=text,
        sections=tuple(section for section in sections if section is not None),
        links=scan.links,
        posted_at=_posted_at(message),
        edited_at=_edited_at(event, message),
    )


def unwrap(event: object) -> Node:
    """The message itself: of an edit (`message_changed`) its new version, with the channel it is in."""
    outer = _node(event)
    if outer.get("subtype") != "message_changed":
        return outer
    inner = _node(outer.get("message"))
    carried: Node = {name: outer[name] for name in _CARRIED if name in outer}
    return {**carried, **inner}


def is_edit(event: object) -> bool:
    """Whether the event reports a change of an earlier message."""
    return _node(event).get("subtype") == "message_changed"


def changes_content(event: object) -> bool:
    """Whether an edit changes what the sender says, and not only link previews, reply counts or formatting.

    False for anything that is not an edit. An edit without its previous version counts as a change.
    """
    outer = _node(event)
    if not is_edit(outer):
        return False
    before = _node(outer.get("previous_message"))
    return not before or _content(before) != _content(_node(outer.get("message")))


def is_bot_post(event: object) -> bool:
    """Whether an app or a webhook posted it. Modern apps send no `bot_message` subtype, webhooks no `user`."""
    message = unwrap(event)
    return bool(scrub(message.get("bot_id"))) or message.get("subtype") == "bot_message"


def is_top_level(event: object) -> bool:
    """Whether it stands in the channel itself: no reply, and no reply that was also sent to the channel."""
    message = unwrap(event)
    thread = scrub(message.get("thread_ts"))
    return message.get("subtype") != "thread_broadcast" and (
        not thread or thread == scrub(message.get("ts"))
    )


def sender_id(event: object) -> str:
    """What names the sender for an allow-list: app id, else the app's display name, else the webhook's name."""
    message = unwrap(event)
    profile = _node(message.get("bot_profile"))
    candidates = (
        message.get("app_id"),
        profile.get("app_id"),
        profile.get("name"),
        message.get("username"),
        message.get("bot_id"),
    )
    return next((name for name in map(scrub, candidates) if name), "")


def _content(message: Node) -> tuple[str, tuple[Section, ...], frozenset[tuple[str, str]]]:
    seen = normalise(message)
    return seen.text, seen.sections, frozenset((link.label, link.url) for link in seen.links)


def _own_attachments(message: Node) -> list[Node]:
    """Attachments that the sender wrote: a link preview carries the url it came from."""
    written = nodes(message.get("attachments"))[:MAX_ATTACHMENTS]
    return [item for item in written if not (item.get("from_url") or item.get("is_app_unfurl"))]


def _from_blocks(flat: Flat) -> Section | None:
    if not (flat.title or flat.lines or flat.fields):
        return None
    return Section(title=flat.title, text="\n".join(flat.lines), fields=flat.fields)


def _from_attachment(attachment: Node, scan: Scan) -> Section:
    flat = Flat(scan)
    title = scan.mrkdwn(attachment.get("title")).strip()
    title_link = unescape(scrub(attachment.get("title_link")))
    if title_link:
        scan.link(title, title_link)
    flat.say(scan.mrkdwn(attachment.get("text")))
    _add_fields(attachment, flat)
    inner = flatten(attachment.get("blocks"), scan)
    for name, value in inner.fields.items():
        flat.add_field(name, value)
    flat.lines += [inner.title] * bool(inner.title and title) + inner.lines
    for action in nodes(attachment.get("actions")):
        if scan.take(action, 1):
            link_button(action, scan)
    fallback = scan.mrkdwn(attachment.get("fallback")).strip()
    return Section(
        title=title or inner.title,
        title_link=title_link,
        pretext=scan.mrkdwn(attachment.get("pretext")).strip(),
        text="\n".join(flat.lines),
        fallback="" if fallback == _NO_PREVIEW else fallback,
        footer=scan.mrkdwn(attachment.get("footer")).strip(),
        author=scan.mrkdwn(attachment.get("author_name")).strip(),
        color=scrub(attachment.get("color")),
        at=time_of(attachment.get("ts")),
        fields=flat.fields,
    )


def _add_fields(attachment: Node, flat: Flat) -> None:
    for item in nodes(attachment.get("fields")):
        if flat.scan.take(item, 1):
            name = flat.scan.mrkdwn(item.get("title"))
            flat.add_field(name, flat.scan.mrkdwn(item.get("value")))


def _posted_at(message: Node) -> datetime:
    return time_of(message.get("ts")) or time_of(message.get("event_ts")) or _NO_TIME


def _edited_at(event: object, message: Node) -> datetime | None:
    edited = time_of(_node(message.get("edited")).get("ts"))
    outer = _node(event)
    return edited or (time_of(outer.get("ts")) if is_edit(outer) else None)


def _node(value: object) -> Node:
    return value if isinstance(value, dict) else {}
