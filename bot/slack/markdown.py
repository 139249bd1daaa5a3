"""Untrusted text made harmless and readable for Slack.

Everything a model, a log line or an alarm says passes through here before it is shown. Two ways out: `rich` gives
rich_text elements, in which Slack parses nothing, so no text can become a mention or a link; `escaped` gives mrkdwn
for the few places that take nothing else (notification text, context lines, the plain card).

Rules: control, zero-width, bidirectional and tag characters go; URLs to hosts outside are defanged
(`hxxps://host[.]tld/path`, query cut), because a link in a channel can carry data away with one click; `@channel`
and its kin are broken up. Preformatted text stays as it is: Slack makes no links in it, and a patch must be copyable.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Any
from urllib.parse import SplitResult, urlsplit

Element = dict[str, Any]
"""One Block Kit object, ready for JSON."""

_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f\ud800-\udfff]"
)
_URL = re.compile(r"\b(?!hxxps?:)([a-zA-Z][a-zA-Z0-9+.-]{1,30})://([^\s<>\"'`|\\^{}]{1,2000})")
_BROADCAST = re.compile(r"@(?=(?:channel|here|everyone|group)\b)", re.IGNORECASE)
_FENCE = re.compile(r"^[ \t]*```[\w+-]*[ \t]*\n(.*?)\n?^[ \t]*```[ \t]*$", re.DOTALL | re.MULTILINE)
_INLINE = re.compile(r"`([^`\n]{1,500})`|\*\*([^*\n]{1,500})\*\*")
_BULLET = re.compile(r"^([ \t]*)[-*] ", re.MULTILINE)
_NUMBER = re.compile(r"(?:0x)?[0-9a-f]*[0-9][0-9a-f]*", re.IGNORECASE)
_INTERNAL_SUFFIXES = (".svc", ".local", ".internal", ".localhost")
_WORD_JOINER = "\u2060"


def clean(text: str) -> str:
    """Without characters that hide, reorder or break text; line ends become `\\n`, tabs stay."""
    return _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def is_blank(text: str) -> bool:
    """Whether nothing of the text is left to see once it is cleaned."""
    return not clean(text).strip()


def one_line(text: str, limit: int) -> str:
    """Cleaned, on one line, at most `limit` characters: for titles and labels."""
    return shorten(" ".join(prose(text).split()), limit)


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, the last one `…` when something was cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def shorten_markdown(text: str, limit: int) -> str:
    """At most `limit` characters; a code block that would be cut in its middle is left out as a whole."""
    cleaned = clean(text)
    if len(cleaned) <= limit:
        return cleaned
    cut = next(
        (
            fence.start()
            for fence in _FENCE.finditer(cleaned)
            if fence.start() < limit < fence.end()
        ),
        limit,
    )
    return shorten(cleaned, limit) if cut == limit else f"{cleaned[:cut].rstrip()} …"


def shorten_bytes(text: str, limit: int) -> str:
    """At most `limit` bytes of UTF-8: Slack counts the bytes of a message's `text`, not its characters."""
    encoded = text.encode()
    if len(encoded) <= limit:
        return text
    return encoded[: limit - len("…".encode())].decode(errors="ignore").rstrip() + "…"


def prose(text: str) -> str:
    """Cleaned, without live URLs to hosts outside and without broadcast mentions."""
    return _BROADCAST.sub("@" + _WORD_JOINER, _URL.sub(_defang, clean(text)))


def escaped(text: str) -> str:
    """`prose` with `entities`: no mention, no link can form."""
    return entities(prose(text))


def entities(text: str) -> str:
    """The three characters escaped that open mrkdwn's mentions and links; otherwise word for word."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def rich(text: str) -> list[Element]:
    """Markdown as models write it, as rich_text elements: fences, code spans, bold and bullets; the rest literally."""
    elements: list[Element] = []
    position = 0
    cleaned = clean(text)
    for fence in _FENCE.finditer(cleaned):
        elements += _section(cleaned[position : fence.start()])
        elements += preformatted(fence.group(1))
        position = fence.end()
    return elements + _section(cleaned[position:])


def inline(text: str) -> list[Element]:
    """The text elements of one rich_text section: code spans and bold styled, all else literal."""
    elements: list[Element] = []
    position = 0
    safe = prose(text)
    for span in _INLINE.finditer(safe):
        elements += _plain(safe[position : span.start()])
        code, bold = span.groups()
        elements.append(styled(code, code=True) if code else styled(bold, bold=True))
        position = span.end()
    return elements + _plain(safe[position:])


def styled(text: str, **style: bool) -> Element:
    """One text element with a style: `bold`, `italic`, `code`."""
    element: Element = {"type": "text", "text": text}
    return {**element, "style": style} if style else element


def preformatted(text: str, *, language: str = "") -> list[Element]:
    """A block of monospaced text, cleaned but otherwise word for word; nothing when there is none.

    `language` colours it: `diff`, for one.
    """
    cleaned = clean(text)
    if not cleaned.strip():
        return []
    block: Element = {"type": "rich_text_preformatted", "elements": [styled(cleaned)]}
    return [{**block, "language": language} if language else block]


def section(*elements: Element) -> Element:
    """One rich_text section made of text and link elements."""
    return {"type": "rich_text_section", "elements": list(elements)}


def link(url: str, label: str) -> Element:
    """A link that code built: only web addresses become one, anything else stays text."""
    if urlsplit(url).scheme not in {"http", "https"} or len(url) > 3000:
        return styled(prose(label))
    return {"type": "link", "url": url, "text": one_line(label, 200)}


def _section(text: str) -> list[Element]:
    stripped = _BULLET.sub(r"\1• ", text.strip("\n"))
    return [section(*inline(stripped))] if stripped.strip() else []


def _plain(text: str) -> list[Element]:
    return [styled(text)] if text else []


def _defang(match: re.Match[str]) -> str:
    try:
        parts = urlsplit(match.group(0))
        host = parts.hostname or ""
    except ValueError:
        return f"{_disarmed(match.group(1))}://{match.group(2).replace('.', '[.]')}"
    if _is_internal(host):
        return match.group(0)
    return _disarm(parts)


def _disarm(parts: SplitResult) -> str:
    authority = parts.netloc.rpartition("@")[2].replace(".", "[.]")
    query = "?…" if parts.query or parts.fragment else ""
    return f"{_disarmed(parts.scheme)}://{authority}{parts.path}{query}"


def _disarmed(scheme: str) -> str:
    return {"http": "hxxp", "https": "hxxps"}.get(scheme.lower(), f"{scheme}[:]")


def _is_internal(host: str) -> bool:
    """A host that no link can carry data to: private addresses and names that only resolve inside."""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        number = _NUMBER.fullmatch(host)  # browsers read a bare number as an IPv4 address
        return not number and ("." not in host or host.endswith(_INTERNAL_SUFFIXES))
