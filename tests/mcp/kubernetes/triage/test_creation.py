"""Pods that are never created: quotas by resource, limits, accounts, admission; and the events that lie about it."""

from __future__ import annotations

import pytest

from tests.mcp.kubernetes.triage.builders import Shop, meta


def quota(resource: str, requested: str, used: str, limited: str) -> str:
    return (
        f'Error creating: pods "pay-r1-x" is forbidden: exceeded quota: team, requested: {resource}={requested}, '
        f"used: {resource}={used}, limited: {resource}={limited}"
    )


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        (quota("pods", "1", "10", "10"), "quota_pods"),
        (quota("count/pods", "1", "10", "10"), "quota_pods"),
        (quota("requests.cpu", "100m", "950m", "1"), "quota_cpu"),
        (quota("limits.cpu", "200m", "1900m", "2"), "quota_cpu"),
        (quota("requests.memory", "64Mi", "1Gi", "1Gi"), "quota_memory"),
        (quota("requests.storage", "10Gi", "95Gi", "100Gi"), "quota_storage"),
        (quota("count/configmaps", "1", "5", "5"), "quota_objects"),
    ],
)
def test_a_quota_is_named_by_its_resource(message: str, cause: str) -> None:
    """A quota is the namespace's, so that comes first; then the quota itself, then the workload that it blocks."""
    shop = Shop()
    shop.uncreated("pay", message)
    found = shop.judged().candidates
    assert [each.object for each in found] == [
        "namespace/shop",
        "resourcequota/team",
        "deployment/pay",
    ]
    assert {each.cause for each in found} == {cause}


def test_a_quota_comes_first_for_the_alarm_of_the_service_that_it_keeps_down() -> None:
    """Being wholly down is the quota's doing."""
    shop = Shop()
    shop.uncreated("pay", quota("requests.cpu", "100m", "950m", "1"))
    assert shop.blamed("pay") == ("namespace/shop", "quota_cpu")


def test_of_several_resources_the_one_that_does_not_fit_is_named() -> None:
    """CPU would fit; memory would not."""
    shop = Shop()
    shop.uncreated(
        "pay",
        "Error creating: forbidden: exceeded quota: team, requested: limits.cpu=200m,limits.memory=128Mi, "
        "used: limits.cpu=1,limits.memory=1Gi, limited: limits.cpu=2,limits.memory=1Gi",
    )
    assert shop.blamed() == ("namespace/shop", "quota_memory")


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        ("pods is forbidden: failed quota: team: must specify limits.cpu for: app", "quota_requires_resources"),
        ("pods is forbidden: [maximum memory usage per Container is 64Mi, but limit is 128Mi]", "limit_range"),
        ("pods is forbidden: minimum cpu usage per Container is 500m, but request is 100m", "limit_range"),
        ('pods "pay" is forbidden: error looking up service account shop/payer: serviceaccount "payer" not found', "service_account_missing"),
        ('pods "pay" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false', "pod_security"),
        ('admission webhook "policy.example.com" denied the request: image must be signed', "admission_denied"),
        ('Internal error occurred: failed calling webhook "policy.example.com": connect: connection refused', "admission_webhook_unavailable"),
        ("pods is forbidden: no PriorityClass with name urgent was found", "priority_class_missing"),
        ("pods is forbidden: something else", "create_refused"),
    ],
)  # fmt: skip
def test_the_apis_answer_tells_the_causes_apart(message: str, cause: str) -> None:
    """FailedCreate of the current ReplicaSet."""
    shop = Shop()
    shop.uncreated("pay", f"Error creating: {message}")
    assert shop.blamed() == ("deployment/pay", cause)


STALE = 'Error creating: pods "pay-" is forbidden: error looking up service account shop/default: serviceaccount "default" not found'


def test_failures_before_the_service_account_existed_are_history() -> None:
    """Deployments are often made a second before their account; their pods came since."""
    shop = Shop()
    for name in ("web", "cart", "pay", "store"):
        shop.event("ReplicaSet", f"{name}-r1", "FailedCreate", STALE, minutes=50)
    assert shop.blamed() == ("", "healthy")


def test_the_latest_event_of_an_object_wins() -> None:
    """First the account was missing, then the quota: the quota is the cause now."""
    shop = Shop()
    shop.uncreated("pay", STALE, minutes=50)
    shop.event("ReplicaSet", "pay-r1", "FailedCreate", quota("pods", "1", "10", "10"), minutes=1)
    assert shop.blamed() == ("namespace/shop", "quota_pods")


def test_an_account_that_exists_by_now_is_not_missing() -> None:
    """The event is believed only while the account is away; then the objects are asked."""
    shop = Shop()
    shop.uncreated("pay", STALE)
    assert shop.blamed()[1] not in ("service_account_missing", "healthy")


def test_a_missing_account_is_found_without_an_event() -> None:
    """Events are kept for an hour."""
    shop = Shop()
    shop.uncreated("pay")
    shop.set_spec("pay", serviceAccountName="payer")
    assert shop.blamed() == ("deployment/pay", "service_account_missing")


@pytest.mark.parametrize(
    ("resource", "hard", "used", "cause"),
    [
        ("pods", "3", "3", "quota_pods"),
        ("limits.memory", "512Mi", "512Mi", "quota_memory"),
        ("requests.cpu", "350m", "300m", "quota_cpu"),
    ],
)
def test_a_full_quota_is_found_without_an_event(
    resource: str, hard: str, used: str, cause: str
) -> None:
    """What the pod asks for does not fit into what is left."""
    shop = Shop()
    shop.uncreated("pay")
    shop.objects["resourcequotas"].append(
        {**meta("team"), "status": {"hard": {resource: hard}, "used": {resource: used}}}
    )
    assert shop.blamed() == ("namespace/shop", cause)


def test_a_full_quota_that_blocks_nobody_is_no_fault() -> None:
    """Used equals hard is how a tight quota looks on a good day."""
    shop = Shop()
    shop.objects["resourcequotas"].append(
        {**meta("team"), "status": {"hard": {"pods": "4"}, "used": {"pods": "4"}}}
    )
    assert shop.blamed() == ("", "healthy")


def test_a_full_quota_of_services_explains_a_missing_service() -> None:
    """The workload runs, its Service could not be made."""
    shop = Shop()
    shop.drop("services", "store")
    shop.objects["resourcequotas"].append(
        {**meta("team"), "status": {"hard": {"services": "3"}, "used": {"services": "3"}}}
    )
    found = shop.judged().candidates
    assert (found[0].object, found[0].cause) == ("namespace/shop", "quota_services")
    assert found[2].object == "deployment/store"


def test_replicas_that_lack_without_a_word_are_said_to_lack() -> None:
    """Nothing explains it; that is said too."""
    shop = Shop()
    shop.uncreated("pay")
    assert shop.blamed() == ("deployment/pay", "replicas_missing")
