"""What says the same words or shows the same state, and has another cause."""

from __future__ import annotations

from typing import Any

import pytest
from tocsin_mcp.kubernetes.triage.snapshot import Log, LogLine

from tests.mcp.kubernetes.triage.builders import Json, Shop, ago, meta


def test_a_shell_that_may_not_run_the_command_speaks_of_no_file_of_the_program() -> None:
    """Exit 126: the message is about the command."""
    shop = Shop()
    shop.crashes("pay", 126)
    shop.log("pay", "/bin/sh: /app/run.sh: Permission denied")
    assert shop.blamed() == ("deployment/pay", "command_not_executable")


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        ("container create failed: executable file `/bin/serve` not found: No such file or directory", "command_not_found"),
        ('error mounting "/a" to rootfs at "/etc/a": permission denied', "volume_mount_failed"),
        ('exec: "/mount/run": permission denied', "command_not_executable"),
    ],
)  # fmt: skip
def test_a_runtime_may_fail_on_the_command_or_on_a_mount(message: str, cause: str) -> None:
    """In the words of crun and runc."""
    shop = Shop()
    mounting = cause == "volume_mount_failed"
    shop.waits("pay", "RunContainerError" if mounting else "CreateContainerError", message)
    assert shop.blamed() == ("deployment/pay", cause)


def evict(shop: Shop, name: str, minutes: float) -> None:
    pod = shop.add_pod("pay", name)
    pod["status"] = {
        "phase": "Failed",
        "reason": "Evicted",
        "message": "Pod ephemeral local storage usage exceeds the total limit of containers 1Gi.",
        "conditions": [{"type": "DisruptionTarget", "lastTransitionTime": ago(minutes)}],
    }


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [((3, 8), ("deployment/pay", "evicted_disk")), ((3, 900), ("", "healthy"))],
)
def test_pods_that_are_evicted_one_after_the_other(
    minutes: tuple[float, float], expected: tuple[str, str]
) -> None:
    """Their successors are ready each time; a single eviction is over."""
    shop = Shop()
    for number, each in enumerate(minutes):
        evict(shop, f"pay-r1-e{number}", each)
    assert shop.blamed() == expected


def test_that_the_kubelet_waited_in_vain_says_less_than_why() -> None:
    """Both are events FailedMount; the newer one only says that it waited."""
    shop = Shop()
    shop.waits("pay", "ContainerCreating")
    shop.event("Pod", "pay-r1-0", "FailedMount", "driver name efs.csi.example not found in the list of registered CSI drivers", minutes=3)  # fmt: skip
    shop.event("Pod", "pay-r1-0", "FailedMount", "Unable to attach or mount volumes: unmounted volumes=[data]: context deadline exceeded", minutes=1)  # fmt: skip
    assert shop.blamed() == ("deployment/pay", "volume_driver_missing")


@pytest.mark.parametrize("called", [True, False])
def test_a_service_for_a_canary_that_does_not_run_is_no_fault(called: bool) -> None:
    """Unless somebody calls it."""
    shop = Shop()
    canary = meta("pay-canary")
    canary["spec"] = {"selector": {"app": "pay", "track": "canary"}, "ports": [{"port": 5051}]}
    shop.objects["services"].append(canary)
    if called:
        shop.set_container("web", env=[{"name": "PAY_ADDR", "value": "pay-canary:5051"}])
    expected = ("service/pay-canary", "service_selector_mismatch") if called else ("", "healthy")
    assert shop.blamed() == expected


REFUSED = 'Get "http://10.0.1.3:5051/": dial tcp 10.0.1.3:5051: connect: connection refused'
NO_COMMAND = 'OCI runtime exec failed: exec failed: exec: "/bin/check": no such file or directory'


@pytest.mark.parametrize(
    ("probe", "said", "cause"),
    [
        ({"httpGet": {"port": 5051, "path": "/new"}}, f"failed: {REFUSED}", "probe_failing"),
        ({"exec": {"command": ["/bin/check", "-addr=:99"]}}, f"errored: {NO_COMMAND}", "probe_failing"),
        ({"exec": {"command": ["test", "-f", "/tmp/ready"]}}, "failed: ", "probe_failing"),
        ({"httpGet": {"port": 5051, "path": "/new"}}, "failed: HTTP probe failed with statuscode: 404", "readiness_probe_wrong_path"),
    ],
)  # fmt: skip
def test_a_changed_probe_is_blamed_only_for_what_it_says(
    probe: Json, said: str, cause: str
) -> None:
    """Where nobody listens the path does not matter; a command that is missing asks no port."""
    shop = Shop()
    shop.unready("pay")
    before: dict[str, Any] = {"readinessProbe": {"httpGet": {"port": 5051, "path": "/old"}}}
    shop.add_revision("pay", 0, minutes_ago=5000, **before)
    shop.set_container("pay", readinessProbe=probe)
    shop.event("Pod", "pay-r1-0", "Unhealthy", f"Readiness probe {said}")
    assert shop.blamed() == ("deployment/pay", cause)


