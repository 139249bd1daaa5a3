"""The parts of the cluster that all others need: scheduler, controllers, kube-proxy, DNS."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from tocsin_mcp.kubernetes.triage.facts import Facts, evidence
from tocsin_mcp.kubernetes.triage.fault import Fault
from tocsin_mcp.kubernetes.triage.objects import condition, dig, moment, name_of, number, text
from tocsin_mcp.kubernetes.triage.signatures import CONNECTION_KINDS
from tocsin_mcp.kubernetes.triage.snapshot import SYSTEM_DAEMONS, SYSTEM_DEPLOYMENTS

_PARTS = {
    "kube-scheduler": "scheduler_unavailable",
    "kube-controller-manager": "controller_manager_down",
    "kube-proxy": "kube_proxy_down",
    "coredns": "dns_server_down",
    "kube-dns": "dns_server_down",
}
_PATIENCE = timedelta(minutes=1)


def find(facts: Facts) -> Iterator[Fault]:
    """Signals: pods, Deployments and DaemonSets in kube-system that are not ready, or that run on other nodes and not on
    this one; deployments whose controllers have not looked at the newest generation."""
    yield from _system_pods(facts)
    yield from _no_dns(facts)
    yield from _system_daemons(facts)
    yield from _without_proxy(facts)
    yield from _controllers(facts)


def _system_pods(facts: Facts) -> Iterator[Fault]:
    pods = list(facts.world.system_pods.values())
    for prefix, cause in _PARTS.items():
        mine = [pod for pod in pods if pod.name.startswith(prefix) and not pod.finished]
        sick = [pod for pod in mine if not pod.ready]
        if not sick or (cause == "dns_server_down" and len(sick) < len(mine)):
            continue
        state = [
            f"{each.waiting or 'not ready'} {each.restarts} restarts" for each in sick[0].containers
        ]
        said = f"kube-system {sick[0].ref}: {sick[0].phase}, {', '.join(state) or 'no status'}"
        if cause == "dns_server_down":
            yield _dns_down(
                facts, f"deployment/{prefix}", said, tuple(each.ref for each in sick[:3])
            )
            continue
        node = sick[0].node
        at_node = cause == "kube_proxy_down" and node
        yield Fault(
            object=f"node/{node}" if at_node else sick[0].ref,
            cause=cause,
            confidence=0.8,
            why=f"{prefix} does not run" + (f" on {node}." if node else "."),
            evidence=evidence(said),
            about=_on_node(facts, node) if at_node else frozenset({node} - {""}),
            related=tuple(each.ref for each in sick[:3]),
        )


def _dns_down(facts: Facts, ref: str, said: str, related: tuple[str, ...]) -> Fault:
    """Everybody who cannot resolve a name suffers from it."""
    hurt = {
        each.workload.partition("/")[2]
        for each in facts.complaints.signs
        if each.sign.kind in ("unresolved", "unresolved_now")
    }
    return Fault(
        object=ref,
        cause="dns_server_down",
        confidence=0.93 if hurt else 0.8,
        why="No DNS server of the cluster is ready, so no name can be resolved.",
        evidence=evidence(said),
        about=frozenset({"coredns", "kube-dns", *hurt}),
        related=related,
    )


def _no_dns(facts: Facts) -> Iterator[Fault]:
    """Scaled to zero there is no pod that could be sick."""
    for item in facts.snapshot.all(SYSTEM_DEPLOYMENTS):
        name = name_of(item)
        alive = any(pod.name.startswith(f"{name}-") for pod in facts.world.system_pods.values())
        none_ready = number(item, "status", "readyReplicas") == 0
        if name in ("coredns", "kube-dns") and none_ready and not alive:
            wanted = number(item, "spec", "replicas", default=1)
            said = f"kube-system deployment/{name}: 0 ready of {wanted}"
            yield _dns_down(facts, f"deployment/{name}", said, ())


def _system_daemons(facts: Facts) -> Iterator[Fault]:
    """A node without a kube-proxy pod has no word in any pod's status; the DaemonSet counts it."""
    for item in facts.snapshot.all(SYSTEM_DAEMONS):
        wanted, ready = (
            number(item, "status", "desiredNumberScheduled"),
            number(item, "status", "numberReady"),
        )
        short = ready < wanted or (wanted == 0 and facts.world.nodes)
        if name_of(item) == "kube-proxy" and short and not _has_sick_proxy(facts):
            yield Fault(
                object="daemonset/kube-proxy",
                cause="kube_proxy_down",
                confidence=0.75,
                why=f"kube-proxy runs on {ready} of {wanted or len(facts.world.nodes)} nodes; services cannot be reached from the others.",
                evidence=evidence(f"kube-system daemonset/kube-proxy: {ready}/{wanted} ready"),
            )


def _without_proxy(facts: Facts) -> Iterator[Fault]:
    """Ready nodes without a kube-proxy while others have one."""
    proxies = [pod for pod in facts.world.system_pods.values() if pod.name.startswith("kube-proxy")]
    having = {pod.node for pod in proxies}
    for name, node in facts.world.nodes.items():
        if not having or name in having or text(condition(node, "Ready"), "status") != "True":
            continue
        on_node = _on_node(facts, name)
        cut = [
            each
            for each in facts.complaints.signs
            if each.node == name and each.sign.kind in CONNECTION_KINDS
        ]
        yield Fault(
            object=f"node/{name}",
            cause="kube_proxy_down",
            confidence=0.85 if cut else 0.6,
            why=f"No kube-proxy runs on {name}, while it runs on {len(having)} other nodes: services cannot be reached from there.",
            evidence=evidence(
                f"kube-system: no kube-proxy pod on node/{name}", *(each.line for each in cut[:2])
            ),
            about=on_node | {each.sign.host for each in cut},
        )


def _on_node(facts: Facts, node: str) -> frozenset[str]:
    """The node and all whose pods run there: what they report of others is the node's doing."""
    pods = [pod for pod in facts.live_pods if pod.node == node]
    called = {
        facts.calls.service_name(each.sign.host)
        for each in facts.complaints.signs
        if each.node == node and each.sign.kind in CONNECTION_KINDS
    }
    return frozenset({node} | called).union(*(facts.about(pod) for pod in pods)) - {""}


def _has_sick_proxy(facts: Facts) -> bool:
    pods = facts.world.system_pods.values()
    return any(pod.name.startswith("kube-proxy") and not pod.ready for pod in pods)


def _controllers(facts: Facts) -> Iterator[Fault]:
    for item in facts.snapshot.all("deployments"):
        wrote, saw = (
            number(item, "metadata", "generation"),
            number(item, "status", "observedGeneration"),
        )
        created = moment(item, "metadata", "creationTimestamp")
        known = dig(item, "status", "observedGeneration") is not None
        behind = (
            known and wrote > saw and (created is None or facts.world.now - created > _PATIENCE)
        )
        about = facts.world.about("deployment", name_of(item))
        lately = [each for each in about if facts.world.is_recent(each.last)]
        workload = facts.world.workloads.get(f"deployment/{name_of(item)}")
        made = [each.created for each in workload.pods if each.created] if workload else []
        acted = any(facts.world.is_recent(each) for each in made)
        if behind and not lately and not acted and facts.snapshot.knows("events"):
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
