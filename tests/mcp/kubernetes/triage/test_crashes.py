"""Containers that end, by exit code; memory in its disguises."""

from __future__ import annotations

import pytest

from tests.mcp.kubernetes.triage.builders import NOW, Shop, ago


@pytest.mark.parametrize(
    ("code", "reason", "cause"),
    [
        (1, "Error", "crash_loop"),
        (2, "Error", "crash_loop"),
        (255, "Error", "crash_loop"),
        (0, "Completed", "crash_completed"),
        (126, "Error", "command_not_executable"),
        (127, "Error", "command_not_found"),
        (134, "Error", "crash_abort"),
        (139, "Error", "crash_segfault"),
        (137, "Error", "crash_killed"),
        (137, "OOMKilled", "oom_killed"),
    ],
)
def test_the_exit_code_tells_the_crashes_apart(code: int, reason: str, cause: str) -> None:
    """Each code that means something else is another cause."""
    shop = Shop()
    shop.crashes("pay", code, reason)
    assert shop.blamed() == ("deployment/pay", cause)


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        ('exec: "serve": executable file not found in $PATH: unknown', "command_not_found"),
        ("exec /app/run: permission denied", "command_not_executable"),
        ("exec /app/run: exec format error", "command_not_executable"),
    ],
)
def test_a_container_that_cannot_start_is_told_from_one_that_crashes(
    message: str, cause: str
) -> None:
    """StartError carries the runtime's message."""
    shop = Shop()
    shop.crashes("pay", 128, "StartError", message=f"failed to create containerd task: {message}")
    assert shop.blamed() == ("deployment/pay", cause)


def test_the_last_words_of_a_crash_are_quoted() -> None:
    """The exception of the instance that ended is the evidence."""
    shop = Shop()
    shop.crashes("pay", 1)
    shop.log(
        "pay",
        "TypeError: Cannot read properties of undefined (reading 'number')",
        "    at charge (/usr/src/app/charge.js:12:7)",
        previous=True,
    )
    top = shop.top()
    assert (top.object, top.cause) == ("deployment/pay", "crash_loop")
    assert any("TypeError: Cannot read" in quote for quote in top.evidence)


def test_a_crash_for_want_of_a_dependency_points_at_the_dependency() -> None:
    """Cart dies because store is gone: store's own fault comes first, cart is its victim."""
    shop = Shop()
    shop.crashes("cart", 1)
    shop.log("cart", "fatal: dial tcp: connect to store:6379: connection refused", previous=True)
    shop.crashes("store", 137, "OOMKilled")
    top = shop.top("web")
    assert (top.object, top.cause) == ("deployment/store", "oom_killed")
    assert "deployment/cart" in top.victims


def test_old_restarts_of_a_healthy_container_are_history() -> None:
    """Ready for a day after five restarts: nothing is wrong."""
    shop = Shop()
    status = shop.pod("pay")["status"]["containerStatuses"][0]
    status["restartCount"] = 5
    status["lastState"] = {
        "terminated": {"exitCode": 1, "reason": "Error", "finishedAt": ago(1500)}
    }
    assert shop.blamed() == ("", "healthy")


def test_a_container_that_is_up_between_two_kills_is_not_well() -> None:
    """Ready at the moment, killed for its memory four minutes ago: the limit is still too low."""
    shop = Shop()
    status = shop.pod("pay")["status"]["containerStatuses"][0]
    status["restartCount"] = 4
    status["lastState"] = {
        "terminated": {"exitCode": 137, "reason": "OOMKilled", "finishedAt": ago(4)}
    }
    assert shop.blamed() == ("deployment/pay", "oom_killed")


def test_memory_can_end_a_container_before_it_starts() -> None:
    """The sandbox says it in words; no container status holds OOMKilled."""
    shop = Shop()
    pod = shop.waits("pay", "ContainerCreating")
    shop.event(
        "Pod", pod["metadata"]["name"], "FailedCreatePodSandBox",
        "Failed to create pod sandbox: container init was OOM-killed (memory limit too low?): unknown",
    )  # fmt: skip
    assert shop.blamed() == ("deployment/pay", "oom_killed")


@pytest.mark.parametrize(
    "line",
    [
        "java.lang.OutOfMemoryError: Java heap space",
        "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
        "fatal error: runtime: out of memory",
    ],
)
def test_a_runtime_out_of_heap_is_not_the_memory_limit(line: str) -> None:
    """The exit code alone (1, 3, 134) would say crash."""
    shop = Shop()
    shop.crashes("pay", 134)
    shop.log("pay", line, previous=True)
    assert shop.blamed() == ("deployment/pay", "heap_exhausted")


def test_an_evicted_pod_counts_only_while_its_workload_lacks_pods() -> None:
    """The record of an eviction stays long after its replacement serves."""
    shop = Shop()
    gone = shop.add_pod("pay", "pay-r1-old")
    gone["status"] = {
        "phase": "Failed",
        "reason": "Evicted",
        "message": "The node was low on resource: memory.",
    }
    assert shop.blamed() == ("", "healthy")
    shop.objects["pods"] = [
        each for each in shop.objects["pods"] if each["metadata"]["name"] != "pay-r1-0"
    ]
    assert ("deployment/pay", "evicted_memory") in {
        (each.object, each.cause) for each in shop.judged().candidates
    }


def test_an_init_container_that_fails_is_named() -> None:
    """The main container only waits for it."""
    shop = Shop()
    pod = shop.waits("pay", "PodInitializing")
    pod["spec"]["initContainers"] = [{"name": "migrate", "image": "migrate:1"}]
    pod["status"]["initContainerStatuses"] = [
        {
            "name": "migrate", "ready": False, "restartCount": 4,
            "state": {"waiting": {"reason": "CrashLoopBackOff"}},
            "lastState": {"terminated": {"exitCode": 1, "reason": "Error", "finishedAt": ago(1)}},
        }
    ]  # fmt: skip
    assert shop.blamed() == ("deployment/pay", "init_container_failed")


def test_a_healthy_shop_is_healthy() -> None:
    """The builder's own shop has no fault, whichever service is asked about."""
    assert Shop().blamed() == ("", "healthy")
    assert Shop().judged("web").verdict == "healthy"
    assert NOW.year == 2026
