"""Alarms as an engineer asks for them: what fires, why, and since when."""

from __future__ import annotations

from typing import Any

import pytest
from tocsin_mcp.cloudwatch.alarms import condition

ALARM: dict[str, Any] = {
    "Namespace": "AWS/ApplicationELB",
    "MetricName": "HTTPCode_Target_5XX_Count",
    "Dimensions": [{"Name": "LoadBalancer", "Value": "app/shop/1"}],
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 3,
    "DatapointsToAlarm": 2,
    "Threshold": 10,
    "ComparisonOperator": "GreaterThanThreshold",
}


def put(account: Any, name: str, state: str = "OK", reason: str = "as told", **more: Any) -> None:
    """Make an alarm and bring it into a state."""
    account.cloudwatch.put_metric_alarm(AlarmName=name, **{**ALARM, **more})
    account.cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason=reason)


async def test_firing_alarms_come_first(account: Any, call: Any) -> None:
    """Counts by state, then one line per alarm with its condition, what fires before the rest."""
    put(account, "shop-latency")
    put(account, "shop-5xx", "ALARM")
    put(account, "shop-quiet", "INSUFFICIENT_DATA")
    got = await call("list_alarms")
    assert not got.is_error
    lines = got.text.splitlines()
    assert lines[0] == "3 alarms: 1 ALARM, 1 INSUFFICIENT_DATA, 1 OK"
    assert [line.split()[0] for line in lines[1:]] == ["STATE", "ALARM", "INSUFFICIENT_DATA", "OK"]
    assert "shop-5xx" in lines[2]
    assert (
        "Sum of AWS/ApplicationELB HTTPCode_Target_5XX_Count {LoadBalancer=app/shop/1} > 10"
        in lines[2]
    )


async def test_alarms_narrowed_by_state_and_prefix(account: Any, call: Any) -> None:
    """Both filters hold together, and nothing left is said so."""
    put(account, "shop-5xx", "ALARM")
    put(account, "shop-latency")
    put(account, "mail-5xx", "ALARM")
    got = await call("list_alarms", state="ALARM", prefix="shop-")
    assert "shop-5xx" in got.text
    assert "shop-latency" not in got.text
    assert "mail-5xx" not in got.text
    assert (await call("list_alarms", prefix="none")).text == "No alarms with prefix 'none'."


async def test_long_lists_say_what_was_cut(account: Any, call: Any) -> None:
    """`limit` cuts the end, and the text says how many are missing."""
    for number in range(5):
        put(account, f"alarm-{number}")
    got = await call("list_alarms", limit=2)
    assert got.text.startswith("5 alarms: 5 OK")
    assert "3 more not shown: use `state`" in got.text


async def test_one_alarm_with_its_configuration(account: Any, call: Any) -> None:
    """State, reason, condition, evaluation, actions, and the call that reads its metric."""
    put(
        account,
        "shop-5xx",
        "ALARM",
        "Threshold Crossed: 2 datapoints [12.0, 15.0] were greater than the threshold (10.0).",
        AlarmDescription="Too many failures",
        AlarmActions=["arn:aws:sns:eu-west-1:123456789012:on-call"],
        TreatMissingData="notBreaching",
    )
    text = (await call("describe_alarm", name="shop-5xx")).text
    assert text.startswith("alarm shop-5xx: ALARM since ")
    assert "reason:      Threshold Crossed: 2 datapoints [12.0, 15.0]" in text
    assert "description: Too many failures" in text
    assert "evaluation:  2 of 3 periods of 60 s; missing data count as notBreaching" in text
    assert "actions:     on ALARM: on-call" in text
    assert (
        'read_metric(namespace="AWS/ApplicationELB", metric="HTTPCode_Target_5XX_Count", '
        'dimensions={"LoadBalancer": "app/shop/1"}, statistics=["Sum"])' in text
    )


async def test_unknown_alarm(account: Any, call: Any) -> None:
    """A name that does not exist is an error that says how to find one."""
    got = await call("describe_alarm", name="nonsense")
    assert got.is_error
    assert "There is no alarm 'nonsense'" in got.text
    assert "list_alarms(prefix=…)" in got.text


async def test_history_where_it_is_not_implemented(account: Any, call: Any) -> None:
    """An endpoint that fails on one operation is named together with the operation; no HTML gets through."""
    put(account, "shop-5xx", "ALARM")
    got = await call("alarm_history", name="shop-5xx")
    assert got.is_error
    assert "failed (500) when asked for DescribeAlarmHistory" in got.text
    assert "does not implement it" in got.text
    assert "<" not in got.text


