"""Secrets, ConfigMaps, keys, settings, volumes and claims that are missing or do not fit."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mcp.kubernetes.triage.builders import Json, Shop, meta


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        ('secret "pay-key" not found', "secret_missing"),
        ('configmap "pay-settings" not found', "configmap_missing"),
        ("couldn't find key token in Secret shop/pay-key", "secret_key_missing"),
        ("couldn't find key level in ConfigMap shop/pay-settings", "configmap_key_missing"),
        ("container has runAsNonRoot and image will run as root", "security_context_invalid"),
    ],
)
def test_what_a_container_lacks_is_named(message: str, cause: str) -> None:
    """CreateContainerConfigError says it in its message."""
    shop = Shop()
    shop.waits("pay", "CreateContainerConfigError", message)
    assert shop.blamed() == ("deployment/pay", cause)


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        ('MountVolume.SetUp failed for volume "key" : secret "pay-key" not found', "secret_missing"),
        ('MountVolume.SetUp failed for volume "c" : configmap "pay-settings" not found', "configmap_missing"),
        ('MountVolume.SetUp failed for volume "c" : references non-existent config key: level', "configmap_key_missing"),
        ("MountVolume.MountDevice failed: driver name csi.example.com not found in the list of registered CSI drivers", "volume_driver_missing"),
        ("MountVolume.SetUp failed: mount failed: exit status 32", "volume_mount_failed"),
    ],
)  # fmt: skip
def test_what_a_volume_lacks_is_named(message: str, cause: str) -> None:
    """FailedMount of a pod that waits in ContainerCreating."""
    shop = Shop()
    pod = shop.waits("pay", "ContainerCreating")
    shop.event("Pod", pod["metadata"]["name"], "FailedMount", message)
    assert shop.blamed() == ("deployment/pay", cause)


def test_a_volume_on_another_node_is_told_from_one_that_cannot_mount() -> None:
    """The kubelet only says that it waited; the attach controller says why."""
    shop = Shop()
    name = shop.waits("pay", "ContainerCreating")["metadata"]["name"]
    shop.event(
        "Pod",
        name,
        "FailedAttachVolume",
        "Multi-Attach error for volume pvc-1: Volume is already used by pod pay-0",
        minutes=4,
    )
    shop.event(
        "Pod",
        name,
        "FailedMount",
        "Unable to attach or mount volumes: timed out waiting for the condition",
        minutes=1,
    )
    assert shop.blamed() == ("deployment/pay", "volume_multi_attach")


def test_a_missing_secret_is_found_without_any_event() -> None:
    """The spec names it, the pod waits, and it is not among the secrets."""
    shop = Shop()
    shop.waits("pay", "ContainerCreating")
    shop.objects["secrets"].append(meta("other"))
    shop.set_spec("pay", volumes=[{"name": "key", "secret": {"secretName": "pay-key"}}])
    assert shop.blamed() == ("deployment/pay", "secret_missing")


@pytest.mark.parametrize("optional", [True, False])
def test_an_optional_reference_may_be_absent(optional: bool) -> None:
    """An optional ConfigMap does not hold a pod back."""
    shop = Shop()
    shop.waits("pay", "ContainerCreating")
    shop.objects["configmaps"].append(meta("other"))
    shop.set_container("pay", envFrom=[{"configMapRef": {"name": "extra", "optional": optional}}])
    assert (shop.blamed()[1] == "configmap_missing") is not optional


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("panic: environment variable STORE_TOKEN not set", "config_value_missing"),
        ("KeyError: 'PAY_ENDPOINT'", "config_value_missing"),
        (
            "Error: failed to load config /etc/pay/config.yaml: yaml: line 7: did not find expected key",
            "config_value_invalid",
        ),
        ('invalid value for option "--workers": many', "config_value_invalid"),
        ("listen tcp :5051: bind: address already in use", "port_conflict"),
    ],
)
def test_a_program_that_refuses_to_start_says_which_setting(line: str, cause: str) -> None:
    """The reason of the crash is better than the crash."""
    shop = Shop()
    shop.crashes("pay", 1)
    shop.log("pay", line, previous=True)
    assert cause in {each.cause for each in shop.judged().candidates[:1]}


def test_files_are_told_from_volumes() -> None:
    """Permission denied below a mount path is the volume's fault."""
    shop = Shop()
    shop.crashes("store", 1)
    shop.log(
        "store",
        "Can't open the append-only file: open '/data/appendonly.aof': Permission denied",
        previous=True,
    )
    assert shop.blamed() == ("deployment/store", "file_permission_denied")
    shop.set_container("store", volumeMounts=[{"name": "data", "mountPath": "/data"}])
    assert shop.blamed() == ("deployment/store", "volume_permission_denied")


