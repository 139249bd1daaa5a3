"""The same message in older blocks, for a Slack that refuses the newer ones.

Slack rolls block types out in phases and refuses the whole message for one it does not know. A diagnosis must be
readable anyway: first without what folds up or is coloured, then in the oldest blocks there are: text becomes mrkdwn
sections, complete and escaped; buttons stay buttons.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bot.slack.markdown import Element, clean, entities, escaped
from bot.slack.message import Message, pack

_SECTION = 2_900
"""Characters of a section, escapes included; Slack's limit is 3,000."""


def flat(messages: list[Message]) -> list[Message]:
    """The messages without `container` blocks, whose content stands open, and without colours in code."""
    blocks = [each for message in messages for block in message.blocks for each in _opened(block)]
    return pack(messages[0].text, blocks)


def _opened(block: Element) -> Iterator[Element]:
    if block["type"] == "container":
        title: Element = {"type": "text", "text": block["title"]["text"], "style": {"bold": True}}
        heading = {"type": "rich_text_section", "elements": [title]}
        yield {"type": "rich_text", "elements": [heading]}
        for child in block["child_blocks"]:
            yield from _opened(child)
    elif block["type"] == "rich_text":
        yield {**block, "elements": [_uncoloured(element) for element in block["elements"]]}
    else:
        yield block


def _uncoloured(element: Element) -> Element:
    return {name: value for name, value in element.items() if name != "language"}


def plain(messages: list[Message]) -> list[Message]:
    """The messages without rich_text, container, plan and context_actions blocks; within the same limits."""
    blocks = [
        simple
        for message in flat(messages)
        for block in message.blocks
        for simple in _simple(block)
    ]
    return pack(messages[0].text, blocks)


def _simple(block: Element) -> Iterator[Element]:
    match block["type"]:
        case "rich_text":
            for element in block["elements"]:
                yield from _element(element)
        case "header":
            yield _section(f"*{escaped(block['text']['text'])}*")
        case "context_actions":
            yield {"type": "actions", "elements": list(_ordinary(block["elements"]))}
        case _:
            yield block


def _ordinary(elements: list[Element]) -> Iterator[Element]:
    for element in elements:
        for name in ("positive", "negative"):
            button = element[f"{name}_button"]
            yield {"type": "button", "action_id": f"{element['action_id']}_{name}", **button}


def _element(element: Element) -> Iterator[Element]:
    if element["type"] == "rich_text_preformatted":
        yield from _sections(_words(element), _fenced)
        return
    items = element["elements"] if element["type"] == "rich_text_list" else [element]
    bullet = "• " if element["type"] == "rich_text_list" else ""
    yield from _sections("\n".join(bullet + _words(item) for item in items), escaped)
    for item in items:
        yield from (_section(_link(part)) for part in item["elements"] if part["type"] == "link")


def _words(element: Element) -> str:
    return "".join(str(part["text"]) for part in element["elements"])


def _link(part: Element) -> str:
    return f"<{part['url']}|{escaped(part['text']).replace('|', '/')}>"


def _fenced(text: str) -> str:
    return f"```\n{entities(clean(text)).replace('```', '` ` `')}\n```"


def _sections(text: str, render: Callable[[str], str]) -> Iterator[Element]:
    """As many sections as the rendered text needs, cut between lines where that is possible."""
    rest = text
    while rest.strip():
        length = _longest(rest, render)
        yield _section(render(rest[:length].strip("\n")))
        rest = rest[length:]


def _longest(text: str, render: Callable[[str], str]) -> int:
    """How much of the text one section takes."""
    length = min(len(text), _SECTION)
    while len(render(text[:length])) > _SECTION:
        length = length * 3 // 4
    if length == len(text):
        return length
    return text.rfind("\n", 0, length) + 1 or length


def _section(text: str) -> Element:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}
