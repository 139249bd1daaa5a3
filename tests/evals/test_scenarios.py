"""Every shipped scenario keeps to its format, and what it asks for can be found in what it recorded."""

from __future__ import annotations

import csv
import json
import re
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

SCENARIOS = Path(__file__).parents[2] / "bot" / "evals" / "scenarios"
FOLDERS = sorted(path.parent for path in SCENARIOS.glob("*/scenario.yaml"))
LISTS = [
    "pods",
    "deployments",
    "replicasets",
    "services",
    "endpoints",
    "nodes",
    "persistentvolumeclaims",
    "persistentvolumes",
    "resourcequotas",
    "serviceaccounts",
    "secrets",
    "configmaps",
    "networkpolicies",
    "storageclasses",
    "events",
]
LINE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z ")
SIZE_LIMIT = 700 * 1024

Json = dict[str, Any]
every_scenario = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)


@cache
def scenario(folder: Path) -> Json:
    return dict(yaml.safe_load((folder / "scenario.yaml").read_text()))


@cache
def cluster(folder: Path) -> Json:
    return dict(json.loads((folder / "cluster.json").read_text()))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def names(folder: Path, kind: str) -> set[str]:
    return {item["metadata"]["name"] for item in cluster(folder)[kind]}


def recorded_text(folder: Path) -> str:
    """Everything that an investigator could read outside the repository."""
    recorded = cluster(folder)
    logs = "\n".join(line for lines in recorded["logs"].values() for line in lines)
    return logs + json.dumps(recorded["events"])


def test_there_are_scenarios() -> None:
    """The tests below would pass with no scenario at all; this one would not."""
    assert {folder.name for folder in FOLDERS} >= {
        "cartservice-guard",
        "redis-cart-down",
        "payment-crashloop",
        "recovered",
    }


@every_scenario
def test_scenario_says_what_happened_and_what_is_expected(folder: Path) -> None:
    """The folder's name is the id, the alarm is a post or a question, the expectation is complete."""
    found = scenario(folder)
    assert found["id"] == folder.name
    assert found["title"]
    assert found["service"] in names(folder, "deployments")
    assert found["namespace"] == cluster(folder)["namespace"]
    assert len({"post", "question"} & found["alarm"].keys()) == 1
    expected = found["expected"]
    assert expected["verdict"] in {"fault", "healthy"}
    assert expected["cause"]
    assert (expected["object"] == "") == (expected["verdict"] == "healthy")


@every_scenario
def test_alarm_post_is_a_bot_message(folder: Path) -> None:
    """A posted alarm comes from a bot, holds something to read, and leaves channel and time to the workspace."""
    if "question" in scenario(folder)["alarm"]:
        assert scenario(folder)["alarm"]["question"].endswith("?")
        return
    post = scenario(folder)["alarm"]["post"]
    assert post["bot_id"]
    assert post["text"] or post["attachments"] or post["blocks"]
    assert not {"ts", "channel", "thread_ts"} & post.keys()


@every_scenario
def test_objects_are_complete_and_unique(folder: Path) -> None:
    """Every list is there; every object has kind, name, uid, version and namespace, and no uid occurs twice."""
    recorded = cluster(folder)
    assert set(LISTS) <= recorded.keys()
    seen: set[str] = set()
    for kind in LISTS:
        for item in recorded[kind]:
            meta = item["metadata"]
            assert item["kind"]
            assert meta["uid"] not in seen, meta["name"]
            seen.add(meta["uid"])
            assert meta["resourceVersion"].isdigit()
            assert moment(meta["creationTimestamp"]) <= moment(recorded["collectedAt"])
            if kind not in {"nodes", "storageclasses", "persistentvolumes", "events"}:
                assert meta["namespace"] == recorded["namespace"]


@every_scenario
def test_owners_exist(folder: Path) -> None:
    """Pods are owned by replica sets and those by deployments, by name and uid."""
    recorded = cluster(folder)
    uids = {
        (item["kind"], item["metadata"]["name"]): item["metadata"]["uid"]
        for kind in ("deployments", "replicasets")
        for item in recorded[kind]
    }
    for item in recorded["pods"] + recorded["replicasets"]:
        [owner] = item["metadata"]["ownerReferences"]
        assert uids[owner["kind"], owner["name"]] == owner["uid"]


@every_scenario
def test_replica_counts_agree(folder: Path) -> None:
    """What deployments and replica sets say of their replicas is what the pods show."""
    recorded = cluster(folder)
    for deployment in recorded["deployments"]:
        name, status = deployment["metadata"]["name"], deployment["status"]
        pods = [pod for pod in recorded["pods"] if pod["metadata"]["labels"]["app"] == name]
        ready = [pod for pod in pods if pod["status"]["containerStatuses"][0]["ready"]]
        assert (deployment["spec"]["replicas"], status.get("replicas", 0)) == (
            len(pods),
            len(pods),
        )
        assert status.get("readyReplicas", 0) == len(ready)
        sets = [
            item
            for item in recorded["replicasets"]
            if item["metadata"]["ownerReferences"][0]["name"] == name
        ]
        assert sum(item["spec"]["replicas"] for item in sets) == len(pods)


