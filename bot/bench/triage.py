"""How long the triage rules take on a live namespace, by its number of pods: `tocsin bench triage`.

A recorded incident with each of its pods many times, served by the Kubernetes simulator. The rules run as their users run
them: `tocsin triage` on a kubeconfig, over HTTP, in a process of their own.
"""

from __future__ import annotations

import asyncio
import copy
import json
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from bot.errors import PermanentError
from bot.scenario import Scenario, load, shipped
from bot.simulators.kubernetes import KubernetesSimulator

SCENARIO = "cartservice-guard"
COPIES = (1, 5, 17, 42)
"""How often each of the twelve pods is there."""
RUNS = 3
GOAL_SECONDS = 1.0
GOAL_PODS = 200
_PATIENCE = 60.0
"""Seconds for one run."""
_COUNTED = (
    *("replicas", "updatedReplicas", "readyReplicas", "availableReplicas"),
    *("unavailableReplicas", "fullyLabeledReplicas"),
)

Json = dict[str, Any]


class Row(NamedTuple):
    """One size of the namespace."""

    pods: int
    log_lines: int
    """In the cluster; the rules read the logs of suspects only."""
    seconds_median: float
    """From the first request to the answer, as `tocsin triage` tells it; starting Python is not in it."""
    requests: int
    logs_read: int
    candidate: str
    """The first: object and cause."""


async def measure(copies: tuple[int, ...] = COPIES, runs: int = RUNS) -> list[Row]:
    """A row for each size. Raises PermanentError when the rules fail or do not end."""
    scenario = load(shipped() / SCENARIO)
    recording = json.loads((scenario.folder / "cluster.json").read_text("utf-8"))
    rows = []
    for times in copies:
        with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as name:
            folder = Path(name)
            multiplied = with_pods(recording, times)
            (folder / "cluster.json").write_text(json.dumps(multiplied), "utf-8")
            async with KubernetesSimulator(folder) as cluster:
                kubeconfig = cluster.write_kubeconfig(folder / "kubeconfig")
                rows.append(await _row(cluster, kubeconfig, scenario, multiplied, runs))
    return rows


def run() -> list[Row]:
    """Measure it all: about half a minute."""
    return asyncio.run(measure())


def as_json(rows: list[Row]) -> Json:
    """`{"rows": [{"pods", "log_lines", "seconds_median", "requests", "logs_read", "candidate"}]}`."""
    return {"rows": [row._asdict() for row in rows]}


def with_pods(recording: Json, times: int) -> Json:
    """The recording with each pod and its logs `times` over, and with workloads and endpoints that count them all."""
    made = copy.deepcopy(recording)
    made["pods"] = [_pod(pod, copied) for copied in range(times) for pod in made["pods"]]
    made["logs"] = {
        _log(key, copied): lines for copied in range(times) for key, lines in made["logs"].items()
    }
    for workload in made["deployments"] + made["replicasets"]:
        for counts in (workload["spec"], workload["status"]):
            counts.update({key: counts[key] * times for key in _COUNTED if key in counts})
    for endpoints in made["endpoints"]:
        for subset in endpoints.get("subsets") or []:
            for key in ("addresses", "notReadyAddresses"):
                if key in subset:
                    subset[key] = [_at(each, n) for n in range(times) for each in subset[key]]
    return made


async def _row(
    cluster: KubernetesSimulator, kubeconfig: Path, scenario: Scenario, recording: Json, runs: int
) -> Row:
    seconds: list[float] = []
    found: Json = {}
    for _ in range(runs):
        cluster.requests.clear()
        found = await _triage(kubeconfig, scenario)
        seconds.append(found["seconds"])
    first = (found["candidates"] or [{"object": "none", "cause": found["verdict"]}])[0]
    return Row(
        pods=len(recording["pods"]),
        log_lines=sum(map(len, recording["logs"].values())),
        seconds_median=round(median(seconds), 3),
        requests=len(cluster.requests),
        logs_read=sum("/log" in each.partition("?")[0] for each in cluster.requests),
        candidate=f"{first['object']} {first['cause']}",
    )


async def _triage(kubeconfig: Path, scenario: Scenario) -> Json:
    command = (sys.executable, "-m", "tocsin_mcp.triage_command", "--json")
    where = ("--namespace", scenario.namespace, "--service", scenario.service)
    settings = {
        "KUBECONFIG": str(kubeconfig),
        "TOCSIN_NOW": scenario.now.isoformat(),
    }
    process = await asyncio.create_subprocess_exec(
        *command,
        *where,
        env=settings,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(_PATIENCE):
            out, complaint = await process.communicate()
    except TimeoutError as error:
        process.kill()
        await process.wait()
        raise PermanentError(f"tocsin triage did not end within {_PATIENCE:.0f} s") from error
    if process.returncode:
        raise PermanentError(f"tocsin triage failed: {complaint.decode('utf-8', 'replace')}")
    found: Json = json.loads(out)
    return found


def _named(pod: str, copied: int) -> str:
    return f"{pod}-{copied}" if copied else pod


def _log(key: str, copied: int) -> str:
    """Keys are `pod` and `pod:previous`."""
    pod, colon, which = key.partition(":")
    return f"{_named(pod, copied)}{colon}{which}"


def _pod(pod: Json, copied: int) -> Json:
    if not copied:
        return pod
    made = copy.deepcopy(pod)
    made["metadata"]["name"] = _named(pod["metadata"]["name"], copied)
    made["metadata"]["uid"] = f"{pod['metadata']['uid'][:-4]}{copied:04x}"
    return made


def _at(address: Json, copied: int) -> Json:
    if not copied or "targetRef" not in address:
        return address
    target = address["targetRef"]
    return {**address, "targetRef": {**target, "name": _named(target["name"], copied)}}
