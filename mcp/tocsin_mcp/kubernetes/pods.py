"""list_pods: the pods of a namespace or a workload, unhealthy first, with the reason beside each."""

from __future__ import annotations

from lightkube.resources.core_v1 import Pod

from tocsin_mcp.kit.output import counted, listed, table
from tocsin_mcp.kit.times import age, rfc3339

from .cluster import Cluster, problems
from .lookup import find, pods_of
from .wording import PodView, view

_NARROW = "pass `workload` or `selector`"


async def list_pods(
    cluster: Cluster, namespace: str | None, workload: str | None, selector: str | None
) -> str:
    """The tool's text. Raises the kit's errors."""
    place, now = await cluster.namespace(namespace), cluster.now()
    if workload:
        found = await find(cluster, workload, place)
        listing = await pods_of(cluster, found, selector or "")
        whose = f"{found.kind}/{found.name} in namespace {place}"
    else:
        listing = await cluster.objects(Pod, place, selector or "")
        whose = f"Namespace {place}" + (f", selector {selector}" if selector else "")
    views = sorted((view(pod, now) for pod in listing.items), key=lambda each: each.rank)
    if not views:
        return f"{whose}: no pods. (Asked at {rfc3339(now)}.)"
    sick = sum(1 for each in views if each.why)
    lines = [f"{whose}: {counted(len(views), 'pod')}, {sick} unhealthy, at {rfc3339(now)}."]
    lines += [f"Note: {text}." for text in problems(listing)]
    lines += table(
        ("POD", "READY", "STATUS", "RESTARTS", "LAST TERMINATION", "AGE", "NODE"),
        ([*_cells(each), age(each.created, now), each.node] for each in views),
    )
    if sick:
        lines += ["", "Why unhealthy:", *why_lines(views)]
    return listed(lines, narrow=_NARROW)


def why_lines(views: list[PodView]) -> list[str]:
    """One line a reason; the same reason of several pods only once, with all their names."""
    by_reason: dict[str, list[str]] = {}
    for each in views:
        if each.why:
            by_reason.setdefault("; ".join(each.why), []).append(each.name)
    return [f"- {', '.join(names)}: {reason}" for reason, names in by_reason.items()]


def _cells(each: PodView) -> tuple[str, ...]:
    return (each.name, each.ready, each.status, str(each.restarts), each.last_end)
