"""Probes that a service mesh asks in the kubelet's place are judged as their author wrote them."""

from __future__ import annotations

import json

from tests.mcp.kubernetes.triage.builders import Shop

PATH = "/app-health/app/readyz"


def probed(port: int, said: str, *, kept: bool = True) -> tuple[str, str]:
    """What is said of pay, whose readiness probe on this port Istio has taken over."""
    shop = Shop()
    original = {"httpGet": {"path": "/ready", "port": port}}
    shop.unready("pay")
    spec = shop.pod("pay")["spec"]
    spec["containers"][0]["readinessProbe"] = {
        "httpGet": {"path": PATH, "port": 15020},
        "periodSeconds": 10,
    }
    variable = {"name": "ISTIO_KUBE_APP_PROBERS", "value": json.dumps({PATH: original})}
    spec["initContainers"] = [
        {"name": "istio-proxy", "restartPolicy": "Always", "env": [variable] if kept else []}
    ]
    shop.event("Pod", "pay-r1-0", "Unhealthy", f"Readiness probe failed: {said}")
    return shop.blamed()


def test_the_agents_port_is_not_a_wrong_port() -> None:
    """Also where nobody kept what the probe was."""
    answer = "HTTP probe failed with statuscode: 503"
    assert probed(5051, answer) == ("deployment/pay", "probe_failing")
    assert probed(5051, answer, kept=False) == ("deployment/pay", "probe_failing")


def test_a_wrong_port_is_seen_behind_the_agent() -> None:
    """The agent answers 500 when it cannot reach the program."""
    answer = "HTTP probe failed with statuscode: 500"
    assert probed(9999, answer) == ("deployment/pay", "readiness_probe_wrong_port")
    assert probed(5051, answer) == ("deployment/pay", "probe_failing")
