"""One HTTP call to the API: who calls, what was sent, and the headers that every response carries."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from bot.simulators.messages_api.errors import ApiError
from bot.simulators.messages_api.generation import new_id
from bot.simulators.messages_api.quirks import ForeignError
from bot.simulators.messages_api.rate_limits import RateLimiter
from bot.simulators.messages_api.validation.version import api_version
from bot.simulators.messages_api.workspaces import Workspace, authenticate

_ESCAPE = re.compile(r"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u....|\\.", re.DOTALL)
"""A whole pair of halves, any other character by number, or any other escape."""
_HALF = re.compile(r"\\u[dD][89a-fA-F]..")


class Call:
    """A request on its way through the API."""

    def __init__(self, request: web.Request, started: float) -> None:
        self.id = new_id("req")
        self.started = started
        """Seconds since the epoch; cache lifetimes count from here."""
        self.headers: Mapping[str, str] = {k.lower(): v for k, v in request.headers.items()}
        self.raw = b""
        self.body: Any = None
        self.translate: Callable[[Any], Any] | None = None
        """From the body as sent to the body as the API has it, where they differ."""
        self._request = request
        self._owner: Workspace | None = None

    def identify(self, keys: Mapping[str, Workspace]) -> Workspace:
        """The caller's workspace. Raises ApiError 401, or 400 without a version header."""
        self._owner = authenticate(self.headers, keys)
        api_version(self.headers)
        return self._owner

    async def read(self) -> None:
        """Take in the body; one that is no JSON leaves `body` None. Raises ApiError 413."""
        try:
            self.raw = await self._request.read()
        except web.HTTPRequestEntityTooLarge:
            raise ApiError(413, "Request exceeds the maximum size") from None
        try:
            self.body = json.loads(self.raw)
        except ValueError:
            self.body = None
        if self.translate is not None:
            self.body = self.translate(self.body)

    def parsed(self) -> Any:
        """The body. Raises ApiError 400 when it is no JSON, also for halves of characters."""
        if self.body is None:
            raise ApiError(400, "The request body is not valid JSON")
        half = _half_character(self.raw.decode("utf-8", "surrogatepass"))
        if half is not None:
            raise ApiError(
                400,
                "The request body is not valid JSON: no low surrogate in string: "
                f"line 1 column {half + 1} (char {half})",
            )
        return self.body

    def response_headers(self, limiter: RateLimiter, line: str = "") -> dict[str, str]:
        """Request id, organisation, workspace, and rate limits of a model line when one is named."""
        headers = {"request-id": self.id}
        if self._owner is not None:
            headers["anthropic-organization-id"] = self._owner.organization
            headers["anthropic-workspace-id"] = self._owner.workspace
            headers |= limiter.headers(self._owner.organization, line, self.started)
        return headers

    def refusal(self, error: ApiError, limiter: RateLimiter) -> web.Response:
        """The response to an error."""
        if isinstance(error, ForeignError):
            return web.json_response(error.whole, status=error.status)
        body = {"type": "error", "error": error.body, "request_id": self.id}
        headers = {**self.response_headers(limiter), **error.headers}
        return web.json_response(body, status=error.status, headers=headers)


def _half_character(written: str) -> int | None:
    """Where an escaped half of a character stands without its other half; None when there is none."""
    if "\\u" not in written:
        return None
    for escape in _ESCAPE.finditer(written):
        if _HALF.fullmatch(escape[0]):
            return escape.start()
    return None
