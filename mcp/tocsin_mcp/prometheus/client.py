"""Prometheus' HTTP API as the tools ask it: reading endpoints only, errors already in words for the caller."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tocsin_mcp.kit.environment import Environment
from tocsin_mcp.kit.errors import (
    BadArgument,
    NotFound,
    Unavailable,
    rate_limited,
    refused_credentials,
)
from tocsin_mcp.kit.output import clip, plain
from tocsin_mcp.kit.times import Clock, clock_of
from tocsin_mcp.kit.web import BodyTooLarge, Web, decoded, host_of

ADDRESS, TOKEN = "PROMETHEUS_URL", "PROMETHEUS_TOKEN"
USERNAME, PASSWORD = "PROMETHEUS_USERNAME", "PROMETHEUS_PASSWORD"
TENANT = "PROMETHEUS_ORG_ID"
QUERY_SECONDS = 20
"""How long Prometheus itself may evaluate a query."""
TIMEOUT_SECONDS = 25.0
_SMALL_BODY = 128 * 1024
_LONGEST_REASON = 400
_EVALUATED = frozenset({"query", "query_range"})
READING = _EVALUATED | {
    *("label/__name__/values", "series", "metadata"),
    *("targets", "rules", "alerts"),
}
"""All of the API that is ever asked; a proxy need let through nothing else."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The `data` of an answer, and the warnings that came with it (a partial answer is one)."""

    data: Any
    warnings: tuple[str, ...] = ()


class Prometheus:
    """Opens its connections at the first call; may be used again after `close`.

    Serves any API of Prometheus' kind: Thanos, Mimir, VictoriaMetrics. `timeout_seconds` bounds each request.
    """

    def __init__(
        self, environment: Environment, *, timeout_seconds: float = TIMEOUT_SECONDS
    ) -> None:
        self.environment = environment
        self.now: Clock = clock_of(environment)
        self._web = Web("Prometheus", ADDRESS, timeout_seconds=timeout_seconds)

    async def get(self, path: str, query: Sequence[tuple[str, str]] = ()) -> Answer:
        """`GET /api/v1/{path}`. Raises BadArgument (a query that is wrong), NotFound, Unavailable, MissingSetting.

        ValueError for a path that is not one of the reading ones.
        """
        if path not in READING:
            raise ValueError(f"{path} is not one of the endpoints that only read")
        address = self.environment.require(ADDRESS, "is the address of Prometheus")
        base = self._web.address(address, "http://prometheus:9090")
        given = [*query, ("timeout", f"{QUERY_SECONDS}s")] if path in _EVALUATED else list(query)
        try:
            answer = await self._web.ask(
                "GET", f"{base}/api/v1/{path}", params=given, headers=self._headers()
            )
        except BodyTooLarge as error:
            raise Unavailable(
                "The answer is too large to read. Aggregate (sum by, topk), add label matchers, or take a "
                "shorter range or a longer step."
            ) from error
        if answer.status == 429:
            raise rate_limited("Prometheus", answer.retry_after)
        return _checked(answer.status, await _parsed(answer.body), path, host_of(base))

    async def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        await self._web.close()

    def _headers(self) -> dict[str, str]:
        """The token when there is one, else name and password; and the tenant for servers that have several."""
        headers = {"Accept": "application/json"}
        token, name = self.environment.get(TOKEN), self.environment.get(USERNAME)
        if token:
            headers["Authorization"] = f"Bearer {token}"
        elif name:
            pair = f"{name}:{self.environment.get(PASSWORD)}"
            headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        tenant = self.environment.get(TENANT)
        if tenant:
            headers["X-Scope-OrgID"] = tenant
        return headers


async def _parsed(body: bytes) -> dict[str, Any] | None:
    """The JSON object; None for anything else. A large one is decoded in a thread."""
    try:
        large = len(body) > _SMALL_BODY
        answer = await asyncio.to_thread(decoded, body) if large else decoded(body)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def _checked(status: int, answer: dict[str, Any] | None, path: str, host: str) -> Answer:
    if status == 401:
        raise refused_credentials("Prometheus", f"{TOKEN} (or {USERNAME} and {PASSWORD})")
    if status == 403:
        raise Unavailable(
            f"Prometheus refused /api/v1/{path} (403): the credentials may not read it. Calling again will not help."
        )
    if answer is not None and answer.get("status") == "success" and status < 300:
        notes = [*(answer.get("warnings") or []), *(answer.get("infos") or [])]
        return Answer(
            answer.get("data"), tuple(clip(plain(str(n)), _LONGEST_REASON) for n in notes[:5])
        )
    if answer is not None and answer.get("status") == "error":
        raise _refused(answer, path)
    raise _no_answer(status, path, host)


def _refused(answer: Mapping[str, Any], path: str) -> Exception:
    kind = str(answer.get("errorType", ""))[:60]
    reason = clip(plain(str(answer.get("error", ""))), _LONGEST_REASON)
    if kind == "bad_data":
        return BadArgument("query", f"Prometheus says: {reason}")
    if kind == "timeout":
        return Unavailable(
            f"Prometheus gave up after {QUERY_SECONDS} s ({reason}). Take a shorter range, a longer step, or fewer series."
        )
    if kind == "execution":
        return Unavailable(f"Prometheus could not evaluate this: {reason}.")
    if kind == "not_found":
        return NotFound(f"Prometheus has nothing at /api/v1/{path}: {reason}.")
    return Unavailable(f"Prometheus refused /api/v1/{path}: {reason} ({kind}).")


def _no_answer(status: int, path: str, host: str) -> Exception:
    if status in (404, 405, 501):
        return NotFound(
            f"What answers at {host} has no /api/v1/{path} ({status}): {ADDRESS} lacks a path prefix, or this kind of "
            "server does not offer it. Use another tool."
        )
    if status >= 500:
        return Unavailable(
            f"Prometheus at {host} failed ({status}). It may be down; try once more later, or go on without it."
        )
    if 300 <= status < 400:
        return Unavailable(
            f"{host} redirects to another address, which is not followed: {ADDRESS} must be the address itself."
        )
    return Unavailable(
        f"What answers at {host} is not Prometheus ({status}). {ADDRESS} may be wrong."
    )
