"""Against recorded answers of a real Prometheus: the same payment incident seen by every tool."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from tocsin_mcp.kit.errors import BadArgument, Unavailable
from tocsin_mcp.kit.extras import Extra, MissingExtra
from tocsin_mcp.prometheus.plots import PLOTS, Plotter
from tocsin_mcp.prometheus.queries import parse_range
from tocsin_mcp.prometheus.samples import Series, instant, series, shared_labels, written

NOW = datetime(2026, 11, 22, 6, 54, 40, tzinfo=UTC)


async def test_recorded_alerts(recorded: Any, ask: Any) -> None:
    """Both alerts with age and value at the time of the recording, the newer one first."""
    recorded.sample("alerts", "alerts")
    lines = (await ask("list_alerts")).text.splitlines()
    assert lines[0] == "2 alerts, 2 firing"
    assert lines[1].startswith(
        "PodCrashLooping: firing since 2026-11-22T06:54:09Z (30s ago), value 1.034 {"
    )
    assert lines[3].startswith(
        "PaymentsHighErrorRate: firing since 2026-11-22T06:54:08Z (31s ago), value 5 {"
    )
    assert "    summary: High 5xx on payments" in lines


async def test_recorded_rules(recorded: Any, ask: Any) -> None:
    """The expression behind each alert, and how long it must hold."""
    recorded.sample("rules", "rules")
    text = (await ask("list_rules", contains="payments")).text
    assert "PaymentsHighErrorRate: firing (1 active), for 2 s, group payments {" in text
    assert '    rate(http_requests_errors_total{job="payments"}[10s]) > 0.5' in text


async def test_recorded_targets(recorded: Any, ask: Any) -> None:
    """One job, all of it up: its targets need no line."""
    recorded.sample("targets", "targets")
    assert (await ask("list_targets")).text == "1 target, 1 up\n  payments: 1 of 1 up"


async def test_recorded_series(recorded: Any, ask: Any) -> None:
    """A short series in words, and the request that asked for it."""
    recorded.sample("query_range", "query_range")
    got = await ask("query_range", query="rate(x[10s])", since="1m", step="5s")
    assert got.text.splitlines()[1] == (
        '{code="500", instance="127.0.0.1:19100", job="payments", route="/pay"} last 5 · mean 4.635 · '
        "min 2.807 at 2026-11-22T06:54:12Z · max 5 at 2026-11-22T06:54:17Z"
    )
    [request] = recorded.asked
    assert request.query["timeout"] == "20s"
    assert request.query["step"] == "5"
    assert float(request.query["end"]) - float(request.query["start"]) == 60


async def test_recorded_samples(recorded: Any, ask: Any) -> None:
    """Series without a common name keep theirs."""
    recorded.sample("query", "query_alerts")
    text = (await ask("query", query="ALERTS")).text
    assert text.startswith("2 results at 2026-11-22T06:54:40Z; all have ALERTS{alertstate=")
    assert '{alertname="PodCrashLooping"' in text


async def test_recorded_refusal(recorded: Any, ask: Any) -> None:
    """The explanation of a wrong query is Prometheus' own."""
    recorded.sample("query", "error_bad_query")
    recorded.answers["query"] = (400, json.dumps(recorded.answers["query"]).encode())
    got = await ask("query", query="rate((")
    assert got.is_error
    assert "Prometheus says: invalid parameter" in got.text
    assert "unclosed left parenthesis" in got.text


async def test_warnings_are_passed_on(recorded: Any, ask: Any) -> None:
    """A partial answer, as Thanos gives it, is told as such."""
    recorded.answers["query"] = {
        "status": "success",
        "data": {"resultType": "vector", "result": []},
        "warnings": ["store eu-2 did not answer"],
    }
    text = (await ask("query", query="up")).text
    assert text.endswith("warning: store eu-2 did not answer")


async def test_plots_of_odd_series() -> None:
    """Gaps, single points, infinities, formula signs and no series at all can be drawn."""
    wanted = parse_range('rate(x{a=~"$b^{"}[5m])', "1h", None, "1m", NOW)
    start = wanted.start.timestamp()
    odd = [
        Series({"a": "$x_$"}, [(start, 1.0), (start + 60, float("inf")), (start + 600, 2.0)]),
        Series({"a": "one"}, [(start, 1.0)]),
        Series({"a": "none"}, []),
    ]
    plotter = Plotter()
    for given in (odd, [Series({"n": str(n)}, [(start, float(n))]) for n in range(15)], []):
        assert (await plotter.png(wanted, given)).startswith(b"\x89PNG")


async def test_plots_need_their_extra() -> None:
    """Without matplotlib the error names what to install."""
    plotter = Plotter(Extra(PLOTS.name, PLOTS.purpose, ("no_such_package",)))
    with pytest.raises(MissingExtra, match=r"Plots need .*install `tocsin\[plots\]`"):
        await plotter.ready()


def test_labels_as_promql_writes_them() -> None:
    """Quotes, backslashes and line ends are escaped; control characters are gone."""
    labels = {"__name__": "up", "b": 'say "hi"\\\n', "a": "\x1b[31mred"}
    assert written(labels) == r'up{a="red", b="say \"hi\"\\\n"}'
    assert written({"__name__": "up"}) == "up"
    assert written({}) == "{}"
    assert shared_labels([labels]) == {}
    assert shared_labels([labels, {"a": "b", "__name__": "up"}]) == {"__name__": "up"}


def test_native_histograms_have_no_number() -> None:
    """They are named as what they are, not read wrongly."""
    histogram = {"metric": {"a": "b"}, "histogram": [1795330476, {"count": "3", "sum": "4"}]}
    found = instant({"resultType": "vector", "result": [histogram]})
    assert not isinstance(found, str)
    assert [sample.value for sample in found] == [None]
    [each] = series({"resultType": "matrix", "result": [{"metric": {}, "histograms": []}]})
    assert each.points == []


@pytest.mark.parametrize("data", [None, {}, {"resultType": "vector", "result": [1]}, {"result": 3}])
def test_unreadable_data(data: Any) -> None:
    """Anything else than Prometheus' shape is an error in words."""
    with pytest.raises(Unavailable, match="something unreadable"):
        instant(data)


@pytest.mark.parametrize(
    ("since", "step", "seconds"),
    [("1h", None, 15), ("6h", None, 120), ("7d", None, 3600), ("5m", None, 5), ("1h", "1m30s", 90)],
)
def test_steps_suit_the_range(since: str, step: str | None, seconds: int) -> None:
    """At most 240 points unless a step is given."""
    assert parse_range("up", since, None, step, NOW).step == seconds


@pytest.mark.parametrize(
    ("since", "step", "words"),
    [
        ("1d", "5s", "more than 11000 points"),
        ("1h", "soon", "is not a duration"),
        ("1h", "0s", "is not a duration"),
        ("100d", None, "at most 92 days"),
    ],
)
def test_too_much_is_refused_before_it_is_asked(since: str, step: str | None, words: str) -> None:
    """The limits of Prometheus are known here."""
    with pytest.raises(BadArgument, match=words):
        parse_range("up", since, None, step, NOW)
