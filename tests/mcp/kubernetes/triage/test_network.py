"""DNS, network policies, connections: who is to blame when somebody cannot reach somebody."""

from __future__ import annotations

import pytest

from tests.mcp.kubernetes.triage.builders import Json, Shop, meta

REFUSED = "rpc error: code = Unavailable desc = dial tcp {}: connect: connection refused"


def policy(name: str, pods: Json, **spec: object) -> Json:
    item = meta(name)
    item["spec"] = {"podSelector": pods, **spec}
    return item


def test_a_name_that_exists_and_cannot_be_resolved_is_a_matter_of_dns() -> None:
    """The service is there with endpoints."""
    shop = Shop()
    shop.log("web", "getaddrinfo EAI_AGAIN pay", "getaddrinfo EAI_AGAIN pay")
    assert shop.blamed("web") == ("deployment/web", "dns_failure")


@pytest.mark.parametrize(
    "spec",
    [{"dnsPolicy": "Default"}, {"dnsPolicy": "None", "dnsConfig": {"nameservers": ["192.0.2.1"]}}],
)
def test_the_pods_own_dns_settings_are_looked_at(spec: Json) -> None:
    """They lead past the cluster's DNS."""
    shop = Shop()
    shop.set_spec("web", **spec)
    shop.log("web", "dial tcp: lookup pay on 192.0.2.1:53: no such host")
    assert shop.blamed("web") == ("deployment/web", "dns_config_invalid")


def test_a_dns_server_that_is_down_explains_what_cannot_be_resolved() -> None:
    """All kube-dns pods are sick."""
    shop = Shop()
    for number in (1, 2):
        server = meta(f"coredns-{number}")
        server["status"] = {
            "phase": "Running",
            "conditions": [{"type": "Ready", "status": "False"}],
        }
        shop.objects["system_pods"].append(server)
    for name in ("web", "cart"):
        shop.log(name, "lookup store on 10.96.0.10:53: server misbehaving")
    assert shop.blamed()[1] == "dns_server_down"


def test_a_policy_that_denies_egress_cuts_dns() -> None:
    """Default-deny without a rule for port 53."""
    shop = Shop()
    shop.objects["networkpolicies"].append(policy("deny", {}, policyTypes=["Egress"]))
    shop.log("web", "dial tcp: lookup pay: i/o timeout")
    assert shop.blamed("web") == ("networkpolicy/deny", "network_policy_denies")


def test_a_policy_in_front_of_the_callee_cuts_its_callers() -> None:
    """Only cart may talk to pay; web's calls time out."""
    shop = Shop()
    only_cart = [{"from": [{"podSelector": {"matchLabels": {"app": "cart"}}}]}]
    shop.objects["networkpolicies"].append(
        policy(
            "pay-in", {"matchLabels": {"app": "pay"}}, policyTypes=["Ingress"], ingress=only_cart
        )
    )
    shop.log(
        "web", "rpc error: code = Unavailable desc = dial tcp: connect to pay:5051: i/o timeout"
    )
    top = shop.top("web")
    assert (top.object, top.cause) == ("networkpolicy/pay-in", "network_policy_denies")
    assert top.confidence > 0.9


@pytest.mark.parametrize(
    "rules",
    [
        [{"from": [{"podSelector": {"matchLabels": {"app": "web"}}}]}],
        [{"from": [{"podSelector": {}}], "ports": [{"protocol": "TCP", "port": 5051}]}],
        [{"from": [{"namespaceSelector": {}}]}],
        [{"from": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}],
        [{"ports": [{"port": 5000, "endPort": 5100}]}],
        [{}],
    ],
)
def test_a_policy_that_lets_the_caller_through_is_innocent(rules: list[Json]) -> None:
    """By label, by namespace, by address block, by port, or everybody."""
    shop = Shop()
    shop.objects["networkpolicies"].append(
        policy("pay-in", {"matchLabels": {"app": "pay"}}, policyTypes=["Ingress"], ingress=rules)
    )
    assert shop.blamed() == ("", "healthy")


def test_a_refused_address_is_the_service_behind_it() -> None:
    """The error names an IP; the crash of the service with that IP is the cause, two callers suffer."""
    shop = Shop()
    shop.crashes("store", 1)
    address = shop.get("services", "store")["spec"]["clusterIP"]
    shop.log("cart", REFUSED.format(f"{address}:6379"))
    shop.log("web", "request error: rpc error: code = Unavailable desc = cart failed")
    top = shop.top("web")
    assert (top.object, top.cause) == ("deployment/store", "crash_loop")
    assert set(top.victims) >= {"deployment/cart", "deployment/web"}


