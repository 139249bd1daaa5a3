"""Everything in a scenario's folder but `scenario.yaml` is optional, and what cannot be read is said in one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.cli import main
from bot.demo.world import open_world
from bot.errors import ConfigurationError
from bot.scenario import FILE, Scenario, load
from bot.simulators.github.repository import load as load_repository

SCENARIO = """\
id: bare
title: Something fails
now: "2026-11-18T14:28:30Z"
service: cart
alarm: {question: "What is wrong with cart?"}
expected: {verdict: healthy}
"""


@pytest.fixture
def bare(tmp_path: Path) -> Callable[..., Scenario]:
    """A scenario with nothing but `scenario.yaml` and the files given."""

    def made(**files: str) -> Scenario:
        folder = tmp_path / "scenarios" / "bare"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / FILE).write_text(SCENARIO, "utf-8")
        for name, text in files.items():
            (folder / name.replace("_", ".")).write_text(text, "utf-8")
        return load(folder)

    return made


async def test_a_scenario_alone_is_an_empty_world(
    bare: Callable[..., Scenario], tmp_path: Path
) -> None:
    """No cluster objects, no repository, no metrics: nothing of them is offered."""
    async with open_world(bare(), tmp_path, {"ANTHROPIC_API_KEY": "x"}) as world:
        assert world.environment["TOCSIN_GITHUB_REPOSITORY"] == ""
        assert world.prometheus is None
        assert not {"PROMETHEUS_URL", "AWS_REGION"} & set(world.environment)


async def test_metrics_bring_both_of_their_servers(
    bare: Callable[..., Scenario], tmp_path: Path
) -> None:
    """And nobody's own AWS account or Prometheus is in reach of a recorded incident."""
    mine = {
        "ANTHROPIC_API_KEY": "x",
        "AWS_PROFILE": "mine",
        "AWS_REGION": "us-east-1",
        "PROMETHEUS_URL": "http://mine.example",
        "PROMETHEUS_TOKEN": "mine",
    }
    scenario = bare(metrics_csv="time,name,value\n2026-11-18T14:28:00Z,up,1\n")
    async with open_world(scenario, tmp_path, mine) as world:
        assert world.prometheus
        assert world.environment["PROMETHEUS_URL"] == world.prometheus.url
        assert world.environment["AWS_ENDPOINT_URL"] == world.cloudwatch.url
        assert not {"AWS_PROFILE", "PROMETHEUS_TOKEN"} & set(world.environment)
    bedrock = {**mine, "TOCSIN_BACKEND": "bedrock"}
    async with open_world(scenario, tmp_path, bedrock) as world:
        assert world.environment["AWS_PROFILE"] == "mine"
        assert world.environment["AWS_ENDPOINT_URL"] == world.cloudwatch.url


@pytest.mark.parametrize(
    "files",
    [
        {"metrics_csv": "no header\n"},
        {"cluster_json": "["},
        {"history_yaml": "commits: 7\n"},
        {"deploys_yaml": "7\n"},
    ],
)
async def test_a_part_that_cannot_be_read_is_one_clear_error(
    bare: Callable[..., Scenario], tmp_path: Path, files: dict[str, str]
) -> None:
    with pytest.raises(ConfigurationError, match=r"The recording in .*bare cannot be read"):
        async with open_world(bare(**files), tmp_path, {}):
            pass


def test_a_scenario_that_cannot_be_played_counts_as_failed(
    bare: Callable[..., Scenario], capsys: pytest.CaptureFixture[str]
) -> None:
    """It is told as the others are, and stops none of them."""
    folder = bare(cluster_json="[").folder.parent
    assert main(["eval", "--scenarios", str(folder), "--repeat", "2", "--json"]) == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["id"], line["run"], line["passed"]) for line in lines] == [
        ("bare", 1, False),
        ("bare", 2, False),
    ]
    assert "cannot be read" in lines[0]["error"]


def test_a_tree_without_a_history_is_one_commit(tmp_path: Path) -> None:
    """Of long ago, so that nothing in it is a recent change."""
    (tmp_path / "repo").mkdir()
    (tmp_path / "repo" / "a.txt").write_text("a")
    [commit] = load_repository(tmp_path).commits
    assert dict(commit.tree) == {"a.txt": b"a"}
    assert commit.time.year == 2000
    assert load_repository(tmp_path / "nothing").commits == ()