@every_scenario
def test_pods_run_on_known_nodes_with_known_accounts(folder: Path) -> None:
    """Node (older than the pod), service account and the template's image of each pod are recorded too."""
    nodes = {node["metadata"]["name"]: node for node in cluster(folder)["nodes"]}
    templates = {
        item["metadata"]["name"]: item["spec"]["template"]["spec"]["containers"][0]["image"]
        for item in cluster(folder)["replicasets"]
    }
    for pod in cluster(folder)["pods"]:
        node = nodes[pod["spec"]["nodeName"]]
        assert moment(node["metadata"]["creationTimestamp"]) < moment(pod["status"]["startTime"])
        assert pod["spec"]["serviceAccountName"] in names(folder, "serviceaccounts")
        owner = pod["metadata"]["ownerReferences"][0]["name"]
        assert pod["spec"]["containers"][0]["image"] == templates[owner]


@every_scenario
def test_endpoints_point_at_pods_by_readiness(folder: Path) -> None:
    """Every service has endpoints of its name; ready pods are under `addresses`, the others are not."""
    pods = {pod["metadata"]["name"]: pod for pod in cluster(folder)["pods"]}
    assert names(folder, "services") == names(folder, "endpoints")
    for endpoints in cluster(folder)["endpoints"]:
        for subset in endpoints.get("subsets", []):
            for field, ready in (("addresses", True), ("notReadyAddresses", False)):
                for address in subset.get(field, []):
                    pod = pods[address["targetRef"]["name"]]
                    assert address["ip"] == pod["status"]["podIP"]
                    assert pod["status"]["containerStatuses"][0]["ready"] is ready


@every_scenario
def test_events_are_timed_and_name_their_object(folder: Path) -> None:
    """Events lie within the hour that a cluster keeps them, first not after last."""
    now = moment(scenario(folder)["now"])
    for event in cluster(folder)["events"]:
        first, last = moment(event["firstTimestamp"]), moment(event["lastTimestamp"])
        assert first <= last <= now
        assert (now - last).total_seconds() < 3600
        assert event["involvedObject"]["name"] == event["metadata"]["name"].rpartition(".")[0]


@every_scenario
def test_log_lines_are_timed_and_ordered(folder: Path) -> None:
    """Each log belongs to a pod that exists; its lines carry ascending times, none after `now`."""
    now = scenario(folder)["now"]
    for key, lines in cluster(folder)["logs"].items():
        assert key.partition(":")[0] in names(folder, "pods")
        assert lines
        assert all(LINE_TIME.match(line) for line in lines)
        times = [line.partition(" ")[0] for line in lines]
        assert times == sorted(times)
        assert times[-1][:19] <= now[:19]


@every_scenario
def test_expected_object_is_recorded(folder: Path) -> None:
    """What is to blame exists in the cluster, and so do the alternatives."""
    expected = scenario(folder)["expected"]
    for reference in filter(None, [expected["object"], *expected["objects_also"]]):
        kind, _, name = reference.partition("/")
        assert name in names(folder, f"{kind}s")


@every_scenario
def test_what_must_be_said_was_recorded(folder: Path) -> None:
    """Each word that a diagnosis must hold occurs in logs or events: nobody has to guess it."""
    text = recorded_text(folder).lower()
    for word in scenario(folder)["expected"]["must_say"]:
        assert word.lower() in text, word


@every_scenario
def test_stack_frames_point_at_the_code_they_name(folder: Path) -> None:
    """A frame of our own code in a log names a line of the tree that throws, awaits or calls."""
    repo = folder / "repo" / "src"
    frames = re.findall(
        r"(?:in /app|/usr/src/app)(/[\w/.]+\.(?:cs|js)):(?:line )?(\d+)", recorded_text(folder)
    )
    for path, number in set(frames):
        candidates = [
            file for file in repo.rglob("*") if str(file).endswith(path) and "proto" not in path
        ]
        lines = [file.read_text().splitlines()[int(number) - 1] for file in candidates]
        assert any(re.search(r"throw |await |\(", line) for line in lines), (path, number)


@every_scenario
def test_metrics_are_samples_in_order(folder: Path) -> None:
    """The table begins with time and name, ends with value; times rise and values are numbers."""
    path = folder / "metrics.csv"
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    header = path.read_text().partition("\n")[0].split(",")
    assert (header[:2], header[-1]) == (["time", "name"], "value")
    times = [moment(row["time"]) for row in rows]
    assert times == sorted(times)
    assert times[-1] <= moment(scenario(folder)["now"])
    assert all(float(row["value"]) >= 0 for row in rows)


@every_scenario
def test_scenario_stays_small(folder: Path) -> None:
    """A scenario is shipped with the program: 700 KiB are enough."""
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) <= SIZE_LIMIT


def test_expectation_is_not_written_into_the_recording() -> None:
    """What simulators serve never names the scenario's id or its expected class."""
    for folder in FOLDERS:
        served = (folder / "cluster.json").read_text() + (folder / "history.yaml").read_text()
        assert folder.name not in served
