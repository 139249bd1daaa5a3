"""Where an alarm belongs: service, namespace and severity."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alarms.alarm import Alarm
from bot.alarms.catalog import Service, ServiceCatalog
from bot.alarms.placing import guess_service, place

CATALOG = ServiceCatalog(
    services=(
        Service(name="cartservice", aliases=("cart",), namespace="boutique"),
        Service(name="paymentservice", aliases=("payments",), patterns=("stripe",)),
        Service(name="checkout"),
    ),
    namespaces=("shop",),
    environments={"stg": "boutique-staging"},
    severities={"gold": "critical"},
)


def alarm(name: str = "x", text: str = "", service: str = "unknown", **labels: str) -> Alarm:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    return Alarm(
        source="t",
        name=name,
        text=text,
        service=service,
        labels=labels,
        started_at=now,
        identity=("i",),
    )


@pytest.mark.parametrize(
    ("given", "service", "why"),
    [
        (alarm(service_name="cart"), "cartservice", "label service_name, in the catalog"),
        (alarm(pod="cartservice-7d9f8b6c5d-x2x4p"), "cartservice", "label pod, in the catalog"),
        (alarm(functionname="payments"), "paymentservice", "label functionname, in the catalog"),
        (alarm(app="orders", text="cart fails"), "orders", "label app"),
        (alarm(job="node", app="cart"), "cartservice", "label app, in the catalog"),
        (alarm("stripe webhooks late"), "paymentservice", "the catalog's pattern stripe"),
        (alarm("stg-checkout-5xx"), "checkout", "the catalog's name for it in the alarm's name"),
        (
            alarm("errors", text="cart answers 500"),
            "cartservice",
            "the catalog's name for it in the text",
        ),
        (
            alarm("errors", service="guessed", text="cart is slow"),
            "cartservice",
            "the catalog's name for it in the text",
        ),
        (alarm("errors", service="guessed"), "guessed", "the reader"),
        (
            alarm("x", text="Deployment shop/orders has not matched"),
            "orders",
            "the Kubernetes object in the text",
        ),
        (
            alarm("prod-orders-5xx"),
            "orders",
            "what the alarm's name says beside environment and symptom",
        ),
        (
            alarm("x", text="pod orders-7d9f8b6c5d-x2x4p died"),
            "orders",
            "the pod orders-7d9f8b6c5d-x2x4p in the text",
        ),
        (
            alarm("x", text="the adservice answers slowly"),
            "adservice",
            "a word in the text that is built like a service's name",
        ),
        (alarm("x", job="node-exporter"), "node-exporter", "label job"),
        (alarm("x", job="Not A Name"), "unknown", "nothing names one"),
        (alarm("chekout"), "unknown", "nothing names one; the catalog has checkout"),
    ],
)
def test_service(given: Alarm, service: str, why: str) -> None:
    """Known beats guessed: labels, patterns, names, then what merely looks like a service."""
    placed = place(given, CATALOG)
    assert (placed.service, placed.reasons["service"]) == (service, why)


@pytest.mark.parametrize(
    ("given", "namespace"),
    [
        (alarm(namespace="AWS/ECS", exported_namespace="a"), "a"),
        (alarm(namespace="$(reboot)"), ""),
        (alarm(namespace="a", app="cart"), "a"),
        (alarm(kube_namespace="b"), "b"),
        (alarm(app="cart"), "boutique"),
        (alarm("stg-orders-5xx"), "boutique-staging"),
        (alarm(cluster="shop"), "shop"),
        (alarm(text="Deployment orders-ns/orders is late"), "orders-ns"),
        (alarm(), ""),
    ],
)
def test_namespace(given: Alarm, namespace: str) -> None:
    """A label first, then the service's own, then words the catalog knows, then an object in the text."""
    assert place(given, CATALOG).namespace == namespace


def test_a_team_s_own_severity_wins() -> None:
    """The catalog's words overrule the common reading of the same label."""
    placed = place(alarm(severity="gold"), CATALOG)
    assert (placed.severity, placed.reasons["severity"]) == (
        "critical",
        "label severity, as the catalog reads it",
    )


@pytest.mark.parametrize(
    ("name", "service"),
    [
        ("cartservice-error", "cartservice"),
        ("prod-checkout-5xx", "checkout"),
        ("payment_service_latency_high", "payment-service"),
        ("staging.orders-api.cpu", "orders-api"),
        ("disk-full", ""),
        ("high-cpu", ""),
        ("prod-checkout", ""),
        ("HighErrorRate", ""),
        ("two words-5xx", ""),
        ("a-b-c-d-e-error", ""),
    ],
)
def test_guess_from_the_name(name: str, service: str) -> None:
    """Environment and symptom words are taken off; without a symptom nothing is guessed."""
    assert guess_service(name) == service


@given(
    name=st.text(max_size=60),
    text=st.text(max_size=200),
    labels=st.dictionaries(st.text(max_size=8), st.text(max_size=20), max_size=4),
)
def test_any_alarm_can_be_placed(name: str, text: str, labels: dict[str, str]) -> None:
    """Placing never fails, leaves the fingerprint, and gives a reason for each place."""
    made = alarm(name, text).model_copy(update={"labels": labels})
    placed = place(made, CATALOG)
    assert placed.fingerprint == made.fingerprint
    assert placed.service
    assert {"service", "namespace"} <= set(placed.reasons)
