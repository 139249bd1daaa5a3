"""Whose logs are meant: from a pod or a workload to containers, and from those to parsed lines."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
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
MOST_SEARCHED = 40
"""So many pods are read when only matching lines are wanted."""
LONGEST_LINE = 2000

_AT_ONCE = 8
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


@dataclass(frozen=True, slots=True)
class Whose:
    """One pod, the pods of a workload, those that a label selector chooses, or all of the namespace."""

    workload: str | None = None
    pod: str | None = None
    selector: str | None = None
    container: str | None = None

    def __str__(self) -> str:
        if self.pod:
            return f"pod/{self.pod}"
        return self.workload or (f"pods with {self.selector}" if self.selector else "all pods")


async def choose(cluster: Cluster, namespace: str, whose: Whose, most: int) -> Chosen:
    """The containers meant by a call, of at most so many pods. Raises BadArgument or NotFound when there are none."""
    notes: list[str] = []
    pods: Sequence[Pod]
    if whose.pod:
        pods = [await cluster.get(Pod, whose.pod, namespace)]
    else:
        pods = _worst(cluster, await _pods(cluster, namespace, whose), most, notes)
    asked = whose.container
    having = [each for each in pods if asked is None or asked in _names(each)]
    if not having:
        known = ", ".join(dict.fromkeys(name for each in pods for name in _names(each)))
        raise BadArgument("container", f"{whose} {'has' if whose.pod else 'have'} {known}.")
    if len(having) < len(pods):
        notes.append(f"{len(pods) - len(having)} pods have no container {asked}")
    sources = [source for each in having for source in _containers(each, asked, notes)]
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


async def _pods(cluster: Cluster, namespace: str, whose: Whose) -> tuple[Pod, ...]:
    if whose.workload:
        found = await find(cluster, whose.workload, namespace)
        pods = (await pods_of(cluster, found)).items
        if not pods:
            raise NotFound(
                f"{found.kind}/{found.name} in namespace {namespace} has no pods now, so no logs. "
                "describe_workload and list_events say why."
            )
        return pods
    pods = (await cluster.objects(Pod, namespace, whose.selector or "")).items
    if not pods:
        raise NotFound(f"Namespace {namespace} has none: {whose}. list_pods shows what there is.")
    return pods


def _worst(cluster: Cluster, pods: Sequence[Pod], most: int, notes: list[str]) -> Sequence[Pod]:
    """The least healthy ones first."""
    now = cluster.now()
    ranked = sorted(pods, key=lambda each: view(each, now).rank)
    if len(ranked) > most:
        left = [view(each, now).name for each in ranked[most:]]
        notes.append(
            f"{len(left)} of {len(ranked)} pods are left out, healthier ones ({', '.join(left)[:300]}); pass `pod` for one"
        )
    return ranked[:most]


def _names(pod: Pod) -> list[str]:
    spec = pod.spec
    return [each.name for each in [*spec.containers, *(spec.initContainers or [])]] if spec else []


def _containers(pod: Pod, asked: str | None, notes: list[str]) -> list[Source]:
    metadata, spec = pod.metadata, pod.spec
    name = (metadata and metadata.name) or "?"
    if asked:
        return [Source(name, asked, _restarts(pod, asked))]
    regular = [each.name for each in spec.containers] if spec else []
    initial = [each.name for each in (spec and spec.initContainers) or []]
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
