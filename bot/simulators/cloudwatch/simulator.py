"""CloudWatch and CloudWatch Logs of one account in one region: real requests, real answers, read-only."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.simulators import recorded_metrics
from bot.simulators.listening import Listening

from .faults import Faults
from .metrics import Metric, metrics

Json = dict[str, Any]
_TYPE = "application/x-amz-json-1.0"
_MOST_METRICS = 500
_LEAST_PERIOD = 1
_STATES = ("OK", "ALARM", "INSUFFICIENT_DATA")


class _Refusal(Exception):
    def __init__(self, code: str, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.status = status
        self.body = {"__type": code, "message": text, "Message": text}


class CloudWatchSimulator(Listening):
    """Serves `scenario`/metrics.csv at `.url` while the context is open, over AWS's JSON protocol.

    `alarms` are metric alarms as DescribeAlarms tells them, times in seconds since the epoch; each came to its state at
    `StateUpdatedTimestamp`. Log groups there are none. A request must be signed, by whatever key. `port` 0 takes a free
    one, `faults` may be changed at any time, `requests` holds (operation, parameters), oldest first. Raises ValueError for a
    `metrics.csv` that cannot be read.
    """

    def __init__(
        self,
        scenario: Path,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        alarms: Sequence[Mapping[str, Any]] = (),
        faults: Faults | None = None,
    ) -> None:
        self.metrics: list[Metric] = metrics(recorded_metrics.load(scenario))
        self.faults = faults or Faults()
        self.requests: list[tuple[str, Json]] = []
        self._alarms = [dict(alarm) for alarm in alarms]
        super().__init__(host, port)
        self._operations: Mapping[str, Callable[[Json], Json]] = {
            "DescribeAlarms": self._describe_alarms,
            "DescribeAlarmHistory": self._alarm_history,
            "ListMetrics": self._list_metrics,
            "GetMetricData": self._metric_data,
            "DescribeLogGroups": lambda _: {"logGroups": []},
            "FilterLogEvents": _no_group,
            "StartQuery": _no_group,
            "GetQueryResults": _no_query,
            "StopQuery": _no_query,
        }

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        operation = request.headers.get("X-Amz-Target", "").rpartition(".")[2]
        body = await request.read()
        if self.faults.latency:
            await asyncio.sleep(self.faults.latency)
        if self.faults.down and request.transport:
            request.transport.abort()
        try:
            answer = self._answer(request, operation, body)
        except _Refusal as refusal:
            return _response(refusal.body, refusal.status)
        return _response(answer, 200)

    def _answer(self, request: web.Request, operation: str, body: bytes) -> Json:
        if not request.headers.get("Authorization", "").startswith("AWS4-HMAC-SHA256 "):
            raise _Refusal(
                "MissingAuthenticationTokenException", "Missing Authentication Token", 403
            )
        work = self._operations.get(operation)
        if request.method != "POST" or work is None:
            raise _Refusal("UnknownOperationException", "")
        try:
            given = json.loads(body or b"{}")
        except ValueError as error:
            raise _Refusal("SerializationException", "not JSON") from error
        self.requests.append((operation, given))
        return work(given)

    def _describe_alarms(self, given: Json) -> Json:
        names, prefix = given.get("AlarmNames") or [], given.get("AlarmNamePrefix") or ""
        states = [given["StateValue"]] if given.get("StateValue") else _STATES
        found = [
            alarm
            for alarm in self._alarms
            if alarm["StateValue"] in states
            and str(alarm["AlarmName"]).startswith(prefix)
            and (not names or alarm["AlarmName"] in names)
        ]
        return {"MetricAlarms": found, "CompositeAlarms": []}

    def _alarm_history(self, given: Json) -> Json:
        name = given.get("AlarmName")
        start, end = given.get("StartDate") or 0, given.get("EndDate") or float("inf")
        items = [
            _came_to_its_state(alarm)
            for alarm in self._alarms
            if name in (None, alarm["AlarmName"]) and start <= alarm["StateUpdatedTimestamp"] <= end
        ]
        return {"AlarmHistoryItems": sorted(items, key=lambda item: -item["Timestamp"])}

    def _list_metrics(self, given: Json) -> Json:
        wanted = {each["Name"]: each.get("Value") for each in given.get("Dimensions") or []}
        found = [
            metric
            for metric in self.metrics
            if given.get("Namespace") in (None, metric.namespace)
            and given.get("MetricName") in (None, metric.name)
            and all(
                name in metric.dimensions and value in (None, metric.dimensions[name])
                for name, value in wanted.items()
            )
        ]
        start = int(given.get("NextToken") or 0)
        page = found[start : start + _MOST_METRICS]
        more = start + len(page) < len(found)
        answer: Json = {"Metrics": [_described(metric) for metric in page]}
        return {**answer, "NextToken": str(start + len(page))} if more else answer

    def _metric_data(self, given: Json) -> Json:
        start, end = float(given.get("StartTime", 0)), float(given.get("EndTime", 0))
        if start >= end:
            raise _Refusal(
                "ValidationError",
                "The parameter StartTime must be less than the parameter EndTime.",
            )
        newest_first = given.get("ScanBy", "TimestampDescending") == "TimestampDescending"
        results = []
        for query in given.get("MetricDataQueries") or []:
            points = self._points(query, start, end)
            points = points[::-1] if newest_first else points
            results.append(
                {
                    "Id": query.get("Id"),
                    "Label": query["MetricStat"]["Metric"].get("MetricName"),
                    "Timestamps": [at for at, _ in points],
                    "Values": [value for _, value in points],
                    "StatusCode": "Complete",
                }
            )
        return {"MetricDataResults": results, "Messages": []}

    def _points(self, query: Json, start: float, end: float) -> list[tuple[float, float]]:
        if "MetricStat" not in query:
            raise _Refusal("ValidationError", "Metric math is not recorded.")
        asked = query["MetricStat"]
        dimensions = {each["Name"]: each["Value"] for each in asked["Metric"].get("Dimensions", [])}
        name = (asked["Metric"].get("Namespace"), asked["Metric"].get("MetricName"), dimensions)
        for metric in self.metrics:
            if (metric.namespace, metric.name, dict(metric.dimensions)) == name:
                try:
                    period = max(_LEAST_PERIOD, int(asked["Period"]))
                    return metric.statistics(str(asked["Stat"]), period, start, end)
                except ValueError as error:
                    raise _Refusal("ValidationError", str(error)) from error
        return []


def _response(body: Json, status: int) -> web.Response:
    return web.Response(body=json.dumps(body).encode(), status=status, content_type=_TYPE)


def _described(metric: Metric) -> Json:
    dimensions = [{"Name": name, "Value": value} for name, value in metric.dimensions.items()]
    return {"Namespace": metric.namespace, "MetricName": metric.name, "Dimensions": dimensions}


def _came_to_its_state(alarm: Json) -> Json:
    state = str(alarm["StateValue"])
    before = "OK" if state == "ALARM" else "ALARM"
    return {
        "AlarmName": alarm["AlarmName"],
        "AlarmType": "MetricAlarm",
        "Timestamp": alarm["StateUpdatedTimestamp"],
        "HistoryItemType": "StateUpdate",
        "HistorySummary": f"Alarm updated from {before} to {state}",
        "HistoryData": json.dumps({"version": "1.0"}),
    }


def _no_group(_: Json) -> Json:
    raise _Refusal("ResourceNotFoundException", "The specified log group does not exist.")


def _no_query(_: Json) -> Json:
    raise _Refusal("ResourceNotFoundException", "The specified query does not exist.")
