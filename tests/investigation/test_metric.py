"""Which metric an alarm watches: what a link or the monitoring says, and nothing that is guessed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.alarms.alarm import Alarm
from bot.alarms.notification import Link
from bot.investigation.metric import compared, watched
from bot.tools.toolset import ToolCall, ToolResult

RULES = """2 alerting rules
CartErrors: firing (1 active), for 120 s, group boutique {severity="critical"}
    sum by (service) (rate(errors_total[5m])) > 0.2
    summary: too many errors
CartErrorsSlow: inactive (0 active), group boutique {}
    rate(errors_total[1h]) > 1"""
ALERTS = """3 alerts, 2 firing
CartErrors: firing since 2026-11-22T07:04:00Z (1m ago), value 0.4 {service="ads"}
    summary: too many errors
CartErrors: pending since 2026-11-22T06:58:00Z (7m ago), value 0.3 {service="cart"}
CartErrorsSlow: firing since 2026-11-22T05:00:00Z (2h ago), value 1 {}"""
ALARM = {
    "metric": {
        "namespace": "Shop/Http",
        "metric": "5xx",
        "dimensions": {"Service": "cart", "Stage": "prod"},
        "statistics": ["Sum"],
        "threshold": 3.5,
    }
}


@pytest.mark.parametrize(
    ("expression", "watched", "threshold"),
    [
        ('sum(rate(x{code=~"5.."}[5m])) > 0.5', 'sum(rate(x{code=~"5.."}[5m]))', 0.5),
        ("brand > 1 and other > 2", "brand", 1.0),
        ("(x / y > bool 1e-2)", "x / y", 0.01),
        ("(a) / (b) <= 3", "(a) / (b)", 3.0),
        ("0.2 < x", "x", 0.2),
        ("a > b", "a", None),
        ('rate(x{a="b > 3"}[5m])', 'rate(x{a="b > 3"}[5m])', None),
        (r'x{a="\"} > 1"} == -1', r'x{a="\"} > 1"}', -1.0),
    ],
)
def test_the_compared_side_is_what_is_drawn(
    expression: str, watched: str, threshold: float | None
) -> None:
    """A comparison would hide all values that do not fire; its number is the threshold."""
    assert compared(expression) == (watched, threshold)


def alarm(source: str, name: str, *links: str) -> Alarm:
    """An alarm of this source, with links."""
    return Alarm(
        source=source,
        name=name,
        started_at=datetime(2026, 11, 22, 7, 2, tzinfo=UTC),
        links=tuple(Link(label="Graph", url=url) for url in links),
    )


class Monitoring:
    """Answers tools as ours do; remembers what it was asked."""

    def __init__(self, **answers: str | dict[str, Any] | None) -> None:
        self.answers = answers
        self.asked: list[tuple[str, dict[str, Any]]] = []

    async def ask(self, name: str, /, **arguments: Any) -> ToolResult | None:
        self.asked.append((name, arguments))
        if name not in self.answers:
            return None
        said = self.answers[name]
        call = ToolCall(id="x", label="x", name=name, arguments=arguments)
        words = said if isinstance(said, str) else "words"
        return ToolResult(call=call, text=words, data=said if isinstance(said, dict) else None)


async def test_a_link_to_a_graph_says_it() -> None:
    """Whoever sent the alarm; nothing needs to be asked."""
    url = "https://prometheus.acme.example/graph?g0.expr=rate%28x%5B5m%5D%29%20%3E%202&g0.tab=0"
    monitoring = Monitoring()
    found = await watched(alarm("generic", "Errors", "https://acme.example/x", url), monitoring.ask)
    assert found is not None
    assert (found.tool, found.arguments["query"], found.threshold) == (
        "prometheus_query_range",
        "rate(x[5m])",
        2.0,
    )
    assert monitoring.asked == []


@pytest.mark.parametrize(
    ("name", "query"),
    [("CartErrors", "sum by (service) (rate(errors_total[5m]))"), ("Cart", None), ("Other", None)],
)
async def test_a_rule_of_exactly_this_name_says_it(name: str, query: str | None) -> None:
    """One that is called alike does not."""
    monitoring = Monitoring(prometheus_list_rules=RULES, prometheus_list_alerts=ALERTS)
    found = await watched(alarm("alertmanager", name), monitoring.ask)
    assert (found.arguments["query"] if found else None) == query
    assert (found.began if found else None) == ("2026-11-22T06:58:00Z" if query else None)


async def test_cloudwatch_says_it_of_its_alarms() -> None:
    """Namespace, metric, dimensions and statistic word for word, and the threshold; an alarm on several has none."""
    monitoring = Monitoring(cloudwatch_describe_alarm=ALARM)
    found = await watched(alarm("cloudwatch", "cart-5xx"), monitoring.ask)
    assert found is not None
    assert found.tool == "cloudwatch_read_metric"
    assert found.arguments == {
        "namespace": "Shop/Http",
        "metric": "5xx",
        "dimensions": {"Service": "cart", "Stage": "prod"},
        "statistics": ["Sum"],
    }
    assert found.threshold == 3.5
    assert monitoring.asked == [("cloudwatch_describe_alarm", {"name": "cart-5xx"})]
    composite = Monitoring(cloudwatch_describe_alarm={"metric": None})
    assert await watched(alarm("cloudwatch", "cart-5xx"), composite.ask) is None


@pytest.mark.parametrize("source", ["datadog", "cloudwatch", "alertmanager", "person"])
async def test_otherwise_there_is_none(source: str) -> None:
    """No chart is better than a wrong one."""
    assert await watched(alarm(source, "Errors"), Monitoring().ask) is None
