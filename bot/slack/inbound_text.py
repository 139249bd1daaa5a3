"""Slack's text as a person reads it: escapes, links, mentions, dates and emoji resolved.

Everything here takes any value and never raises: what arrives over the wire is not ours. `Scan` carries the bounds
of one message, so that a hostile post costs no more than a long one.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from bot.alarms.notification import Link

MAX_CHARACTERS: Final = 40_000
"""Slack itself truncates a message's text at 40,000 characters."""
MAX_NODES: Final = 3_000
"""Blocks, elements, fields and attachments looked at in one message."""
MAX_DEPTH: Final = 10
MAX_LINKS: Final = 100
MAX_URL: Final = 3_000
"""Slack's own limit for a url in a block."""

_ANGLE = re.compile(r"<([^<>\n]{1,3100})>")
_DATE = re.compile(r"!date\^(-?\d{1,11})\^(?P<before>[^{^]{0,60})")
"""`!date^1795330680^Started {ago}`: the words before the first token belong to the sentence."""
_BARE_URL = re.compile(r"(?<![\w/])https?://[^\s<>\"'`]{1,3000}")
_NAMED = re.compile(
    r"\b(?P<name>dashboard|panel|graph|runbook|playbook|query|logs|traces?|source|silence)(?:[ _]url)?[*_`]{0,2}\s?[:=][*_`]{0,2}\s*\Z",
    re.IGNORECASE,
)
"""`Dashboard: https://…`: what a url without a label is, as the words before it say."""
_AFTER_URL: Final = ".,:;!?)]}*_~|"
"""What ends a sentence or a bracket around a url is no part of it."""
_EMOJI = re.compile(r":([a-z][a-z0-9_+-]{0,60}):(?::skin-tone-[2-6]:)?")
_UNREADABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b\ufeff]")
_MARKDOWN_LINK = re.compile(r"!?\[([^\[\]\n]{0,500})\]\((https?://[^\s()]{1,3000})\)")

EMOJI: Final = {
    "alert": "🚨",
    "arrows_counterclockwise": "🔄",
    "bangbang": "‼️",
    "bell": "🔔",
    "boom": "💥",
    "bug": "🐛",
    "chart_with_downwards_trend": "📉",
    "chart_with_upwards_trend": "📈",
    "exclamation": "❗",
    "eyes": "👀",
    "fire": "🔥",
    "green_circle": "🟢",
    "green_heart": "💚",
    "grey_question": "❔",
    "heavy_check_mark": "✔️",
    "heavy_exclamation_mark": "❗",
    "information_source": "ℹ️",
    "large_blue_circle": "🔵",
    "large_green_circle": "🟢",
    "large_green_square": "🟩",
    "large_orange_circle": "🟠",
    "large_orange_diamond": "🔶",
    "large_red_square": "🟥",
    "large_yellow_circle": "🟡",
    "mag": "🔍",
    "no_entry": "⛔",
    "no_entry_sign": "🚫",
    "octagonal_sign": "🛑",
    "ok": "🆗",
    "question": "❓",
    "red_circle": "🔴",
    "rocket": "🚀",
    "rotating_light": "🚨",
    "skull": "💀",
    "sos": "🆘",
    "tada": "🎉",
    "warning": "⚠️",
    "white_check_mark": "✅",
    "white_circle": "⚪",
    "x": "❌",
    "zap": "⚡",
}
"""The shortcodes that monitoring uses; the readers then know one spelling. Others stay as `:name:`."""


