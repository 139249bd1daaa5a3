"""A recorded incident's metrics, from its `metrics.csv` through the simulator and the server to the tool's result."""

from __future__ import annotations

from fastmcp import Client
from mcp_types import TextContent
from tocsin_mcp.kit.environment import Environment
from tocsin_mcp.prometheus.server import build

from bot.scenario import named
from bot.simulators.prometheus import PrometheusSimulator


async def test_a_scenario_s_errors_are_words_for_the_model_and_points_for_a_chart() -> None:
    scenario = named("redis-cart-down")
    query = 'sum(rate(http_requests_total{service="frontend",code="500"}[5m]))'
    async with PrometheusSimulator(scenario.folder) as simulator:
        settings = {"PROMETHEUS_URL": simulator.url, "TOCSIN_NOW": scenario.now.isoformat()}
        async with Client(build(Environment(settings))) as client:
            got = await client.call_tool("query_range", {"query": query, "since": "50m"})
            listed = await client.call_tool("list_metrics", {"contains": "HTTP"})
    words, names = got.content[0], listed.content[0]
    assert isinstance(words, TextContent)
    assert isinstance(names, TextContent)
    assert "changed at 2026-11-19T0" in words.text
    assert names.text.splitlines() == ["1 metric", "http_requests_total"]
    assert got.structured_content
    [series] = got.structured_content["series"]
    times = [at for at, _ in series["points"]]
    assert times == sorted(times)
    assert scenario.now.timestamp() - 3000 <= times[0] < times[-1] <= scenario.now.timestamp()
    assert max(value for _, value in series["points"]) > 10 * series["points"][0][1]
