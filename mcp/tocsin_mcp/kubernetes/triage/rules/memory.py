"""Memory: containers over their limit in every disguise, runtimes out of heap, nodes that kill and evict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tocsin_mcp.kubernetes.triage.facts import Facts, evidence
from tocsin_mcp.kubernetes.triage.fault import Fault, Tier
from tocsin_mcp.kubernetes.triage.happenings import latest
from tocsin_mcp.kubernetes.triage.objects import condition, moment, text
from tocsin_mcp.kubernetes.triage.pods import ContainerFacts, Ending, PodFacts
from tocsin_mcp.kubernetes.triage.world import RECENT

from .crashes import OOM_AT_START

_NODE_REASONS = ("SystemOOM", "OOMKilling")
_AGAIN = 2
"""So many recent evictions of one workload are no single event that is over."""


def find(facts: Facts) -> Iterator[Fault]:
    """Signals: terminated reason OOMKilled, the sandbox's "container init was OOM-killed", heap errors in the log, node
    events SystemOOM, pod status Evicted."""
    for pod in facts.live_pods:
        yield from _killed(facts, pod)
        yield from _in_sandbox(facts, pod)
    yield from _heap(facts)
    yield from _nodes(facts)
    yield from _evicted(facts)


def _killed(facts: Facts, pod: PodFacts) -> Iterator[Fault]:
    for container in pod.all_containers:
        ending = next((each for each in container.endings if each.reason == "OOMKilled"), None)
        if ending is None or not _still(facts, pod, container, ending):
            continue
        limit = text(container.spec, "resources", "limits", "memory") or text(
            pod.spec, "resources", "limits", "memory"
        )
        said = f"limits.memory {limit}" if limit else "no memory limit: the node's memory ran out"
        yield Fault(
            object=facts.world.owner(pod),
            cause="oom_killed" if limit else "node_out_of_memory",
            confidence=0.93 if not container.ready else 0.75,
            why=f"Container {container.name} was killed for using more memory than it may ({said}), "
            f"{container.restarts} restarts.",
            evidence=evidence(
                f"pod/{pod.name} {container.name}: OOMKilled, exit {ending.code}", said
            ),
            about=facts.about(pod),
            related=(pod.ref,),
            since=ending.finished,
        )


def _still(facts: Facts, pod: PodFacts, container: ContainerFacts, ending: Ending) -> bool:
    """An old kill of a container that has long been ready or running again is history."""
    if not container.ready and not container.running:
        return True
    if not container.ready:
        return facts.world.is_recent(ending.finished)
    return ending.finished is not None and facts.world.now - ending.finished <= RECENT and pod.ready


def _in_sandbox(facts: Facts, pod: PodFacts) -> Iterator[Fault]:
    event = latest(facts.events_of(pod), "FailedCreatePodSandBox", "Failed", "FailedStart")
    stated = [
        said
        for each in pod.all_containers
        for said in (each.detail, *(ending.message for ending in each.endings))
        if OOM_AT_START in said
    ]
    said = stated or ([event.message] if event and OOM_AT_START in event.message else [])
    if said and not pod.ready:
        limits = [text(each.spec, "resources", "limits", "memory") for each in pod.all_containers]
        yield Fault(
            object=facts.world.owner(pod),
            cause="oom_killed",
            confidence=0.92,
            why=f"The memory limit ({', '.join(filter(None, limits)) or 'unknown'}) is too low even to start the container.",
            evidence=evidence(said[0]),
            about=facts.about(pod),
            related=(pod.ref,),
        )


def _heap(facts: Facts) -> Iterator[Fault]:
    for complaint in facts.complaints.signs:
        if complaint.sign.kind == "heap":
            yield Fault(
                object=complaint.workload,
                cause="heap_exhausted",
                confidence=0.9,
                why="The program's runtime ran out of memory of its own.",
                evidence=evidence(complaint.line),
                tier=Tier.OWN_STATE,
                about=frozenset({complaint.workload.partition("/")[2]}),
                since=complaint.first,
            )


def _nodes(facts: Facts) -> Iterator[Fault]:
    for event in facts.world.events:
        if (
            event.reason in _NODE_REASONS
            and event.kind == "Node"
            and facts.world.is_recent(event.last)
        ):
            yield Fault(
                object=f"node/{event.name}",
                cause="node_out_of_memory",
                confidence=0.7,
                why="The node ran out of memory and killed processes.",
                evidence=evidence(event.line),
                about=frozenset(
                    facts.world.owner(pod).partition("/")[2]
                    for pod in facts.live_pods
                    if pod.node == event.name and not pod.ready
                ),
                since=event.first,
            )


def _evicted(facts: Facts) -> Iterator[Fault]:
    """An evicted pod stays as a record; it counts only while its workload lacks pods, or loses one after the other."""
    gone = [
        each
        for each in facts.world.pods.values()
        if text(each.item, "status", "reason") == "Evicted"
    ]
    lately = Counter(facts.world.owner(each) for each in gone if _evicted_lately(facts, each))
    for pod in gone:
        workload = facts.workload(pod)
        again = lately[facts.world.owner(pod)] >= _AGAIN
        if workload and not workload.short and not again:
            continue
        said = text(pod.item, "status", "message")
        memory = "memory" in said
        yield Fault(
            object=facts.world.owner(pod),
            cause="evicted_memory" if memory else "evicted_disk",
            confidence=0.8,
            why="The kubelet evicts its pods again and again."
            if again
            else "The kubelet evicted its pods and they did not come back.",
            evidence=evidence(f"pod/{pod.name} Evicted: {said}"),
            about=facts.about(pod),
            blames=frozenset({pod.node}) if pod.node else frozenset(),
            related=(pod.ref, f"node/{pod.node}"),
        )


def _evicted_lately(facts: Facts, pod: PodFacts) -> bool:
    event = latest(facts.events_of(pod), "Evicted")
    when = (
        event.last
        if event
        else moment(condition(pod.item, "DisruptionTarget"), "lastTransitionTime")
    )
    return when is not None and facts.world.is_recent(when)
