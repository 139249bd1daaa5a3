"""What monitoring would say if it were asked: the scenario's alarm as Prometheus and as CloudWatch tell it.

Read from the post alone, as anybody in the channel could; nothing of what is expected enters it.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from bot.alarms.alarm import Alarm
from bot.alarms.catalog import ServiceCatalog
from bot.alarms.recognise import recognise
from bot.alarms.times import labelled_time
from bot.scenario import Scenario
from bot.slack.inbound import normalise

Json = dict[str, Any]
_METRIC_NAMESPACE = re.compile(r"^Namespace:? +([\w.-]+/[\w./-]+)", re.MULTILINE)
_DIMENSION = re.compile(r"([\w.-]+)=([^,]+)")
_PERIOD = re.compile(r"(\d+) seconds")
_THRESHOLD = re.compile(r"(greater|less) than( or equal to)? the threshold \((-?[\d.]+)\)")


def alarm_of(scenario: Scenario) -> Alarm | None:
    """What fires while the scenario begins; None for a question, or a post that is no firing alarm."""
    if scenario.alarm.post is None:
        return None
    post = {**scenario.alarm.post, "ts": f"{scenario.now.timestamp():.6f}"}
    alarm = recognise(normalise(post), ServiceCatalog())
    return alarm if alarm and alarm.state == "firing" else None


def as_prometheus(alarm: Alarm | None) -> list[Json]:
    """The alert as `/api/v1/alerts` tells it; none unless an Alertmanager posted it."""
    if alarm is None or alarm.source != "alertmanager":
        return []
    return [
        {
            "labels": {"alertname": alarm.name, **alarm.labels},
            "annotations": {"description": _last_line(alarm.text)},
            "state": "firing",
            "activeAt": alarm.started_at.isoformat(),
            "value": "1e+00",
        }
    ]


def as_cloudwatch(alarm: Alarm | None, now: datetime) -> list[Json]:
    """The alarm as DescribeAlarms tells it; none unless CloudWatch posted it.

    `now` is when it was posted. A post does not name the statistic: a metric that counts is summed, any other averaged.
    """
    if alarm is None or alarm.source != "cloudwatch":
        return []
    reason = alarm.labels.get("threshold_crossed", "")
    since = labelled_time(alarm.text, now) or alarm.started_at
    told: Json = {
        "AlarmName": alarm.name,
        "AlarmDescription": "",
        "ActionsEnabled": True,
        "StateValue": "ALARM",
        "StateReason": f"Threshold Crossed: {reason}" if reason else alarm.text[:1000],
        "StateUpdatedTimestamp": since.timestamp(),
    }
    return [{**told, **_metric(alarm), **_threshold(reason)}]


def _metric(alarm: Alarm) -> Json:
    name = alarm.labels.get("metric", "")
    namespace = _METRIC_NAMESPACE.search(alarm.text)
    if not name or not namespace:
        return {}
    period = _PERIOD.search(alarm.labels.get("period", ""))
    dimensions = _DIMENSION.findall(alarm.labels.get("dimensions", ""))
    return {
        "Namespace": namespace[1],
        "MetricName": name,
        "Dimensions": [{"Name": key, "Value": value.strip()} for key, value in dimensions],
        "Statistic": "Sum" if "count" in name.lower() else "Average",
        "Period": int(period[1]) if period else 60,
        "EvaluationPeriods": 1,
    }


def _threshold(reason: str) -> Json:
    found = _THRESHOLD.search(reason)
    if not found:
        return {}
    more, equal, limit = found.groups()
    operator = ("Greater" if more == "greater" else "Less") + "Than"
    return {
        "ComparisonOperator": f"{operator}{'OrEqualTo' if equal else ''}Threshold",
        "Threshold": float(limit),
    }


def _last_line(text: str) -> str:
    return next((line for line in reversed(text.splitlines()) if line.strip()), "")
