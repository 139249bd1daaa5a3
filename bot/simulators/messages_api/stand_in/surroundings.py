"""Nodes, volume claims and quotas in trouble, as the list of workloads tells of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.simulators.messages_api.stand_in.cluster import ClusterView, Pod
from bot.simulators.messages_api.stand_in.transcript import Call, Transcript

_LINE = re.compile(r"^[-\s]*(?P<kind>node|persistentvolumeclaim|resourcequota)/(?P<name>[\w.-]+)")
_NODE_DOWN = re.compile(r"Ready=(?:False|Unknown)|NotReady|NetworkUnavailable=True|Pressure=True")
_RELATED = {
    "unschedulable": ("persistentvolumeclaim", "resourcequota", "node"),
    "volume": ("persistentvolumeclaim",),
    "quota": ("resourcequota",),
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something around the workloads that is not as it should be."""

    kind: str
    name: str
    line: str
    call: Call

    @property
    def ref(self) -> str:
        """`kind/name`."""
        return f"{self.kind}/{self.name}"


def troubles(transcript: Transcript) -> Iterator[Trouble]:
    """What the newest list of workloads says of its surroundings."""
    for call in transcript.results("list_workloads")[-1:]:
        for line in call.lines:
            found = _LINE.match(line)
            if found:
                yield Trouble(found["kind"], found["name"], line.strip(" -"), call)


def related(transcript: Transcript, cause: str) -> list[Trouble]:
    """Troubles that explain a fault of this class."""
    kinds = _RELATED.get(cause, ())
    return [trouble for trouble in troubles(transcript) if trouble.kind in kinds]


def down_nodes(transcript: Transcript, view: ClusterView) -> list[tuple[Trouble, list[Pod]]]:
    """Nodes that are down or under pressure, with the sick pods on them; nodes without any are left out."""
    found: list[tuple[Trouble, list[Pod]]] = []
    for trouble in troubles(transcript):
        if trouble.kind == "node" and _NODE_DOWN.search(trouble.line):
            sick = [pod for pod in view.pods.values() if pod.sick and trouble.name in pod.line]
            found += [(trouble, sick)] if sick else []
    return found
