"""Alarms: which fire, what each one watches, and how it came to its state."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from tocsin_mcp.kit.errors import NotFound
from tocsin_mcp.kit.output import bounded, clip, counted, listed, plain, table
from tocsin_mcp.kit.series import number
from tocsin_mcp.kit.times import age, rfc3339

from .client import Aws, Json

PAGE = 100
_MOST = 1000
_ORDER = {"ALARM": 0, "INSUFFICIENT_DATA": 1, "OK": 2}
TYPES = ["MetricAlarm", "CompositeAlarm"]
_LONGEST_CELL = 160
_LONGEST_REASON = 1000
_SIGNS = {
    "GreaterThanThreshold": ">",
    "GreaterThanOrEqualToThreshold": ">=",
    "LessThanThreshold": "<",
    "LessThanOrEqualToThreshold": "<=",
    "LessThanLowerThreshold": "below the band of",
    "GreaterThanUpperThreshold": "above the band of",
    "LessThanLowerOrGreaterThanUpperThreshold": "outside the band of",
}


async def list_alarms(aws: Aws, state: str | None, prefix: str | None, limit: int) -> str:
    """Firing ones first, each state's newest change first."""
    alarms, complete = await _all(aws, state, prefix)
    if not alarms:
        filters = [f"state {state}" if state else "", f"prefix {prefix!r}" if prefix else ""]
        wanted = " and ".join(part for part in filters if part)
        return f"No alarms{' with ' + wanted if wanted else ' in this region'}."
    alarms.sort(key=lambda alarm: _ORDER.get(alarm["StateValue"], 3))
    states = [str(alarm["StateValue"]) for alarm in alarms]
    counts = ", ".join(f"{states.count(name)} {name}" for name in _ORDER if name in states)
    head = f"{counted(len(alarms), 'alarm')}: {counts}"
    if not complete:
        head += f" (only the first {_MOST} were read: narrow by `state` or `prefix`)"
    now = aws.now()
    rows = [
        (
            str(alarm["StateValue"]),
            age(alarm.get("StateUpdatedTimestamp"), now),
            clip(plain(alarm["AlarmName"]), _LONGEST_CELL),
            clip(condition(alarm), _LONGEST_CELL),
        )
        for alarm in alarms[:limit]
    ]
    lines = [head, *table(("STATE", "SINCE", "NAME", "CONDITION"), rows)]
    return listed(lines, total=len(alarms) + 2, narrow="use `state`, `prefix` or a larger `limit`")


async def read_alarm(aws: Aws, name: str) -> Json:
    """The alarm of that name as the API tells it. Raises NotFound."""
    answer = await aws.call("DescribeAlarms", AlarmNames=[name], AlarmTypes=TYPES)
    found = [*answer.get("MetricAlarms", []), *answer.get("CompositeAlarms", [])]
    if not found:
        raise NotFound(
            f"There is no alarm {name!r} in this region. Names are exact; list_alarms(prefix=…) shows what there is."
        )
    return dict(found[0])


def described(alarm: Json, now: datetime) -> str:
    """State with its reason, condition, what is done on a change, and how to read its metric."""
    lines = [
        f"alarm {plain(alarm['AlarmName'])}: {alarm['StateValue']} since {when(alarm.get('StateUpdatedTimestamp'), now)}",
        f"reason:      {_text(alarm.get('StateReason'))}",
        f"description: {_text(alarm.get('AlarmDescription'))}",
        f"condition:   {condition(alarm)}",
        *_evaluation(alarm),
        f"changed:     {when(alarm.get('AlarmConfigurationUpdatedTimestamp'), now)} (configuration)",
        f"actions:     {_actions(alarm)}",
        *_suppression(alarm),
        *_how_to_read(alarm),
    ]
    return bounded("\n".join(lines), narrow="list_alarms says less of each")


def watched(alarm: Json) -> Json | None:
    """The arguments with which read_metric shows what an alarm watches, and its `threshold`; None for other alarms."""
    if not alarm.get("MetricName"):
        return None
    return {
        "namespace": alarm["Namespace"],
        "metric": alarm["MetricName"],
        "dimensions": {each["Name"]: each["Value"] for each in alarm.get("Dimensions", [])},
        "statistics": [alarm.get("Statistic") or alarm.get("ExtendedStatistic")],
        "threshold": alarm.get("Threshold"),
    }


