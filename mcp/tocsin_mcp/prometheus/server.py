"""The tools, as a model sees them: names, descriptions, checked arguments. The texts are made elsewhere."""

from __future__ import annotations

from typing import Any

from fastmcp import FastMCP
from fastmcp.tools.base import ToolResult
from fastmcp.utilities.types import Image
from mcp_types import TextContent

from tocsin_mcp.kit.environment import Environment
from tocsin_mcp.kit.points import structured
from tocsin_mcp.kit.server import ReadTool, add_read_tools, new_server

from . import alerts, catalogue, queries, targets
from . import arguments as a
from .client import Prometheus
from .plots import Plotter

_INSTRUCTIONS = (
    "Read-only view of one Prometheus. What fires: list_alerts, then list_rules for the expression behind it. What a "
    "metric did: query_range, which says when its level changed. No data: list_targets. Names: list_metrics and "
    "describe_metric."
)


def build(environment: Environment | None = None) -> FastMCP[Any]:
    """The Prometheus server. Cheap: matplotlib is not imported and no connection opened before the first call."""
    prometheus = Prometheus(environment or Environment.of_process())
    server = new_server("prometheus", _INSTRUCTIONS, close=prometheus.close)
    add_read_tools(server, *_query_tools(prometheus, Plotter()), *_state_tools(prometheus))
    return server


def _query_tools(prometheus: Prometheus, plotter: Plotter) -> tuple[ReadTool, ...]:
    async def query(query: a.Query, time: a.Time = None, limit: a.Series = 50) -> str:
        """Evaluate PromQL at one moment: each series with its value."""
        return await queries.query(prometheus, query, time, limit)

    async def query_range(
        query: a.Query,
        since: a.Since = "1h",
        until: a.Until = None,
        step: a.Step = None,
        limit: a.Series = 20,
    ) -> ToolResult:
        """Evaluate PromQL over a range and say what each series did: last value, mean, minimum and maximum with their
        times, and when its level changed for good. Series that changed come first."""
        wanted = queries.parse_range(query, since, until, step, prometheus.now())
        found = await queries.ranged(prometheus, wanted, limit)
        return ToolResult(
            content=queries.text(wanted, found), structured_content=_points(wanted, found)
        )

    async def plot_range(
        query: a.Query,
        since: a.Since = "1h",
        until: a.Until = None,
        step: a.Step = None,
        limit: a.Series = 20,
    ) -> ToolResult:
        """Like query_range, with a plot (PNG) for people to look at."""
        await plotter.ready()
        wanted = queries.parse_range(query, since, until, step, prometheus.now())
        found = await queries.ranged(prometheus, wanted, limit)
        words = TextContent(type="text", text=queries.text(wanted, found))
        picture = await plotter.png(wanted, [each.series for each in found.told])
        return ToolResult(
            content=[words, Image(data=picture, format="png").to_image_content()],
            structured_content=_points(wanted, found),
        )

    return query, query_range, plot_range


def _points(wanted: queries.Range, found: queries.Ranged) -> dict[str, Any]:
    """What programs read: the points behind the words."""
    told = ((each.series.labels, each.series.points) for each in found.told)
    return structured(told, step=wanted.step)


def _state_tools(prometheus: Prometheus) -> tuple[ReadTool, ...]:
    async def list_alerts(contains: a.Word = None, limit: a.Limit = 50) -> str:
        """List alerts that are firing or pending: since when, value, labels, annotations."""
        return await alerts.list_alerts(prometheus, contains, limit)

    async def list_rules(
        contains: a.Word = None, kind: a.Kind = "alerting", limit: a.Limit = 50
    ) -> str:
        """List rules with their expressions and state; those that cannot be evaluated first."""
        return await alerts.list_rules(prometheus, contains, kind, limit)

    async def list_targets(job: a.Job = None, limit: a.Limit = 50) -> str:
        """List what is scraped: per job how many targets are up, and each that is not with its error."""
        return await targets.list_targets(prometheus, job, limit)

    async def list_metrics(contains: a.Contains = None, limit: a.Limit = 100) -> str:
        """List names of metrics that had values in the last hour."""
        return await catalogue.list_metrics(prometheus, contains, limit)

    async def describe_metric(metric: a.Metric) -> str:
        """Describe one metric: type, help, number of series, its labels and their values."""
        return await catalogue.describe_metric(prometheus, metric)

    return list_alerts, list_rules, list_targets, list_metrics, describe_metric
