"""Services, addresses and Ingresses that lead nowhere, and those that only look like it."""

from __future__ import annotations

import pytest

from tests.mcp.kubernetes.triage.builders import Json, Shop, meta


def test_a_selector_that_fits_no_pod_is_the_services_fault() -> None:
    """A workload of the service's name runs."""
    shop = Shop()
    shop.get("services", "pay")["spec"]["selector"] = {"app": "payment"}
    shop.get("endpoints", "pay")["subsets"] = []
    top = shop.top("web")
    assert (top.object, top.cause) == ("service/pay", "service_selector_mismatch")
    assert "deployment/pay" in top.related


def test_a_selector_with_one_label_too_many_fits_no_pod() -> None:
    """All labels must be there."""
    shop = Shop()
    shop.get("services", "pay")["spec"]["selector"] = {"app": "pay", "tier": "gold"}
    assert shop.blamed() == ("service/pay", "service_selector_mismatch")


def test_a_selector_that_fits_another_workload_is_a_mismatch_too() -> None:
    """Its endpoints are ready, and wrong."""
    shop = Shop()
    shop.get("services", "pay")["spec"]["selector"] = {"app": "cart"}
    assert shop.blamed() == ("service/pay", "service_selector_mismatch")


@pytest.mark.parametrize("target", [9999, "grpc-web"])
def test_a_target_port_that_no_container_has_is_told_from_a_wrong_selector(
    target: int | str,
) -> None:
    """By number or by name."""
    shop = Shop()
    shop.get("services", "pay")["spec"]["ports"][0]["targetPort"] = target
    assert shop.blamed() == ("service/pay", "service_target_port_mismatch")


def test_a_named_target_port_that_a_container_has_is_right() -> None:
    """Names are looked up in the containers."""
    shop = Shop()
    shop.set_container("pay", ports=[{"containerPort": 5051, "name": "grpc"}])
    shop.get("services", "pay")["spec"]["ports"][0]["targetPort"] = "grpc"
    assert shop.blamed() == ("", "healthy")


def test_a_second_port_that_no_container_declares_is_common() -> None:
    """Metrics ports are often not declared; the first port fits."""
    shop = Shop()
    shop.get("services", "pay")["spec"]["ports"].append(
        {"name": "metrics", "port": 9090, "targetPort": 9090}
    )
    assert shop.blamed() == ("", "healthy")


def test_a_service_of_the_wrong_protocol() -> None:
    """UDP in front of a TCP port."""
    shop = Shop()
    shop.get("services", "pay")["spec"]["ports"][0]["protocol"] = "UDP"
    assert shop.blamed() == ("service/pay", "service_protocol_mismatch")


def test_a_service_that_is_gone_while_its_workload_runs() -> None:
    """A variable of a caller still names it."""
    shop = Shop()
    shop.drop("services", "pay")
    assert shop.blamed("web") == ("service/pay", "service_missing")


def test_services_without_a_selector_are_managed_by_hand() -> None:
    """They have no pods and that is right."""
    shop = Shop()
    for name, spec in (
        ("legacy", {"ports": [{"port": 80}]}),
        ("mail", {"type": "ExternalName", "externalName": "mail.example"}),
    ):
        service = meta(name)
        service["spec"] = spec
        shop.objects["services"].append(service)
    assert shop.blamed() == ("", "healthy")


@pytest.mark.parametrize(
    ("value", "cause"),
    [
        ("psy:5051", "address_unknown_host"),
        ("pay-svc:5051", "address_unknown_host"),
        ("pay:5052", "address_wrong_port"),
        ("cart:7070", "address_unknown_host"),
        ("http://pay.shop.svc.cluster.local:80/v1", "address_wrong_port"),
    ],
)
def test_a_variable_that_names_the_wrong_thing(value: str, cause: str) -> None:
    """A typo, a wrong port, or another service than the variable's own name says."""
    shop = Shop()
    shop.set_container(
        "web",
        env=[{"name": "CART_ADDR", "value": "cart:7070"}, {"name": "PAY_ADDR", "value": value}],
    )
    top = shop.top()
    assert (top.object, top.cause) == ("deployment/web", cause)
    assert any(value in quote for quote in top.evidence)


@pytest.mark.parametrize(
    "value",
    ["pay.shop:5051", "pay.shop.svc:5051", "pay.shop.svc.cluster.local:5051", "http://pay:5051/x"],
)
def test_all_names_of_a_service_are_right(value: str) -> None:
    """With and without namespace and cluster domain, as URL or host and port."""
    shop = Shop()
    shop.set_container(
        "web",
        env=[{"name": "CART_ADDR", "value": "cart:7070"}, {"name": "PAY_ADDR", "value": value}],
    )
    assert shop.blamed() == ("", "healthy")


