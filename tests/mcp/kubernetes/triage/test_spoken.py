"""Errors without an address: whom the words mean, and who is to blame behind whom."""

from __future__ import annotations

import pytest
from tocsin_mcp.kubernetes.triage.phrases import routed_to, spoken_of

from tests.mcp.kubernetes.triage.builders import Shop

CALLS = {
    "web": ["cart-service", "productcatalogservice", "recommendationservice", "currencyservice", "adservice", "checkoutservice"],
    "checkoutservice": ["cart-service", "paymentservice"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("line", "callee"),
    [
        ("could not retrieve cart: rpc error: code = Internal desc = boom", "cart-service"),
        ("failed to get product recommendations", "recommendationservice"),
        ("could not retrieve currencies: context deadline exceeded", "currencyservice"),
        ("failed to retrieve ads", "adservice"),
        ("Error: 13 INTERNAL: Error: Product Catalog Fail Flag Enabled", "productcatalogservice"),
        ("checkout failed: cart failure: no user", "cart-service"),
        ("checkout failed: payment declined", "paymentservice"),
        ("failed to add an address to the card", ""),
        (
            '{"http.req.path":"/cart","error":"could not convert currency: rpc error","message":"request error"}',
            "currencyservice",
        ),
    ],
)
def test_words_mean_the_callee_whose_name_they_begin(line: str, callee: str) -> None:
    """Also plurals, records, and errors passed on along a chain."""
    assert spoken_of(line, "web", lambda name: CALLS.get(name, [])) == callee


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("could not get cart: rpc error: code = DeadlineExceeded desc = context deadline exceeded", "network_delay"),
        ("could not get cart: rpc error: code = NotFound desc = no such item", "application_errors"),
        ("could not get cart: rpc error: code = Unavailable desc = closing transport", "dependency_unreachable"),
    ],
)  # fmt: skip
def test_a_callee_is_blamed_by_words_alone(line: str, cause: str) -> None:
    """Its own log and state say nothing."""
    shop = Shop()
    shop.log("web", *[line] * 4)
    assert shop.blamed("web") == ("deployment/cart", cause)


def test_the_deepest_of_those_that_are_named_is_to_blame() -> None:
    """web cannot get the cart, cart cannot reach its store, and the store looks well."""
    shop = Shop()
    shop.log("web", *["could not get cart: rpc error: code = Unavailable desc = x"] * 4)
    shop.log("cart", *["dial tcp: connect to store:6379: i/o timeout"] * 4)
    top = shop.top("web")
    assert top.object == "deployment/store"
    assert set(top.victims) >= {"deployment/cart"}


def test_an_address_of_a_service_made_anew_is_known_by_its_port() -> None:
    """The old cluster IP is nobody's; one called service has that port."""
    shop = Shop()
    shop.log("web", *["dial tcp 10.99.9.9:5051: connect: connection refused"] * 4)
    assert shop.blamed("web")[0] == "deployment/pay"


def test_a_pool_that_runs_dry_because_the_database_is_away() -> None:
    """The store's own trouble explains it."""
    shop = Shop()
    shop.log("cart", *["HikariPool-1 - Connection is not available, request timed out"] * 4)
    assert shop.blamed("cart") == ("deployment/cart", "connection_pool_exhausted")
    shop.crashes("store", 1)
    assert shop.blamed("cart") == ("deployment/store", "crash_loop")


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ('{"http.req.path":"/cart/checkout","error":"failed"}', "checkout-service"),
        ('{"path": "/api/products/7", "error": "failed"}', "productcatalog"),
        ("POST /v1/carts HTTP/1.1 500", "cart"),
        ('{"path":"/health"}', ""),
        ("read /cart/checkout.json", ""),
    ],
)
def test_the_path_of_a_request_names_who_was_called(line: str, name: str) -> None:
    """Where the words of an error name nobody."""
    assert routed_to(line, ["cart", "checkout-service", "productcatalog"]) == name
