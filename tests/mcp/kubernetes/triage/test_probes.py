"""Probes: the wrong port, protocol, path or timing, or a program that does not answer."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mcp.kubernetes.triage.builders import Json, Shop, ago


def fails(shop: Shop, kind: str, probe: Json, said: str, *, lived: float = 45) -> None:
    """pay's probe fails: not ready for readiness, killed again and again for the others."""
    shop.set_container(
        "pay", **{f"{kind}Probe": {"periodSeconds": 10, "failureThreshold": 3} | probe}
    )
    if kind == "readiness":
        shop.unready("pay")
    else:
        shop.crashes("pay", 137, lived=lived)
        shop.event(
            "Pod",
            "pay-r1-0",
            "Killing",
            f"Container app failed {kind} probe, will be restarted",
            type="Normal",
        )
    shop.event("Pod", "pay-r1-0", "Unhealthy", f"{kind.capitalize()} probe failed: {said}")


REFUSED = "dial tcp 10.0.1.3:{}: connect: connection refused"


@pytest.mark.parametrize("kind", ["liveness", "readiness", "startup"])
@pytest.mark.parametrize(
    ("probe", "said", "cause"),
    [
        ({"httpGet": {"port": 9999, "path": "/"}}, REFUSED.format(9999), "wrong_port"),
        ({"tcpSocket": {"port": 9999}}, REFUSED.format(9999), "wrong_port"),
        ({"httpGet": {"port": "web", "path": "/"}}, "no such port", "wrong_port"),
        (
            {"httpGet": {"port": 5051, "path": "/"}},
            r'malformed HTTP status code "\x00\x00\x06\x04"',
            "wrong_protocol",
        ),
        (
            {"grpc": {"port": 5051}},
            "error reading server preface: http2: frame too large",
            "wrong_protocol",
        ),
        (
            {"httpGet": {"port": 5051, "path": "/helth"}},
            "HTTP probe failed with statuscode: 404",
            "wrong_path",
        ),
    ],
)
def test_a_wrong_probe_is_told_from_a_sick_program(
    kind: str, probe: Json, said: str, cause: str
) -> None:
    """Port against declared ports, protocol and path by the kubelet's words."""
    shop = Shop()
    fails(shop, kind, probe, said)
    assert shop.blamed() == ("deployment/pay", f"{kind}_probe_{cause}")


@pytest.mark.parametrize("kind", ["liveness", "startup"])
def test_a_probe_that_gives_no_time_is_a_matter_of_timing(kind: str) -> None:
    """No delay and a single failure: no program can start in that time."""
    shop = Shop()
    probe = {
        "tcpSocket": {"port": 5051},
        "initialDelaySeconds": 0,
        "failureThreshold": 1,
        "periodSeconds": 1,
    }
    fails(shop, kind, probe, REFUSED.format(5051), lived=2)
    assert shop.blamed() == ("deployment/pay", f"{kind}_probe_timing")


def test_a_revision_that_shortened_the_probe_is_a_matter_of_timing() -> None:
    """What changed tells timing from a slow program."""
    shop = Shop()
    probe = {
        "tcpSocket": {"port": 5051},
        "initialDelaySeconds": 40,
        "failureThreshold": 3,
        "periodSeconds": 10,
    }
    shop.set_container("pay", livenessProbe=probe)
    fails(shop, "liveness", probe | {"initialDelaySeconds": 5}, REFUSED.format(5051))
    shop.add_revision("pay", 2, 20)
    shop.get("replicasets", "pay-r1")["spec"]["template"]["spec"]["containers"][0][
        "livenessProbe"
    ] = probe
    assert shop.blamed() == ("deployment/pay", "liveness_probe_timing")


def test_http_where_the_other_probe_speaks_grpc_is_the_wrong_protocol() -> None:
    """The kubelet's words are cut; the probes of one port disagree."""
    shop = Shop()
    shop.set_container("pay", livenessProbe={"grpc": {"port": 5051}})
    fails(
        shop,
        "readiness",
        {"httpGet": {"port": 5051, "path": "/"}},
        "Get http://10.0.1.3:5051/: net/http: HTTP request failed",
    )
    assert shop.blamed() == ("deployment/pay", "readiness_probe_wrong_protocol")


def test_a_program_that_answers_with_an_error_is_to_blame_itself() -> None:
    """Status 503 says that the probe is right."""
    shop = Shop()
    fails(
        shop,
        "readiness",
        {"httpGet": {"port": 5051, "path": "/health"}},
        "HTTP probe failed with statuscode: 503",
    )
    assert shop.blamed() == ("deployment/pay", "probe_failing")


def test_what_the_program_says_is_better_than_that_its_probe_fails() -> None:
    """The database refuses the login; that is why it is not ready."""
    shop = Shop()
    fails(
        shop,
        "readiness",
        {"httpGet": {"port": 5051, "path": "/health"}},
        "HTTP probe failed with statuscode: 503",
    )
    shop.log(
        "pay", "ERROR 1045 (28000): Access denied for user 'pay'@'10.0.1.3' (using password: YES)"
    )
    assert shop.blamed() == ("deployment/pay", "database_credentials")


def test_a_container_without_declared_ports_cannot_be_judged_by_them() -> None:
    """Ports are optional in a pod spec."""
    shop = Shop()
    shop.set_container("pay", ports=[])
    fails(shop, "readiness", {"tcpSocket": {"port": 9999}}, REFUSED.format(9999))
    assert shop.blamed() == ("deployment/pay", "probe_failing")


def test_the_port_of_a_sidecar_counts() -> None:
    """Containers of a pod share their network."""
    shop = Shop()
    pod = shop.pod("pay")
    pod["spec"]["containers"].append({"name": "proxy", "ports": [{"containerPort": 15021}]})
    pod["status"]["containerStatuses"].append(
        {"name": "proxy", "ready": True, "state": {"running": {}}}
    )
    fails(
        shop,
        "readiness",
        {"httpGet": {"port": 15021, "path": "/ready"}},
        "HTTP probe failed with statuscode: 503",
    )
    assert shop.blamed() == ("deployment/pay", "probe_failing")


@pytest.mark.parametrize("minutes", [2.0, 40.0])
def test_a_failed_probe_of_a_ready_pod_is_noise(minutes: float) -> None:
    """One Unhealthy event and a ready container: nothing is wrong."""
    shop = Shop()
    shop.set_container("pay", readinessProbe={"tcpSocket": {"port": 5051}})
    shop.event(
        "Pod", "pay-r1-0", "Unhealthy", "Readiness probe failed: timeout", minutes=minutes, count=1
    )
    assert shop.blamed() == ("", "healthy")


def test_a_crash_is_not_blamed_on_the_probe_that_saw_it() -> None:
    """The program ended itself with exit 1; the probe failed in the gap."""
    shop = Shop()
    probe: dict[str, Any] = {
        "tcpSocket": {"port": 5051},
        "periodSeconds": 10,
        "failureThreshold": 3,
    }
    shop.set_container("pay", livenessProbe=probe, readinessProbe=probe)
    shop.crashes("pay", 1)
    shop.event("Pod", "pay-r1-0", "Unhealthy", "Liveness probe failed: " + REFUSED.format(5051))
    assert shop.blamed() == ("deployment/pay", "crash_loop")
    assert ago(1)
