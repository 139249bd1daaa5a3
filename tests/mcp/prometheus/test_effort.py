"""Which queries are not handed to Prometheus, because it might not survive them."""

from __future__ import annotations

import pytest
from tocsin_mcp.prometheus.effort import objection


@pytest.mark.parametrize(
    "query",
    [
        "up",
        'sum by (route) (rate(http_requests_total{code=~"5.."}[5m]))',
        "rate(x[1h30m]) / rate(y[90d])",
        "max_over_time(rate(x[5m])[1h:1m])",
        "max_over_time(rate(x[5m])[1d:]) + min_over_time(rate(y[5m])[7d:1m] offset 1w)",
        "avg_over_time((max_over_time(x[1h:1m]) > 3)[2h:1m])",
        "rate(x[300])",
        "x{y=\"[10y:1s]\", z='it\\'s [', w=`[1y]`} # [",
        "sum(",
    ],
)
def test_ordinary_queries_are_asked(query: str) -> None:
    """Brackets in texts and comments mean nothing; what is no PromQL is for Prometheus to refuse."""
    assert objection(query) == ""


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("rate(x[1y])", "[1y] looks further back than 92 days"),
        ("rate(x[10y1w])", "looks further back"),
        ("max_over_time(x[10y:1h])", "looks further back"),
        ("max_over_time(x[1d:1s])", "more than 11000 steps"),
        ("max_over_time(avg_over_time(x[1h:1s])[1h:1s])", "more than 11000 steps"),
        ("max_over_time((y + avg_over_time(x[1h:1s] @ 7))[1h:1s])", "more than 11000 steps"),
        ("max_over_time(x[1h:1ms])", "more than 11000 steps"),
        ("max_over_time(x[1h:0s])", "is not a range"),
        ("rate(x[10*1y])", "[10*1y] is not a range like [5m]"),
        ('x{y="a"}[1h:$__interval]', "is not a range"),
    ],
)
def test_what_would_stop_a_prometheus_is_not(query: str, words: str) -> None:
    """Long ranges, and subqueries of many steps, also when they are nested."""
    assert words in objection(query)