def test_a_database_is_blamed_in_the_words_of_its_own_driver() -> None:
    """A cache that the program also calls speaks otherwise."""
    shop = Shop()
    shop.add_workload("orders-db", 3306, {}, image="mysql:8")
    addresses = {"STORE_ADDR": "store:6379", "DB_ADDR": "orders-db:3306"}
    shop.set_container("cart", env=[{"name": k, "value": v} for k, v in addresses.items()])
    shop.log("cart", *["ERROR 1040 (HY000): Too many connections"] * 3)
    assert shop.blamed() == ("deployment/orders-db", "database_connections_exhausted")


def test_a_driver_whose_database_is_not_here_blames_no_other() -> None:
    """MySQL's words, and only a Redis is called."""
    shop = Shop()
    shop.log("cart", *["Error 1040 (08004): Too many connections"] * 3)
    assert shop.blamed() == ("deployment/cart", "database_connections_exhausted")


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("POST https://api.payprovider.example/v1/charges -> 503 Service Unavailable", "external_dependency_unreachable"),
        ('{"level":"error","msg":"invoice total mismatch","status":500}', "application_errors"),
        ("Error: connect ETIMEDOUT 54.187.174.169:443", "external_dependency_unreachable"),
    ],
)  # fmt: skip
def test_whose_error_a_status_is(line: str, cause: str) -> None:
    """A call to the outside, or the program's own answer."""
    shop = Shop()
    shop.log("pay", *[line] * 4)
    assert shop.blamed() == ("deployment/pay", cause)


def test_an_own_public_name_is_nothing_outside() -> None:
    """The Ingress offers it; somebody else's call to it failed."""
    shop = Shop()
    ingress = meta("web")
    ingress["spec"] = {"rules": [{"host": "shop.example"}]}
    shop.objects["ingresses"].append(ingress)
    shop.log("web", *["GET https://shop.example/cart status=503"] * 4)
    causes = {each.cause for each in shop.judged().candidates}
    assert "external_dependency_unreachable" not in causes


@pytest.mark.parametrize(
    "line",
    [
        "2026-05-04 11:58:00,1 WARN kafka: error while fetching metadata",
        "GET /error-page 200 1ms",
        "DEBUG connection refused counter reset",
    ],
)
def test_words_of_trouble_in_harmless_lines_are_no_errors(line: str) -> None:
    """By the level, or by the status that was answered."""
    shop = Shop()
    shop.log("pay", *[line] * 5)
    assert shop.blamed() == ("", "healthy")


def test_what_is_wholly_down_comes_before_what_an_old_revision_still_serves() -> None:
    """Both causes are certain."""
    shop = Shop()
    shop.waits("pay", "CreateContainerConfigError", 'configmap "tuning" not found')
    late = shop.add_pod("cart", "cart-r2-0")
    late["status"]["conditions"][0]["status"] = "False"
    late["status"]["containerStatuses"][0] |= {
        "ready": False,
        "state": {"waiting": {"reason": "ErrImagePull", "message": "cart:9: not found"}},
    }
    causes = [each.cause for each in shop.judged().candidates]
    assert causes == ["configmap_missing", "image_not_found"]


@pytest.mark.parametrize(("minutes", "fault"), [(2, False), (30, True), (5000, False)])
def test_an_autoscaler_without_metrics_is_a_fault_while_it_lasts(
    minutes: float, fault: bool
) -> None:
    """Not while a metrics server starts, and not as the state of days."""
    shop = Shop()
    scaler = meta("pay")
    scaler["spec"] = {"scaleTargetRef": {"kind": "Deployment", "name": "pay"}, "maxReplicas": 5}
    broken = {"type": "ScalingActive", "status": "False", "reason": "FailedGetResourceMetric"}
    scaler["status"] = {"conditions": [broken | {"lastTransitionTime": ago(minutes)}]}
    shop.objects["horizontalpodautoscalers"].append(scaler)
    assert (shop.judged().verdict == "fault") is fault


def test_a_job_whose_pod_ran_out_of_memory_says_so() -> None:
    """The job's condition only counts its tries."""
    shop = Shop()
    failed = {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "lastTransitionTime": ago(3)}  # fmt: skip
    shop.objects["jobs"].append(meta("report") | {"status": {"conditions": [failed]}})
    pod = meta("report-x1", owner=("Job", "report"))
    pod["spec"] = {"containers": [{"name": "app"}]}
    ended = {"terminated": {"exitCode": 137, "reason": "OOMKilled", "finishedAt": ago(4)}}
    pod["status"] = {"phase": "Failed", "containerStatuses": [{"name": "app", "state": ended}]}
    shop.objects["pods"].append(pod)
    assert shop.blamed() == ("job/report", "oom_killed")