def claim(**spec: Any) -> Json:
    item = meta("store-data")
    item["spec"] = {
        "storageClassName": "fast", "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "10Gi"}},
    } | spec  # fmt: skip
    item["status"] = {"phase": "Pending"}
    return item


def volume(**spec: Any) -> Json:
    item = meta("volume-1", labels={"tier": "data"})
    item["spec"] = {
        "storageClassName": "fast",
        "accessModes": ["ReadWriteOnce"],
        "capacity": {"storage": "10Gi"},
    } | spec
    item["status"] = {"phase": "Available"}
    return item


@pytest.mark.parametrize(
    ("wanted", "offered", "cause"),
    [
        ({"storageClassName": "faster"}, {}, "claim_storage_class_mismatch"),
        ({"accessModes": ["ReadWriteMany"]}, {}, "claim_access_mode_mismatch"),
        ({"resources": {"requests": {"storage": "20Gi"}}}, {}, "claim_capacity_mismatch"),
        ({"selector": {"matchLabels": {"tier": "gold"}}}, {}, "claim_selector_mismatch"),
        ({}, {"claimRef": {"name": "other", "uid": "1"}}, "claim_volume_taken"),
    ],
)
def test_an_unbound_claim_is_compared_with_the_volumes(
    wanted: Json, offered: Json, cause: str
) -> None:
    """The scheduler only says "unbound"; what differs says why."""
    shop = Shop()
    shop.pending(
        "store", "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims."
    )
    shop.set_spec(
        "store", volumes=[{"name": "d", "persistentVolumeClaim": {"claimName": "store-data"}}]
    )
    shop.objects["persistentvolumeclaims"].append(claim(**wanted))
    shop.objects["persistentvolumes"].append(volume(**offered))
    shop.objects["storageclasses"].append(meta("fast"))
    found = shop.judged().candidates
    assert (found[0].object, found[0].cause) == ("persistentvolumeclaim/store-data", cause)
    assert (found[1].object, found[1].cause) == ("deployment/store", cause)


def test_a_claim_that_does_not_exist_is_missing() -> None:
    """The pod names it in vain."""
    shop = Shop()
    shop.pending("store", '0/3 nodes are available: persistentvolumeclaim "store-data" not found.')
    shop.set_spec(
        "store", volumes=[{"name": "d", "persistentVolumeClaim": {"claimName": "store-data"}}]
    )
    assert shop.blamed() == ("deployment/store", "claim_missing")


def test_a_claim_that_waits_for_its_first_pod_is_no_fault() -> None:
    """WaitForFirstConsumer: Pending is as it should be while no pod wants it."""
    shop = Shop()
    late = meta("fast")
    late["volumeBindingMode"] = "WaitForFirstConsumer"
    shop.objects["storageclasses"].append(late)
    shop.objects["persistentvolumeclaims"].append(claim())
    assert shop.blamed() == ("", "healthy")


def test_a_driver_that_cannot_make_the_volume_says_so() -> None:
    """ProvisioningFailed on the claim."""
    shop = Shop()
    shop.pending(
        "store", "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims."
    )
    shop.set_spec(
        "store", volumes=[{"name": "d", "persistentVolumeClaim": {"claimName": "store-data"}}]
    )
    shop.objects["persistentvolumeclaims"].append(claim())
    shop.objects["storageclasses"].append(meta("fast"))
    shop.event(
        "PersistentVolumeClaim",
        "store-data",
        "ProvisioningFailed",
        "failed to provision volume: quota of disks exceeded in zone a",
    )
    assert shop.blamed() == ("persistentvolumeclaim/store-data", "claim_provisioning_failed")


def test_a_new_revision_that_lacks_a_setting_says_so_beside_the_old_one() -> None:
    """The old pod serves, so the deployment is not short of any; the new one names the setting."""
    shop = Shop()
    shop.add_revision("pay", 2, minutes_ago=10)
    shop.crashes("pay", 1)
    shop.log("pay", "panic: environment variable STORE_TOKEN not set")
    shop.add_pod("pay", "pay-old-0")
    shop.get("deployments", "pay")["status"] = {
        "replicas": 2,
        "readyReplicas": 1,
        "updatedReplicas": 1,
    }
    assert shop.blamed() == ("deployment/pay", "config_value_missing")
