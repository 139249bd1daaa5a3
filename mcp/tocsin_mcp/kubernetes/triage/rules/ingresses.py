"""Ingresses that send traffic nowhere, to the wrong service, or have no certificate or controller."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tocsin_mcp.kubernetes.triage.calls import bare
from tocsin_mcp.kubernetes.triage.facts import Facts, evidence
from tocsin_mcp.kubernetes.triage.fault import Fault
from tocsin_mcp.kubernetes.triage.objects import Json, dig, entries, name_of, text


def find(facts: Facts) -> Iterator[Fault]:
    """Signals: backends against services and their ports; a path that is named like one service and leads to another; tls
    Secrets; ingressClassName against classes."""
    for item in facts.snapshot.all("ingresses"):
        if facts.snapshot.knows("services"):
            for path, backend in _backends(item):
                yield from _backend(facts, item, path, backend)
        behind = frozenset(text(backend, "service", "name") for _, backend in _backends(item))
        yield from (
            replace(fault, about=fault.about | behind)
            for fault in (*_certificate(facts, item), *_class(facts, item))
        )


def _backends(item: Json) -> Iterator[tuple[str, Json]]:
    default = dig(item, "spec", "defaultBackend")
    if isinstance(default, dict):
        yield "", default
    for rule in entries(item, "spec", "rules"):
        for path in entries(rule, "http", "paths"):
            yield text(path, "path"), path.get("backend") or {}


def _backend(facts: Facts, item: Json, path: str, backend: Json) -> Iterator[Fault]:
    name = text(backend, "service", "name") or text(backend, "serviceName")
    port = (
        text(backend, "service", "port", "number")
        or text(backend, "service", "port", "name")
        or text(backend, "servicePort")
    )
    service = facts.world.services.get(name)
    if not name:
        return
    if service is None:
        yield _fault(
            item,
            "ingress_backend_missing",
            0.92,
            f"Its backend service {name} does not exist.",
            path,
            name,
        )
        return
    offered = {text(each, key) for each in service.ports for key in ("port", "name")}
    if port and port not in offered:
        yield _fault(
            item,
            "ingress_backend_missing",
            0.9,
            f"Service {name} offers no port {port}.",
            path,
            name,
        )
        return
    parts = [bare(part) for part in path.split("/") if part]
    meant = [each for each in facts.world.services if bare(each) in parts and each != name]
    if meant and bare(name) not in parts:
        yield _fault(
            item,
            "ingress_backend_missing",
            0.75,
            f"Path {path} is named after service {meant[0]} and leads to {name}.",
            path,
            name,
        )


def _certificate(facts: Facts, item: Json) -> Iterator[Fault]:
    there = {name_of(each) for each in facts.snapshot.all("secrets")}
    for entry in entries(item, "spec", "tls"):
        wanted = text(entry, "secretName")
        if wanted and there and wanted not in there:
            yield _fault(
                item,
                "ingress_tls_missing",
                0.75,
                f"The Secret {wanted} with its certificate does not exist.",
                "",
                wanted,
            )


def _class(facts: Facts, item: Json) -> Iterator[Fault]:
    wanted = text(item, "spec", "ingressClassName")
    there = {name_of(each) for each in facts.snapshot.all("ingressclasses")}
    if wanted and there and wanted not in there:
        yield _fault(
            item, "ingress_class_missing", 0.85, f"There is no ingress class {wanted}.", "", wanted
        )


def _fault(item: Json, cause: str, sure: float, why: str, path: str, name: str) -> Fault:
    ref = f"ingress/{name_of(item)}"
    return Fault(
        object=ref,
        cause=cause,
        confidence=sure,
        why=why,
        evidence=evidence(f"{ref} path {path or '(default)'} -> {name}"),
        about=frozenset({name_of(item), name}),
        related=(f"service/{name}",),
    )
