"""Recordings as people really write them: other forms of events and logs, kinds left out, clocks that disagree."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from tocsin_mcp.kubernetes.triage.engine import Triage, triage
from tocsin_mcp.kubernetes.triage.recording import UnreadableRecording, read_recording
from tocsin_mcp.kubernetes.triage.snapshot import Snapshot

from tests.mcp.kubernetes.triage.builders import Json, Shop, ago, copied, meta
from tests.mcp.kubernetes.triage.test_near_misses import damaged

NOT_FOUND = 'Failed to pull image "x:9": not found'


def recorded(folder: Path, shop: Shop, **other: Any) -> Snapshot:
    """The shop as `cluster.json`; what is None in `other` is left out, the rest replaces."""
    cluster: Json = {"namespace": "shop", "collectedAt": ago(0), "logs": {"web-r1-0": ["ok"]}}
    cluster |= {kind: copied(items) for kind, items in shop.objects.items()} | other
    system = {"system_pods": "pods", "system_deployments": "deployments"}
    for kind, plural in system.items():
        for item in cluster.pop(kind, None) or []:
            item["metadata"]["namespace"] = "kube-system"
            cluster[plural].append(item)
    kept = {key: value for key, value in cluster.items() if value is not None}
    (folder / "cluster.json").write_text(json.dumps(kept), "utf-8")
    return read_recording(folder).snapshot


def top(found: Triage) -> tuple[str, str]:
    """Object and cause of the first candidate."""
    return (found.candidates[0].object, found.candidates[0].cause) if found.candidates else ("", "")


def pulling() -> Shop:
    shop = Shop()
    shop.waits("pay", "ImagePullBackOff")
    shop.event("Pod", "pay-r1-0", "Failed", NOT_FOUND)
    return shop


def test_events_of_the_newer_group_say_the_same(tmp_path: Path) -> None:
    """`regarding` and `note` of events.k8s.io/v1 with deprecated times."""
    shop = pulling()
    old = shop.objects["events"][0]
    new = {
        "metadata": old["metadata"], "regarding": old["involvedObject"], "note": NOT_FOUND, "reason": "Failed",
        "type": "Warning", "deprecatedLastTimestamp": ago(1), "deprecatedCount": 4, "eventTime": None,
    }  # fmt: skip
    snapshot = recorded(tmp_path, shop, events=[new])
    assert top(triage(snapshot)) == ("deployment/pay", "image_not_found")


def test_lists_as_the_api_wraps_them_are_read(tmp_path: Path) -> None:
    """`{"kind": "PodList", "items": [...]}`."""
    shop = pulling()
    wrapped = {"kind": "PodList", "items": copied(shop.objects["pods"])}
    assert top(triage(recorded(tmp_path, shop, pods=wrapped)))[0] == "deployment/pay"


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    """A kind that is no list, objects without a name, no logs."""
    snapshot = recorded(tmp_path, Shop(), services="none", nodes=[{}, 3], logs={})
    notes = " ".join(triage(snapshot).notes)
    assert "services of cluster.json is no list" in notes
    assert "2 of nodes are no objects" in notes
    assert "no logs were recorded" in notes


def test_several_slices_of_one_service_are_its_endpoints_together(tmp_path: Path) -> None:
    """An empty slice, as the other address family has, hides nothing."""
    shop = Shop()
    slices = [
        meta(f"{name}-{number}", labels={"kubernetes.io/service-name": name}) | {"endpoints": ends}
        for name in ("web", "cart", "pay", "store")
        for number, ends in enumerate(([{"addresses": ["10.0.0.1"]}], None))
    ]
    snapshot = recorded(tmp_path, shop, endpoints=None, endpointslices=slices)
    assert triage(snapshot).verdict == "healthy"


REFUSED = "dial tcp 10.96.0.12:5051: connect: connection refused"


@pytest.mark.parametrize(
    "logs",
    [
        {"web": [REFUSED] * 4},
        {"web-r1-0": "\n".join([REFUSED] * 4)},
        {"web-r1-0": {"app": [REFUSED] * 4}},
        {"web-r1-0/app": [f"{ago(1)} stderr F {REFUSED}"] * 4},
        {"web-r1-0": [{"log": f"{REFUSED}\n", "stream": "stderr"}] * 4},
        {"web-r1-0": [f"[pod/web-r1-0/app] {REFUSED}"] * 4},
        {"web-gone-1": [REFUSED] * 4},
    ],
    ids=["by service", "one text", "by container", "CRI", "docker", "prefixed", "pod that is gone"],
)
def test_logs_are_read_whoever_wrote_them_down(tmp_path: Path, logs: Json) -> None:
    """Keys and lines differ; pay is named by all."""
    found = triage(recorded(tmp_path, Shop(), logs=logs))
    assert top(found) == ("deployment/pay", "dependency_unreachable")


def test_a_records_own_time_counts(tmp_path: Path) -> None:
    """Hours old by its own timestamp, while the log has no times."""
    old = json.dumps({"timestamp": ago(300), "severity": "error", "message": REFUSED})
    new = json.dumps({"time": ago(1), "message": "ok"})
    found = triage(recorded(tmp_path, Shop(), logs={"web-r1-0": [old] * 9 + [new]}))
    assert found.verdict == "healthy"


def test_a_moment_long_after_the_last_heartbeat_is_no_present(tmp_path: Path) -> None:
    """Recorded a month before the moment that the file says: the trouble of then is the trouble."""
    shop = Shop()
    shop.crashes("pay", 1)
    snapshot = recorded(tmp_path, shop, collectedAt="2026-06-04T12:00:00Z")
    assert top(triage(snapshot)) == ("deployment/pay", "crash_loop")


def test_objects_of_another_namespace_than_the_scenario_names(tmp_path: Path) -> None:
    """What was recorded wins."""
    (tmp_path / "scenario.yaml").write_text("id: a\nnamespace: elsewhere\n", "utf-8")
    assert top(triage(recorded(tmp_path, pulling())))[0] == "deployment/pay"


@pytest.mark.parametrize(
    "missing", ["deployments", "replicasets", "endpoints", "nodes", "services"]
)
def test_a_kind_that_was_not_recorded_is_implied_by_the_others(
    tmp_path: Path, missing: str
) -> None:
    """The pod says the same, and its owner is known."""
    snapshot = recorded(tmp_path, pulling(), **{missing: None})
    assert top(triage(snapshot)) == ("deployment/pay", "image_not_found")


def test_deployments_are_implied_by_pods_alone(tmp_path: Path) -> None:
    """The ReplicaSet's name without the template's hash."""
    snapshot = recorded(tmp_path, pulling(), deployments=None, replicasets=None)
    assert top(triage(snapshot)) == ("deployment/pay", "image_not_found")


def test_a_probe_that_is_wrong_as_written_needs_no_event(tmp_path: Path) -> None:
    """Restarts without an OOM kill, and a port that nobody declares."""
    shop = Shop()
    shop.crashes("pay", 2)
    shop.set_container("pay", livenessProbe={"tcpSocket": {"port": 5052}})
    snapshot = recorded(tmp_path, shop, events=None)
    assert top(triage(snapshot)) == ("deployment/pay", "liveness_probe_wrong_port")


def test_a_node_that_was_not_recorded_is_known_by_its_pods_events(tmp_path: Path) -> None:
    """The node controller writes NodeNotReady on each."""
    shop = Shop()
    for name in ("pay", "store"):
        shop.unready(name)
        shop.event("Pod", f"{name}-r1-0", "NodeNotReady", "Node is not ready")
    snapshot = recorded(tmp_path, shop, nodes=None)
    assert top(triage(snapshot)) == ("node/worker-2", "node_not_ready")


def test_a_dns_server_scaled_to_zero_has_no_sick_pod(tmp_path: Path) -> None:
    """Its Deployment in kube-system says so."""
    shop = Shop()
    shop.objects["system_deployments"] = [meta("coredns") | {"spec": {"replicas": 0}, "status": {}}]
    lines = ["dial tcp: lookup pay on 10.96.0.10:53: server misbehaving"] * 3
    snapshot = recorded(tmp_path, shop, logs={"web": lines, "cart": lines})
    assert top(triage(snapshot, "web")) == ("deployment/coredns", "dns_server_down")


@pytest.mark.parametrize("seed", range(25))
def test_damaged_files_are_judged_or_refused(tmp_path: Path, seed: int) -> None:
    """Whatever is in cluster.json: an answer, or the one error that names the file."""
    shop = pulling()
    shop.crashes("cart", 137)
    chance = random.Random(seed)
    cluster = {"namespace": "shop", "logs": {"web": [REFUSED, {"log": 3}, None]}, **shop.objects}
    whole = damaged({"cluster": cluster}, chance)
    (tmp_path / "cluster.json").write_text(json.dumps(whole.get("cluster")), "utf-8")
    try:
        found = triage(read_recording(tmp_path).snapshot, "web")
    except UnreadableRecording as error:
        assert "cluster.json" in str(error)  # noqa: PT017
    else:
        assert all(each.object.partition("/")[2] for each in found.candidates)
