"""Workloads behind the names that Kubernetes makes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alarms.kubernetes_names import (
    is_object_name,
    object_in,
    pods_in,
    service_like,
    without_pods,
    workload_of,
)

SAFE = "bcdfghjklmnpqrstvwxz2456789"


@pytest.mark.parametrize(
    ("pod", "workload"),
    [
        ("cartservice-7d9f8b6c5d-x2x4p", "cartservice"),
        ("boutique/cartservice-7d9f8b6c5d-x2x4p", "cartservice"),
        ("api-1234567890-zzzzz", "api"),
        ("redis-cart-0", "redis-cart"),
        ("fluentd-x2x4p", "fluentd"),
        ("report-28012345-x2x4p", "report"),
        ("recommendationservice", "recommendationservice"),
        ("ad-plans", "ad-plans"),
        ("payments-abc", "payments-abc"),
        ("", ""),
    ],
)
def test_workload(pod: str, workload: str) -> None:
    """Hashes of ReplicaSets, Jobs and DaemonSets and ordinals of StatefulSets come off; words stay."""
    assert workload_of(pod) == workload


@given(
    name=st.from_regex(r"[a-z][a-z0-9-]{0,20}[a-z]", fullmatch=True),
    template=st.text(alphabet=SAFE, min_size=8, max_size=10),
    suffix=st.text(alphabet=SAFE, min_size=5, max_size=5),
)
def test_any_deployment_pod_gives_its_deployment(name: str, template: str, suffix: str) -> None:
    """`<deployment>-<hash>-<suffix>` is of `<deployment>`, alone and in a text."""
    pod = f"{name}-{template}-{suffix}"
    assert workload_of(pod) == name
    assert without_pods(f"pod {pod} died") == f"pod {name} died"
    assert pods_in(f"pod {pod} died") == [pod]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Deployment boutique/cartservice has not matched", ("boutique", "cartservice")),
        ("deployment/cartservice", ("", "cartservice")),
        ("Pod `boutique/cartservice-7d9f8b6c5d-x2x4p` waits", ("boutique", "cartservice")),
        ("statefulset.apps/redis", ("", "redis")),
        ("Deployment cartservice failed", ("", "")),
        ("deployment/../etc", ("", "")),
    ],
)
def test_objects(text: str, found: tuple[str, str]) -> None:
    """Kind and name joined by a slash, or kind followed by namespace and name."""
    assert object_in(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("the cartservice is slow", "cartservice"),
        ("orders-api, then billing-worker", "orders-api"),
        ("a microservice of ours", ""),
        ("service", ""),
        ("https://x/cartservice", ""),
        ("cartservice.example.com", ""),
    ],
)
def test_words_built_like_services(text: str, found: str) -> None:
    """`…service`, `…-api` and the like; common nouns, paths and host names are not."""
    assert service_like(text) == found


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("a-1", True),
        ("a", True),
        ("A", False),
        ("1", False),
        ("a_b", False),
        ("-a", False),
        ("", False),
    ],
)
def test_object_names(text: str, valid: bool) -> None:
    """Lower case, digits and inner dashes, with at least one letter."""
    assert is_object_name(text) is valid
