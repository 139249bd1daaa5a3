"""Services and what stands behind them: selectors, ports, ready and unready endpoints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lightkube.models.core_v1 import EndpointAddress, ServicePort
from lightkube.resources.core_v1 import Endpoints, Pod, Service

from .templates import pairs


@dataclass(frozen=True, slots=True)
class Backing:
    """A service with the addresses behind it; `targets` are pod names (or IPs) that are not ready."""

    service: Service
    ready: int
    targets: tuple[str, ...]
    known: bool

    @property
    def name(self) -> str:
        """The service's name."""
        return (self.service.metadata and self.service.metadata.name) or "?"

    @property
    def selector(self) -> Mapping[str, str]:
        """The labels that the service selects by; empty for one that is managed by hand."""
        return (self.service.spec and self.service.spec.selector) or {}

    @property
    def dead(self) -> bool:
        """Whether nothing answers behind it, as far as the endpoints are known."""
        kind = self.service.spec.type if self.service.spec else None
        return self.known and self.ready == 0 and kind != "ExternalName"

    def line(self, pods: Iterable[Pod] | None = None) -> str:
        """The service in one line; with `pods` also how many its selector matches and whether their ports fit."""
        ports = (self.service.spec and self.service.spec.ports) or []
        text = f"service/{self.name} {', '.join(map(_port, ports)) or 'no ports'}, selector {pairs(self.selector)}: "
        text += self._state()
        if pods is not None and self.selector:
            matched = [pod for pod in pods if selects(self.selector, pod)]
            if not matched:
                text += "; its selector matches no pod"
            text += "".join(f"; {problem}" for problem in _unfit(ports, matched))
        return text

    def _state(self) -> str:
        if not self.known:
            return "endpoints unknown"
        waiting = f", not ready: {', '.join(self.targets[:6])}" if self.targets else ""
        more = f" and {len(self.targets) - 6} more" if len(self.targets) > 6 else ""
        return f"{self.ready or 'NO'} ready endpoint{'' if self.ready == 1 else 's'}{waiting}{more}"


def backings(
    services: Iterable[Service], endpoints: Iterable[Endpoints], known: bool
) -> list[Backing]:
    """Services joined with their Endpoints by name; `known` is False when the Endpoints could not be read."""
    by_name = {item.metadata.name: item for item in endpoints if item.metadata}
    return [
        _backing(service, by_name.get(service.metadata.name if service.metadata else None), known)
        for service in services
    ]


def selects(selector: Mapping[str, str], pod: Pod) -> bool:
    """Whether equality labels choose a pod."""
    return matches(selector, (pod.metadata and pod.metadata.labels) or {})


def matches(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Whether equality labels are all among `labels`; an empty selector chooses nothing."""
    return bool(selector) and all(labels.get(key) == value for key, value in selector.items())


def _backing(service: Service, endpoints: Endpoints | None, known: bool) -> Backing:
    subsets = (endpoints and endpoints.subsets) or []
    ready = {address.ip for subset in subsets for address in subset.addresses or []}
    waiting = [_target(each) for subset in subsets for each in subset.notReadyAddresses or []]
    return Backing(service, len(ready), tuple(dict.fromkeys(waiting)), known)


def _target(address: EndpointAddress) -> str:
    return (address.targetRef and address.targetRef.name) or address.ip


def _port(port: ServicePort) -> str:
    name = f"{port.name} " if port.name else ""
    target = port.port if port.targetPort is None else port.targetPort
    return f"{name}{port.port}->{target}/{port.protocol or 'TCP'}"


def _unfit(ports: Iterable[ServicePort], pods: Iterable[Pod]) -> Iterable[str]:
    """Target ports that no container of the matched pods declares; pods that declare none cannot be judged."""
    declared = [
        port
        for pod in pods
        for container in (pod.spec.containers if pod.spec else [])
        for port in container.ports or []
    ]
    if not declared:
        return
    names = {port.name for port in declared}
    numbers = {port.containerPort for port in declared}
    for port in ports:
        target = port.port if port.targetPort is None else port.targetPort
        if target not in (names if isinstance(target, str) else numbers):
            has = ", ".join(str(number) for number in sorted(numbers))
            yield f"target port {target} is declared by no container (they declare {has})"
