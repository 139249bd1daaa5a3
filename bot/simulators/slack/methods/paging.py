"""Long answers in pages: the cursor names the first item of the next page, so that what comes in meanwhile shifts nothing."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import TypeVar

from bot.simulators.slack.errors import SlackError
from bot.simulators.slack.methods.catalog import Invocation

T = TypeVar("T")
MOST = 999


def page(
    call: Invocation, items: list[T], default: int, name: Callable[[T], str]
) -> tuple[list[T], str]:
    """One page of `items`, each known by its `name`, and the cursor of the next one, empty at the end.

    Raises invalid_cursor, also when the item it names is gone, and invalid_limit.
    """
    start = 0
    if first := read_cursor(call):
        start = next((at for at, item in enumerate(items) if name(item) == first), -1)
        if start < 0:
            raise SlackError("invalid_cursor")
    return first_page(call, items[start:], default, name)


def first_page(
    call: Invocation, items: list[T], default: int, name: Callable[[T], str]
) -> tuple[list[T], str]:
    """The same for `items` that begin where the cursor says. Raises invalid_limit."""
    limit = call.args.number("limit", 0, low=-1, high=MOST) or default
    if limit < 0:
        raise SlackError("invalid_limit")
    following = items[limit : limit + 1]
    cursor = base64.b64encode(f"next:{name(following[0])}".encode()).decode() if following else ""
    return items[:limit], cursor


def read_cursor(call: Invocation) -> str:
    """The name of the first item wanted; empty for the first page. Raises invalid_cursor."""
    given = call.args.text("cursor")
    if not given:
        return ""
    try:
        kind, _, name = base64.b64decode(given, validate=True).decode().partition(":")
    except (binascii.Error, ValueError) as error:
        raise SlackError("invalid_cursor") from error
    if kind != "next" or not name:
        raise SlackError("invalid_cursor")
    return name