def condition(alarm: Json) -> str:
    """What an alarm watches, in one line."""
    if "AlarmRule" in alarm:
        return plain(" ".join(str(alarm["AlarmRule"]).split()))
    sign = _SIGNS.get(str(alarm.get("ComparisonOperator")), str(alarm.get("ComparisonOperator")))
    limit = alarm.get("Threshold")
    threshold = alarm.get("ThresholdMetricId", "?") if limit is None else number(float(limit))
    if alarm.get("MetricName"):
        statistic = alarm.get("Statistic") or alarm.get("ExtendedStatistic") or "?"
        return plain(f"{statistic} of {_metric(alarm)} {sign} {threshold}")
    return plain(f"{'; '.join(map(_query, alarm.get('Metrics', [])))} {sign} {threshold}")


def when(moment: datetime | None, now: datetime) -> str:
    """A moment and how long ago it was."""
    return f"{rfc3339(moment)} ({age(moment, now)} ago)" if moment else "?"


async def _all(aws: Aws, state: str | None, prefix: str | None) -> tuple[list[Json], bool]:
    """Newest change of state first, and whether that is all of them."""
    found: list[Json] = []
    token: str | None = None
    while len(found) < _MOST:
        answer = await aws.call(
            "DescribeAlarms",
            AlarmTypes=TYPES,
            StateValue=state,
            AlarmNamePrefix=prefix,
            MaxRecords=PAGE,
            NextToken=token,
        )
        found += [*answer.get("MetricAlarms", []), *answer.get("CompositeAlarms", [])]
        token = answer.get("NextToken")
        if not token:
            break
    if state:
        found = [alarm for alarm in found if alarm["StateValue"] == state]
    found.sort(key=lambda alarm: _seconds(alarm.get("StateUpdatedTimestamp")), reverse=True)
    return found, not token


def _evaluation(alarm: Json) -> list[str]:
    if not alarm.get("EvaluationPeriods"):
        return []
    periods = alarm["EvaluationPeriods"]
    needed = alarm.get("DatapointsToAlarm") or periods
    length = f" of {alarm['Period']} s" if alarm.get("Period") else ""
    missing = alarm.get("TreatMissingData") or "missing"
    return [f"evaluation:  {needed} of {periods} periods{length}; missing data count as {missing}"]


def _actions(alarm: Json) -> str:
    if not alarm.get("ActionsEnabled", True):
        return "switched off"
    kinds = (("ALARM", "AlarmActions"), ("OK", "OKActions"), ("NO DATA", "InsufficientDataActions"))
    parts = [
        f"on {state}: {', '.join(str(target).rpartition(':')[2] or '?' for target in alarm[key])}"
        for state, key in kinds
        if alarm.get(key)
    ]
    return plain("; ".join(parts)) or "none"


def _suppression(alarm: Json) -> list[str]:
    reason = alarm.get("ActionsSuppressedReason")
    return [f"suppressed:  {_text(reason)}"] if reason else []


def _how_to_read(alarm: Json) -> list[str]:
    metric = watched(alarm)
    if metric is None:
        return []
    given = ", ".join(
        f"{name}={json.dumps(metric[name])}" for name in metric if name != "threshold"
    )
    return [plain(f"its metric:  read_metric({given})")]


def _metric(source: Json) -> str:
    dimensions = ", ".join(f"{d['Name']}={d['Value']}" for d in source.get("Dimensions", []))
    return f"{source.get('Namespace')} {source['MetricName']} {{{dimensions}}}"


def _query(query: Json) -> str:
    if query.get("Expression"):
        return f"{query['Id']} = {query['Expression']}"
    stat: Any = query.get("MetricStat", {})
    metric = stat.get("Metric", {})
    if not metric.get("MetricName"):
        return str(query.get("Id"))
    return f"{query['Id']} = {stat.get('Stat')} of {_metric(metric)}"


def _text(value: object) -> str:
    return clip(plain(" ".join(str(value or "").split())), _LONGEST_REASON) or "-"


def _seconds(moment: datetime | None) -> float:
    return moment.timestamp() if moment else 0.0
