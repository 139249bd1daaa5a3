"""Cases that look alike and are not, and recordings that are damaged."""

from __future__ import annotations

import random
from typing import Any

import pytest
from tocsin_mcp.kubernetes.triage.engine import triage
from tocsin_mcp.kubernetes.triage.snapshot import Snapshot

from tests.mcp.kubernetes.triage.builders import NOW, Json, Shop, ago, copied, meta


def test_two_containers_with_one_port() -> None:
    """The second cannot bind; no log was read."""
    shop = Shop()
    shop.crashes("pay", 1)
    shop.pod("pay")["spec"]["containers"].append(
        {"name": "proxy", "ports": [{"containerPort": 5051}]}
    )
    assert shop.blamed() == ("deployment/pay", "port_conflict")


def test_two_containers_with_one_port_and_no_crash_are_left_alone() -> None:
    """Only one of them listens."""
    shop = Shop()
    pod = shop.pod("pay")
    pod["spec"]["containers"].append({"name": "proxy", "ports": [{"containerPort": 5051}]})
    pod["status"]["containerStatuses"].append(
        {"name": "proxy", "ready": True, "state": {"running": {}}}
    )
    assert shop.blamed() == ("", "healthy")


def test_a_port_that_cuts_the_probe_off_speaks_something_else() -> None:
    """EOF on a declared port, while the container runs."""
    shop = Shop()
    shop.set_container("pay", readinessProbe={"httpGet": {"port": 5051, "path": "/"}})
    shop.unready("pay")
    shop.event(
        "Pod", "pay-r1-0", "Unhealthy", 'Readiness probe failed: Get "http://10.0.1.3:5051/": EOF'
    )
    assert shop.blamed() == ("deployment/pay", "readiness_probe_wrong_protocol")


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        (
            "claim.Spec.Selector is not supported for dynamic provisioning",
            "claim_selector_mismatch",
        ),
        ("requested access mode ReadWriteMany is not supported", "claim_access_mode_mismatch"),
        ("rpc error: code = ResourceExhausted desc = no disks left", "claim_provisioning_failed"),
    ],
)
def test_what_a_storage_driver_objects_to_is_told_apart(message: str, cause: str) -> None:
    """ProvisioningFailed carries its words."""
    shop = claiming({"provisioner": "disk.csi.example.com"})
    shop.event("PersistentVolumeClaim", "store-data", "ProvisioningFailed", message)
    assert shop.blamed() == ("persistentvolumeclaim/store-data", cause)


def claiming(storage_class: Json, **spec: Any) -> Shop:
    shop = Shop()
    shop.pending(
        "store", "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims."
    )
    shop.set_spec(
        "store", volumes=[{"name": "d", "persistentVolumeClaim": {"claimName": "store-data"}}]
    )
    shop.objects["storageclasses"].append(meta("fast") | storage_class)
    wanted = {
        "storageClassName": "fast",
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "1Gi"}},
    }
    shop.objects["persistentvolumeclaims"].append(
        meta("store-data") | {"spec": wanted | spec, "status": {"phase": "Pending"}}
    )
    return shop


def taken(name: str) -> Json:
    spec = {
        "storageClassName": "fast",
        "accessModes": ["ReadWriteOnce"],
        "capacity": {"storage": "5Gi"},
        "claimRef": {"name": "other", "uid": "7"},
    }
    return meta(name) | {"spec": spec, "status": {"phase": "Bound"}}


def test_volumes_of_others_are_no_reason_where_a_driver_makes_new_ones() -> None:
    """That all existing volumes are taken says nothing of a dynamic class."""
    shop = claiming({"provisioner": "disk.csi.example.com"})
    shop.objects["persistentvolumes"].append(taken("volume-1"))
    assert shop.blamed()[1] == "claim_unbound"
    shop = claiming({"provisioner": "kubernetes.io/no-provisioner"})
    shop.objects["persistentvolumes"].append(taken("volume-1"))
    assert shop.blamed()[1] == "claim_volume_taken"


def test_a_class_without_a_driver_cannot_have_failed_to_make_a_volume() -> None:
    """The controller says so of every claim of such a class; the volumes that people made say why none is bound."""
    shop = claiming({"provisioner": "kubernetes.io/no-provisioner"}, accessModes=["ReadWriteMany"])
    free = taken("volume-1")
    free["spec"].pop("claimRef")
    shop.objects["persistentvolumes"].append(free)
    message = "no volume plugin matched name: kubernetes.io/no-provisioner"
    shop.event("PersistentVolumeClaim", "store-data", "ProvisioningFailed", message)
    assert shop.blamed()[1] == "claim_access_mode_mismatch"


def test_a_claim_that_names_its_volume_is_compared_with_that_one() -> None:
    """A free volume beside it does not matter."""
    shop = claiming({}, volumeName="volume-1")
    free = taken("volume-2")
    free["spec"].pop("claimRef")
    shop.objects["persistentvolumes"] += [taken("volume-1"), free]
    assert shop.blamed()[1] == "claim_volume_taken"


