"""Blame is only passed on for what some tool has shown to exist."""

from __future__ import annotations

from typing import Any

import pytest

from bot.investigation.culprit import unseen, without
from bot.investigation.diagnosis import Culprit, Diagnosis
from bot.investigation.evidence import Source

SHA = "a65e65621925a8ecc4e40dd4d25ac15cbe309198"
SOURCES = {
    "c1": Source("list_pods", "cartservice-cf66-9g6cz 1/1 Running deployment/cartservice"),
    "c2": Source(
        "read_file", "src/cart/RedisCartStore.cs: lines 30-50\n 38 | throw new Exception();"
    ),
    "c3": Source("show_commit", f"commit {SHA}\n@@ -60,2 +60,4 @@ class RedisCartStore.cs\n+x"),
    "c4": Source("list_commits", "1e11729 2026-11-18 payment: audit"),
    "c5": Source("read_file", "There is no file src/cart/Missing.cs", failed=True),
}


def _check(**culprit: Any) -> tuple[Diagnosis, list[str]]:
    diagnosis = Diagnosis(verdict="fault", summary="s", confidence=1.0, culprit=Culprit(**culprit))
    told = unseen(diagnosis.culprit, SOURCES)
    return without(diagnosis, told), list(told.values())


@pytest.mark.parametrize(
    "culprit",
    [
        {},
        {"object": "deployment/cartservice"},
        {"file": "src/cart/RedisCartStore.cs", "line": 38},
        {"file": "src/cart/RedisCartStore.cs", "line": 62},
        {"commit": SHA},
        {"commit": SHA[:10]},
        {"commit": "1e11729"},
        {"commit": "1e11729aaaabbbbccccddddeeeeffff000011112"},
    ],
)
def test_what_was_seen_may_be_blamed(culprit: dict[str, Any]) -> None:
    """In full, abbreviated, in a listing or in a hunk."""
    diagnosis, told = _check(**culprit)

    assert told == []
    assert diagnosis.culprit == Culprit(**culprit)
    assert diagnosis.confidence == 1.0


@pytest.mark.parametrize(
    ("culprit", "left"),
    [
        ({"object": "deployment/cart"}, {}),
        ({"object": "deployment/checkout"}, {}),
        ({"file": "src/cart/Missing.cs", "line": 3}, {}),
        (
            {"file": "src/cart/RedisCartStore.cs", "line": 99},
            {"file": "src/cart/RedisCartStore.cs"},
        ),
        ({"commit": "deadbeef00"}, {}),
        ({"commit": "a65e656ffff"}, {}),
        ({"commit": "HEAD"}, {}),
    ],
)
def test_what_nothing_shows_is_taken_out_and_said(
    culprit: dict[str, Any], left: dict[str, Any]
) -> None:
    """An error text that names a file does not make it exist; confidence falls, and the gap is named."""
    diagnosis, told = _check(**culprit)

    assert diagnosis.culprit == Culprit(**left)
    assert diagnosis.confidence == 0.8
    assert len(told) == 1
    assert told[0] in diagnosis.unknowns
