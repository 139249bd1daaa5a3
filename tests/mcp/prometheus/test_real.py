"""Against a real Prometheus: scraped targets, evaluated rules, history with an incident in it."""

from __future__ import annotations

import base64
from typing import Any

import pytest

pytestmark = pytest.mark.timeout(300)  # the first test may install Prometheus


async def test_values_now(call: Any) -> None:
    """One line per series; labels that all have are said once."""
    got = await call("query", query="shop_orders_total")
    assert not got.is_error, got.text
    head, hint, *lines = got.text.splitlines()
    assert head.startswith("2 results at ")
    assert '; all have shop_orders_total{instance="127.0.0.1:' in head
    assert head.endswith('job="shop"}')
    assert "looks like a counter" in hint
    assert [line.split()[0] for line in lines] == ['{region="eu"}', '{region="us"}']


async def test_a_rate_is_no_counter(call: Any) -> None:
    """An expression over a counter gets no hint, and has a value."""
    got = await call("query", query="sum(rate(shop_orders_total[5s]))")
    assert "counter" not in got.text
    head, line = got.text.splitlines()
    assert head.startswith("1 result at ")
    assert float(line.removeprefix("{} ")) > 0


@pytest.mark.parametrize(
    ("expression", "text"),
    [("scalar(shop_carts)", "{} 7"), ('"words"', "words"), ("vector(1) / 0", "{} inf")],
)
async def test_other_kinds_of_values(call: Any, expression: str, text: str) -> None:
    """Scalars, texts and infinities are told as they are."""
    assert (await call("query", query=expression)).text.splitlines()[-1] == text


async def test_the_onset_of_an_incident(running: Any, past: Any) -> None:
    """Of three routes the one that changed comes first, with the minute and both levels."""
    got = await past("query_range", query="failures", since="2h")
    head, first, *rest = got.text.splitlines()
    assert head.startswith("3 results, ")
    assert 'what changed first; all have failures{service="shop"}' in head
    assert first.startswith('{route="/cart"} last ')
    assert f"changed at {running.at(1800)}: median 0." in first
    assert " -> 5" in first
    assert len(rest) == 2
    assert not any("changed" in line for line in rest)


async def test_the_time_of_a_query(running: Any, past: Any) -> None:
    """A moment before the onset has the value of that moment."""
    got = await past("query", query='round(failures{route="/cart"})', time=running.at(3600))
    assert got.text.splitlines()[-1].endswith(" 0")
    got = await past("query", query='round(failures{route="/cart"})', time="2m")
    assert got.text.splitlines()[-1].endswith(" 5")


async def test_many_series_are_cut_and_counted(past: Any) -> None:
    """Of 150 series as many come as were asked for, and the text says how many there are."""
    got = await past("query", query="many", limit=10)
    assert got.text.startswith("150 results at ")
    assert "140 more not shown: aggregate" in got.text
    ranged = await past("query_range", query="many", since="10m", limit=5)
    assert ranged.text.startswith("150 results, ")
    assert "145 more not shown" in ranged.text
    assert len(ranged.text.splitlines()) == 7


async def test_nothing_found_says_why(past: Any) -> None:
    """An empty answer is no error; it says what to look at."""
    got = await past("query", query="no_such_metric")
    assert not got.is_error
    assert "check names with list_metrics" in got.text
    assert "Nothing from" in (await past("query_range", query="no_such_metric")).text


async def test_a_wrong_query(call: Any) -> None:
    """A syntax error comes back with Prometheus' own explanation."""
    got = await call("query", query="rate(shop_orders_total[5m]")
    assert got.is_error
    assert "Argument `query`: Prometheus says: " in got.text
    assert "unclosed left parenthesis" in got.text


async def test_a_query_that_cannot_be_evaluated(call: Any) -> None:
    """What parses and yet has no answer is told in Prometheus' words."""
    got = await call("query", query="up + on() shop_orders_total")
    assert got.is_error
    assert "could not evaluate this" in got.text
    assert "many-to-many" in got.text or "duplicate series" in got.text


