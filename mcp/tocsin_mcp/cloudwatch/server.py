"""The tools, as a model sees them: names, descriptions, checked arguments. The texts are made elsewhere."""

from __future__ import annotations

from typing import Any

from fastmcp import FastMCP
from fastmcp.tools.base import ToolResult

from tocsin_mcp.kit.environment import Environment
from tocsin_mcp.kit.server import ReadTool, add_read_tools, new_server

from . import alarms, history, logs, metrics
from . import arguments as a
from .client import Aws
from .insights import Insights
from .insights import Wanted as WantedQuery

_INSTRUCTIONS = (
    "Read-only view of Amazon CloudWatch in one region. From an alarm: describe_alarm, then read_metric as it says, "
    "alarm_history for when it began. Logs: list_log_groups, tail_logs for the last lines, query_logs to count or search."
)


def build(environment: Environment | None = None) -> FastMCP[Any]:
    """The CloudWatch server. Cheap: boto3 is not imported and no connection opened before the first call."""
    aws = Aws(environment or Environment.of_process())
    insights = Insights(aws)

    async def close() -> None:
        await insights.close()
        await aws.close()

    server = new_server("cloudwatch", _INSTRUCTIONS, close=close)
    add_read_tools(server, *_alarm_tools(aws), *_log_tools(aws, insights))
    return server


def _alarm_tools(aws: Aws) -> tuple[ReadTool, ...]:
    async def list_alarms(
        state: a.State = None, prefix: a.Prefix = None, limit: a.Limit = 50
    ) -> str:
        """List alarms, firing ones first: state, for how long, name and condition. Composite alarms too."""
        return await alarms.list_alarms(aws, state, prefix, limit)

    async def describe_alarm(name: a.AlarmName) -> ToolResult:
        """Describe one alarm: state and reason with the datapoints, condition, evaluation, actions, and the
        read_metric call that shows what it watches."""
        alarm = await alarms.read_alarm(aws, name)
        words = alarms.described(alarm, aws.now())
        return ToolResult(content=words, structured_content={"metric": alarms.watched(alarm)})

    async def alarm_history(
        name: a.OptionalAlarm = None,
        since: a.OptionalSince = None,
        until: a.Until = None,
        limit: a.Limit = 50,
    ) -> str:
        """List what happened to an alarm or to all, newest first: changes of state, of configuration, and actions.
        CloudWatch keeps 30 days."""
        return await history.alarm_history(aws, name, (since, until), limit)

    async def list_metrics(
        namespace: a.OptionalNamespace = None,
        metric: a.OptionalMetric = None,
        dimensions: a.SomeDimensions | None = None,
        limit: a.Limit = 100,
    ) -> str:
        """List metrics with their dimensions, or without filters the namespaces."""
        return await metrics.list_metrics(aws, namespace, metric, dimensions or {}, limit)

    async def read_metric(
        namespace: a.Namespace,
        metric: a.Metric,
        statistics: a.Statistics,
        dimensions: a.Dimensions | None = None,
        since: a.Since = "3h",
        until: a.Until = None,
        period: a.Period = None,
    ) -> ToolResult:
        """Summarise a metric over a range: per statistic the last value, mean, minimum and maximum with their times,
        and when its level changed for good, if it did."""
        wanted = metrics.Wanted(
            namespace, metric, dimensions or {}, statistics, since, until, period
        )
        read = await metrics.read_metric(aws, wanted)
        return ToolResult(content=metrics.text(read), structured_content=metrics.points(read))

    return list_alarms, describe_alarm, alarm_history, list_metrics, read_metric


def _log_tools(aws: Aws, insights: Insights) -> tuple[ReadTool, ...]:
    async def list_log_groups(contains: a.Contains = None, limit: a.Limit = 100) -> str:
        """List log groups with size and retention."""
        return await logs.list_log_groups(aws, contains, limit)

    async def tail_logs(
        group: a.Group,
        since: a.Since = "30m",
        until: a.Until = None,
        filter: a.Filter = None,
        stream: a.Stream = None,
        lines: a.Lines = 100,
    ) -> str:
        """Read the last events of a log group in a range, with time and stream. Free of charge, unlike query_logs."""
        return await logs.tail_logs(aws, logs.Wanted(group, stream, since, until, filter, lines))

    async def query_logs(
        groups: a.Groups,
        query: a.Query,
        since: a.Since = "1h",
        until: a.Until = None,
        limit: a.Rows = 100,
    ) -> str:
        """Run a Logs Insights query over at most 6 hours and wait for it: to count, group or search in several groups.
        It is charged by the data scanned: keep the range short."""
        return await insights.query_logs(WantedQuery(groups, query, since, until, limit))

    return list_log_groups, tail_logs, query_logs
