"""Block Kit as text: every block a monitoring app may post, flattened in reading order.

A block of an unknown kind is searched for text in its usual places, so that a new kind of block is not lost.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from bot.slack.inbound_text import Scan, emoji, readable_time, scrub, time_of

Node = dict[str, object]

_FIELD = re.compile(
    r"\A\s{0,20}\*?([^*\n:]{1,60}?):?\*?[ \t]{0,20}(?::(?=[\s*])|\n)[\s*]{0,20}(\S.{0,2000})\Z",
    re.DOTALL,
)
_MAX_FIELD: Final = 2_100
"""A field's text may have 2,000 characters."""
_CHILDREN: Final = (
    "elements",
    "blocks",
    "children",
    "cards",
    "items",
    "body",
    "fields",
    "tasks",
    "rows",
)
_TEXTS: Final = ("title", "subtitle", "text", "description", "alt_text", "details", "output")


@dataclass
class Flat:
    """What the blocks say: the first header, the lines after it, and the titled fields."""

    scan: Scan
    title: str = ""
    lines: list[str] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)

    def say(self, text: str) -> None:
        """Adds a line, unless it is empty."""
        if text.strip():
            self.lines.append(text.strip())

    def add_field(self, name: str, value: str) -> None:
        """Adds a field; a name that comes again keeps both values."""
        name, value = name.strip().rstrip(":").strip("*").strip(), value.strip()
        if not name:
            self.say(value)
        elif self.fields.get(name, value) != value:
            self.fields[name] += f"\n{value}"
        else:
            self.fields[name] = value


def flatten(blocks: object, scan: Scan) -> Flat:
    """All blocks of one message or attachment. Any value is accepted."""
    flat = Flat(scan)
    for block in nodes(blocks):
        _block(block, flat, 1)
    return flat


