"""A GitHub of the recorded cart incident, and a client that says what it got."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.simulators.github import GitHubSimulator

SCENARIOS = Path(__file__).parents[3] / "bot" / "evals" / "scenarios"


@dataclass(frozen=True)
class Got:
    """One answer."""

    status: int
    headers: dict[str, str]
    text: str
    body: Any


Get = Callable[..., Awaitable[Got]]


@pytest.fixture
async def github() -> AsyncIterator[GitHubSimulator]:
    """The simulator, listening."""
    async with GitHubSimulator(
        SCENARIOS / "cartservice-guard", token="t0ken", issues_token="wr1te"
    ) as simulator:
        yield simulator


@pytest.fixture
async def get(github: GitHubSimulator) -> AsyncIterator[Get]:
    """`await get("/commits", params={…}, headers={…})`: below the repository, or below the server with `root=True`."""
    async with aiohttp.ClientSession() as session:

        async def fetch(
            path: str,
            *,
            params: dict[str, str] | None = None,
            headers: dict[str, str] | None = None,
            root: bool = False,
            token: str = "t0ken",
        ) -> Got:
            base = github.url if root else f"{github.url}/repos/acme/online-boutique"
            sent = {"Authorization": f"Bearer {token}"} if token else {}
            async with session.get(base + path, params=params, headers=sent | (headers or {})) as r:
                text = await r.text()
                body = await r.json() if r.content_type == "application/json" and text else None
                return Got(r.status, {k.lower(): v for k, v in r.headers.items()}, text, body)

        yield fetch