async def test_alerts_firing_first(call: Any) -> None:
    """What fires, since when, its value, labels and annotations; then what is pending."""
    got = await call("list_alerts")
    lines = got.text.splitlines()
    assert lines[0] == "2 alerts, 1 firing"
    assert lines[1].startswith("TargetDown: firing since ")
    assert 'ago), value 0 {instance="127.0.0.1:1", job="mail", severity="critical"}' in lines[1]
    assert lines[2] == "    runbook_url: https://runbooks.example.com/down"
    assert lines[3] == "    summary: mail cannot be scraped"
    assert lines[4].startswith("ManyCarts: pending since ")
    assert "1 alert, 1 firing" in (await call("list_alerts", contains="MAIL")).text
    assert (
        "No alert is pending or firing with 'x'" in (await call("list_alerts", contains="x")).text
    )


async def test_rules_that_cannot_be_evaluated_come_first(call: Any) -> None:
    """A broken rule never fires: it is said before all others, with its error."""
    got = await call("list_rules")
    lines = got.text.splitlines()
    assert lines[0] == "4 alerting rules, 1 cannot be evaluated"
    assert lines[1].startswith("Ambiguous: ")
    assert lines[3].startswith("    cannot be evaluated: ")
    assert (
        'TargetDown: firing (1 active), group shop {severity="critical"}\n    up == 0' in got.text
    )
    assert "ManyCarts: pending (1 active), for 3600 s" in got.text
    recording = (await call("list_rules", kind="recording")).text
    assert "shop:orders:rate: group shop {}\n    sum(rate(shop_orders_total[5s]))" in recording
    assert "No alerting rules with 'x'." in (await call("list_rules", contains="x")).text


async def test_targets_that_are_down(call: Any) -> None:
    """Jobs with a target down come first, and the target with its error."""
    got = await call("list_targets")
    lines = got.text.splitlines()
    assert lines[:3] == ["2 targets, 1 up", "  mail: 0 of 1 up", "  shop: 1 of 1 up"]
    assert lines[3].startswith('down: {instance="127.0.0.1:1", job="mail"} scraped 0s ago: ')
    assert "connection refused" in lines[3]
    assert "up: " in (await call("list_targets", job="shop")).text
    assert "the jobs are: mail, shop" in (await call("list_targets", job="cart")).text


async def test_metrics_by_name(call: Any) -> None:
    """Names by a part of them, whatever its case."""
    got = await call("list_metrics", contains="SHOP")
    assert got.text.splitlines() == [
        "3 metrics",
        "shop:orders:rate",
        "shop_carts",
        "shop_orders_total",
    ]
    assert (
        "No metrics whose name contains 'nothing'"
        in (await call("list_metrics", contains="nothing")).text
    )


async def test_one_metric_with_its_labels(call: Any) -> None:
    """Type and help, how many series, and each label's values."""
    got = await call("describe_metric", metric="shop_orders_total")
    lines = got.text.splitlines()
    assert lines[:2] == ["shop_orders_total: counter. Orders taken.", "2 series"]
    assert "  region: eu, us" in lines
    missing = await call("describe_metric", metric="no_such_metric")
    assert missing.is_error
    assert "list_metrics(contains=…)" in missing.text


async def test_a_plot_beside_the_words(past: Any) -> None:
    """A PNG of 1000 by 450 pixels, and the same text as query_range."""
    got = await past("plot_range", query="failures", since="2h")
    assert not got.is_error, got.text
    [picture] = got.pictures
    data = base64.b64decode(picture.data)
    assert picture.mime_type == "image/png"
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    assert (int.from_bytes(data[16:20]), int.from_bytes(data[20:24])) == (1000, 450)
    assert got.text == (await past("query_range", query="failures", since="2h")).text
