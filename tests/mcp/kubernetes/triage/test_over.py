"""What is over: complaints that a log has long gone on without, old restarts, errors about nothing that matters."""

from __future__ import annotations

import pytest
from tocsin_mcp.kubernetes.triage.log_reader import LogReader, Origin
from tocsin_mcp.kubernetes.triage.snapshot import Log, LogLine

from tests.mcp.kubernetes.triage.builders import Shop, ago

REFUSED = "dial tcp 10.96.0.12:5051: connect: connection refused"
FINE = '{"severity":"info","message":"request complete"}'


def told(shop: Shop, *lines: str) -> None:
    """The log of web without any times."""
    shop.logs.append(Log("web-r1-0", "app", tuple(LogLine(None, line) for line in lines)))


def test_errors_of_the_start_are_over_when_the_log_goes_on_without() -> None:
    """Others were not up yet; forty lines since."""
    shop = Shop()
    told(shop, *[REFUSED] * 5, *[FINE] * 40)
    assert shop.blamed("web") == ("", "healthy")


def test_errors_that_come_back_now_and_then_are_not() -> None:
    """One in forty requests, the last a while ago: that is how often they come."""
    shop = Shop()
    told(shop, *[line for _ in range(6) for line in (*[FINE] * 40, REFUSED)], *[FINE] * 35)
    assert shop.blamed("web")[1] == "dependency_unreachable"


def test_errors_of_a_pod_that_is_not_ready_are_not_over() -> None:
    """It has not recovered."""
    log = Log("web-r1-0", "app", tuple(LogLine(None, each) for each in [REFUSED] * 5 + [FINE] * 40))
    counted = [
        len(list(LogReader(log, Origin("deployment/web", "", None, settled)).complaints()))
        for settled in (True, False)
    ]
    assert counted == [0, 5]


@pytest.mark.parametrize(("up", "verdict"), [(11, "healthy"), (1, "fault")])
def test_restarts_are_over_after_the_longest_back_off(up: float, verdict: str) -> None:
    """Four restarts while the cluster came up; ready since."""
    shop = Shop()
    status = shop.pod("pay")["status"]["containerStatuses"][0]
    ended = {"exitCode": 1, "reason": "Error", "startedAt": ago(up + 1), "finishedAt": ago(up)}
    status |= {"restartCount": 4, "lastState": {"terminated": ended}}
    assert shop.judged("web").verdict == verdict


@pytest.mark.parametrize(
    "line",
    [
        "traces export: rpc error: code = Unavailable desc = name resolver error: produced zero addresses",
        "failed to export spans: dial tcp: lookup otel-collector on 10.96.0.10:53: no such host",
        "(node:1) MetadataLookupWarning: received unexpected error = ENOTFOUND metadata.google.internal",
        "Error: connect ECONNREFUSED 127.0.0.1:4317",
    ],
)
def test_nobody_is_blamed_for_telemetry_that_cannot_be_sent(line: str) -> None:
    """Programs serve on without their traces, metrics and profiles."""
    shop = Shop()
    told(shop, *[line] * 6)
    assert shop.blamed("web") == ("", "healthy")


def test_a_replica_set_that_made_pods_after_all() -> None:
    """FailedCreate from before the service account existed, and a pod that was evicted since."""
    shop = Shop()
    shop.objects["serviceaccounts"].clear()
    shop.event("ReplicaSet", "pay-r1", "FailedCreate", 'serviceaccount "pay" not found', minutes=9)
    shop.get("replicasets", "pay-r1")["status"] = {"replicas": 0}
    pod = shop.unready("pay")
    pod["metadata"]["creationTimestamp"] = ago(8)
    pod["status"] = {"phase": "Failed", "reason": "Evicted", "message": "low on resource: memory"}
    assert shop.blamed("web")[1] == "evicted_memory"
