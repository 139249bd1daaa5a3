"""The `triage` tool: the ranked candidates of one namespace as text."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated

from pydantic import Field

from tocsin_mcp.kit.output import bounded
from tocsin_mcp.kit.times import rfc3339
from tocsin_mcp.kubernetes import arguments as a
from tocsin_mcp.kubernetes.cluster import Cluster

from .causes import CAUSES
from .engine import Candidate, Triage
from .engine import triage as judge
from .gather import gather

Service = Annotated[
    a.Reference,
    Field(description="The service or workload that the alarm names; leave out to judge all."),
]


def triage_tool(cluster: Cluster) -> Callable[..., Awaitable[str]]:
    """The tool for a server on this cluster."""

    async def triage(namespace: a.Namespace = None, service: Service = None) -> str:
        """Find what is broken and why, by rules over all objects, events and the suspects' logs in one call: at most three
        causes, likeliest first, each with its object, quoted evidence, who suffers from it and what changed before. Says
        healthy when nothing is wrong now. The first thing to call; then check its candidates with the other tools."""
        place = await cluster.namespace(namespace)
        name = (service or "").rpartition("/")[2]
        snapshot = await gather(cluster, place, name)
        found = await asyncio.to_thread(judge, snapshot, name)
        return told(found, place, name, snapshot.now)

    return triage


def told(found: Triage, namespace: str, service: str, now: datetime) -> str:
    """A triage as text."""
    where = (
        f"Namespace {namespace}"
        + (f", service {service}" if service else "")
        + f", at {rfc3339(now)}"
    )
    lines = [f"{where}: {_headline(found)}", *(f"Note: {text}." for text in found.notes)]
    for number, candidate in enumerate(found.candidates, 1):
        lines += ["", f"{number}. {_title(candidate)}", *_details(candidate)]
    return bounded("\n".join(lines), narrow="pass `service`", head=1.0)


def _headline(found: Triage) -> str:
    match found.verdict:
        case "healthy":
            return "healthy. Nothing is broken now; old restarts and events are history."
        case "fault":
            return "fault. Causes, likeliest first (found by rules: check them):"
        case _ if found.candidates:
            return "inconclusive. Something is wrong and no rule is sure why; traces of it:"
        case _:
            return "inconclusive. Nothing could be judged."


def _title(candidate: Candidate) -> str:
    meaning = CAUSES[candidate.cause].meaning
    return (
        f"{candidate.object}: {candidate.cause} ({meaning}), confidence {candidate.confidence:.2f}"
    )


def _details(candidate: Candidate) -> list[str]:
    lines = [f"   {candidate.why}"]
    lines += [f"   evidence: {quote}" for quote in candidate.evidence]
    lines += [f"   changed before: {line}" for line in candidate.changed]
    if candidate.related:
        lines.append(f"   see also: {', '.join(candidate.related[:6])}")
    return lines
