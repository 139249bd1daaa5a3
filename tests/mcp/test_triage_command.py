"""`python -m tocsin_mcp triage` as a command: recordings, a live cluster, JSON lines, exit codes."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest
from tocsin_mcp.triage_command import main

from bot.simulators.kubernetes import KubernetesSimulator

ROOT = Path(__file__).parents[2]
SCENARIOS = ROOT / "bot" / "evals" / "scenarios"


def test_many_recordings_are_a_json_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    """In the order of their folders, with the documented keys."""
    assert main(["--scenarios", str(SCENARIOS), "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["id"] for line in lines] == sorted(
        path.parent.name for path in SCENARIOS.glob("*/cluster.json")
    )
    for line in lines:
        assert line["verdict"] in ("fault", "healthy", "inconclusive")
        assert 0 <= line["seconds"] < 60
        assert len(line["candidates"]) <= 3
        for candidate in line["candidates"]:
            assert {"object", "cause", "confidence", "evidence", "why"} <= candidate.keys()
            assert "/" in candidate["object"]


def test_one_recording_is_told_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    """For a person at a terminal; `--service` changes the point of view."""
    folder = SCENARIOS / "redis-cart-down"
    assert main(["--scenario", str(folder), "--service", "cartservice"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("redis-cart-down: Namespace boutique, service cartservice")
    assert "1. deployment/redis-cart: scaled_to_zero" in text


def test_the_causes_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """The whole closed list."""
    assert main(["--causes"]) == 0
    text = capsys.readouterr().out
    assert "quota_pods" in text
    assert "quota_memory" in text
    assert main(["--causes", "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"healthy", "quota_pods", "quota_memory"} <= {line["name"] for line in lines}


def test_a_namespace_that_was_not_recorded_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    """It is not healthy: nothing is known of it."""
    folder = SCENARIOS / "redis-cart-down"
    assert main(["--scenario", str(folder), "--namespace", "elsewhere"]) == 1
    assert "only of boutique" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--scenario", "--scenarios"])
def test_a_folder_that_is_no_recording_is_an_error(
    option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line on standard error, exit code 1."""
    assert main([option, str(tmp_path)]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "cluster.json" in shown.err


def test_one_bad_recording_among_many_does_not_hide_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The good ones are judged, the bad one has a line that says why, the exit code says that not all were."""
    for name, content in (("bad", "{"), ("good", '{"namespace": "shop", "pods": []}')):
        (tmp_path / name).mkdir()
        (tmp_path / name / "cluster.json").write_text(content, "utf-8")
    assert main(["--scenarios", str(tmp_path), "--json"]) == 1
    shown = capsys.readouterr()
    bad, good = map(json.loads, shown.out.splitlines())
    assert (bad["id"], bad["verdict"], bad["candidates"]) == ("bad", "inconclusive", [])
    assert "cluster.json" in bad["notes"][0]
    assert "cluster.json" in shown.err
    assert (good["id"], good["verdict"]) == ("good", "inconclusive")


def test_a_scenario_without_a_cluster_is_inconclusive(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Everything but scenario.yaml is optional: nothing is wrong with the folder, and nothing can be said."""
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare" / "scenario.yaml").write_text("id: quiet", "utf-8")
    for options in (["--scenarios", str(tmp_path)], ["--scenarios", str(tmp_path / "bare")]):
        assert main([*options, "--json"]) == 0
        line = json.loads(capsys.readouterr().out)
        assert (line["id"], line["verdict"]) == ("quiet", "inconclusive")
        assert "cluster.json" in line["notes"][0]


async def test_a_live_cluster_is_asked_through_the_kubeconfig(tmp_path: Path) -> None:
    """The same answer as over the recording, in a process of its own."""
    async with KubernetesSimulator(SCENARIOS / "redis-cart-down") as cluster:
        settings = {
            "PATH": "",
            "HOME": str(tmp_path),
            "KUBECONFIG": str(cluster.write_kubeconfig(tmp_path / "kubeconfig")),
            "TOCSIN_NOW": "2026-11-19T03:17:40Z",
            "PYTHONPATH": str(ROOT / "mcp"),
        }
        ran = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tocsin_mcp.triage_command", "--service", "frontend", "--json",
            env=settings, stdout=subprocess.PIPE,
        )  # fmt: skip
        out, _ = await asyncio.wait_for(ran.communicate(), timeout=40)
    assert ran.returncode == 0
    found = json.loads(out)
    assert found["candidates"][0]["object"] == "deployment/redis-cart"


def test_without_a_cluster_it_says_what_to_set(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Exit code 1 and the name of the setting."""
    ran = subprocess.run(
        [sys.executable, "-m", "tocsin_mcp.triage_command"],
        env={"PATH": "", "HOME": str(tmp_path), "PYTHONPATH": str(ROOT / "mcp")},
        capture_output=True,
        text=True,
        check=False,
        timeout=40,
    )
    assert ran.returncode == 1
    assert "KUBECONFIG" in ran.stderr
    assert capsys.readouterr().out == ""