def nodes(value: object) -> list[Node]:
    """The objects of a list; whatever else it holds is skipped."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def text_object(value: object, scan: Scan) -> str:
    """A text object (`mrkdwn`, `plain_text`, `raw_text`), a rich text, or a bare string."""
    if not isinstance(value, dict):
        return scan.mrkdwn(value)
    if value.get("type") == "rich_text":
        return _rich(value, scan, 1)
    text = value.get("text", value.get("value"))
    if isinstance(text, dict):
        return ""
    return scan.mrkdwn(text) if value.get("type") == "mrkdwn" else scan.plain(text)


def _block(block: Node, flat: Flat, depth: int) -> None:
    if flat.scan.take(block, depth):
        kind = scrub(block.get("type"))
        _READERS.get(kind, _unknown)(block, flat, depth)


def _header(block: Node, flat: Flat, depth: int) -> None:
    text = text_object(block.get("text"), flat.scan).strip()
    if flat.title or flat.lines:
        flat.say(text)
    else:
        flat.title = text


def _section(block: Node, flat: Flat, depth: int) -> None:
    flat.say(text_object(block.get("text"), flat.scan))
    for item in nodes(block.get("fields")):
        if flat.scan.take(item, depth):
            text = text_object(item, flat.scan)
            pair = _FIELD.match(text) if len(text) <= _MAX_FIELD else None
            if pair:
                flat.add_field(pair[1], pair[2])
            else:
                flat.say(text)
    accessory = block.get("accessory")
    if isinstance(accessory, dict):
        _element(accessory, flat, depth + 1)


def _element(element: Node, flat: Flat, depth: int) -> None:
    """A button speaks only by its link (`Resolve` is an offer, not a state); an image by its description."""
    kind = scrub(element.get("type"))
    if not flat.scan.take(element, depth) or kind in ("overflow", "datepicker", "users_select"):
        return
    if kind in ("button", "workflow_button"):
        link_button(element, flat.scan)
    elif kind in ("image", "mrkdwn", "plain_text"):
        _image(element, flat, depth) if kind == "image" else flat.say(
            text_object(element, flat.scan)
        )


def link_button(element: Node, scan: Scan) -> None:
    """Keeps a button's link under the button's text."""
    if scrub(element.get("url")):
        scan.link(text_object(element.get("text"), scan), element.get("url"))


def _elements(block: Node, flat: Flat, depth: int) -> None:
    for element in nodes(block.get("elements")):
        _element(element, flat, depth + 1)


def _image(block: Node, flat: Flat, depth: int) -> None:
    flat.say(text_object(block.get("title"), flat.scan))
    flat.say(flat.scan.plain(block.get("alt_text")))


def _rich_text(block: Node, flat: Flat, depth: int) -> None:
    flat.say(_rich(block, flat.scan, depth))


def _markdown(block: Node, flat: Flat, depth: int) -> None:
    flat.say(flat.scan.markdown(block.get("text")))


def _table(block: Node, flat: Flat, depth: int) -> None:
    rows = block.get("rows")
    for row in rows if isinstance(rows, list) else []:
        cells = row.get("cells") if isinstance(row, dict) else row
        if flat.scan.take(row, depth):
            shown = [_cell(cell, flat.scan) for cell in nodes(cells)]
            flat.say(" | ".join(" ".join(cell.split()) for cell in shown))


def _cell(cell: Node, scan: Scan) -> str:
    return text_object(cell, scan) if scan.take(cell, 1) else ""


def _plan(block: Node, flat: Flat, depth: int) -> None:
    flat.say(text_object(block.get("title"), flat.scan))
    for task in nodes(block.get("tasks")):
        _task(task, flat, depth + 1)


def _task(block: Node, flat: Flat, depth: int) -> None:
    if not flat.scan.take(block, depth):
        return
    for part in ("title", "details", "output"):
        flat.say(text_object(block.get(part), flat.scan))
    for source in nodes(block.get("sources")):
        if flat.scan.take(source, depth):
            flat.scan.link(source.get("text"), source.get("url"))


def _nothing(block: Node, flat: Flat, depth: int) -> None:
    """Dividers, inputs and feedback buttons say nothing."""


def _unknown(block: Node, flat: Flat, depth: int) -> None:
    for name in _TEXTS:
        flat.say(text_object(block.get(name), flat.scan))
    flat.scan.link("", block.get("url"))
    for name in _CHILDREN:
        for child in nodes(block.get(name)):
            _block(child, flat, depth + 1)


_READERS: Final[dict[str, Callable[[Node, Flat, int], None]]] = {
    "header": _header,
    "section": _section,
    "context": _elements,
    "actions": _elements,
    "image": _image,
    "rich_text": _rich_text,
    "markdown": _markdown,
    "table": _table,
    "data_table": _table,
    "plan": _plan,
    "task_card": _task,
    "button": _element,
    "mrkdwn": _element,
    "plain_text": _element,
    "divider": _nothing,
    "input": _nothing,
    "context_actions": _nothing,
}


def _rich(node: Node, scan: Scan, depth: int) -> str:
    """A rich text block or one of its containers: sections, lists, quotes, preformatted text."""
    pieces: list[str] = []
    for number, element in enumerate(nodes(node.get("elements")), start=1):
        if not scan.take(element, depth):
            break
        if isinstance(element.get("elements"), list):
            bullet = _bullet(node, number)
            pieces.append(f"{bullet}{_rich(element, scan, depth + 1)}\n")
        else:
            pieces.append(_inline(element, scan))
    return "".join(pieces).rstrip("\n")


def _bullet(container: Node, number: int) -> str:
    if container.get("type") != "rich_text_list":
        return ""
    indent = container.get("indent")
    depth = indent if isinstance(indent, int) and 0 <= indent <= 8 else 0
    return "  " * depth + (f"{number}. " if container.get("style") == "ordered" else "• ")


def _inline(element: Node, scan: Scan) -> str:
    kind = scrub(element.get("type"))
    if kind == "link":
        return scan.link(element.get("text"), element.get("url"))
    if kind == "emoji":
        return emoji(scrub(element.get("name")), scrub(element.get("unicode")))
    if kind == "date":
        moment = time_of(element.get("timestamp"))
        return readable_time(moment) if moment else scan.plain(element.get("fallback"))
    if kind in _MENTIONS:
        sign, name = _MENTIONS[kind]
        return sign + scan.plain(element.get(name))
    return scan.plain(element.get("text"))


_MENTIONS: Final = {
    "user": ("@", "user_id"),
    "usergroup": ("@", "usergroup_id"),
    "channel": ("#", "channel_id"),
    "broadcast": ("@", "range"),
    "team": ("@", "team_id"),
    "color": ("", "value"),
}
