"""The HTTP API: names, selectors, times, refusals; and tables that cannot be read."""

from __future__ import annotations

from pathlib import Path

import aiohttp
import pytest

from bot.simulators import recorded_metrics
from bot.simulators.prometheus import PrometheusSimulator
from tests.simulators.prometheus.conftest import NOW, Asking


async def test_a_query_without_a_time_is_asked_of_the_recorded_present(ask: Asking) -> None:
    status, body = await ask("query", query='http_requests_total{code="500"}')
    assert status == 200
    [found] = body["data"]["result"]
    assert found["value"] == [NOW, "73"]


async def test_names_labels_series_and_types(ask: Asking) -> None:
    _, names = await ask("label/__name__/values", match_='{__name__=~"(?i).*MEM.*"}')
    assert names["data"] == ["memory_bytes"]
    _, services = await ask("label/service/values")
    assert services["data"] == ["ads", "cart"]
    _, labels = await ask("labels", match_="memory_bytes")
    assert labels["data"] == ["__name__", "service"]
    _, series = await ask("series", match_='http_requests_total{service="cart"}', limit=1)
    assert series["data"] == [{"__name__": "http_requests_total", "code": "200", "service": "cart"}]
    _, past = await ask("series", match_="memory_bytes", end=NOW - 9000)
    assert past["data"] == []
    _, types = await ask("metadata", metric="http_requests_total")
    assert types["data"] == {"http_requests_total": [{"type": "counter", "help": "", "unit": ""}]}


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("query", {}),
        ("query", {"query": "up", "time": "yesterday"}),
        ("query_range", {"query": "up", "start": NOW, "end": NOW - 1, "step": 15}),
        ("query_range", {"query": "up", "start": NOW, "end": NOW, "step": 0}),
        ("query_range", {"query": "up", "start": NOW, "end": NOW, "step": "soon"}),
        ("query_range", {"query": "up", "start": 0, "end": NOW, "step": 1}),
        ("query_range", {"query": "up", "end": NOW, "step": 1}),
        ("series", {}),
        ("series", {"match_": "sum(up)"}),
        ("series", {"match_": "up{"}),
    ],
)
async def test_bad_parameters_are_refused_as_the_real_server_does(
    ask: Asking, path: str, given: dict[str, object]
) -> None:
    status, body = await ask(path, **given)
    assert (status, body["status"], body["errorType"]) == (400, "error", "bad_data")


@pytest.mark.parametrize(
    "query",
    [
        "max_over_time(up[90d:1s])",
        "max_over_time(max_over_time(http_requests_total[30m:1s])[30m:1s])",
    ],
)
async def test_a_query_that_would_never_end_is_refused(ask: Asking, query: str) -> None:
    """As the real server refuses one that needs too many samples."""
    status, body = await ask("query", query=query)
    assert (status, body["errorType"]) == (422, "execution")


async def test_forms_other_methods_and_other_paths(simulator: PrometheusSimulator) -> None:
    async with aiohttp.ClientSession() as http:
        form = {"query": "1", "time": "2026-11-18T14:28:25Z"}
        async with http.post(f"{simulator.url}/api/v1/query", data=form) as answer:
            assert (await answer.json())["data"] == {"resultType": "scalar", "result": [NOW, "1"]}
        async with http.delete(f"{simulator.url}/api/v1/series") as answer:
            assert answer.status == 405
        async with http.get(f"{simulator.url}/api/v1/admin/tsdb/snapshot") as answer:
            assert answer.status == 404
        async with http.get(f"{simulator.url}/-/ready") as answer:
            assert answer.status == 200
    assert simulator.requests[0] == "POST /api/v1/query"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("name,time,value\n", "the first line must be"),
        ("time,name,a b,value\n", "the first line must be"),
        ("time,name,code,value\n2026-11-18T14:28:25Z,up,1\n", "line 2"),
        ("time,name,value\n2026-11-18T14:28:25Z,up,1\nsoon,up,1\n", "line 3"),
        ("time,name,value\nnan,up,1\n", "line 2"),
        ("time,name,value\n2026-11-18T14:28:25Z,up,much\n", "line 2"),
        ("time,name,value\n2026-11-18T14:28:25Z,,1\n", "without a name"),
    ],
)
def test_a_broken_table_names_its_line(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "metrics.csv").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=problem):
        recorded_metrics.load(tmp_path)


def test_no_table_and_an_empty_one_measure_nothing(tmp_path: Path) -> None:
    assert recorded_metrics.load(tmp_path).series == ()
    (tmp_path / "metrics.csv").write_text("", encoding="utf-8")
    assert recorded_metrics.load(tmp_path).names == []