def test_an_optional_part_that_is_nowhere_is_no_fault() -> None:
    """Programs carry addresses of parts that are not installed."""
    shop = Shop()
    env = shop.container("web")["env"]
    shop.set_container(
        "web", env=[*env, {"name": "ASSISTANT_SERVICE_ADDR", "value": "assistantservice:80"}]
    )
    assert shop.blamed() == ("", "healthy")


def test_a_host_that_the_log_cannot_resolve_is_a_fault() -> None:
    """The same address, and the program complains of it."""
    shop = Shop()
    env = shop.container("web")["env"]
    shop.set_container("web", env=[*env, {"name": "SEARCH_ADDR", "value": "searchengine:80"}])
    shop.log("web", "dial tcp: lookup searchengine on 10.96.0.10:53: no such host")
    assert shop.blamed() == ("deployment/web", "address_unknown_host")


def test_host_and_port_may_be_two_variables() -> None:
    """DB_HOST with DB_PORT."""
    shop = Shop()
    env = [{"name": "STORE_HOST", "value": "store"}, {"name": "STORE_PORT", "value": "6380"}]
    shop.set_container("cart", env=env)
    assert shop.blamed() == ("deployment/cart", "address_wrong_port")


def test_addresses_come_from_configmaps_too() -> None:
    """envFrom and single keys."""
    shop = Shop()
    shop.objects["configmaps"].append({**meta("links"), "data": {"STORE_ADDR": "stroe:6379"}})
    shop.set_container("cart", env=[], envFrom=[{"configMapRef": {"name": "links"}}])
    assert shop.blamed() == ("deployment/cart", "address_unknown_host")


def test_a_port_that_all_clients_agree_on_is_the_services_fault() -> None:
    """Two callers say 6379, the service offers 6380: the service was changed."""
    shop = Shop()
    env = shop.container("pay")["env"]
    shop.set_container("pay", env=[*env, {"name": "STORE_ADDR", "value": "store:6379"}])
    shop.get("services", "store")["spec"]["ports"][0]["port"] = 6380
    assert shop.blamed() == ("service/store", "service_port_mismatch")


def backend(name: str, port: int) -> Json:
    return {"service": {"name": name, "port": {"number": port}}}


@pytest.mark.parametrize(
    ("path", "target", "fault"),
    [
        ("/pay", backend("pay", 5051), False),
        ("/", backend("web", 8080), False),
        ("/pay", backend("payment", 5051), True),
        ("/pay", backend("pay", 80), True),
        ("/api/pay", backend("cart", 7070), True),
    ],
)
def test_an_ingress_is_checked_against_the_services(path: str, target: Json, fault: bool) -> None:
    """A backend that does not exist, has no such port, or is not the one that the path names."""
    shop = Shop()
    ingress = meta("front")
    ingress["spec"] = {"rules": [{"http": {"paths": [{"path": path, "backend": target}]}}]}
    shop.objects["ingresses"].append(ingress)
    expected = ("ingress/front", "ingress_backend_missing") if fault else ("", "healthy")
    assert shop.blamed() == expected


def test_an_ingress_without_its_certificate_or_controller() -> None:
    """The Secret and the class are looked up."""
    shop = Shop()
    ingress = meta("front")
    ingress["spec"] = {"tls": [{"secretName": "front-tls"}], "ingressClassName": "fast"}
    shop.objects["ingresses"].append(ingress)
    shop.objects["secrets"].append(meta("other"))
    assert shop.blamed() == ("ingress/front", "ingress_tls_missing")
    shop.objects["ingressclasses"].append(meta("nginx"))
    assert shop.blamed() == ("ingress/front", "ingress_class_missing")


def test_unready_pods_behind_a_service_are_not_the_services_fault() -> None:
    """No endpoints because the pods crash: the workload is to blame."""
    shop = Shop()
    shop.crashes("pay", 1)
    assert shop.blamed("web")[0] == "deployment/pay"


def test_a_service_without_a_workload_does_not_mean_one_that_has_its_own_service() -> None:
    """`adservice` and `cartservice` are alike for their ending only."""
    shop = Shop()
    for name in ("adservice", "cartservice"):
        shop.add_workload(name, 9555, {})
    shop.set_container("web", env=[{"name": "A", "value": "cartservice:9555"}])
    for kind, name in (("pods", "cartservice-r1-0"), ("deployments", "cartservice")):
        shop.drop(kind, name)
    shop.drop("replicasets", "cartservice-r1")
    shop.get("endpoints", "cartservice")["subsets"] = []
    assert shop.blamed() == ("service/cartservice", "no_endpoints")