class Scan:
    """One message being read: its links so far, and what may still be read of it."""

    def __init__(self) -> None:
        self._characters = MAX_CHARACTERS
        self._nodes = MAX_NODES
        self._links: dict[tuple[str, str], Link] = {}

    @property
    def links(self) -> tuple[Link, ...]:
        """The distinct links found, in reading order."""
        return tuple(self._links.values())

    def take(self, node: object, depth: int) -> bool:
        """Whether this object may be looked at: it counts, and depth is bounded."""
        self._nodes -= 1
        return self._nodes >= 0 and depth <= MAX_DEPTH and node is not None

    def plain(self, value: object) -> str:
        """A text without markup: unescaped, emoji resolved."""
        return _emoji(unescape(self._cut(value)))

    def mrkdwn(self, value: object) -> str:
        """Slack's own markup: `<url|label>` becomes the label, mentions and dates become readable."""
        text = self._cut(value)
        pieces: list[str] = []
        position = 0
        for match in _ANGLE.finditer(text):
            before = text[position : match.start()]
            pieces += [self._bare(before), self._angle(match[1], before)]
            position = match.end()
        pieces.append(self._bare(text[position:]))
        return _emoji("".join(pieces))

    def markdown(self, value: object) -> str:
        """Standard Markdown, as in a `markdown` block: links are resolved, emphasis stays."""

        def keep(match: re.Match[str]) -> str:
            return self.link(match[1], match[2])

        return _emoji(_MARKDOWN_LINK.sub(keep, unescape(self._cut(value))))

    def link(self, label: object, url: object) -> str:
        """Keeps a link and returns what a person sees of it. Other schemes than http(s) are text only."""
        target = unescape(scrub(url))[:MAX_URL].strip()
        shown = unescape(self._cut(label)).strip() or target
        if target.lower().startswith(("http://", "https://")) and len(self._links) < MAX_LINKS:
            self._links.setdefault((shown, target), Link(label=shown, url=target))
        return shown

    def _cut(self, value: object) -> str:
        text = scrub(value)[: max(self._characters, 0)]
        self._characters -= len(text)
        return text

    def _bare(self, text: str) -> str:
        """Text between marked links. A url in it is a link too: webhooks post them as they are."""
        for match in _BARE_URL.finditer(text):
            self._unlabelled(match[0].rstrip(_AFTER_URL), text[: match.start()])
        return unescape(text)

    def _unlabelled(self, url: str, before: str) -> str:
        """Keeps a url under the name that the words before it give, and returns the url."""
        named = _NAMED.search(before[-60:])
        self.link(named["name"].capitalize() if named else "", url)
        return unescape(scrub(url))[:MAX_URL].strip()

    def _angle(self, inner: str, before: str) -> str:
        target, _, label = inner.partition("|")
        if target.startswith(("@", "#")):
            return target[0] + unescape(label or target[1:])
        if target.startswith("!"):
            return _special(target, label)
        if "://" in target:
            return self.link(label, target) if label.strip() else self._unlabelled(target, before)
        if target.startswith(("mailto:", "tel:")):
            return unescape(label or target.partition(":")[2])
        return unescape(f"<{inner}>")


def scrub(value: object) -> str:
    """A string that can be encoded and shown; any other value is empty, a number is its digits."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    if isinstance(value, int) and value.bit_length() > 64:
        return ""
    text = str(value)[:MAX_CHARACTERS].encode("utf-8", "replace").decode("utf-8")
    return _UNREADABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def unescape(text: str) -> str:
    """Slack escapes these three characters and no others (`&amp;` last, so that `&amp;lt;` is `&lt;`)."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def time_of(value: object) -> datetime | None:
    """A Slack `ts` or a Unix time, in seconds, as a string or a number. None when it is neither."""
    try:
        seconds = float(scrub(value))
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def emoji(name: str, code_points: str = "") -> str:
    """An emoji of a rich text element: its character, else its shortcode. `code_points` as in `1f6a8-fe0f`."""
    if name in EMOJI:
        return EMOJI[name]
    try:
        shown = "".join(chr(int(point, 16)) for point in code_points.split("-")[:8] if point)
    except (ValueError, OverflowError):
        shown = ""
    return scrub(shown) or (f":{name}:" if name else "")


def readable_time(moment: datetime) -> str:
    """`2026-11-22 06:33:35 UTC`: one form for every date, so that readers can find it."""
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")


def _special(target: str, label: str) -> str:
    """`!here`, `!subteam^S1|@oncall`, `!date^1795329215^{date} at {time}|fallback`."""
    date = _DATE.match(target)
    moment = time_of(date[1]) if date else None
    if date is not None and moment is not None:
        return f"{unescape(date['before'])}{readable_time(moment)}"
    name, _, rest = target[1:].partition("^")
    shown = unescape(label or (rest if name == "subteam" else name))
    return shown if shown.startswith("@") or name == "date" else f"@{shown}"


def _emoji(text: str) -> str:
    return _EMOJI.sub(lambda match: EMOJI.get(match[1], match[0]), text)
