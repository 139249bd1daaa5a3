"""The simulator over a small shop's samples, asked over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.simulators.prometheus import PrometheusSimulator

NOW = 1795012105.0
"""2026-11-18T14:28:25Z: between two samples, so that it does not matter whether a range holds its first moment."""

Json = dict[str, Any]


def table() -> str:
    """Half an hour, one sample a minute: a counter that is reset once, failures from the 20th minute on, a gauge with a
    hole, and a histogram."""
    rows = ["time,name,code,le,service,value"]
    start = int(NOW) // 60 * 60 - 1800
    for minute in range(31):
        at = start + 60 * minute
        reset = minute if minute < 12 else minute - 12
        rows.append(f"{at},http_requests_total,200,,cart,{1000 * (minute < 12) + 40 * reset}")
        rows.append(f"{at},http_requests_total,500,,cart,{3 + 7 * max(0, minute - 20)}")
        rows.append(f"{at},http_requests_total,200,,ads,{50_000 + 11 * minute}")
        if not 5 <= minute <= 12:
            rows.append(f"{at},memory_bytes,,,cart,{4e7 + 1e5 * minute + 3e4 * (minute % 3)}")
            rows.append(f"{at},memory_bytes,,,ads,{2.5e7 - 1e4 * (minute % 5)}")
        for edge, count in (("0.1", 5 * minute), ("0.5", 8 * minute), ("+Inf", 9 * minute)):
            rows.append(f"{at},seconds_bucket,,{edge},cart,{count}")
    return "\n".join(rows) + "\n"


@pytest.fixture(scope="session")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scenario folder with those samples."""
    folder = tmp_path_factory.mktemp("measured")
    (folder / "metrics.csv").write_text(table(), encoding="utf-8")
    (folder / "scenario.yaml").write_text("now: '2026-11-18T14:28:25Z'\n", encoding="utf-8")
    return folder


class Asking:
    """A client of one server."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http = http
        self.url = url

    async def __call__(self, path: str, **parameters: object) -> tuple[int, Json]:
        """Status and body of `GET /api/v1/{path}`; a name's trailing `_` stands for `[]`."""
        query = {
            f"{name[:-1]}[]" if name.endswith("_") else name: str(value)
            for name, value in parameters.items()
        }
        async with self._http.get(f"{self.url}/api/v1/{path}", params=query) as answer:
            return answer.status, await answer.json()


@pytest.fixture
async def simulator(scenario: Path) -> AsyncIterator[PrometheusSimulator]:
    """The simulator."""
    async with PrometheusSimulator(scenario) as made:
        yield made


@pytest.fixture
async def ask(simulator: PrometheusSimulator) -> AsyncIterator[Asking]:
    """`await ask("query", query=…)`."""
    async with aiohttp.ClientSession() as http:
        yield Asking(http, simulator.url)
