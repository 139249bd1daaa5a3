"""What Slack keeps of a `markdown` block: its translation into header, rich_text, table and divider blocks.

Apps that read a message back (history, replies, events, interaction payloads) get the translation, never the Markdown.
The exact translation is not documented; this one covers headings, paragraphs, lists, quotes, code, tables and rules.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

from bot.simulators.slack.messages import Message

Block = dict[str, Any]

_FENCE = re.compile(r"^\s*(```+|~~~+)")
_HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$")
_RULE = re.compile(r"^\s*([-*_])(\s*\1){2,}\s*$")
_QUOTE = re.compile(r"^\s*> ?")
_ITEM = re.compile(r"^(\s*)([-*+]|\d+[.)])\s+(.*)$")
_TABLE_RULE = re.compile(r"^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$")
_INLINE = re.compile(
    r"`(?P<code>[^`]+)`"
    r"|\[(?P<label>[^\]]+)\]\((?P<url>[^)\s]+)\)"
    r"|<(?P<auto>https?://[^>\s]+)>"
    r"|\*\*(?P<bold>.+?)\*\*"
    r"|~~(?P<strike>.+?)~~"
    r"|(?<![\w*])\*(?P<italic>[^*\s](?:[^*]*[^*\s])?)\*(?![\w*])"
    r"|(?<!\w)_(?P<under>[^_\s](?:[^_]*[^_\s])?)_(?!\w)"
)
_STYLES = {"bold": "bold", "strike": "strike", "italic": "italic", "under": "italic"}


def stored(message: Message) -> Message:
    """A copy of `message` as Slack gives it to apps."""
    shown = copy.deepcopy(message)
    if blocks := shown.get("blocks"):
        shown["blocks"] = [
            part
            for block in blocks
            for part in (_translate(block) if _is_markdown(block) else [block])
        ]
    return shown


def _is_markdown(block: Block) -> bool:
    """A monitoring app's blocks come in unchecked."""
    return block.get("type") == "markdown" and isinstance(block.get("text"), str)


def _translate(block: Block) -> list[Block]:
    translated = translate(block["text"])
    for number, part in enumerate(translated):
        part["block_id"] = f"{block.get('block_id', 'md')}-{number}"
    return translated


def translate(markdown: str) -> list[Block]:
    """Blocks without ids, in reading order; neighbouring rich text shares one block."""
    lines = markdown.split("\n")
    blocks: list[Block] = []
    position = 0
    while position < len(lines):
        if not lines[position].strip():
            position += 1
            continue
        part, used = next(
            found for reader in _READERS if (found := reader(lines[position:])) is not None
        )
        if part["type"].startswith("rich_text_"):
            if not blocks or blocks[-1]["type"] != "rich_text":
                blocks.append({"type": "rich_text", "elements": []})
            blocks[-1]["elements"].append(part)
        else:
            blocks.append(part)
        position += used
    return blocks


Read = tuple[Block, int] | None


def _fence(lines: list[str]) -> Read:
    opening = _FENCE.match(lines[0])
    if opening is None:
        return None
    inside = []
    for line in lines[1:]:
        if line.strip().startswith(opening[1]):
            break
        inside.append(line)
    text = "\n".join(inside) or " "
    return {
        "type": "rich_text_preformatted",
        "elements": [{"type": "text", "text": text}],
        "border": 0,
    }, len(inside) + 2


def _heading(lines: list[str]) -> Read:
    found = _HEADING.match(lines[0])
    if found is None or not found[1]:
        return None
    words = "".join(str(piece.get("text") or piece.get("url")) for piece in inline(found[1]))
    text = {"type": "plain_text", "text": words[:150], "emoji": True}
    return {"type": "header", "text": text}, 1


def _rule(lines: list[str]) -> Read:
    return ({"type": "divider"}, 1) if _RULE.match(lines[0]) else None


def _table(lines: list[str]) -> Read:
    if "|" not in lines[0] or len(lines) < 2 or not _TABLE_RULE.match(lines[1]):
        return None
    rows = [lines[0]]
    for line in lines[2:]:
        if "|" not in line:
            break
        rows.append(line)
    cells = [[_cell(cell) for cell in row.strip().strip("|").split("|")] for row in rows]
    return {"type": "table", "rows": cells}, len(rows) + 1


def _cell(text: str) -> Block:
    section = {"type": "rich_text_section", "elements": inline(text.strip() or " ")}
    return {"type": "rich_text", "elements": [section]}


def _quote(lines: list[str]) -> Read:
    quoted = []
    for line in lines:
        if not _QUOTE.match(line):
            break
        quoted.append(_QUOTE.sub("", line))
    if not quoted:
        return None
    return {"type": "rich_text_quote", "elements": inline("\n".join(quoted))}, len(quoted)


def _list(lines: list[str]) -> Read:
    """Items of one depth; a deeper or shallower item starts the next list, as in Slack's own format."""
    first = _ITEM.match(lines[0])
    if first is None:
        return None
    items: list[str] = []
    used = 0
    for line in lines:
        found = _ITEM.match(line)
        if found and len(found[1]) == len(first[1]) and found[2].isalnum() == first[2].isalnum():
            items.append(found[3])
        elif not found and items and line.startswith(" " * (len(first[1]) + 2)) and line.strip():
            items[-1] += "\n" + line.strip()
        else:
            break
        used += 1
    sections = [{"type": "rich_text_section", "elements": inline(item)} for item in items]
    style = "ordered" if first[2][0].isdigit() else "bullet"
    indent = min(len(first[1]) // 2, 8)
    return {
        "type": "rich_text_list",
        "style": style,
        "indent": indent,
        "border": 0,
        "elements": sections,
    }, used


def _paragraph(lines: list[str]) -> Read:
    said = [lines[0]]
    for index, line in enumerate(lines[1:], start=1):
        if not line.strip() or any(reader(lines[index:]) for reader in _READERS[:-1]):
            break
        said.append(line)
    return {"type": "rich_text_section", "elements": inline("\n".join(said) + "\n")}, len(said)


_READERS: tuple[Callable[[list[str]], Read], ...] = (
    _fence,
    _heading,
    _rule,
    _table,
    _quote,
    _list,
    _paragraph,
)


def inline(text: str, style: dict[str, bool] | None = None) -> list[Block]:
    """Text, link and styled pieces of one line or paragraph."""
    pieces: list[Block] = []
    position = 0
    for found in _INLINE.finditer(text):
        _add(pieces, text[position : found.start()], style)
        pieces += _styled(found, style or {})
        position = found.end()
    _add(pieces, text[position:], style)
    return pieces


def _styled(found: re.Match[str], style: dict[str, bool]) -> list[Block]:
    if found["code"]:
        return [{"type": "text", "text": found["code"], "style": {**style, "code": True}}]
    if url := found["url"] or found["auto"]:
        link: Block = {"type": "link", "url": url}
        if found["label"]:
            link["text"] = found["label"]
        return [{**link, "style": style} if style else link]
    name = next(name for name in _STYLES if found[name])
    return inline(found[name], {**style, _STYLES[name]: True})


def _add(pieces: list[Block], text: str, style: dict[str, bool] | None) -> None:
    if text:
        piece: Block = {"type": "text", "text": text}
        pieces.append({**piece, "style": style} if style else piece)