def test_a_service_that_callers_name_and_that_looks_well_is_named() -> None:
    """Two callers cannot reach it; nothing in its state says why."""
    shop = Shop()
    shop.set_container("pay", env=[{"name": "STORE_ADDR", "value": "store:6379"}])
    for name in ("cart", "pay"):
        shop.log(name, *["Error 111 connecting to store:6379. Connection refused."] * 3)
    assert shop.blamed() == ("deployment/store", "dependency_unreachable")


def test_a_node_from_which_nothing_is_reachable_has_a_network_fault() -> None:
    """Three ready services fail from one node and from no other: kube-proxy leaves no trace in any object."""
    shop = Shop()
    shop.add_workload("mail", 2525, {}, node="worker-2")
    env = [
        {"name": f"{name.upper()}_ADDR", "value": f"{name}:{port}"}
        for name, port in (("cart", 7070), ("pay", 5051), ("mail", 2525))
    ]
    shop.set_container("web", env=env)
    for name, port in (("cart", 7070), ("pay", 5051), ("mail", 2525)):
        shop.log("web", *[f"dial tcp: connect to {name}:{port}: i/o timeout"] * 3)
    assert ("node/worker-1", "cluster_network_failure") in {
        (each.object, each.cause) for each in shop.judged().candidates
    }


def test_something_outside_is_told_from_a_service() -> None:
    """The provider's host is none of the namespace's."""
    shop = Shop()
    shop.log("pay", *["getaddrinfo ENOTFOUND api.provider.example"] * 3)
    assert shop.blamed("pay") == ("deployment/pay", "external_dependency_unreachable")


def test_errors_that_ended_an_hour_ago_are_history() -> None:
    """The dependency is back, nobody complains any more."""
    shop = Shop()
    shop.log("web", REFUSED.format("pay:5051"), minutes=45)
    shop.log("web", "GET / 200", minutes=0)
    assert shop.blamed("web") == ("", "healthy")


@pytest.mark.parametrize("open_again", [False, True])
def test_a_connection_that_a_policy_still_cuts_has_only_not_been_tried_since(
    open_again: bool,
) -> None:
    """Two calls failed, and nobody has called for a while; errors alone would be over by now."""
    shop = Shop()
    rules: list[Json] = [{}] if open_again else []
    shop.objects["networkpolicies"].append(
        policy("pay-in", {"matchLabels": {"app": "pay"}}, policyTypes=["Ingress"], ingress=rules)
    )
    shop.log("web", *["dial tcp: connect to pay:5051: i/o timeout"] * 2, *["GET /health 200"] * 60)
    cut = ("networkpolicy/pay-in", "network_policy_denies")
    assert shop.blamed("web") == (("", "healthy") if open_again else cut)


def test_who_passes_on_that_a_name_is_unknown_can_resolve_names() -> None:
    """cart asks the node's DNS server for store, and says so in its answer to web alone."""
    shop = Shop()
    shop.set_spec("cart", dnsPolicy="Default")
    unknown = "dial tcp: lookup store on 169.254.169.253:53: no such host"
    line = f"rpc error: code = Internal desc = not stored: rpc error: code = Unavailable desc = {unknown}"
    shop.log("web", *[line] * 3)
    assert shop.blamed("web") == ("deployment/cart", "dns_config_invalid")


def test_one_request_whose_client_hung_up_is_nothing() -> None:
    """Its callee is not to blame."""
    shop = Shop()
    shop.log("web", "could not get cart: rpc error: code = Canceled desc = context canceled")
    assert shop.blamed("web") == ("", "healthy")


@pytest.mark.parametrize("ours", ["10.0.1.7:{}", "[fd00::7]:{}"])
def test_a_broken_connection_names_the_other_side_and_not_its_own(ours: str) -> None:
    """Go prints `local->remote`; the local port is another one each time."""
    shop = Shop()
    theirs = "10.0.9.9" if ours.startswith("10") else "[fd00::99]"
    shop.get("services", "pay")["spec"]["clusterIP"] = theirs.strip("[]")
    line = "rpc error: code = Unavailable desc = error reading from server: read tcp {}->{}:5051: read: connection reset by peer"
    shop.log("web", *[line.format(ours.format(40000 + number), theirs) for number in range(9)])
    assert shop.blamed("web") == ("deployment/pay", "dependency_unreachable")