def test_who_asks_about_what_is_scaled_to_zero_hears_it() -> None:
    """Nobody calls it; the alarm names it."""
    shop = Shop()
    shop.add_workload("batch", 9000, {})
    shop.get("deployments", "batch")["spec"]["replicas"] = 0
    for pod in shop.pods_of("batch"):
        shop.objects["pods"].remove(pod)
    shop.get("endpoints", "batch")["subsets"] = []
    assert shop.blamed() == ("", "healthy")
    assert shop.blamed("batch") == ("deployment/batch", "scaled_to_zero")


def test_a_control_plane_node_is_known_by_its_name_when_labels_were_not_recorded() -> None:
    """Its cordon is no cause."""
    shop = Shop()
    for node in shop.objects["nodes"]:
        node["metadata"]["labels"] = {}
        node["spec"] = {}
    shop.get("nodes", "control-1")["metadata"]["name"] = "master"
    shop.get("nodes", "master")["spec"] = {"unschedulable": True}
    shop.pending(
        "pay", "0/3 nodes are available: 1 node(s) were unschedulable, 2 Insufficient cpu."
    )
    assert shop.blamed() == ("deployment/pay", "scheduling_insufficient_cpu")


def test_a_full_quota_of_services_explains_a_workload_without_one_that_no_variable_names() -> None:
    """All its neighbours have a Service."""
    shop = Shop()
    shop.set_container("web", env=[{"name": "CART_ADDR", "value": "cart:7070"}])
    shop.drop("services", "pay")
    assert shop.blamed() == ("", "healthy")
    shop.objects["resourcequotas"].append(
        {**meta("team"), "status": {"hard": {"services": "3"}, "used": {"services": "3"}}}
    )
    assert shop.blamed() == ("namespace/shop", "quota_services")


def test_a_service_that_is_called_and_has_nothing_behind_it() -> None:
    """No workload of its name or labels exists any more."""
    shop = Shop()
    shop.drop("deployments", "pay")
    shop.drop("replicasets", "pay-r1")
    shop.objects["pods"] = [
        each for each in shop.objects["pods"] if not each["metadata"]["name"].startswith("pay-")
    ]
    shop.get("endpoints", "pay")["subsets"] = []
    assert shop.blamed("web") == ("service/pay", "no_endpoints")


def test_ready_pods_that_are_no_endpoints() -> None:
    """The selector fits, the list is empty: nobody wrote it."""
    shop = Shop()
    shop.get("endpoints", "pay")["subsets"] = []
    assert shop.blamed("web") == ("service/pay", "no_endpoints")


JUNK: tuple[Any, ...] = (
    None, "", 0, -1, [], {}, "x", [None], {"a": None}, True, 1e99, "2026-13-99T00:00:00Z", [[]], {"matchLabels": [1]},
)  # fmt: skip


def damaged(item: Any, chance: random.Random) -> Any:
    """A copy with about one value in forty replaced or left out."""
    if isinstance(item, dict):
        return {
            key: chance.choice(JUNK) if chance.random() < 0.025 else damaged(value, chance)
            for key, value in item.items()
            if chance.random() > 0.01
        }
    return [damaged(each, chance) for each in item] if isinstance(item, list) else item


@pytest.mark.parametrize("seed", range(40))
def test_damaged_recordings_are_judged_all_the_same(seed: int) -> None:
    """Fields that are absent, empty or of another type raise nothing."""
    shop = claiming({})
    shop.objects["persistentvolumes"].append(taken("volume-1"))
    shop.crashes("pay", 137)
    shop.set_container("pay", livenessProbe={"httpGet": {"port": 5051, "path": "/"}})
    shop.event("Pod", "pay-r1-0", "Unhealthy", "Liveness probe failed: EOF")
    shop.event(
        "Pod", "pay-r1-0", "Killing", "Container app failed liveness probe, will be restarted"
    )
    shop.uncreated("cart", "exceeded quota: team, requested: pods=1, used: pods=1, limited: pods=1")
    shop.add_revision("web", 2, 30, image="x:2", livenessProbe={"grpc": {"port": 1}})
    shop.objects["jobs"].append(
        meta("j")
        | {
            "status": {
                "conditions": [{"type": "Failed", "status": "True", "lastTransitionTime": ago(3)}]
            }
        }
    )
    chance = random.Random(seed)
    objects = {
        kind: tuple(
            each for item in items if isinstance(each := damaged(copied(item), chance), dict)
        )
        for kind, items in shop.objects.items()
    }
    found = triage(
        Snapshot("shop", NOW, objects, tuple(shop.logs)), chance.choice(["", "web", "pay"])
    )
    assert found.verdict in ("fault", "inconclusive", "healthy")
