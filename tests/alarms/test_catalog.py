"""The service catalog: its shape in TOML, names, patterns, neighbours."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.alarms import catalog as module
from bot.alarms.catalog import Service, ServiceCatalog

CATALOG = ServiceCatalog(
    services=(
        Service(name="cartservice", aliases=("cart", "cart-svc"), namespace="boutique"),
        Service(name="checkoutservice", aliases=("checkout",), patterns=(r"^acme-\w+-co-",)),
        Service(name="checkout-worker"),
        Service(name="paymentservice", aliases=("payments",), patterns=("stripe",)),
    ),
    namespaces=("boutique", "payments-prod"),
    environments={"prod": "boutique"},
    severities={"gold": "critical"},
)


def test_the_documented_toml_is_a_catalog() -> None:
    """The example in the module's docstring is valid TOML and a valid catalog."""
    assert module.__doc__ is not None
    example = module.__doc__.partition("`tocsin.toml`:")[2]
    catalog = ServiceCatalog.model_validate(tomllib.loads(example)["catalog"])
    (service,) = catalog.services
    assert (service.name, service.namespace, service.team) == (
        "cartservice",
        "boutique",
        "checkout",
    )
    assert catalog.severities == {"gold": "critical"}


def test_an_empty_catalog_knows_nothing_and_answers_everything() -> None:
    """Without configuration every lookup has an answer: nothing."""
    empty = ServiceCatalog()
    assert empty.find("cart") is None
    assert empty.matching(["cart"]) is None
    assert empty.mentioned("cart is down") is None
    assert empty.nearest("cart") == ()
    assert empty.namespace_in("prod") == ""
    assert empty.severity_in({"severity": "gold"}) == ("unknown", "")


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("cartservice", "cartservice"),
        ("CartService", "cartservice"),
        ("cart_service", "cartservice"),
        ("CART", "cartservice"),
        ("cart svc", "cartservice"),
        ("carts", None),
        ("", None),
        ("  ", None),
    ],
)
def test_find_by_name_or_alias(name: str, found: str | None) -> None:
    """Case and separators make no difference; anything else does."""
    service = CATALOG.find(name)
    assert (service.name if service else None) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("prod-checkout-5xx", "checkoutservice"),
        ("CheckoutHighLatency", "checkoutservice"),
        ("checkout-worker lag", "checkout-worker"),
        ("CheckoutWorkerLag", "checkout-worker"),
        ("the cart is slow", "cartservice"),
        ("checkouts are slow", None),
        ("carton", None),
        ("", None),
    ],
)
def test_mentions(text: str, found: str | None) -> None:
    """A name counts as a word of its own, also inside joined and camel-case names; the longest wins."""
    service = CATALOG.mentioned(text)
    assert (service.name if service else None) == found


def test_patterns_search_names_and_values() -> None:
    """The first service with a pattern that is found; case does not count."""
    matched = CATALOG.matching(["x", "ACME-eu-co-17"])
    assert matched is not None
    assert (matched[0].name, matched[1]) == ("checkoutservice", r"^acme-\w+-co-")
    assert CATALOG.matching(["x" * 300 + "stripe"]) is None


@pytest.mark.parametrize(
    ("name", "first"),
    [("cartservise", "cartservice"), ("payment", "paymentservice"), ("chekout", "checkoutservice")],
)
def test_nearest_names(name: str, first: str) -> None:
    """A misspelled or shortened name has its service as the nearest."""
    assert CATALOG.nearest(name)[0] == first


def test_nothing_is_near_a_strange_name() -> None:
    """A name that resembles none has no neighbours."""
    assert CATALOG.nearest("zzzzzz") == ()


@given(name=st.text(max_size=40), count=st.integers(1, 5))
def test_nearest_takes_any_text(name: str, count: int) -> None:
    """Never more than asked for, only known names, none twice."""
    near = CATALOG.nearest(name, count)
    assert len(near) == len(set(near)) <= count
    assert set(near) <= {service.name for service in CATALOG.services}


@pytest.mark.parametrize(
    ("text", "namespace"),
    [
        ("prod-checkout-5xx", "boutique"),
        ("x payments-prod y", "boutique"),
        ("boutique", "boutique"),
    ],
)
def test_namespaces(text: str, namespace: str) -> None:
    """An environment's word means its namespace; else a known namespace that stands in the text."""
    assert CATALOG.namespace_in(text) == namespace


def test_own_severity_words() -> None:
    """A team's own word counts in a severity label only."""
    assert CATALOG.severity_in({"tier": "Gold"}) == ("critical", "tier")
    assert CATALOG.severity_in({"medal": "gold"}) == ("unknown", "")


@pytest.mark.parametrize(
    "service",
    [
        {"name": ""},
        {"name": "x" * 254},
        {"name": "x", "patterns": ["("]},
        {"name": "x", "patterns": ["(a+)+$"]},
        {"name": "x", "patterns": ["(a|b+)*"]},
        {"name": "x", "patterns": ["a" * 201]},
        {"name": "x", "patterns": [""]},
        {"name": "x", "colour": "red"},
    ],
)
def test_wrong_services_are_refused(service: dict[str, Any]) -> None:
    """Empty names, patterns that do not compile or may run for ever, and unknown keys are errors."""
    with pytest.raises(ValidationError):
        ServiceCatalog.model_validate({"services": [service]})


def test_a_name_belongs_to_one_service() -> None:
    """Two services cannot share a name or an alias, whatever its spelling."""
    services = [{"name": "cart"}, {"name": "basket", "aliases": ["CART"]}]
    with pytest.raises(ValidationError, match="names two services: cart and basket"):
        ServiceCatalog.model_validate({"services": services})


def test_the_cluster_is_the_catalog_s_to_name() -> None:
    """By service, else by what an alarm's label means there; a label alone names none."""
    catalog = ServiceCatalog(
        services=(Service(name="cartservice", cluster="us"), Service(name="frontend")),
        clusters={"prod-eu": "eu"},
    )
    labels = {"cluster": "prod-eu"}
    assert catalog.cluster_of("cartservice", labels) == "us"
    assert catalog.cluster_of("frontend", labels) == "eu"
    assert catalog.cluster_of("unknown", {"kube_cluster_name": "prod-eu"}) == "eu"
    assert catalog.cluster_of("frontend", {"cluster": "eu"}) == ""
    assert catalog.cluster_of("frontend", {}) == ""
