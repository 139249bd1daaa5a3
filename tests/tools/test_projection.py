"""JSON and tables become shorter; their facts stay."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.tools.compressed import compress
from bot.tools.projection import project

SAMPLES = Path(__file__).parents[1] / "samples"


def test_alike_objects_become_a_table() -> None:
    """Keys are said once; missing cells are marked; bookkeeping and empty values go."""
    rows = [
        {
            "name": f"pod-{n}",
            "phase": "Running",
            "restarts": n,
            "managedFields": [{"x": 1}],
            "note": "",
        }
        for n in range(3)
    ]
    rows[1]["node"] = "n1"

    assert project(json.dumps({"kind": "PodList", "items": rows}, indent=2)) == (
        "kind: PodList\n"
        "items:\n"
        "name | phase | restarts | node\n"
        "pod-0 | Running | 0 | -\n"
        "pod-1 | Running | 1 | n1\n"
        "pod-2 | Running | 2 | -"
    )


def test_unlike_objects_stay_objects() -> None:
    """A table with mostly empty cells would be longer."""
    assert project(json.dumps([{"a": 1}, {"b": 2}, {"c": 3}, {"d": 4}])) == (
        '{"a": 1}\n{"b": 2}\n{"c": 3}\n{"d": 4}'
    )


def test_padding_of_tables_goes_and_indentation_stays() -> None:
    """Columns need two spaces; source code keeps its shape."""
    table = "NAME          READY     STATUS\ncart-abc      1/1       Running"
    code = "def f():\n        return 1"

    assert project(table) == "NAME  READY  STATUS\ncart-abc  1/1  Running"
    assert project(code) is None


@pytest.mark.parametrize("text", ["", "plain words", "{not json", "[1, 2", "null"])
def test_what_is_neither_is_left_alone(text: str) -> None:
    """No guess is made."""
    assert project(text) is None


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(alphabet="abc xyz", max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text("ab", min_size=1, max_size=3), inner, max_size=4)
    ),
    max_leaves=20,
)


def _leaves(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [leaf for item in value.values() for leaf in _leaves(item)]
    if isinstance(value, list):
        return [leaf for item in value for leaf in _leaves(item)]
    return [value] if isinstance(value, str) and value.strip() else []


@given(
    st.lists(st.dictionaries(st.text("ab", min_size=1, max_size=3), values, max_size=4), max_size=5)
)
def test_no_text_of_any_document_is_lost(document: list[dict[str, Any]]) -> None:
    """Every string value that says something is still there."""
    shown = project(json.dumps(document)) or ""

    for leaf in _leaves(document):
        assert leaf in shown or json.dumps(leaf)[1:-1] in shown


def test_a_real_pod_list_shrinks_several_times() -> None:
    """The API's own answer, as other people's servers pass it on."""
    text = (SAMPLES / "kubernetes-api" / "pods_list.json").read_text(encoding="utf-8")

    short = compress(text, 10**6, "c1")

    assert len(short) * 2 < len(text)
    for word in ("payments-abc-1", "CrashLoopBackOff", "OOMKilled"):
        assert (word in short) == (word in text)
