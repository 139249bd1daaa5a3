"""A Kubernetes simulator on a small recorded cluster, and a way to ask it over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.simulators.kubernetes import KubernetesSimulator

SHOP = Path(__file__).parents[2] / "samples" / "kubernetes" / "shop"
TOKEN = "letmein"


@dataclass(frozen=True)
class Answer:
    """A response read to its end."""

    status: int
    content_type: str
    text: str
    body: Any


Ask = Callable[..., Awaitable[Answer]]


@pytest.fixture
async def simulator() -> AsyncIterator[KubernetesSimulator]:
    """The `shop` sample, served."""
    async with KubernetesSimulator(SHOP, token=TOKEN) as running:
        yield running


@pytest.fixture
async def ask(simulator: KubernetesSimulator) -> AsyncIterator[Ask]:
    """`await ask("/api/v1/pods", limit=2)`: a request with the right token unless `token` says otherwise."""
    timeout = aiohttp.ClientTimeout(total=5)
    async with aiohttp.ClientSession(timeout=timeout) as session:

        async def request(
            path: str,
            *,
            method: str = "GET",
            token: str = TOKEN,
            accept: str = "application/json",
            **query: str,
        ) -> Answer:
            headers: Mapping[str, str] = {"Authorization": f"Bearer {token}", "Accept": accept}
            async with session.request(
                method, simulator.url + path, params=query, headers=headers
            ) as response:
                text = await response.text()
                kind = response.headers.get("Content-Type", "")
                body = await response.json() if kind == "application/json" else None
                return Answer(response.status, kind, text, body)

        yield request
