"""What CloudWatch says in the same way whoever forwards it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.alarms.cloudwatch import (
    account_in,
    dimensions_in,
    region_in,
    resource_name,
    service_of,
    started,
    state_of,
)

NOW = datetime(2026, 11, 22, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("ALARM", "firing"),
        ("`OK`", "resolved"),
        ("Insufficient data", "firing"),
        ("x", None),
        ("", None),
    ],
)
def test_states(word: str, state: str | None) -> None:
    """Missing data is no all-clear."""
    assert state_of(word) == state


def test_dimensions() -> None:
    """Known dimension names anywhere; a metric's namespace is not Kubernetes' namespace."""
    text = (
        "ServiceName: cart, `PodName`: web-1 and Namespace = AWS/ECS. LoadBalancer: app/shop/50dc6c"
    )
    assert dimensions_in(text) == {
        "servicename": "cart",
        "podname": "web-1",
        "metric_namespace": "AWS/ECS",
        "loadbalancer": "app/shop/50dc6c",
    }
    assert dimensions_in("Namespace: boutique") == {"namespace": "boutique"}


@pytest.mark.parametrize(
    ("labels", "service"),
    [
        ({"servicename": "cart", "podname": "x"}, "cart"),
        ({"podname": "cart-7d9f8b6c5d-x2x4p"}, "cart"),
        ({"functionname": "settle"}, "settle"),
        ({"loadbalancer": "app/shop-prod/50dc6c495c0c9188"}, "shop-prod"),
        ({"targetgroup": "targetgroup/cart-tg/73e2d6bc24d8a067"}, "cart-tg"),
        ({"clustername": "acme"}, ""),
    ],
)
def test_services(labels: dict[str, str], service: str) -> None:
    """Service, pod and function first, then the resource in front of it."""
    assert service_of(labels)[0] == service


def test_resource_names() -> None:
    """The part a person chose, of a path, an ARN or a bare name."""
    assert resource_name("arn:aws:states:eu-west-1:123456789012:stateMachine:settle") == "settle"
    assert resource_name("orders") == "orders"
    assert resource_name("/") == "/"


def test_region_and_account() -> None:
    """Both out of links and ARNs, encoded or not."""
    arn = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:x"
    assert account_in(arn) == account_in(arn.replace(":", "%3A")) == "123456789012"
    assert region_in(f"see {arn}") == "eu-west-1"
    assert region_in("https://us-gov-west-1.console") == "us-gov-west-1"
    assert (account_in("none"), region_in("x-west-9z")) == ("", "")


def test_start_of_a_resolved_alarm_is_not_in_its_reason() -> None:
    """The datapoints of a resolve are those that ended it."""
    reason = "[1.0 (22/11/26 06:50:00)]"
    assert started(reason, "firing", NOW)[0] == datetime(2026, 11, 22, 6, 50, tzinfo=UTC)
    assert started(reason, "resolved", NOW) == (NOW, "the time of the post")


def test_a_time_in_the_text_is_the_start() -> None:
    """A reason without datapoints may name the time in words."""
    assert started("State change time: 2026-11-22T06:55:00Z", "firing", NOW)[0].minute == 55
