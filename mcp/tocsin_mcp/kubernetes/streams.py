"""Whose logs are meant: from a pod or a workload to containers, and from those to parsed lines."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from lightkube.models.core_v1 import ContainerStatus
from lightkube.resources.core_v1 import Pod

from tocsin_mcp.kit.errors import BadArgument, NotFound
from tocsin_mcp.kit.output import clip, plain
from tocsin_mcp.kit.tasks import together
from tocsin_mcp.kit.times import parse_rfc3339

from .cluster import Cluster, LogRequest
from .lookup import find, pods_of
from .refusals import Refused
from .wording import view

MOST_PODS = 8
LONGEST_LINE = 2000

_AT_ONCE = 4
_LOG_FILE_GONE = (
    "unable to retrieve container logs for"  # the kubelet says so with 200, in place of the log
)
_DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container"
_SIDECARS = frozenset(
    {
        "istio-proxy", "linkerd-proxy", "envoy", "envoy-sidecar", "consul-dataplane", "kuma-sidecar",
        "vault-agent", "cloud-sql-proxy", "cloudsql-proxy", "aws-otel-collector", "otel-collector",
        "otc-container", "fluent-bit", "fluentd", "filebeat", "datadog-agent", "jaeger-agent", "queue-proxy",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One log line: when it was written (None when unknown) and its text without control characters."""

    time: datetime | None
    text: str


@dataclass(frozen=True, slots=True)
class Source:
    """One container of one pod, and how often it restarted."""

    pod: str
    container: str
    restarts: int = 0


@dataclass(frozen=True, slots=True)
class Stream:
    """What a container logged. `problem` says why there is nothing; `cut` that older lines were too much to read."""

    source: Source
    lines: tuple[Line, ...] = ()
    problem: str = ""
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Chosen:
    """The containers to read and what was left out."""

    sources: tuple[Source, ...]
    notes: tuple[str, ...] = ()


async def choose(
    cluster: Cluster, namespace: str, workload: str | None, pod: str | None, container: str | None
) -> Chosen:
    """The containers meant by a call. Raises BadArgument or NotFound when there are none."""
    if bool(workload) == bool(pod):
        raise BadArgument("workload", "give either `workload` or `pod`, not both and not none.")
    notes: list[str] = []
    if pod:
        pods = [await cluster.get(Pod, pod, namespace)]
    else:
        pods = await _newest(cluster, workload or "", namespace, notes)
    sources = [source for each in pods for source in _containers(each, container, notes)]
    return Chosen(tuple(sources), tuple(dict.fromkeys(notes)))


async def read(
    cluster: Cluster, namespace: str, sources: Iterable[Source], wanted: LogRequest
) -> list[Stream]:
    """Read all sources, a few at a time, in their order. Raises the kit's errors when the API cannot be asked."""
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(source: Source) -> Stream:
        request = LogRequest(source.container, wanted.previous, wanted.since, wanted.tail)
        async with gate:
            try:
                lines, cut = await cluster.log(source.pod, namespace, request)
            except (Refused, NotFound) as error:
                return Stream(
                    source, problem=error.reason if isinstance(error, Refused) else str(error)
                )
        if len(lines) == 1 and lines[0].startswith(_LOG_FILE_GONE):
            return Stream(source, problem=lines[0])
        return Stream(source, tuple(map(_parse, lines)), cut=cut)

    async with together() as group:
        tasks = [group.create_task(one(source)) for source in sources]
    return [task.result() for task in tasks]


async def _newest(cluster: Cluster, workload: str, namespace: str, notes: list[str]) -> list[Pod]:
    found = await find(cluster, workload, namespace)
    listing = await pods_of(cluster, found)
    if not listing.items:
        raise NotFound(
            f"{found.kind}/{found.name} in namespace {namespace} has no pods now, so no logs. "
            "describe_workload and list_events say why."
        )
    now = cluster.now()
    ranked = sorted(listing.items, key=lambda each: view(each, now).rank)
    if len(ranked) > MOST_PODS:
        left = [view(each, now).name for each in ranked[MOST_PODS:]]
        notes.append(
            f"{len(left)} of {len(ranked)} pods are left out, healthier ones ({', '.join(left)[:300]}); pass `pod` for one"
        )
    return ranked[:MOST_PODS]


def _containers(pod: Pod, asked: str | None, notes: list[str]) -> list[Source]:
    metadata, spec = pod.metadata, pod.spec
    name = (metadata and metadata.name) or "?"
    regular = [each.name for each in spec.containers] if spec else []
    initial = [each.name for each in (spec and spec.initContainers) or []]
    if asked:
        if asked not in regular + initial:
            raise BadArgument("container", f"pod {name} has {', '.join(regular + initial)}.")
        return [Source(name, asked, _restarts(pod, asked))]
    default = ((metadata and metadata.annotations) or {}).get(_DEFAULT_CONTAINER)
    chosen = (
        [default] if default in regular else [each for each in regular if each not in _SIDECARS]
    )
    chosen = [each for each in chosen if each] or regular
    left = [each for each in regular if each not in chosen] + _failed(pod, initial)
    if left:
        notes.append(f"containers not shown: {', '.join(left)}; pass `container` for one")
    return [Source(name, each, _restarts(pod, each)) for each in chosen]


def _failed(pod: Pod, initial: list[str]) -> list[str]:
    return [
        f"{status.name} (init)"
        for status in (pod.status and pod.status.initContainerStatuses) or []
        if status.name in initial and not status.ready
    ]


def _restarts(pod: Pod, container: str) -> int:
    status = pod.status
    entries: list[ContainerStatus] = [
        *((status and status.containerStatuses) or []),
        *((status and status.initContainerStatuses) or []),
    ]
    return sum(entry.restartCount for entry in entries if entry.name == container)


def _parse(line: str) -> Line:
    head, _, rest = line.partition(" ")
    moment = parse_rfc3339(head)
    return Line(moment, clip(plain(rest if moment else line), LONGEST_LINE))
