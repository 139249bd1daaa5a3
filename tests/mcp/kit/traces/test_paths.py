"""From a path inside a container to a file of the repository."""

from __future__ import annotations

import pytest
from tocsin_mcp.kit.traces import matching_paths

TREE = [
    "src/cartservice/src/cartstore/RedisCartStore.cs",
    "src/cartservice/tests/cartstore/RedisCartStore.cs",
    "src/frontend/main.go",
    "src/shippingservice/main.go",
    "src/payment-service/server.js",
    "src/currencyservice/server.js",
    "src/adservice/src/main/java/shop/AdService.java",
    "README.md",
]


@pytest.mark.parametrize(
    ("path", "service", "expected"),
    [
        ("/app/src/cartstore/RedisCartStore.cs", "", [TREE[0]]),
        ("/src/main.go", "frontend", ["src/frontend/main.go"]),
        ("/usr/src/app/server.js", "paymentservice", ["src/payment-service/server.js"]),
        ("shop/AdService.java", "adservice", [TREE[6]]),
        ("/src/main.go", "", ["src/frontend/main.go", "src/shippingservice/main.go"]),
        ("/app/cartstore/RedisCartStore.cs", "cartservice", [TREE[0]]),
        ("C:\\build\\frontend\\main.go", "", ["src/frontend/main.go"]),
        ("/app/unknown.py", "frontend", []),
        ("", "frontend", []),
    ],
)
def test_the_longest_tail_in_the_services_folder_wins(
    path: str, service: str, expected: list[str]
) -> None:
    """The service's folder first, then the longest common tail; what nothing tells apart is all listed."""
    assert matching_paths(path, TREE, service) == expected


def test_a_service_without_a_folder_of_its_own_does_not_hide_the_file() -> None:
    """When no folder is named after the service, the whole tree is searched."""
    assert matching_paths("/app/README.md", TREE, "gateway") == ["README.md"]


@pytest.mark.parametrize("service", ["cartservice", "cart-service", "cart", "cart-v2", "cart-svc"])
def test_a_workload_and_its_folder_need_not_be_spelled_alike(service: str) -> None:
    """The words that say only that it is a service, and versions, do not count."""
    tree = ["src/cartservice/main.go", "src/adservice/main.go", "src/carts/main.go"]
    assert matching_paths("/src/main.go", tree, service) == ["src/cartservice/main.go"]
