"""boto3 against the simulated CloudWatch: what a scenario measured, and the alarm that its post tells of."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]  # it ships no types
import botocore.exceptions  # type: ignore[import-untyped]
import pytest
from botocore.config import Config  # type: ignore[import-untyped]
from fastmcp import Client
from mcp_types import TextContent
from tocsin_mcp.cloudwatch.server import build
from tocsin_mcp.kit.environment import Environment

from bot.demo import firing
from bot.scenario import Scenario, named
from bot.simulators.cloudwatch import CloudWatchSimulator

KEYS = {"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s"}
START = datetime(2026, 11, 18, 14, 0, tzinfo=UTC)


@pytest.fixture
def scenario() -> Scenario:
    """One whose alarm CloudWatch posted."""
    return named("cartservice-guard")


@pytest.fixture
def simulator(scenario: Scenario) -> CloudWatchSimulator:
    """Its CloudWatch, not yet open."""
    alarms = firing.as_cloudwatch(firing.alarm_of(scenario), scenario.now)
    return CloudWatchSimulator(scenario.folder, alarms=alarms)


@pytest.fixture
def measured(tmp_path: Path) -> CloudWatchSimulator:
    """A counter that was reset, and a gauge."""
    rows = ["time,name,service,value"]
    for minute, count in enumerate((10, 14, 20, 3, 5)):
        at = (START + timedelta(minutes=minute)).isoformat()
        rows += [f"{at},orders_total,cart,{count}", f"{at},memory,cart,{minute + 1}"]
    (tmp_path / "metrics.csv").write_text("\n".join(rows), encoding="utf-8")
    return CloudWatchSimulator(tmp_path)


class _Asked:
    """boto3's own clients, in a thread, since they block."""

    def __init__(self, url: str) -> None:
        session = boto3.session.Session("k", "s", region_name="eu-west-1")
        quick = Config(retries={"total_max_attempts": 1}, proxies={})
        self._clients = {
            name: session.client(name, endpoint_url=url, config=quick)
            for name in ("cloudwatch", "logs")
        }

    async def __call__(self, service: str, method: str, **given: Any) -> Any:
        return await asyncio.to_thread(getattr(self._clients[service], method), **given)

    def close(self) -> None:
        for client in self._clients.values():
            client.close()


def _query(name: str, stat: str, period: int = 300) -> Any:
    dimensions = [{"Name": "service", "Value": "cart"}]
    metric = {
        "Namespace": "ContainerInsights/Prometheus",
        "MetricName": name,
        "Dimensions": dimensions,
    }
    return [{"Id": "a", "MetricStat": {"Metric": metric, "Period": period, "Stat": stat}}]


async def test_counters_arrive_as_growth_and_statistics_by_period(
    measured: CloudWatchSimulator,
) -> None:
    async with measured:
        asked = _Asked(measured.url)
        span = {"StartTime": START, "EndTime": START + timedelta(minutes=5)}

        async def values(name: str, stat: str, period: int = 300) -> list[float]:
            got = await asked(
                "cloudwatch",
                "get_metric_data",
                MetricDataQueries=_query(name, stat, period),
                ScanBy="TimestampAscending",
                **span,
            )
            return list(got["MetricDataResults"][0]["Values"])

        assert await values("orders_total", "Sum") == [4 + 6 + 3 + 2]
        assert await values("orders_total", "Sum", 60) == [4, 6, 3, 2]
        assert await values("memory", "Average") == [3]
        assert await values("memory", "p90") == [5]
        assert await values("memory", "SampleCount") == [5]
        assert await values("nothing", "Sum") == []
        with pytest.raises(botocore.exceptions.ClientError, match="not supported"):
            await values("memory", "Median")
        with pytest.raises(botocore.exceptions.ClientError, match="log group does not exist"):
            await asked("logs", "filter_log_events", logGroupName="/x")
        asked.close()


async def test_an_unsigned_request_and_an_unknown_operation_are_refused(
    measured: CloudWatchSimulator,
) -> None:
    async with measured:
        asked = _Asked(measured.url)
        with pytest.raises(botocore.exceptions.ClientError, match="UnknownOperation"):
            await asked("cloudwatch", "delete_alarms", AlarmNames=["x"])
        asked.close()
    assert measured.requests == []


async def test_the_tools_see_the_alarm_its_history_and_its_metric(
    scenario: Scenario, simulator: CloudWatchSimulator
) -> None:
    """The road of an engineer: the alarm, then the very metric it watches."""
    async with simulator:
        settings = {"AWS_ENDPOINT_URL": simulator.url, "TOCSIN_NOW": scenario.now.isoformat()}
        async with Client(build(Environment({**KEYS, **settings}))) as client:

            async def call(tool: str, **given: Any) -> tuple[str, Any]:
                got = await client.call_tool(tool, given)
                [words] = got.content
                assert isinstance(words, TextContent)
                return words.text, got.structured_content

            described, about = await call("describe_alarm", name="boutique-frontend-http-500")
            watched = about["metric"]
            assert "ALARM since 2026-11-18T14:27:12Z" in described
            assert watched.pop("threshold") == 0.0
            listed, _ = await call("list_alarms", state="ALARM")
            assert "boutique-frontend-http-500" in listed
            past, _ = await call("alarm_history", since="1h")
            assert "Alarm updated from OK to ALARM" in past
            words, points = await call("read_metric", since="1h", period=60, **watched)
            assert "max 3 at 2026-11-18T14:24:00Z" in words
            [series] = points["series"]
            assert series["labels"]["metric"] == "http_500_count"
            assert sum(value for _, value in series["points"]) == 10
            namespaces, _ = await call("list_metrics")
            assert "Boutique/Http" in namespaces
            assert "ContainerInsights/Prometheus" in namespaces


@pytest.fixture(params=["redis-cart-down", "payment-crashloop", "recovered"])
def other(request: pytest.FixtureRequest) -> Scenario:
    """Scenarios that CloudWatch did not alarm about."""
    return named(request.param)


def test_only_what_was_posted_fires(other: Scenario) -> None:
    alarm = firing.alarm_of(other)
    assert firing.as_cloudwatch(alarm, other.now) == []
    alerts = firing.as_prometheus(alarm)
    assert [each["labels"]["alertname"] for each in alerts] == (
        ["FrontendHighErrorRate"] if other.id == "redis-cart-down" else []
    )