async def test_history_newest_first(stand_in: Any, ask: Any) -> None:
    """Each change with time and summary; a change of configuration says what was before."""
    stand_in.answers["DescribeAlarmHistory"] = {
        "AlarmHistoryItems": [
            {
                "AlarmName": "shop-5xx",
                "Timestamp": 1795330800,
                "HistoryItemType": "StateUpdate",
                "HistorySummary": "Alarm updated from OK to ALARM",
                "HistoryData": "not JSON",
            },
            {
                "AlarmName": "shop-5xx",
                "Timestamp": 1795327200,
                "HistoryItemType": "ConfigurationUpdate",
                "HistorySummary": "Alarm updated",
                "HistoryData": '{"type": "Update", "originalUpdatedFields": {"threshold": 50.0}}',
            },
        ],
        "NextToken": "more",
    }
    got = await ask("alarm_history", name="shop-5xx", since="2d", limit=2)
    assert got.text.splitlines()[0] == "2 changes, newest first"
    assert "2026-11-22T07:00:00Z (" in got.text
    assert "ago)  shop-5xx: Alarm updated from OK to ALARM" in got.text
    assert 'Alarm updated (before: {"threshold": 50.0})' in got.text
    assert "There are older ones: raise `limit`" in got.text
    [(_, asked)] = stand_in.asked
    assert asked["AlarmName"] == "shop-5xx"
    assert asked["ScanBy"] == "TimestampDescending"
    assert asked["AlarmTypes"] == ["MetricAlarm", "CompositeAlarm"]
    assert asked["StartDate"]


async def test_no_history(stand_in: Any, ask: Any) -> None:
    """An empty answer says what to try."""
    stand_in.answers["DescribeAlarmHistory"] = {"AlarmHistoryItems": []}
    assert "CloudWatch keeps 30 days" in (await ask("alarm_history")).text


async def test_pages_are_followed(stand_in: Any, ask: Any) -> None:
    """All pages of alarms are read, composite ones with them."""

    def page(given: dict[str, Any]) -> dict[str, Any]:
        name = f"alarm-{given.get('NextToken', 'first')}"
        metric = {
            **ALARM,
            "AlarmName": name,
            "StateValue": "OK",
            "StateUpdatedTimestamp": 1795330800,
        }
        composite = {
            "AlarmName": "shop-down",
            "AlarmRule": 'ALARM("shop-5xx")\n  AND ALARM("shop-latency")',
            "StateValue": "ALARM",
            "StateUpdatedTimestamp": 1795330800,
        }
        if "NextToken" in given:
            return {"MetricAlarms": [metric], "CompositeAlarms": [composite]}
        return {"MetricAlarms": [metric], "CompositeAlarms": [], "NextToken": "second"}

    stand_in.answers["DescribeAlarms"] = page
    text = (await ask("list_alarms")).text
    assert text.startswith("3 alarms: 1 ALARM, 2 OK")
    assert 'ALARM("shop-5xx") AND ALARM("shop-latency")' in text
    assert "alarm-first" in text
    assert "alarm-second" in text


@pytest.mark.parametrize(
    ("alarm", "text"),
    [
        (
            {
                "Metrics": [
                    {"Id": "rate", "Expression": "errors / requests"},
                    {
                        "Id": "errors",
                        "MetricStat": {
                            "Stat": "Sum",
                            "Metric": {
                                "Namespace": "Shop",
                                "MetricName": "Errors",
                                "Dimensions": [],
                            },
                        },
                    },
                ],
                "Threshold": 0.05,
                "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            },
            "rate = errors / requests; errors = Sum of Shop Errors {} >= 0.05",
        ),
        (
            {
                "Metrics": [{"Id": "band", "Expression": "ANOMALY_DETECTION_BAND(m1, 2)"}],
                "ThresholdMetricId": "band",
                "ComparisonOperator": "GreaterThanUpperThreshold",
            },
            "band = ANOMALY_DETECTION_BAND(m1, 2) above the band of band",
        ),
        (
            {**ALARM, "Statistic": None, "ExtendedStatistic": "p99"},
            "p99 of AWS/ApplicationELB HTTPCode_Target_5XX_Count {LoadBalancer=app/shop/1} > 10",
        ),
    ],
)
def test_conditions_of_other_kinds(alarm: dict[str, Any], text: str) -> None:
    """Metric math, anomaly bands and percentiles read as one line."""
    assert condition(alarm) == text
