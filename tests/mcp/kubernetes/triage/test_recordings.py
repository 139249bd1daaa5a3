"""The shipped incidents, and folders that are none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from tocsin_mcp.kubernetes.triage.causes import canonical
from tocsin_mcp.kubernetes.triage.engine import triage
from tocsin_mcp.kubernetes.triage.recording import UnreadableRecording, read_recording

SCENARIOS = Path(__file__).parents[4] / "bot" / "evals" / "scenarios"
FOLDERS = sorted(path.parent for path in SCENARIOS.glob("*/cluster.json"))


def expected(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((folder / "scenario.yaml").read_text("utf-8"))[
        "expected"
    ]
    return found


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
@pytest.mark.parametrize("asked", [True, False])
def test_the_shipped_incidents_are_found(folder: Path, asked: bool) -> None:
    """Object and cause of the first candidate, with and without the alarm's service; healthy where nothing is wrong."""
    recording = read_recording(folder)
    found = triage(recording.snapshot, recording.service if asked else "")
    right = expected(folder)
    assert found.verdict == right["verdict"]
    if right["verdict"] == "healthy":
        assert found.candidates == ()
        return
    assert found.candidates[0].object in (right["object"], *right["objects_also"])
    assert found.candidates[0].cause == right["cause"]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_shipped_incidents_use_classes_of_the_list(folder: Path) -> None:
    """`cause` by its name, `causes_also` by name or alias."""
    right = expected(folder)
    assert canonical(right["cause"]) == right["cause"]
    assert all(canonical(each) for each in right["causes_also"])


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_log_lines_and_events_are_quoted_word_for_word(folder: Path) -> None:
    """Every candidate has a quote that can be found again in what was recorded."""
    recording = read_recording(folder)
    said = [line.text for log in recording.snapshot.logs for line in log.lines]
    said += [event["message"] for event in recording.snapshot.all("events")]
    text = "\n".join(" ".join(each.split()) for each in said)
    for candidate in triage(recording.snapshot, recording.service).candidates:
        quotes = [
            part
            for each in candidate.evidence
            for part in (each, each.rpartition(" at ")[0], each.partition(": ")[2])
        ]
        assert any(len(quote) > 10 and quote in text for quote in quotes), candidate.evidence


def write(folder: Path, **files: object) -> Path:
    for name, content in files.items():
        suffix = "json" if name == "cluster" else "yaml"
        (folder / f"{name}.{suffix}").write_text(json.dumps(content), "utf-8")
    return folder


def test_a_folder_without_a_cluster_is_refused(tmp_path: Path) -> None:
    """The text names the file."""
    with pytest.raises(UnreadableRecording, match=r"cluster\.json"):
        read_recording(tmp_path)


@pytest.mark.parametrize("content", ["{", "[]", '"x"'])
def test_a_file_that_is_no_object_is_refused(tmp_path: Path, content: str) -> None:
    """Cut short, a list, a text."""
    (tmp_path / "cluster.json").write_text(content, "utf-8")
    with pytest.raises(UnreadableRecording, match=r"cluster\.json"):
        read_recording(tmp_path)


def test_the_expected_diagnosis_changes_nothing(tmp_path: Path) -> None:
    """Only time, namespace and service are read from scenario.yaml."""
    cluster = json.loads((SCENARIOS / "redis-cart-down" / "cluster.json").read_text("utf-8"))
    head = yaml.safe_load((SCENARIOS / "redis-cart-down" / "scenario.yaml").read_text("utf-8"))
    head = {key: str(head[key]) for key in ("id", "now", "service", "namespace")}
    one = tmp_path / "one"
    one.mkdir()
    write(one, cluster=cluster, scenario=head | {"expected": {"object": "deployment/frontend"}})
    recording = read_recording(one)
    assert (
        triage(recording.snapshot, recording.service).candidates[0].object
        == "deployment/redis-cart"
    )


def test_what_is_recorded_of_other_namespaces_is_kept_apart(tmp_path: Path) -> None:
    """kube-system's pods are known as such; strangers are left out; kinds that were not recorded are unknown."""
    cluster = {
        "namespace": "shop",
        "pods": [
            {"metadata": {"name": "a", "namespace": "shop"}},
            {"metadata": {"name": "kube-proxy-x", "namespace": "kube-system"}},
            {"metadata": {"name": "b", "namespace": "elsewhere"}},
        ],
        "secrets": ["key"],
        "logs": {
            "a": ["2026-05-04T11:59:00.000000001Z hello", "world"],
            "a/side:previous": ["bye"],
        },
    }
    snapshot = read_recording(write(tmp_path, cluster=cluster)).snapshot
    assert [each["metadata"]["name"] for each in snapshot.all("pods")] == ["a"]
    assert [each["metadata"]["name"] for each in snapshot.all("system_pods")] == ["kube-proxy-x"]
    assert snapshot.all("secrets")[0]["metadata"]["name"] == "key"
    assert snapshot.knows("secrets")
    assert not snapshot.knows("services")
    first, second = snapshot.logs
    assert [line.text for line in first.lines] == ["hello", "world"]
    assert first.lines[0].time == first.lines[1].time
    assert (second.container, second.previous) == ("side", True)


def test_samples_become_usage(tmp_path: Path) -> None:
    """CPU and throttled periods as rates over the last minutes, by pod or by service."""
    write(
        tmp_path,
        cluster={
            "namespace": "shop",
            "pods": [
                {
                    "metadata": {"name": "a-1", "labels": {"app": "a"}},
                    "spec": {"containers": [{"name": "app"}]},
                }
            ],
        },
    )
    rows = ["time,name,pod,service,value"]
    for minute, cpu, periods, throttled in ((0, 0, 0, 0), (5, 30, 3000, 1500)):
        when = f"2026-05-04T11:0{minute}:00Z"
        rows += [
            f"{when},container_cpu_usage_seconds_total,a-1,,{cpu}",
            f"{when},container_cpu_cfs_periods_total,,a,{periods}",
            f"{when},container_cpu_cfs_throttled_periods_total,,a,{throttled}",
            f"{when},http_requests_total,,a,1",
        ]
    (tmp_path / "metrics.csv").write_text("\n".join(rows), "utf-8")
    [usage] = read_recording(tmp_path).snapshot.usage
    assert (usage.pod, usage.container, usage.cpu, usage.throttled) == ("a-1", "app", 0.1, 0.5)
