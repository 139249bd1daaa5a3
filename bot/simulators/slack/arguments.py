"""Arguments of a Web API call, wherever they stand: query string, JSON, form or multipart.

The Python SDK sends some methods as POST with a query string and an empty body, others as JSON; numbers and truth
values may come as text, lists and objects as JSON text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from bot.simulators.slack import json_text
from bot.simulators.slack.errors import SlackError

_TRUE = {"1", "true", "True"}


class Arguments:
    """Typed access to the merged arguments. A missing one and an empty text are the same to Slack."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values

    def given(self, name: str) -> bool:
        return self.values.get(name) not in (None, "")

    def text(self, name: str, default: str = "") -> str:
        """Raises invalid_arguments for a list or an object; numbers and truth values are text to Slack."""
        value = self.values.get(name)
        if isinstance(value, list | dict):
            raise SlackError.invalid_arguments(f"must provide a string [json-pointer:/{name}]")
        return default if value is None else str(value)

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.values.get(name)
        if value is None:
            return default
        return value if isinstance(value, bool) else str(value) in _TRUE

    def number(self, name: str, default: int, *, low: int = 1, high: int = 1_000) -> int:
        """Raises invalid_arguments when it is no whole number; out of range is cut."""
        try:
            value = int(self.values.get(name) or default)
        except (TypeError, ValueError, OverflowError) as error:
            raise SlackError.invalid_arguments(
                f"must be an integer [json-pointer:/{name}]"
            ) from error
        return min(max(value, low), high)

    def structure(self, name: str, error: str) -> Any:
        """A list or object, given as such or as JSON text; None when absent. Raises `error`."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, str):
            try:
                value = json_text.parse(value)
            except ValueError as broken:
                raise SlackError(error) from broken
        if not isinstance(value, list | dict):
            raise SlackError(error)
        return value

    def require(self, names: Iterable[str]) -> None:
        missing = [name for name in names if not self.given(name)]
        if missing:
            raise SlackError.invalid_arguments(
                *(f"missing required field: {name}" for name in missing)
            )

    def to_log(self) -> dict[str, Any]:
        return {name: value for name, value in self.values.items() if name != "token"}


async def read_arguments(request: web.Request) -> Arguments:
    """Merge query and body; the body wins. Raises SlackError invalid_json, json_not_object, invalid_form_data."""
    values: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        values |= await _read_json(request)
    elif request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        for name, value in (await read_form(request)).items():
            values[name] = value.file.read() if isinstance(value, web.FileField) else value
    return Arguments(values)


async def read_form(request: web.Request) -> Mapping[str, Any]:
    """The fields of a form. Raises SlackError invalid_form_data."""
    try:
        return await request.post()
    except (ValueError, LookupError, HttpProcessingError) as error:
        raise SlackError("invalid_form_data") from error


async def _read_json(request: web.Request) -> dict[str, Any]:
    text = await request.read()
    if not text.strip():
        return {}
    try:
        body = json_text.parse(text)
    except ValueError as error:
        raise SlackError("invalid_json") from error
    if not isinstance(body, dict):
        raise SlackError("json_not_object")
    return body
