"""Who calls whom: the addresses that variables and arguments name, and the services that they mean."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from tocsin_mcp.kubernetes.masking import shown, without_logins

from .objects import Json, dig, entries, name_of, pairs, text, words
from .phrases import spoken_of
from .world import ServiceFacts, Workload, World

_ADDRESS_NAME = re.compile(
    r"(?:ADDR|ADDRESS|ADDRESSES|HOST|HOSTS|HOSTNAME|URL|URLS|URI|ENDPOINT|ENDPOINTS|SERVER|SERVERS|BROKERS?)$"
)
_PORT_NAME = re.compile(r"(?:HOST|HOSTNAME|ADDR|ADDRESS|SERVER)$")
_SUFFIX = re.compile(
    r"_?(?:SERVICE_)?(?:ADDR|ADDRESS|HOST|HOSTNAME|URL|URI|ENDPOINT|SERVER|SERVICE_NAME)$"
)
_URL = re.compile(
    r"^(?:[a-z0-9]{2,20}:){0,2}[a-z][a-z0-9+._-]*://(?:[^/@\s]*@)?(?P<host>[a-z0-9_.-]+)(?::(?P<port>\d+))?"
    r"|^(?:dns|passthrough|xds):///(?P<grpc>[a-z0-9_.-]+)(?::(?P<grpc_port>\d+))?",
    re.IGNORECASE,
)
_OF_DRIVER = re.compile(
    r"@(?:tcp)?\((?P<dsn>[a-z0-9_.-]+):(?P<dsn_port>\d+)\)"
    r"|(?:(?:^|;)\s*(?:server|host|data source)\s*=\s*|(?:^|\s)host=)(?:tcp:)?(?P<host>[a-z0-9][\w.-]*)(?:[,:](?P<port>\d+))?(?:\s*;|\s|$)",
    re.IGNORECASE,
)
"""Connection strings of Go's MySQL driver, of .NET and of libpq."""

_PORT_BESIDE = re.compile(r"[;\s]port\s*=\s*(\d{1,5})\b", re.IGNORECASE)
_HOST_PORT = re.compile(
    r"^(?P<host>[A-Za-z][A-Za-z0-9_.-]*|(?:\d{1,3}\.){3}\d{1,3}):(?P<port>\d{1,5})(?:/.*)?$"
)
_HOST = re.compile(r"^(?P<host>[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)$")
_IN_ARGUMENT = re.compile(
    r"(?:^|[=\s@/])(?P<host>[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)*):(?P<port>\d{2,5})\b"
)
_NAMED = re.compile(r"\b(?P<host>[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)*):\d{2,5}\b")
_BARE = re.compile(r"[^a-z0-9]")
_CLUSTER = re.compile(r"\.svc(?:\.cluster\.local)?\.?$")
_OF_SET = re.compile(r"-\d+$")
"""A StatefulSet's pod has a name of its own below its service: `kafka-0.kafka-headless`."""

_LOCAL = frozenset({"localhost", "0.0.0.0", "127.0.0.1", "::1", "host.docker.internal"})


@dataclass(frozen=True, slots=True)
class Address:
    """A host and port (0: none) that a workload's configuration names. `where` is the variable or argument."""

    workload: str
    container: str
    where: str
    value: str
    host: str
    port: int

    @property
    def said(self) -> str:
        """`env REDIS_ADDR=redis:6379`, as evidence."""
        return f"{self.where}={self.value}"

    @property
    def stem(self) -> str:
        """What the variable's name says it means: `CART_SERVICE_ADDR` → `cartservice`."""
        variable = self.where.removeprefix("env ")
        return bare(_SUFFIX.sub("", variable) + ("SERVICE" if "_SERVICE_" in variable else ""))


