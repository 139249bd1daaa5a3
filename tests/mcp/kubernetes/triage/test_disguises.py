"""Faults that look like others: the same symptom, and the detail that tells them apart."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mcp.kubernetes.triage.builders import Json, Shop, ago, meta


def started(shop: Shop, line: str, **container: Any) -> tuple[str, str]:
    """pay crashes with exit 1 and says this."""
    shop.crashes("pay", 1)
    shop.set_container("pay", **container)
    shop.log("pay", line)
    return shop.blamed("web")


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("exec /app/server: exec format error", "command_not_executable"),
        ("/bin/sh: 1: ./start.sh: not found", "command_not_found"),
        ("Unhandled exception. System.NullReferenceException: Object reference not set to an instance of an object.", "crash_loop"),
        ("panic: not authorized on pay-db to execute command { find: 1 }", "database_credentials"),
        ('Error: pods is forbidden: User "system:serviceaccount:shop:pay" cannot list resource "pods"', "rbac_denied"),
        ("NOAUTH Authentication required.", "credentials_rejected"),
        ("RuntimeError: Failed to bind to address [::]:5051", "port_conflict"),
        ("KeyError: 'PAY_TOKEN'", "config_value_missing"),
    ],
)  # fmt: skip
def test_one_exit_code_and_many_causes(line: str, cause: str) -> None:
    """The program says what the code does not."""
    assert started(Shop(), line) == ("deployment/pay", cause)


@pytest.mark.parametrize(
    "volume", [{"emptyDir": {}}, {"persistentVolumeClaim": {"claimName": "d"}}]
)
def test_a_program_that_names_no_path_means_its_data_folder(volume: Json) -> None:
    """Its only volume that can be written to; what the kubelet fills is none."""
    shop = Shop()
    shop.objects["persistentvolumeclaims"].append(meta("d") | {"status": {"phase": "Bound"}})
    shop.set_spec("pay", volumes=[{"name": "d", **volume}, {"name": "t", "projected": {}}])
    mounts = [{"name": "d", "mountPath": "/data"}, {"name": "t", "mountPath": "/var/run"}]
    line = "# Can't open or create append-only dir appendonlydir: Permission denied"
    assert started(shop, line, volumeMounts=mounts) == (
        "deployment/pay",
        "volume_permission_denied",
    )


def test_a_limit_too_low_even_to_start_is_out_of_memory() -> None:
    """StartError, exit 128: not a missing command."""
    shop = Shop()
    said = (
        "OCI runtime create failed: container init was OOM-killed (memory limit too low?): unknown"
    )
    shop.crashes("pay", 128, "StartError", message=said)
    assert shop.blamed() == ("deployment/pay", "oom_killed")


def test_a_hook_that_fails_kills_the_container() -> None:
    """Exit 137 and no OOM kill."""
    shop = Shop()
    shop.crashes("pay", 137)
    shop.event("Pod", "pay-r1-0", "FailedPostStartHook", "PostStartHook failed")
    assert shop.blamed() == ("deployment/pay", "lifecycle_hook_failed")


@pytest.mark.parametrize("code", [0, 1, 137, 143])
def test_a_liveness_kill_is_no_crash_whatever_the_exit_code(code: int) -> None:
    """Programs end with codes of their own when they are told to."""
    shop = Shop()
    shop.crashes("pay", code)
    shop.log("pay", "listening on :5051")
    shop.set_container("pay", livenessProbe={"httpGet": {"port": 5051, "path": "/"}})
    probe = 'Liveness probe failed: Get "http://10.0.1.3:5051/": context deadline exceeded'
    shop.event("Pod", "pay-r1-0", "Unhealthy", probe)
    killing = "Container app failed liveness probe, will be restarted"
    shop.event("Pod", "pay-r1-0", "Killing", killing, type="Normal")
    assert shop.blamed() == ("deployment/pay", "probe_failing")


@pytest.mark.parametrize(
    ("command", "cause"),
    [
        (["/bin/grpc_health_probe", "-addr=:5052"], "readiness_probe_wrong_port"),
        (["/bin/grpc_health_probe", "-addr=:5051"], "probe_failing"),
        (["curl", "-f", "http://localhost:8080/health"], "readiness_probe_wrong_port"),
    ],
)
def test_a_probes_command_names_a_port_too(command: list[str], cause: str) -> None:
    """As clusters before gRPC probes have it."""
    shop = Shop()
    shop.unready("pay")
    shop.set_container("pay", readinessProbe={"exec": {"command": command}})
    said = 'Readiness probe failed: timeout: failed to connect service ":5052" within 1s'
    shop.event("Pod", "pay-r1-0", "Unhealthy", said)
    assert shop.blamed() == ("deployment/pay", cause)


def test_a_service_that_selects_anothers_pods_has_no_wrong_port_besides() -> None:
    """The port follows from the selector."""
    shop = Shop()
    shop.get("services", "pay")["spec"]["selector"] = {"app": "cart"}
    assert shop.blamed("web") == ("service/pay", "service_selector_mismatch")


@pytest.mark.parametrize(
    "value", ["pay.other.svc.cluster.local:5051", "10.99.0.7:5051", "pay.other:5051"]
)
def test_an_address_elsewhere_where_a_service_of_the_namespace_is_meant(value: str) -> None:
    """Another namespace's name, or an address that is nobody's."""
    shop = Shop()
    env = [{"name": "CART_ADDR", "value": "cart:7070"}, {"name": "PAY_ADDR", "value": value}]
    shop.set_container("web", env=env)
    shop.log("web", *[f"dial tcp: connect to {value}: i/o timeout"] * 3)
    assert shop.blamed("web") == ("deployment/web", "address_unknown_host")


def test_a_wrong_address_that_ends_the_program_is_nearer_than_its_exit_code() -> None:
    """The variable's name begins that of a service which nobody else calls."""
    shop = Shop()
    for kind in ("services", "endpoints"):
        shop.get(kind, "store")["metadata"]["name"] = "store-main"
    shop.set_container("cart", env=[{"name": "STORE_ADDR", "value": "keep:6379"}])
    shop.crashes("cart", 1)
    shop.log(
        "cart", "ConnectionError: Error -2 connecting to keep:6379. Name or service not known."
    )
    assert shop.blamed("web") == ("deployment/cart", "address_unknown_host")


