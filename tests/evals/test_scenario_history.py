"""Every shipped scenario's history leads to its tree, and its deploys and its guilty commit are part of it."""

from __future__ import annotations

import json
import re
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

SCENARIOS = Path(__file__).parents[2] / "bot" / "evals" / "scenarios"
FOLDERS = sorted(path.parent for path in SCENARIOS.glob("*/history.yaml"))
SHA = re.compile(r"[0-9a-f]{40}")

Json = dict[str, Any]
every_scenario = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)


@cache
def scenario(folder: Path) -> Json:
    return dict(yaml.safe_load((folder / "scenario.yaml").read_text()))


@cache
def cluster(folder: Path) -> Json:
    return dict(json.loads((folder / "cluster.json").read_text()))


@cache
def commits(folder: Path) -> list[Json]:
    return list(yaml.safe_load((folder / "history.yaml").read_text())["commits"])


@cache
def deploys(folder: Path) -> list[Json]:
    return list(yaml.safe_load((folder / "deploys.yaml").read_text())["deploys"])


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def touched_files(diff: str) -> set[str]:
    return set(re.findall(r"^diff --git a/(\S+) b/\S+$", diff, re.MULTILINE))


def reversed_diff(text: str, hunks: str) -> str:
    """`text` with one file's hunks undone: written apart from the simulator, to check the data and not our code."""
    lines, shift = text.split("\n"), 0
    for found in re.finditer(
        r"^@@ -\S+ \+(\d+)(?:,(\d+))? @@.*\n((?:(?!@@).*\n?)*)", hunks, re.MULTILINE
    ):
        body = found[3].rstrip("\n").split("\n")
        after = [line[1:] for line in body if line[:1] in {"+", " ", ""}]
        before = [line[1:] for line in body if line[:1] in {"-", " ", ""}]
        start = int(found[1]) - 1 + shift
        assert lines[start : start + len(after)] == after, f"hunk at {found[1]} does not fit"
        lines[start : start + len(after)] = before
        shift += len(before) - len(after)
    return "\n".join(lines)


@every_scenario
def test_history_leads_to_the_repository(folder: Path) -> None:
    """Every diff can be undone from the newest commit backwards, so `repo/` is the tree of the newest one."""
    repo = folder / "repo"
    tree = {
        str(path.relative_to(repo)): path.read_text() for path in repo.rglob("*") if path.is_file()
    }
    for commit in reversed(commits(folder)[1:]):
        for part in re.split(r"^(?=diff --git )", commit["diff"], flags=re.MULTILINE)[1:]:
            [path] = touched_files(part)
            if "\nnew file mode" in part:
                added = [line[1:] for line in part.split("\n@@")[1].split("\n")[1:] if line]
                assert "\n".join(added) + "\n" == tree.pop(path)
            else:
                tree[path] = reversed_diff(tree[path], part)
    assert tree, "the oldest commit brings something"


@every_scenario
def test_commits_are_named_and_in_order(folder: Path) -> None:
    """Commits have distinct full shas and rising times, none after the alarm."""
    found = commits(folder)
    shas = [commit["sha"] for commit in found]
    assert all(SHA.fullmatch(sha) for sha in shas)
    assert len(set(shas)) == len(shas)
    times = [moment(commit["time"]) for commit in found]
    assert times == sorted(times)
    assert times[-1] <= moment(scenario(folder)["now"])
    assert all(re.fullmatch(r"[^<>]+ <[^<>@]+@[^<>]+>", commit["author"]) for commit in found)


@every_scenario
def test_deploys_match_cluster_and_history(folder: Path) -> None:
    """A rollout names a commit of the history, and its image is that of the replica set of that revision."""
    shas = {commit["sha"] for commit in commits(folder)}
    images = {
        (
            item["metadata"]["ownerReferences"][0]["name"],
            item["metadata"]["annotations"]["deployment.kubernetes.io/revision"],
        ): item["spec"]["template"]["spec"]["containers"][0]["image"]
        for item in cluster(folder)["replicasets"]
    }
    rollouts = [deploy for deploy in deploys(folder) if deploy["kind"] == "rollout"]
    assert rollouts
    for deploy in rollouts:
        assert deploy["commit"] in shas
        name = deploy["object"].partition("/")[2]
        assert images[name, str(deploy["revision"])] == deploy["image"]


@every_scenario
def test_guilty_commit_touches_the_expected_file(folder: Path) -> None:
    """The expected file is in the tree, the guilty commit changed it, and the decoys are other commits."""
    expected = scenario(folder)["expected"]
    by_sha = {commit["sha"]: commit for commit in commits(folder)}
    assert set(expected["decoys"]) <= by_sha.keys()
    assert expected["decoys"], "a hasty reader must have something to blame"
    assert expected["commit"] not in expected["decoys"]
    if expected["commit"] != "none":
        assert (folder / "repo" / expected["file"]).is_file()
        assert expected["file"] in touched_files(by_sha[expected["commit"]]["diff"])
        newer = [sha for sha in by_sha if by_sha[sha]["time"] > by_sha[expected["commit"]]["time"]]
        assert set(newer) & set(expected["decoys"]), "the newest commit is not the guilty one"
