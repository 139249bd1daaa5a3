"""From a recording to complete objects."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.simulators.kubernetes.resources import find
from bot.simulators.kubernetes.scene import build, load

from .conftest import SHOP, Ask

NOW = datetime(2026, 11, 18, 14, 25, tzinfo=UTC)


async def test_secrets_give_names_only(ask: Ask) -> None:
    """A secret recorded by name is there, typed, and holds nothing."""
    body = (await ask("/api/v1/namespaces/shop/secrets/cart-keys")).body
    assert body["type"] == "Opaque"
    assert not {"data", "stringData"} & body.keys()


def test_secret_values_in_a_recording_are_dropped() -> None:
    """Even when someone records a whole secret, its data is not served."""
    secret = {"metadata": {"name": "s"}, "data": {"password": "eA=="}, "stringData": {"a": "b"}}
    scene = build({"secrets": [secret]}, NOW)
    resource = find("", "v1", "secrets")
    assert resource
    assert scene.all(resource)[0].keys() == {"metadata", "apiVersion", "kind", "type"}


async def test_events_are_in_both_groups(ask: Ask) -> None:
    """The same events are core events and `events.k8s.io`, each in its own shape."""
    core = (await ask("/api/v1/namespaces/shop/events")).body["items"]
    modern = (await ask("/apis/events.k8s.io/v1/namespaces/shop/events")).body["items"]
    assert [item["metadata"]["name"] for item in core] == [
        item["metadata"]["name"] for item in modern
    ]
    assert modern[0]["note"] == core[0]["message"]
    assert modern[0]["regarding"] == core[0]["involvedObject"]
    assert modern[0]["deprecatedCount"] == 31


async def test_events_are_found_by_the_uid_of_their_object(ask: Ask) -> None:
    """kubectl describe asks for an object's events by its uid; recordings need not repeat it."""
    uid = (await ask("/api/v1/namespaces/shop/pods/redis-cart-0")).body["metadata"]["uid"]
    found = await ask("/api/v1/namespaces/shop/events", fieldSelector=f"involvedObject.uid={uid}")
    assert [item["reason"] for item in found.body["items"]] == ["FailedScheduling"]
    nodes = await ask("/api/v1/namespaces/shop/events", fieldSelector="involvedObject.kind=Node")
    assert nodes.body["items"][0]["involvedObject"]["apiVersion"] == "v1"


async def test_missing_endpoints_are_derived_from_the_pods(ask: Ask) -> None:
    """Where no Endpoints were recorded, they are what the endpoints controller would have written."""
    frontend = (await ask("/api/v1/namespaces/shop/endpoints/frontend")).body["subsets"][0]
    assert [address["ip"] for address in frontend["addresses"]] == ["10.0.1.7", "10.0.2.8"]
    assert frontend["ports"] == [{"name": "http", "port": 8080, "protocol": "TCP"}]
    cart = (await ask("/api/v1/namespaces/shop/endpoints/cartservice")).body["subsets"][0]
    assert "addresses" not in cart
    assert len(cart["notReadyAddresses"]) == 2
    assert "subsets" not in (await ask("/api/v1/namespaces/shop/endpoints/legacy")).body


async def test_endpoint_slices_mirror_endpoints(ask: Ask) -> None:
    """kubectl describe reads EndpointSlices by the service's label."""
    body = (
        await ask(
            "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices",
            labelSelector="kubernetes.io/service-name=frontend",
        )
    ).body
    assert [entry["conditions"]["ready"] for entry in body["items"][0]["endpoints"]] == [True, True]


async def test_what_every_server_sets_is_filled_in(ask: Ask) -> None:
    """Probes get their defaults, and every object has a uid, a version and a creation time."""
    pod = (await ask("/api/v1/namespaces/shop/pods/cartservice-6c9f8d7b5-fghij")).body
    probe = pod["spec"]["containers"][0]["livenessProbe"]
    assert probe["grpc"] == {"service": "", "port": 7070}
    assert (probe["timeoutSeconds"], probe["failureThreshold"]) == (1, 3)
    assert {"uid", "resourceVersion", "creationTimestamp"} <= pod["metadata"].keys()


def test_now_comes_from_the_scenario() -> None:
    """The recorded present is scenario.yaml's `now`."""
    assert load(SHOP).now == NOW


def test_unquoted_time_in_yaml_is_understood(tmp_path: Path) -> None:
    """YAML turns an unquoted time into a datetime of its own; it is the same moment."""
    (tmp_path / "scenario.yaml").write_text("now: 2026-11-18 14:25:00\n", "utf-8")
    assert load(tmp_path).now == NOW


def test_without_a_scenario_the_collection_time_is_now(tmp_path: Path) -> None:
    """A cluster.json alone is served as of its collection."""
    recording = {"collectedAt": "2026-11-18T14:25:00Z", "pods": []}
    (tmp_path / "cluster.json").write_text(json.dumps(recording), "utf-8")
    assert load(tmp_path).now == NOW


def test_missing_folder_and_broken_files_are_named(tmp_path: Path) -> None:
    """A wrong path or file fails at start, with the path in the error."""
    with pytest.raises(FileNotFoundError, match="no scenario folder"):
        load(tmp_path / "nope")
    (tmp_path / "cluster.json").write_text("[]", "utf-8")
    with pytest.raises(ValueError, match="not a JSON object"):
        load(tmp_path)
    (tmp_path / "cluster.json").unlink()
    (tmp_path / "scenario.yaml").write_text("now: yesterday\n", "utf-8")
    with pytest.raises(ValueError, match="not an RFC 3339 time"):
        load(tmp_path)


def test_objects_keep_their_own_namespace() -> None:
    """A recording may hold other namespaces; each of them exists."""
    pods = [{"metadata": {"name": "a"}}, {"metadata": {"name": "b", "namespace": "other"}}]
    scene = build({"namespace": "shop", "pods": pods}, NOW)
    pod, namespace = find("", "v1", "pods"), find("", "v1", "namespaces")
    assert pod
    assert namespace
    assert [item["metadata"]["name"] for item in scene.all(pod, "other")] == ["b"]
    assert [item["metadata"]["name"] for item in scene.all(namespace)] == ["other", "shop"]
