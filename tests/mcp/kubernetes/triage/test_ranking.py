"""Which of many faults is the cause, seen from the alerted service."""

from __future__ import annotations

from tests.mcp.kubernetes.triage.builders import Shop, ago


def test_at_most_three_candidates_are_shown() -> None:
    """However much is broken."""
    shop = Shop()
    for number in range(6):
        shop.add_workload(f"extra-{number}", 9000 + number, {})
        shop.crashes(f"extra-{number}", 1)
    assert len(shop.judged().candidates) == 3


def test_what_the_alerted_service_depends_on_comes_first() -> None:
    """Another crash of the namespace is not what the alarm is about."""
    shop = Shop()
    shop.add_workload("batch", 9000, {})
    shop.crashes("batch", 137, "OOMKilled")
    shop.crashes("store", 1)
    assert shop.blamed("web")[0] == "deployment/store"


def test_an_unrelated_weak_fault_does_not_make_a_healthy_service_sick() -> None:
    """A job that failed an hour ago has nothing to do with web."""
    shop = Shop()
    shop.objects["jobs"].append(
        {
            "metadata": {"name": "report-1", "namespace": "shop"},
            "spec": {},
            "status": {"conditions": [{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "lastTransitionTime": ago(90)}]},
        }
    )  # fmt: skip
    assert shop.judged("web").verdict == "healthy"
    assert shop.judged().verdict == "fault"


def test_victims_along_the_whole_chain_are_named() -> None:
    """web suffers from cart, which suffers from store."""
    shop = Shop()
    shop.crashes("store", 137, "OOMKilled")
    shop.log("cart", "Error 111 connecting to store:6379. Connection refused.")
    shop.log("web", "rpc error: code = Internal desc = cart: store is away")
    top = shop.top("web")
    assert top.object == "deployment/store"
    assert {"deployment/cart", "deployment/web"} <= set(top.victims)
    assert len(shop.judged("web").candidates) == 1


def test_a_callers_wrong_address_explains_why_the_callee_cannot_be_reached() -> None:
    """The callee is innocent."""
    shop = Shop()
    shop.set_container("cart", env=[{"name": "STORE_ADDR", "value": "store:6380"}])
    shop.log("cart", *["Error connecting to store:6380: i/o timeout"] * 4)
    found = shop.judged("web")
    assert (found.candidates[0].object, found.candidates[0].cause) == (
        "deployment/cart",
        "address_wrong_port",
    )
    assert "deployment/store" not in {each.object for each in found.candidates}


def test_a_change_after_the_trouble_began_is_not_shown() -> None:
    """A later revision cannot be the cause."""
    shop = Shop()
    shop.crashes("pay", 1)
    shop.add_revision("pay", 2, 1, image="registry.example/shop/pay:2.0")
    assert shop.top().changed == ()
    shop.objects["replicasets"][-1]["metadata"]["creationTimestamp"] = ago(30)
    assert len(shop.top().changed) == 1


def test_a_service_that_is_not_there_is_said() -> None:
    """The rest of the namespace is judged all the same."""
    shop = Shop()
    shop.crashes("pay", 1)
    found = shop.judged("nothing")
    assert found.candidates[0].object == "deployment/pay"
    assert any("nothing" in note for note in found.notes)


def test_an_empty_namespace_is_inconclusive() -> None:
    """Nothing to judge is not the same as well."""
    shop = Shop()
    for kind in shop.objects:
        shop.objects[kind] = []
    assert shop.judged().verdict == "inconclusive"


def test_pods_that_are_not_ready_for_no_known_reason_are_said() -> None:
    """Better a vague candidate than silence."""
    shop = Shop()
    shop.unready("pay")
    assert shop.blamed() == ("deployment/pay", "pod_not_ready")


def test_what_has_been_broken_for_days_comes_after_what_broke_today() -> None:
    """A chronic crash did not raise this alarm."""
    shop = Shop()
    shop.crashes("pay", 139)
    shop.get("deployments", "pay")["status"]["conditions"] = [
        {"type": "Available", "status": "False", "lastTransitionTime": ago(4000)}
    ]
    shop.crashes("cart", 1)
    assert shop.blamed()[0] == "deployment/cart"


def test_malformed_objects_do_no_harm() -> None:
    """Fields of the wrong type are read as absent."""
    shop = Shop()
    shop.objects["pods"].append({"metadata": None, "spec": [], "status": "?"})
    shop.objects["services"].append(
        {"metadata": {"name": 5}, "spec": {"ports": {"a": 1}, "selector": ["x"]}}
    )
    shop.objects["events"].append({"involvedObject": "pod", "message": None, "lastTimestamp": 7})
    shop.objects["nodes"].append({})
    shop.crashes("pay", 1)
    assert shop.blamed() == ("deployment/pay", "crash_loop")
