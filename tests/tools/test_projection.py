"""JSON and tables become shorter; their facts stay."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.tools.compressed import compress
from bot.tools.shortening.clues import Clues
from bot.tools.shortening.projection import project
from bot.tools.toolset import ToolCall

CALL = ToolCall(id="t", label="c1", name="get")
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

    assert _text({"kind": "PodList", "items": rows}) == (
        "kind: PodList\n"
        "items:\n"
        "in every row: phase = Running\n"
        "name | restarts | node\n"
        "pod-0 | 0 | -\n"
        "pod-1 | 1 | n1\n"
        "pod-2 | 2 | -"
    )


def _text(document: object) -> str:
    projected = project(json.dumps(document, indent=2))
    assert projected is not None
    return projected.text


def test_unlike_objects_stay_objects() -> None:
    """A table with mostly empty cells would be longer."""
    assert _text([{"a": 1}, {"b": 2}, {"c": 3}, {"d": 4}]) == (
        '{"a": 1}\n{"b": 2}\n{"c": 3}\n{"d": 4}'
    )


@pytest.mark.parametrize("text", ["", "plain words", "{not json", "[1, 2", "null", "[" * 9_000])
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
    shown = _text(document)

    for leaf in _leaves(document):
        assert leaf in shown or json.dumps(leaf)[1:-1] in shown


def test_commits_of_github_lose_links_and_keep_their_diffs() -> None:
    """A person is a name, an id has twelve digits, and a patch is shown as one."""
    sha = "0b9a2e9c7720861d41b355249204d5d59c3ffb9e"
    link = f"https://api.github.example/repos/acme/shop/commits/{sha}"
    patch = "@@ -1,5 +1,5 @@\n a\n b\n-POOL_SIZE = 2\n+POOL_SIZE = 1\n c\n d"
    author = {"login": "jane", "id": 7, "avatar_url": f"{link}/a", "site_admin": False}
    commit = {
        "sha": sha,
        "node_id": "MDpDb21",
        "commit": {"message": "Cut the pool", "verification": {"verified": False}},
        "author": author,
        "html_url": link,
        "parents": [],
        "files": [{"filename": "src/db.py", "changes": 2, "patch": patch, "blob_url": link}] * 9,
    }

    short = compress(json.dumps(commit, indent=1), CALL, Clues())

    assert f"sha: {sha[:12]}\n" in short
    assert 'author: {"login": "jane"}' in short
    assert "https://" not in short
    assert "<patch 1, below>" in short
    assert f"<patch 9, below>:\n{patch}" in short


def test_a_real_pod_list_shrinks_several_times() -> None:
    """The API's own answer, as other people's servers pass it on."""
    text = (SAMPLES / "kubernetes-api" / "pods_list.json").read_text(encoding="utf-8")

    short = compress(text, CALL, Clues(), 10**6)

    assert len(short) * 2 < len(text)
    for word in ("payments-abc-1", "CrashLoopBackOff", "OOMKilled"):
        assert (word in short) == (word in text)
