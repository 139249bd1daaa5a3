"""Controllers that Kubernetes does not have itself: their pods are theirs all the same."""

from __future__ import annotations

import pytest

from tests.mcp.kubernetes.triage.builders import Shop

QUOTA = "exceeded quota: compute, requested: pods=1, used: pods=9, limited: pods=9"


def adopted(kind: str) -> Shop:
    """The shop whose pay is no Deployment's but another controller's."""
    shop = Shop()
    shop.drop("deployments", "pay")
    for item in shop.objects["replicasets"]:
        if item["metadata"]["name"] == "pay-r1":
            item["metadata"]["ownerReferences"][0]["kind"] = kind
    return shop


def test_pods_of_an_argo_rollout_are_one_workload() -> None:
    """Nobody listed the kind; the ReplicaSet names it."""
    shop = adopted("Rollout")
    shop.get("endpoints", "pay")["subsets"] = []
    status = shop.pod("pay")["status"]
    status["conditions"][0]["status"] = "False"
    status["containerStatuses"][0] |= {
        "ready": False,
        "state": {"waiting": {"reason": "ImagePullBackOff", "message": "pay:9: not found"}},
    }
    assert shop.blamed() == ("rollout/pay", "image_not_found")


def test_pods_that_an_argo_rollout_may_not_create_are_missed() -> None:
    """There is no pod left that could show it."""
    shop = adopted("Rollout")
    shop.objects["pods"].remove(shop.pod("pay"))
    shop.get("replicasets", "pay-r1")["status"] = {"replicas": 0}
    shop.event(
        "ReplicaSet", "pay-r1", "FailedCreate", f'Error creating: pods "pay-" is forbidden: {QUOTA}'
    )
    named = [each.object for each in shop.judged().candidates if each.cause == "quota_pods"]
    assert "rollout/pay" in named


@pytest.mark.parametrize("ready", [True, False])
def test_pods_of_an_operators_own_kind_are_one_workload(ready: bool) -> None:
    """Owned without a ReplicaSet between."""
    shop = Shop()
    shop.drop("deployments", "store")
    shop.drop("replicasets", "store-r1")
    shop.pod("store")["metadata"]["ownerReferences"] = [
        {"kind": "Cluster", "name": "store", "controller": True}
    ]
    if not ready:
        status = shop.pod("store")["status"]
        status["conditions"][0]["status"] = "False"
        status["containerStatuses"][0] |= {
            "ready": False,
            "state": {"waiting": {"reason": "InvalidImageName"}},
        }
    expected = ("", "healthy") if ready else ("cluster/store", "image_name_invalid")
    assert shop.blamed() == expected
