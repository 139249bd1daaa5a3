"""What an alarm or a question is about."""

from __future__ import annotations

import pytest

from bot.simulators.messages_api.stand_in.question import (
    labelled_service,
    mentioned,
    namespace_in,
    said_by_person,
)

NAMES = [
    "checkoutservice",
    "paymentservice",
    "redis-cart",
    "cartservice",
    "web-frontend",
    "orders-db",
]


@pytest.mark.parametrize(
    ("text", "service", "namespace"),
    [
        ("Dimensions: Service=web, Namespace=shop; Namespace: Shop/Http", "web", "shop"),
        ("Tags: env:prod, kube_namespace:shop, service:checkoutservice", "checkoutservice", "shop"),
        ("severity: critical\nnamespace: shop\nservice: web-frontend", "web-frontend", "shop"),
        ("*service*: `web`, *namespace*: `shop`", "web", "shop"),
        ("deployment/orders in namespace shop is not available", "orders", "shop"),
        ("HTTP 500 responses of the service web in the shop namespace", "web", "shop"),
        ("service: \nnamespace: (the default one)\nseverity: high", "", ""),
        ("The service is down in the namespace of the team", "", ""),
    ],
)
def test_reads_labels(text: str, service: str, namespace: str) -> None:
    """Services and namespaces are read from labels of many senders, not from plain prose."""
    assert (labelled_service(text), namespace_in(text)) == (service, namespace)


def test_takes_what_the_person_wrote_out_of_its_fence() -> None:
    """Words around a fenced question are not the question."""
    text = 'A person writes:\n<untrusted source="person">\nis it web?\n</untrusted>\nAnswer for cartservice.'
    assert said_by_person(text) == "is it web?"
    assert said_by_person("plain") == "plain"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("what about the payment service?", ["paymentservice"]),
        ("is payment-service ok?", ["paymentservice"]),
        ("and web-frontend, or cartservice?", ["web-frontend", "cartservice"]),
        ("rule out the database", ["redis-cart", "orders-db"]),
        ("could it be payment", ["paymentservice"]),
        ("is it the cart?", ["cartservice"]),
        ("anything else?", []),
    ],
)
def test_finds_what_is_mentioned(text: str, expected: list[str]) -> None:
    """Names are found in the words people use for them."""
    assert mentioned(text, NAMES) == expected
