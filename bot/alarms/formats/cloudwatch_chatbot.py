"""CloudWatch alarms as Amazon Q Developer in chat applications (formerly AWS Chatbot) posts them.

One attachment; its headline, often only in `fallback`, is `<emoji> CloudWatch Alarm | NAME | region | Account: id`
with a link to the console. The state is in the emoji and the colour, the state reason and the metric below.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from bot.alarms import cloudwatch
from bot.alarms.alarm import Alarm, State
from bot.alarms.headline import plain
from bot.alarms.labels import dimensions, line_pairs
from bot.alarms.notification import Notification
from bot.alarms.reading import build, colour, everything, fields
from bot.alarms.words import read_severity, state_of_color, state_of_emoji

_HEADLINE = re.compile(
    r"^(?P<before>[^\n]{0,80}?)CloudWatch Alarm(?P<words>[^|\n]{0,40})\|[ \t]{0,20}(?P<name>[^\n]{1,300}?)[ \t]{0,20}\|"
    rf"[ \t]{{0,20}}(?P<region>{cloudwatch.REGION})[ \t]{{0,20}}(?:\|[ \t]{{0,20}}Account:?[ \t]{{0,20}}(?P<account>[^|\n*>]{{1,60}}))?",
    re.IGNORECASE | re.MULTILINE,
)
_NO_DATA = re.compile(r"insufficient[ _]data", re.IGNORECASE)
_NOT_CROSSED = re.compile(r"threshold crossed:[^\n]{0,2000}?\b(?:was|were) not\b", re.IGNORECASE)
_CROSSED = re.compile(r"threshold crossed:", re.IGNORECASE)


class _Post(NamedTuple):
    headline: re.Match[str]
    text: str
    color: str


def read(notification: Notification) -> Alarm | None:
    """An alarm from the chat application's headline; None for its other posts (health events, custom ones)."""
    text = plain(everything(notification))
    headline = _HEADLINE.search(text)
    if headline is None:
        return None
    post = _Post(headline, text, colour(notification))
    name, account = headline["name"].strip(), (headline["account"] or "").strip()
    labels = cloudwatch.labels_of(
        {"region": headline["region"], "account": account},
        cloudwatch.dimensions_in(text),
        fields(notification),
        dimensions(line_pairs(text)),
    )
    state = _state(post)
    return build(
        notification,
        source="cloudwatch",
        name=name,
        identity=(
            f"name={name}",
            f"region={headline['region']}",
            f"account={account}" if account else "",
        ),
        state=state,
        severity=read_severity(labels, name.replace("-", " ").replace("_", " ")),
        began=cloudwatch.started(text, state[0], notification.posted_at),
        labels=labels,
        service=cloudwatch.service_of(labels),
        namespace=(labels.get("namespace", ""), "dimension namespace"),
    )


def _state(post: _Post) -> tuple[State, str]:
    """The emoji decides, then the state reason, then the colour."""
    if _NO_DATA.search(post.text) and not _CROSSED.search(post.text):
        return "firing", "insufficient data, which is no all-clear"
    of_emoji = state_of_emoji(post.headline["before"])
    if of_emoji:
        return of_emoji, "the emoji in the headline"
    if _CROSSED.search(post.text):
        over = _NOT_CROSSED.search(post.text) is not None
        return ("resolved" if over else "firing"), "the state reason"
    of_color = state_of_color(post.color)
    if of_color:
        return of_color, f"the colour {post.color}"
    return "firing", "nothing says that it is over"
