"""Would a network policy let a connection through? The rules of networking.k8s.io/v1, for pods of one namespace."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .objects import Json, chosen, dig, entries, name_of, pairs, text
from .placement import meets

_OF_DNS = "kube-system"
NAME_LABEL = "kubernetes.io/metadata.name"


class Policies:
    """The network policies of a namespace."""

    def __init__(self, policies: Iterable[Json], namespace: str) -> None:
        self._policies = tuple(policies)
        self._namespace = namespace

    def blocking(self, caller: Mapping[str, str], callee: Mapping[str, str], port: int) -> str:
        """The policy that cuts a TCP connection between pods with these labels, empty when none does.

        `port` is the pod's port; 0 stands for any.
        """
        return self._blocked("Egress", caller, callee, port) or self._blocked(
            "Ingress", callee, caller, port
        )

    def blocks_dns(self, caller: Mapping[str, str]) -> str:
        """The policy that cuts name resolution for pods with these labels: egress without a rule for port 53."""
        chosen_ones = self._choosing("Egress", caller)
        rules = [rule for policy in chosen_ones for rule in entries(policy, "spec", "egress")]
        if not chosen_ones or any(self._dns_rule(rule) for rule in rules):
            return ""
        return name_of(chosen_ones[0])

    def _blocked(
        self, way: str, mine: Mapping[str, str], theirs: Mapping[str, str], port: int
    ) -> str:
        policies = self._choosing(way, mine)
        peers = "to" if way == "Egress" else "from"
        rules = [rule for policy in policies for rule in entries(policy, "spec", way.lower())]
        if not policies or any(self._allows(rule, peers, theirs, port) for rule in rules):
            return ""
        return name_of(policies[0])

    def _choosing(self, way: str, labels: Mapping[str, str]) -> list[Json]:
        return [
            policy
            for policy in self._policies
            if way in _types(policy) and _selects(dig(policy, "spec", "podSelector"), labels)
        ]

    def _allows(self, rule: Json, peers: str, labels: Mapping[str, str], port: int) -> bool:
        return _port_open(rule, port) and (
            not dig(rule, peers) or any(self._is(peer, labels) for peer in entries(rule, peers))
        )

    def _dns_rule(self, rule: Json) -> bool:
        """Whether a rule lets queries through to another namespace, where the DNS server runs."""
        listed = entries(rule, "ports")
        port = not listed or any(
            text(each, "port") in ("", "53", "dns", "dns-tcp") for each in listed
        )
        peers = entries(rule, "to")
        outside = [each for each in peers if "ipBlock" in each or "namespaceSelector" in each]
        return port and (not peers or bool(outside) or self._namespace == _OF_DNS)

    def _is(self, peer: Json, labels: Mapping[str, str]) -> bool:
        """An address block may cover anything, so it is taken to."""
        if "ipBlock" in peer:
            return True
        place = dig(peer, "namespaceSelector")
        if place is not None and not _selects(place, {NAME_LABEL: self._namespace}):
            return False
        return "podSelector" not in peer or _selects(dig(peer, "podSelector"), labels)


def _types(policy: Json) -> list[str]:
    given = dig(policy, "spec", "policyTypes")
    if isinstance(given, list):
        return [str(each) for each in given]
    return ["Ingress", "Egress"] if dig(policy, "spec", "egress") else ["Ingress"]


def _selects(selector: object, labels: Mapping[str, str]) -> bool:
    wanted = pairs(selector, "matchLabels")
    expressions = entries(selector, "matchExpressions")
    return (not wanted or chosen(wanted, labels)) and all(
        meets(each, dict(labels)) for each in expressions
    )


def _port_open(rule: Json, port: int) -> bool:
    listed = entries(rule, "ports")
    if not listed or not port:
        return True
    return any(_covers(each, port) for each in listed)


def _covers(entry: Json, port: int) -> bool:
    if text(entry, "protocol") not in ("", "TCP"):
        return False
    first = text(entry, "port")
    if not first or not first.isdigit():
        return True
    last = text(entry, "endPort")
    return int(first) <= port <= int(last if last.isdigit() else first)