class Calls:
    """The calls of a namespace, read once."""

    def __init__(self, world: World) -> None:
        self._world = world

    @cached_property
    def addresses(self) -> list[Address]:
        """All addresses in the configuration of the namespace's workloads."""
        return [
            address
            for workload in self._world.workloads.values()
            for container in entries(workload.spec, "containers")
            for address in self._of(workload, container)
        ]

    @cached_property
    def edges(self) -> dict[str, frozenset[str]]:
        """Workload (`kind/name`) to the names of the services that it calls."""
        found: dict[str, set[str]] = {}
        for address in self.addresses:
            name = self.service_name(address.host)
            if name in self._world.services:
                found.setdefault(address.workload, set()).add(name)
        return {workload: frozenset(names) for workload, names in found.items()}

    def called_by(self, name: str) -> frozenset[str]:
        """The services that a workload (`kind/name`), or what stands behind a service, calls."""
        if name in self.edges:
            return self.edges[name]
        service = self._world.services.get(name)
        behind = self._world.behind(service) if service else []
        return frozenset().union(*(self.edges.get(each.ref, frozenset()) for each in behind))

    def spoken_of(self, workload: str, line: str) -> str:
        """The service that an error line of a workload is about by its words; empty when they name none."""
        return spoken_of(line, workload, self.called_by)

    def callers(self, service: str) -> list[str]:
        """The workloads whose configuration names a service."""
        return sorted(each for each, names in self.edges.items() if service in names)

    def is_called(self, workload: Workload) -> bool:
        """Whether somebody's configuration names any of the services in front of a workload."""
        return any(self.callers(each.name) for each in self._world.services_of(workload))

    def naming(self, host: str) -> list[Address]:
        """The addresses that name a host, by its short name in the namespace."""
        wanted = self.service_name(host)
        return [each for each in self.addresses if self.service_name(each.host) == wanted]

    def service_name(self, host: str) -> str:
        """The name of the service that a host or IP means in this namespace; the host itself for anything else."""
        known = self._world.by_address.get(host)
        if known:
            return known
        short = _CLUSTER.sub("", host.lower().rstrip(".")).removesuffix(f".{self._world.namespace}")
        pod, _, service = short.partition(".")
        return service if service in self._world.services and _OF_SET.search(pod) else short

    def is_inside(self, host: str) -> bool:
        """Whether a host can only be a service of this namespace."""
        return "." not in self.service_name(host) and host not in _LOCAL

    def service(self, host: str) -> ServiceFacts | None:
        """The service that a host or IP means."""
        return self._world.services.get(self.service_name(host))

    def named_in(self, line: str) -> str:
        """The service that a line names with a port, `target=cart:7070`; empty for none."""
        hosts = (found["host"] for found in _NAMED.finditer(line))
        return next((self.service_name(each) for each in hosts if self.service(each)), "")

    def reach(self, start: Iterable[str]) -> set[str]:
        """The names of all workloads and services that these (names) depend on, themselves included."""
        seen: set[str] = set()
        waiting = list(start)
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            waiting += self._next(name)
        return seen

    def _next(self, name: str) -> list[str]:
        found: list[str] = []
        service = self._world.services.get(name)
        if service:
            found += [each.name for each in self._world.behind(service)]
        workload = self._world.named(name)
        if workload:
            found += self.edges.get(workload.ref, frozenset())
        return found

    def _of(self, workload: Workload, container: Json) -> Iterable[Address]:
        box = text(container, "name")
        variables = dict(self.variables(container))
        for name, value in variables.items():
            host, port = read_address(name, value)
            if host and host not in _LOCAL:
                beside = variables.get(_PORT_NAME.sub("PORT", name.upper()), "")
                port = port or (int(beside) if beside.isascii() and beside.isdigit() else 0)
                yield Address(workload.ref, box, f"env {name}", shown(name, value), host, port)
        for word in (*words(container, "command"), *words(container, "args")):
            found = _IN_ARGUMENT.search(word)
            if found and found["host"] not in _LOCAL:
                yield Address(
                    workload.ref,
                    box,
                    "args",
                    without_logins(word[:200]),
                    found["host"],
                    int(found["port"]),
                )

    def variables(self, container: Json) -> Iterable[tuple[str, str]]:
        """A container's variables with known values: literal ones and those of ConfigMaps."""
        for source in entries(container, "envFrom"):
            yield from self._maps.get(text(source, "configMapRef", "name"), {}).items()
        for variable in entries(container, "env"):
            key = dig(variable, "valueFrom", "configMapKeyRef")
            value = text(variable, "value")
            if isinstance(key, dict):
                value = self._maps.get(text(key, "name"), {}).get(text(key, "key"), "")
            if value:
                yield text(variable, "name"), value

    @cached_property
    def _maps(self) -> dict[str, dict[str, str]]:
        return {
            name_of(item): pairs(item, "data") for item in self._world.snapshot.all("configmaps")
        }


def read_address(name: str, value: str) -> tuple[str, int]:
    """Host and port that a variable names; empty and 0 for a value that is no address."""
    words = value.strip().split(",")[0]
    found = _URL.match(words) or _HOST_PORT.match(words)
    if found is None and (found := _OF_DRIVER.search(value)):
        beside = _PORT_BESIDE.search(value)
        port = found["port"] or found["dsn_port"] or (beside[1] if beside else 0)
        return (found["host"] or found["dsn"]).lower(), int(port)
    if found:
        parts = {key: each for key, each in found.groupdict().items() if each}
        port = parts.get("port") or parts.get("grpc_port") or 0
        return (parts.get("host") or parts["grpc"]).lower(), int(port)
    plain = _HOST.match(words)
    named = _ADDRESS_NAME.search(name.upper())
    if plain and named and not words.isdigit() and words not in ("true", "false"):
        return plain["host"], 0
    return "", 0


def bare(name: str) -> str:
    """A name without case and punctuation, for comparing `cart-service` with `CART_SERVICE`."""
    return _BARE.sub("", name.lower())
