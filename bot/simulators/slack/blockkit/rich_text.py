"""The `rich_text` block: sections, lists, quotes, preformatted text, and the pieces inside."""

from __future__ import annotations

from bot.simulators.slack.blockkit.objects import ANY_URL
from bot.simulators.slack.blockkit.schema import (
    Check,
    array,
    boolean,
    enum,
    number,
    record,
    string,
    tagged,
)

_STYLE = record(
    {},
    {
        "bold": boolean,
        "italic": boolean,
        "strike": boolean,
        "code": boolean,
        "underline": boolean,
        "highlight": boolean,
        "client_highlight": boolean,
        "unlink": boolean,
    },
)
_STYLED: dict[str, Check] = {"style": _STYLE}
_PIECES: dict[str, Check] = {
    "text": record({"text": string(1)}, _STYLED),
    "link": record({"url": ANY_URL}, {**_STYLED, "text": string(0), "unsafe": boolean}),
    "user": record({"user_id": string(1)}, _STYLED),
    "usergroup": record({"usergroup_id": string(1)}, _STYLED),
    "channel": record({"channel_id": string(1)}, _STYLED),
    "team": record({"team_id": string(1)}, _STYLED),
    "emoji": record(
        {"name": string(1)}, {**_STYLED, "unicode": string(1), "skin_tone": number(1, 6)}
    ),
    "broadcast": record({"range": enum("here", "channel", "everyone")}, _STYLED),
    "date": record(
        {"timestamp": number(0, whole=True), "format": string(1)},
        {**_STYLED, "url": ANY_URL, "fallback": string(1)},
    ),
    "color": record({"value": string(1)}, _STYLED),
}
_PIECE = tagged(_PIECES)
_SECTION = record({"elements": array(_PIECE)}, {})
_BORDER = number(0, 1, whole=True)
_LIST = record(
    {
        "style": enum("bullet", "ordered"),
        "elements": array(tagged({"rich_text_section": _SECTION})),
    },
    {"indent": number(0, 8, whole=True), "offset": number(0, whole=True), "border": _BORDER},
)

RICH_TEXT = record(
    {
        "elements": array(
            tagged(
                {
                    "rich_text_section": _SECTION,
                    "rich_text_list": _LIST,
                    "rich_text_quote": record({"elements": array(_PIECE)}, {"border": _BORDER}),
                    "rich_text_preformatted": record(
                        {"elements": array(_PIECE)}, {"border": _BORDER, "language": string(1)}
                    ),
                }
            )
        )
    },
    {"block_id": string(1, 255)},
)
RICH_TEXT_ENTITY = tagged({"rich_text": RICH_TEXT})
