"""Objects that controllers or the server itself make out of others: Endpoints, EndpointSlices, events.k8s.io."""

from __future__ import annotations

from collections.abc import Iterable

from .selectors import selects
from .shapes import Json, as_list, dig


def endpoints_of(service: Json, pods: Iterable[Json]) -> Json:
    """The Endpoints that the endpoints controller would write for a service with a selector."""
    metadata, selector = service["metadata"], dig(service, "spec", "selector") or {}
    chosen = [
        pod
        for pod in pods
        if pod["metadata"]["namespace"] == metadata["namespace"]
        and selects(selector, pod["metadata"].get("labels") or {})
        and dig(pod, "status", "podIP")
        and dig(pod, "status", "phase") not in ("Succeeded", "Failed")
    ]
    ready = [_address(pod) for pod in chosen if _is_ready(pod)]
    waiting = [_address(pod) for pod in chosen if not _is_ready(pod)]
    ports = [_port(port, chosen) for port in as_list(dig(service, "spec", "ports"))]
    subset: Json = {"ports": [port for port in ports if port["port"]]}
    if ready:
        subset["addresses"] = ready
    if waiting:
        subset["notReadyAddresses"] = waiting
    result: Json = {"metadata": {"name": metadata["name"], "namespace": metadata["namespace"]}}
    if "creationTimestamp" in metadata:
        result["metadata"]["creationTimestamp"] = metadata["creationTimestamp"]
    return {**result, **({"subsets": [subset]} if chosen else {})}


def endpoint_slice(endpoints: Json) -> Json:
    """The EndpointSlice that mirrors an Endpoints object."""
    metadata = endpoints["metadata"]
    subsets = as_list(endpoints.get("subsets"))
    entries = [
        _slice_entry(address, ready)
        for subset in subsets
        for key, ready in (("addresses", True), ("notReadyAddresses", False))
        for address in as_list(subset.get(key))
    ]
    return {
        "metadata": {
            "name": f"{metadata['name']}-slice",
            "namespace": metadata["namespace"],
            "creationTimestamp": metadata.get("creationTimestamp"),
            "labels": {"kubernetes.io/service-name": metadata["name"]},
        },
        "addressType": "IPv4",
        "endpoints": entries,
        "ports": as_list(subsets[0].get("ports")) if subsets else [],
    }


def modern_event(event: Json) -> Json:
    """A core event in the shape of `events.k8s.io/v1`."""
    moved = {
        "regarding": event.get("involvedObject"),
        "note": event.get("message"),
        "deprecatedCount": event.get("count"),
        "deprecatedFirstTimestamp": event.get("firstTimestamp"),
        "deprecatedLastTimestamp": event.get("lastTimestamp"),
        "deprecatedSource": event.get("source"),
        "reportingController": event.get("reportingComponent") or dig(event, "source", "component"),
        "eventTime": event.get("eventTime"),
    }
    kept = ("metadata", "reason", "type", "series", "action", "related", "reportingInstance")
    return {
        "kind": "Event",
        "apiVersion": "events.k8s.io/v1",
        **{key: event[key] for key in kept if key in event},
        **{key: value for key, value in moved.items() if value is not None or key == "eventTime"},
    }


def _is_ready(pod: Json) -> bool:
    return any(
        condition.get("type") == "Ready" and condition.get("status") == "True"
        for condition in as_list(dig(pod, "status", "conditions"))
    )


def _address(pod: Json) -> Json:
    metadata = pod["metadata"]
    target = {key: metadata[key] for key in ("name", "namespace", "uid")}
    return {
        "ip": dig(pod, "status", "podIP"),
        "nodeName": dig(pod, "spec", "nodeName"),
        "targetRef": {"kind": "Pod", **target},
    }


def _port(port: Json, pods: list[Json]) -> Json:
    target = port.get("targetPort", port.get("port"))
    if isinstance(target, str):
        target = _named_port(target, pods)
    named = {"name": port["name"]} if port.get("name") else {}
    return {**named, "port": target, "protocol": port.get("protocol", "TCP")}


def _named_port(name: str, pods: list[Json]) -> int | None:
    for pod in pods:
        for container in as_list(dig(pod, "spec", "containers")):
            for port in as_list(container.get("ports")):
                if port.get("name") == name:
                    return int(port["containerPort"])
    return None


def _slice_entry(address: Json, ready: bool) -> Json:
    entry: Json = {
        "addresses": [address.get("ip")],
        "conditions": {"ready": ready, "serving": ready, "terminating": False},
    }
    for key in ("nodeName", "targetRef"):
        if address.get(key):
            entry[key] = address[key]
    return entry