def test_an_address_that_is_nobodys_is_known_by_the_name_beside_it() -> None:
    """A Service made anew has another address; the line also says whom it meant."""
    shop = Shop()
    shop.log("web", *['{"err":"dial tcp 10.9.9.9:5051: i/o timeout","target":"pay:5051"}'] * 4)
    assert shop.blamed() == ("deployment/pay", "network_delay")


@pytest.mark.parametrize(("minutes", "cause"), [(2, "oom_killed"), (5000, "pod_not_ready")])
def test_an_old_kill_explains_no_container_that_runs(minutes: float, cause: str) -> None:
    """It is not ready, and has run for days since."""
    shop = Shop()
    ended = {"exitCode": 137, "reason": "OOMKilled", "finishedAt": ago(minutes)}
    shop.unready("pay", restartCount=2, lastState={"terminated": ended})
    assert shop.blamed() == ("deployment/pay", cause)


@pytest.mark.parametrize(("minutes", "verdict"), [(3, "fault"), (60, "healthy")])
def test_what_an_instance_wrote_before_it_ended_long_ago_is_history(
    minutes: float, verdict: str
) -> None:
    """Its lines carry no time; the end of the instance does."""
    shop = Shop()
    ended = {"exitCode": 1, "reason": "Error", "finishedAt": ago(minutes)}
    status = shop.pod("cart")["status"]["containerStatuses"][0]
    status |= {"restartCount": 1, "lastState": {"terminated": ended}}
    lines = [LogLine(None, "dial tcp: store:6379: connect: connection refused")] * 3
    shop.logs.append(Log("cart-r1-0", "app", tuple(lines), previous=True))
    assert shop.judged().verdict == verdict


def test_a_sidecar_that_lost_its_control_plane_serves_on() -> None:
    """It keeps the configuration that it has."""
    shop = Shop()
    line = 'warning envoy config StreamAggregatedResources gRPC config stream to xds-grpc closed: 14, "dial tcp 10.0.0.1:15012: i/o timeout"'
    shop.log("pay", *[line] * 5)
    assert shop.blamed() == ("", "healthy")


def test_an_address_that_a_library_gives_to_its_reader_was_not_called() -> None:
    """cURL names its manual beside the host that did not answer."""
    shop = Shop()
    line = "cURL error 7: Failed to connect to store port 6379 after 1 ms (see https://curl.haxx.se/libcurl/c/libcurl-errors.html)"
    shop.log("cart", *[line] * 4)
    assert shop.blamed() == ("deployment/store", "dependency_unreachable")


@pytest.mark.parametrize(
    ("reason", "message", "cause"),
    [
        ("OutOfcpu", "Node didn't have enough resource: cpu", "scheduling_insufficient_cpu"),
        ("NodeAffinity", "Predicate NodeAffinity failed", "scheduling_node_affinity"),
        ("UnexpectedAdmissionError", "Allocate failed due to no healthy devices present", "scheduling_insufficient_device"),
    ],
)  # fmt: skip
def test_the_kubelet_may_turn_away_what_the_scheduler_sent(
    reason: str, message: str, cause: str
) -> None:
    """The pod is Failed; while its workload is whole it is only a record."""
    shop = Shop()
    pod = shop.add_pod("pay", "pay-r1-9")
    pod["status"] = {"phase": "Failed", "reason": reason, "message": message}
    assert shop.blamed() == ("", "healthy")
    shop.objects["pods"].remove(shop.get("pods", "pay-r1-0"))
    assert shop.blamed() == ("deployment/pay", cause)


@pytest.mark.parametrize(("minutes", "verdict"), [(60, "fault"), (60 * 24 * 20, "healthy")])
def test_a_release_hook_that_failed_long_ago_is_a_record(minutes: float, verdict: str) -> None:
    """Nothing runs it again."""
    shop = Shop()
    failed = {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "lastTransitionTime": ago(minutes)}  # fmt: skip
    shop.objects["jobs"].append(meta("hook") | {"status": {"conditions": [failed]}})
    assert shop.judged().verdict == verdict


def test_a_name_that_only_a_log_tells_of_is_of_nobody() -> None:
    """It stands in a file of the image; without a dot it can only be a Service of the namespace."""
    shop = Shop()
    shop.crashes("pay", 1)
    shop.log("pay", 'nginx: [emerg] host not found in upstream "api-v2" in /etc/nginx/a.conf:9')
    assert shop.blamed() == ("deployment/pay", "address_unknown_host")


def test_who_passes_on_an_error_from_an_address_that_is_nobodys_is_a_victim() -> None:
    """Two call cart, which answers 503; cart cannot reach the address that store had."""
    shop = Shop()
    shop.add_workload("shelf", 9000, {"CART_ADDR": "cart:7070"})
    for caller in ("web", "shelf"):
        shop.log(caller, *["GET http://cart:7070/v1 failed: connection refused"] * 4)
    shop.log("cart", *['Get "http://store:6379/v1": dial tcp 10.9.9.9:6379: i/o timeout'] * 4)
    found = shop.top()
    assert found.object == "deployment/store"
    assert {"deployment/cart", "deployment/web"} <= set(found.victims)
