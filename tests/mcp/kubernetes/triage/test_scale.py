"""Scaled to zero, stuck, paused, throttled, autoscaled; jobs."""

from __future__ import annotations

import pytest
from tocsin_mcp.kubernetes.triage.snapshot import Usage

from tests.mcp.kubernetes.triage.builders import Json, Shop, ago, meta


def scaled_to_zero(shop: Shop, name: str) -> None:
    shop.get("deployments", name)["spec"]["replicas"] = 0
    shop.get("replicasets", f"{name}-r1")["spec"]["replicas"] = 0
    for pod in shop.pods_of(name):
        shop.objects["pods"].remove(pod)
    shop.get("endpoints", name)["subsets"] = []


def test_scaled_to_zero_is_a_fault_when_others_call_it() -> None:
    """Its callers' probes stay green."""
    shop = Shop()
    scaled_to_zero(shop, "store")
    top = shop.top("web")
    assert (top.object, top.cause) == ("deployment/store", "scaled_to_zero")
    assert "deployment/cart" in top.victims


def test_scaled_to_zero_is_no_fault_when_nobody_calls_it() -> None:
    """Spare parts are kept at zero on purpose."""
    shop = Shop()
    shop.add_workload("batch", 9000, {})
    scaled_to_zero(shop, "batch")
    assert shop.blamed() == ("", "healthy")


def test_a_rollout_that_stands_still_is_said_when_nothing_else_is() -> None:
    """ProgressDeadlineExceeded, with what the revision changed."""
    shop = Shop()
    shop.unready("pay")
    shop.add_revision("pay", 2, 20, image="registry.example/shop/pay:2.0")
    shop.get("deployments", "pay")["status"]["conditions"] = [
        {
            "type": "Progressing",
            "status": "False",
            "reason": "ProgressDeadlineExceeded",
            "message": 'ReplicaSet "pay-r2" has timed out progressing.',
        }
    ]
    top = shop.top()
    assert (top.object, top.cause) == ("deployment/pay", "rollout_stuck")
    assert any("pay:1.0 -> registry.example/shop/pay:2.0" in line for line in top.changed)


def test_a_paused_rollout_is_said() -> None:
    """Half of the pods are old."""
    shop = Shop()
    deployment = shop.get("deployments", "pay")
    deployment["spec"] |= {"paused": True}
    deployment["status"]["updatedReplicas"] = 0
    assert shop.blamed() == ("deployment/pay", "rollout_paused")


@pytest.mark.parametrize(
    ("kind", "status", "reason", "cause"),
    [
        ("ScalingActive", "False", "FailedGetResourceMetric", "hpa_no_metrics"),
        ("AbleToScale", "False", "FailedGetScale", "hpa_target_missing"),
        ("ScalingLimited", "True", "TooManyReplicas", "hpa_at_maximum"),
    ],
)
def test_an_autoscalers_condition_is_a_sign(
    kind: str, status: str, reason: str, cause: str
) -> None:
    """A sign among others: who is asked about what else is wrong hears that first."""
    shop = Shop()
    scaler = meta("pay")
    scaler["spec"] = {"scaleTargetRef": {"kind": "Deployment", "name": "pay"}, "maxReplicas": 1}
    scaler["status"] = {
        "currentReplicas": 1,
        "conditions": [{"type": kind, "status": status, "reason": reason}],
    }
    shop.objects["horizontalpodautoscalers"].append(scaler)
    shop.crashes("cart", 1)
    causes = [each.cause for each in shop.judged().candidates]
    assert causes[0] == "crash_loop"
    assert cause in causes


@pytest.mark.parametrize(
    ("cpu", "throttled", "fault"),
    [
        (0.199, 0.6, True),
        (0.198, None, True),
        (0.15, 0.4, True),
        (0.05, 0.4, False),
        (0.15, 0.1, False),
    ],
)
def test_usage_at_the_limit_is_throttling(cpu: float, throttled: float | None, fault: bool) -> None:
    """pay may use 0.2 cores."""
    shop = Shop()
    shop.usage.append(Usage("pay-r1-0", "app", cpu, throttled))
    assert shop.blamed() == (("deployment/pay", "cpu_throttled") if fault else ("", "healthy"))


@pytest.mark.parametrize(
    ("before", "now", "cause"),
    [
        ("200m", "10m", "cpu_throttled"),
        ("500m", "200m", "cpu_throttled"),
        ("200m", "200m", "probe_failing"),
        (None, "20m", "cpu_throttled"),
        (None, "200m", "probe_failing"),
    ],
)
def test_probes_answered_late_with_hardly_any_cpu(before: str | None, now: str, cause: str) -> None:
    """No usage was recorded; the limit itself is tiny, or was cut in the current revision."""
    shop = Shop()
    probe = {"grpc": {"port": 5051}, "periodSeconds": 10}
    shop.set_container("pay", readinessProbe=probe, resources={"limits": {"cpu": now}})
    if before:
        shop.add_revision("pay", 0, 9000, resources={"limits": {"cpu": before}})
    late = "Readiness probe failed: timeout: health rpc did not complete within 1s"
    shop.event("Pod", shop.unready("pay")["metadata"]["name"], "Unhealthy", late, count=40)
    assert shop.blamed() == ("deployment/pay", cause)


def test_a_tiny_limit_of_what_is_ready_is_no_fault() -> None:
    """It needs no more."""
    shop = Shop()
    shop.set_container("pay", resources={"limits": {"cpu": "5m"}})
    shop.event("Pod", "pay-r1-0", "Unhealthy", "Readiness probe failed: timeout", count=1)
    assert shop.blamed() == ("", "healthy")


def job(name: str, reason: str, minutes: float = 5) -> Json:
    item = meta(name, owner=("CronJob", "report"))
    item["spec"] = {"template": {"spec": {"containers": []}}}
    item["status"] = {
        "conditions": [
            {
                "type": "Failed",
                "status": "True",
                "reason": reason,
                "message": "Job has failed",
                "lastTransitionTime": ago(minutes),
            }
        ]
    }
    return item


@pytest.mark.parametrize(
    ("reason", "cause"),
    [("BackoffLimitExceeded", "job_failed"), ("DeadlineExceeded", "job_deadline")],
)
def test_a_failed_job_is_a_fault(reason: str, cause: str) -> None:
    """By its condition."""
    shop = Shop()
    shop.objects["jobs"].append(job("report-1", reason))
    assert shop.blamed() == ("job/report-1", cause)


def test_a_failed_job_whose_schedule_has_succeeded_since_is_history() -> None:
    """The next run was fine."""
    shop = Shop()
    shop.objects["jobs"].append(job("report-1", "BackoffLimitExceeded", minutes=60))
    cron = meta("report")
    cron["status"] = {"lastSuccessfulTime": ago(10), "lastScheduleTime": ago(11)}
    shop.objects["cronjobs"].append(cron)
    assert shop.blamed() == ("", "healthy")


@pytest.mark.parametrize(
    ("reason", "cause"),
    [("FailedNeedsStart", "cronjob_missed"), ("UnparseableSchedule", "cronjob_invalid_schedule")],
)
def test_a_schedule_that_does_not_run(reason: str, cause: str) -> None:
    """Events of a CronJob that is not suspended."""
    shop = Shop()
    cron = meta("report")
    cron["spec"] = {"schedule": "0 * * * *"}
    shop.objects["cronjobs"].append(cron)
    shop.event("CronJob", "report", reason, "cannot start")
    assert shop.blamed() == ("cronjob/report", cause)
    cron["spec"]["suspend"] = True
    assert shop.blamed() == ("", "healthy")
