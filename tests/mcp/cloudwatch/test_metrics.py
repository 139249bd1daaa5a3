"""Metrics: found by name, read as words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest


def put(account: Any, values: list[float], metric: str = "Latency", service: str = "cart") -> None:
    """One value a minute, the last one a minute ago."""
    minutes = len(values)
    account.cloudwatch.put_metric_data(
        Namespace="Shop",
        MetricData=[
            {
                "MetricName": metric,
                "Dimensions": [{"Name": "Service", "Value": service}],
                "Value": value,
                "Timestamp": account.now - timedelta(minutes=minutes - index),
            }
            for index, value in enumerate(values)
        ],
    )


async def test_a_metric_in_words(account: Any, call: Any) -> None:
    """Per statistic: last, mean, extremes with times, and the minute at which the level changed."""
    put(account, [5, 6, 5, 6, 5, 6, 5, 6, 5, 6, 5, 6, 5, 6, 5, 6, 50, 51, 50, 51])
    got = await call(
        "read_metric",
        namespace="Shop",
        metric="Latency",
        dimensions={"Service": "cart"},
        statistics=["Average", "Maximum"],
        since="1h",
    )
    assert not got.is_error, got.text
    head, average, maximum = got.text.splitlines()
    assert head.startswith("Shop Latency {Service=cart}, ")
    assert head.endswith("one point per 60 s")
    assert average.startswith("Average: last 51 · mean ")
    assert "min 5 at " in average
    assert "max 51 at " in average
    assert "changed at " in average
    assert "median 5.5 -> 50.5" in average
    assert "(20 points)" in average
    assert maximum.startswith("Maximum: ")


async def test_few_points_are_shown_themselves(account: Any, call: Any) -> None:
    """A dozen values say more than their summary."""
    put(account, [1, 2, 3])
    got = await call(
        "read_metric",
        namespace="Shop",
        metric="Latency",
        dimensions={"Service": "cart"},
        statistics=["Sum"],
        since="30m",
    )
    assert got.text.rpartition(": ")[2].count(",") == 2


async def test_metric_without_points(account: Any, call: Any) -> None:
    """No data is no error; the text says that dimensions must be complete."""
    put(account, [1.0])
    got = await call("read_metric", namespace="Shop", metric="Laten", statistics=["Sum"])
    assert not got.is_error
    assert "no data points in this range" in got.text
    assert "list_metrics(namespace=…, metric=…)" in got.text


async def test_metrics_are_found(account: Any, call: Any) -> None:
    """Without filters the namespaces, with one the metrics and their dimensions."""
    put(account, [1.0])
    put(account, [1.0], service="mail")
    put(account, [1.0], metric="Errors")
    assert "Shop  3 metrics" in (await call("list_metrics")).text
    got = await call("list_metrics", namespace="Shop", metric="Latency")
    assert got.text.splitlines()[1:] == [
        "Shop Latency {Service=cart}",
        "Shop Latency {Service=mail}",
    ]
    assert (
        "1 more not shown"
        in (await call("list_metrics", namespace="Shop", metric="Latency", limit=1)).text
    )
    assert "No such metrics" in (await call("list_metrics", namespace="Nowhere")).text


async def test_period_suits_the_range_and_the_age(stand_in: Any, ask: Any) -> None:
    """At most 240 points, and never finer than CloudWatch still keeps."""
    stand_in.answers["GetMetricData"] = {"MetricDataResults": []}
    for since, until, period in (
        ("3h", None, 60),
        ("12h", None, 300),
        ("7d", None, 3600),
        ("20d", "475h", 300),
        ("100d", "2399h", 3600),
    ):
        await ask(
            "read_metric", namespace="N", metric="M", statistics=["Sum"], since=since, until=until
        )
        assert stand_in.asked[-1][1]["MetricDataQueries"][0]["MetricStat"]["Period"] == period


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"statistics": ["median"]}, "`statistics`: must be 1 to 5 of Average"),
        ({"statistics": []}, "`statistics`: must be 1 to 5"),
        ({"period": 61}, "`period`: must be 1, 5, 10, 20, 30 or a multiple of 60"),
        ({"since": "7d", "period": 60}, "gives more than 1440 points"),
        ({"since": "500d"}, "at most 455 days"),
        ({"since": "1h", "until": "2h"}, "is not before the end"),
        ({"since": "yesterday"}, "neither a duration"),
        ({"dimensions": {"A": ""}}, "`dimensions`: must be one line"),
    ],
)
async def test_arguments_are_checked(
    stand_in: Any, ask: Any, arguments: dict[str, Any], words: str
) -> None:
    """What CloudWatch would refuse, or is too much, is refused with what would be right; nothing is asked."""
    given = {"namespace": "N", "metric": "M", "statistics": ["Sum"], **arguments}
    got = await ask("read_metric", **given)
    assert got.is_error
    assert words in got.text
    assert stand_in.asked == []
