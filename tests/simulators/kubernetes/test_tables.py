"""Server-side printing."""

from __future__ import annotations

import pytest

from bot.simulators.kubernetes.cells import human

from .conftest import Ask

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"


async def test_pods_print_like_kubectl_shows_them(ask: Ask) -> None:
    """The pod table has the real columns, and cells with reason, restarts and age."""
    body = (await ask("/api/v1/namespaces/shop/pods", accept=TABLE)).body
    assert body["kind"] == "Table"
    titles = [column["name"] for column in body["columnDefinitions"]]
    assert titles[:5] == ["Name", "Ready", "Status", "Restarts", "Age"]
    cells = {row["cells"][0]: row["cells"][1:5] for row in body["rows"]}
    assert cells["cartservice-6c9f8d7b5-abcde"] == [
        "0/1",
        "CrashLoopBackOff",
        "7 (3m52s ago)",
        "25m",
    ]
    assert cells["redis-cart-0"] == ["0/1", "Pending", "0", "26m"]
    assert body["rows"][0]["object"]["kind"] == "PartialObjectMetadata"


async def test_one_object_can_be_a_table(ask: Ask) -> None:
    """`kubectl get deployment x` asks for a table of one."""
    body = (await ask("/apis/apps/v1/namespaces/shop/deployments/cartservice", accept=TABLE)).body
    assert [row["cells"][:4] for row in body["rows"]] == [["cartservice", "0/2", 2, 0]]


@pytest.mark.parametrize(
    ("path", "cells"),
    [
        ("/api/v1/nodes", ["node-b", "NotReady", "<none>", "48d", "v1.34.2"]),
        ("/api/v1/namespaces/shop/services", ["redis-cart", "ClusterIP", "None", "<none>", "6379/TCP", "17d"]),
        ("/apis/batch/v1/namespaces/shop/jobs", ["report-29384", "Failed", "0/1", "25m", "25m"]),
        ("/apis/batch/v1/namespaces/shop/cronjobs", ["report", "0 * * * *", "<none>", "False", 0, "25m", "17d"]),
        ("/api/v1/namespaces/shop/persistentvolumeclaims", ["redis-data", "Pending", "", "", "RWO", "fast-ssd", "27m"]),
        ("/api/v1/namespaces/shop/resourcequotas", ["shop", "pods: 8/8, requests.cpu: 1/4", "", "17d"]),
        ("/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies", ["deny-egress", "app=cartservice", "85m"]),
    ],
)  # fmt: skip
async def test_other_kinds(ask: Ask, path: str, cells: list[object]) -> None:
    """The last row of each kind has the cells that kubectl would print."""
    body = (await ask(path, accept=TABLE)).body
    assert body["rows"][-1]["cells"][: len(cells)] == cells


async def test_events_begin_with_their_age(ask: Ask) -> None:
    """The event table begins with Last Seen, as kubectl get events does."""
    body = (await ask("/api/v1/namespaces/shop/events", accept=TABLE)).body
    assert body["columnDefinitions"][0]["name"] == "Last Seen"
    assert body["rows"][0]["cells"][:4] == [
        "30s",
        "Warning",
        "BackOff",
        "pod/cartservice-6c9f8d7b5-abcde",
    ]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(43, "43s"), (119, "119s"), (120, "2m"), (312, "5m12s"), (2820, "47m"), (12000, "3h20m"),
     (93600, "26h"), (345600, "4d"), (1036800, "12d"), (63936000, "2y10d")],
)  # fmt: skip
def test_durations_read_like_kubectls(seconds: int, text: str) -> None:
    """Ages use kubectl's mixture of units."""
    assert human(seconds) == text
