"""The parts of the cluster that all others need: scheduler, controllers, kube-proxy, DNS."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from tocsin_mcp.kubernetes.triage.facts import Facts, evidence
from tocsin_mcp.kubernetes.triage.fault import Fault
from tocsin_mcp.kubernetes.triage.objects import moment, name_of, number
from tocsin_mcp.kubernetes.triage.pods import PodFacts
from tocsin_mcp.kubernetes.triage.snapshot import SYSTEM_DAEMONS, SYSTEM_PODS

_PARTS = {
    "kube-scheduler": "scheduler_unavailable",
    "kube-controller-manager": "controller_manager_down",
    "kube-proxy": "kube_proxy_down",
    "coredns": "dns_server_down",
    "kube-dns": "dns_server_down",
}
_PATIENCE = timedelta(minutes=1)


def find(facts: Facts) -> Iterator[Fault]:
    """Signals: pods and DaemonSets in kube-system that are not ready; deployments whose controllers have not looked at
    the newest generation."""
    yield from _system_pods(facts)
    yield from _system_daemons(facts)
    yield from _controllers(facts)


def _system_pods(facts: Facts) -> Iterator[Fault]:
    pods = [PodFacts(item) for item in facts.snapshot.all(SYSTEM_PODS)]
    for prefix, cause in _PARTS.items():
        mine = [pod for pod in pods if pod.name.startswith(prefix) and not pod.finished]
        sick = [pod for pod in mine if not pod.ready]
        if not sick or (cause == "dns_server_down" and len(sick) < len(mine)):
            continue
        state = [
            f"{each.waiting or 'not ready'} {each.restarts} restarts" for each in sick[0].containers
        ]
        node = sick[0].node
        at_node = cause == "kube_proxy_down" and node
        yield Fault(
            object=f"node/{node}" if at_node else sick[0].ref,
            cause=cause,
            confidence=0.8,
            why=f"{prefix} does not run" + (f" on {node}." if node else "."),
            evidence=evidence(
                f"kube-system {sick[0].ref}: {sick[0].phase}, {', '.join(state) or 'no status'}"
            ),
            about=frozenset({node}) if node else frozenset(),
            related=tuple(each.ref for each in sick[:3]),
        )


def _system_daemons(facts: Facts) -> Iterator[Fault]:
    """A node without a kube-proxy pod has no word in any pod's status; the DaemonSet counts it."""
    for item in facts.snapshot.all(SYSTEM_DAEMONS):
        wanted, ready = (
            number(item, "status", "desiredNumberScheduled"),
            number(item, "status", "numberReady"),
        )
        if name_of(item) == "kube-proxy" and ready < wanted and not _has_sick_proxy(facts):
            yield Fault(
                object="daemonset/kube-proxy",
                cause="kube_proxy_down",
                confidence=0.75,
                why=f"kube-proxy runs on {ready} of {wanted} nodes; services cannot be reached from the others.",
                evidence=evidence(f"kube-system daemonset/kube-proxy: {ready}/{wanted} ready"),
            )


def _has_sick_proxy(facts: Facts) -> bool:
    pods = (PodFacts(item) for item in facts.snapshot.all(SYSTEM_PODS))
    return any(pod.name.startswith("kube-proxy") and not pod.ready for pod in pods)


def _controllers(facts: Facts) -> Iterator[Fault]:
    for item in facts.snapshot.all("deployments"):
        wrote, saw = (
            number(item, "metadata", "generation"),
            number(item, "status", "observedGeneration"),
        )
        created = moment(item, "metadata", "creationTimestamp")
        behind = wrote > saw and (created is None or facts.world.now - created > _PATIENCE)
        about = facts.world.about("deployment", name_of(item))
        lately = [each for each in about if facts.world.is_recent(each.last)]
        if behind and not lately and facts.snapshot.knows("events"):
            yield Fault(
                object="component/kube-controller-manager",
                cause="controller_manager_down",
                confidence=0.6,
                why=f"Nobody has acted on the newest change of deployment/{name_of(item)}.",
                evidence=evidence(
                    f"deployment/{name_of(item)}: generation {wrote}, observed {saw}"
                ),
                about=frozenset({name_of(item)}),
                related=(f"deployment/{name_of(item)}",),
            )