def test_another_service_in_front_of_a_workload_is_no_substitute_for_its_own() -> None:
    """web lost the Service that others call it by; the one for the world outside is there."""
    shop = Shop()
    shop.set_container("pay", env=[{"name": "WEB_ADDR", "value": "web:8080"}])
    shop.get("services", "web")["metadata"]["name"] = "web-external"
    shop.get("endpoints", "web")["metadata"]["name"] = "web-external"
    assert shop.blamed("web") == ("service/web", "service_missing")


def test_who_crashes_because_another_is_away_is_innocent() -> None:
    """An abort with the other's name in its last words."""
    shop = Shop()
    shop.crashes("cart", 134)
    shop.log(
        "cart",
        "Unhandled exception. RedisConnectionException: UnableToConnect on store:6379/Interactive",
    )
    shop.waits("store", "ImagePullBackOff", "image not found")
    assert shop.blamed("web") == ("deployment/store", "image_not_found")


def test_a_pod_bound_by_hand_to_a_node_that_is_none() -> None:
    """No kubelet is down: there is no such node."""
    shop = Shop()
    pod = shop.unready("pay")
    pod["spec"]["nodeName"] = "worker-9"
    pod["status"] = {"phase": "Pending", "conditions": []}
    pod["metadata"]["creationTimestamp"] = ago(6)
    assert shop.blamed() == ("deployment/pay", "scheduling_node_selector")


@pytest.mark.parametrize(
    ("hard", "cause"),
    [
        ({"requests.storage": "500Mi"}, "quota_storage"),
        ({"persistentvolumeclaims": "0"}, "quota_storage"),
        ({"requests.storage": "500Gi"}, "claim_missing"),
    ],
)
def test_a_claim_that_could_not_be_made(hard: dict[str, str], cause: str) -> None:
    """A storage quota without room explains why it is missing."""
    shop = Shop()
    shop.pending("pay", 'persistentvolumeclaim "pay-data" not found')
    volume = {"name": "d", "persistentVolumeClaim": {"claimName": "pay-data"}}
    shop.set_spec("pay", volumes=[volume])
    status = {"hard": hard, "used": dict.fromkeys(hard, "0")}
    shop.objects["resourcequotas"].append(meta("team") | {"status": status})
    assert shop.blamed()[1] == cause


def test_late_answers_from_one_node_are_its_networks_doing() -> None:
    """Three workloads there, all probes time out; those elsewhere answer."""
    shop = Shop()
    for name in ("pay", "store", "cart"):
        shop.unready(name)
        shop.pod(name)["spec"]["nodeName"] = "worker-2"
        said = "Readiness probe failed: timeout: health rpc did not complete within 1s"
        shop.event("Pod", f"{name}-r1-0", "Unhealthy", said)
    assert shop.blamed("web") == ("node/worker-2", "cluster_network_failure")


def test_a_node_without_kube_proxy_among_others_that_have_one() -> None:
    """No pod says so: it is the one that is not there."""
    shop = Shop()
    for node in ("control-1", "worker-2"):
        proxy = meta(f"kube-proxy-{node}") | {"spec": {"nodeName": node}}
        proxy["status"] = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
        shop.objects["system_pods"].append(proxy)
    shop.log("web", *["dial tcp: connect to pay:5051: i/o timeout"] * 3)
    shop.log("web", *["dial tcp: connect to cart:7070: i/o timeout"] * 3)
    assert shop.blamed("web") == ("node/worker-1", "kube_proxy_down")


def test_a_network_that_is_not_set_up_leaves_pods_that_look_well() -> None:
    """Ready pods on the node, and nobody reaches them."""
    shop = Shop()
    conditions = shop.get("nodes", "worker-2")["status"]["conditions"]
    conditions.append({"type": "NetworkUnavailable", "status": "True", "reason": "NoRouteCreated"})
    shop.log("web", *["dial tcp: connect to pay:5051: i/o timeout"] * 3)
    assert shop.blamed("web") == ("node/worker-2", "node_network_unavailable")


def test_egress_to_the_own_namespace_alone_cuts_dns() -> None:
    """The DNS server is in another one."""
    shop = Shop()
    spec = {"podSelector": {}, "policyTypes": ["Egress"], "egress": [{"to": [{"podSelector": {}}]}]}
    shop.objects["networkpolicies"].append(meta("inside") | {"spec": spec})
    shop.log("web", "dial tcp: lookup pay on 10.96.0.10:53: i/o timeout")
    assert shop.blamed("web") == ("networkpolicy/inside", "network_policy_denies")


def test_names_that_several_cannot_resolve_point_at_the_dns_server() -> None:
    """Nobody has settings of its own, and the server's pods are not known."""
    shop = Shop()
    for name in ("web", "cart"):
        shop.log(name, *["dial tcp: lookup store on 10.96.0.10:53: no such host"] * 3)
    assert shop.blamed("web") == ("deployment/coredns", "dns_failure")
