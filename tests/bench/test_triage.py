"""The time of the triage rules is measured on namespaces that grow; how long it is, is not tested."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from bot.bench import triage_table
from bot.bench.triage import SCENARIO, Row, as_json, measure, with_pods
from bot.scenario import shipped


@pytest.fixture
async def rows() -> list[Row]:
    """The namespace as it is, and with three of each pod."""
    return await measure((1, 3), runs=1)


async def test_a_larger_namespace_has_the_same_cause_for_hardly_more_requests(
    rows: list[Row],
) -> None:
    """Lists, and logs of suspects: nothing is asked pod by pod."""
    small, large = rows
    assert (small.pods, large.pods) == (12, 36)
    assert large.log_lines == 3 * small.log_lines
    assert small.candidate == large.candidate == "deployment/cartservice code_exception"
    assert small.requests <= large.requests < small.requests + 6
    assert large.logs_read < large.pods
    assert all(row.seconds_median > 0 for row in rows)


def test_copies_are_pods_of_their_own() -> None:
    """With names, logs and places behind their services."""
    recording = json.loads((shipped() / SCENARIO / "cluster.json").read_text("utf-8"))
    made = with_pods(recording, 4)
    names = {pod["metadata"]["name"] for pod in made["pods"]}
    assert len(names) == len({pod["metadata"]["uid"] for pod in made["pods"]}) == 48
    assert {key.partition(":")[0] for key in made["logs"]} <= names
    behind = [
        address["targetRef"]["name"]
        for endpoints in made["endpoints"]
        for subset in endpoints["subsets"]
        for address in subset.get("addresses", [])
    ]
    assert len(behind) == len(set(behind)) >= 40
    assert set(behind) <= names
    assert {each["status"]["readyReplicas"] for each in made["deployments"]} == {4}


def test_the_table_says_whether_the_goal_is_reached() -> None:
    """By the first row that is large enough."""
    row = Row(204, 100, 0.25, 37, 13, "deployment/cart code_exception")
    slow = row._replace(seconds_median=1.2)
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(triage_table.sizes([row]))
    assert "deployment/cart code_exception" in console.export_text()
    assert list(triage_table.notes([row]))[-1].endswith("0.25 s on 204, reached.")
    assert list(triage_table.notes([slow]))[-1].endswith("1.20 s on 204, not reached.")
    assert as_json([row])["rows"][0]["seconds_median"] == 0.25
