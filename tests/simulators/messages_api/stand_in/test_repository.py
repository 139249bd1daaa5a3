"""Paths, source lines and diffs as tools print them."""

from __future__ import annotations

from typing import Any

import pytest

from bot.simulators.messages_api.stand_in.repository import (
    listed_commits,
    match_path,
    shown_commits,
    source_line,
)
from bot.simulators.messages_api.stand_in.transcript import Transcript, read_transcript

SHA = "a65e65621925a8ecc4e40dd4d25ac15cbe309198"
DIFF = f"""\
[c4] github_show_commit
commit {SHA}
Author: Mara Okafor <mara@acme.example>
Date: 2026-01-02T03:04:05Z

    orders: refuse locked orders (#7)

diff --git a/src/orders/store.py b/src/orders/store.py
--- a/src/orders/store.py
+++ b/src/orders/store.py
@@ -10,3 +10,5 @@ def add(order):
     check(order)
+    if order.locked:
+        raise ValueError("locked")
-    save(order)
     return order"""


def transcript(action: str, arguments: dict[str, Any], text: str) -> Transcript:
    """A conversation with one call."""
    return read_transcript(
        {
            "tools": [{"name": f"github_{action}"}],
            "messages": [
                {"role": "user", "content": "alarm"},
                {
                    "role": "assistant",
                    "content": [
                        {
                            "type": "tool_use",
                            "id": "t1",
                            "name": f"github_{action}",
                            "input": arguments,
                        }
                    ],
                },
                {
                    "role": "user",
                    "content": [{"type": "tool_result", "tool_use_id": "t1", "content": text}],
                },
            ],
        }
    )


def test_reads_a_diff() -> None:
    """Added lines know their place in the new file; subject and time are found."""
    shown = shown_commits(transcript("show_commit", {"sha": SHA[:7]}, DIFF))[0]
    assert shown.sha == SHA
    assert shown.subject == "orders: refuse locked orders (#7)"
    assert shown.time == "2026-01-02T03:04:05Z"
    added = [(change.number, change.text.strip()) for change in shown.changes if change.added]
    assert added == [(11, "if order.locked:"), (12, 'raise ValueError("locked")')]
    assert shown.paths == ["src/orders/store.py"]


def test_lists_commits_once_each() -> None:
    """Lines that begin with a sha and hold a time are commits."""
    text = f"[c1] x\n2 commits\n{SHA[:10]}  2026-01-02T03:04:05Z  Mara  one\ndeadbee1  2026-01-01  no time\n{SHA}  2026-01-02T03:04:05Z again"
    assert [c.sha for c in listed_commits(transcript("list_commits", {}, text))] == [SHA[:10], SHA]


@pytest.mark.parametrize("separator", ["| ", ": ", "\t", "  "])
def test_finds_a_numbered_line(separator: str) -> None:
    """The code of a line is found behind whatever separates it from its number."""
    text = f"[c2] x\n  11{separator}if a:\n  12{separator}    fail()"
    found = source_line(transcript("read_file", {"path": "a.py"}, text), "a.py", 12)
    assert found is not None
    assert found[0].strip() == "fail()"


@pytest.mark.parametrize(
    ("container", "service", "expected"),
    [
        ("/app/store/Store.cs", "orders", "src/orders/src/store/Store.cs"),
        ("/usr/src/app/server.js", "payments-service", "src/payments/server.js"),
        ("/usr/src/app/missing.js", "payments", ""),
        ("com/acme/Ads.java", "ads", "src/ads/src/main/java/com/acme/Ads.java"),
    ],
)
def test_maps_container_paths(container: str, service: str, expected: str) -> None:
    """The longest common end wins, within the service's own folder if it has one."""
    paths = [
        "src/orders/src/store/Store.cs",
        "src/billing/store/Store.cs",
        "src/payments/server.js",
        "src/web/server.js",
        "src/ads/src/main/java/com/acme/Ads.java",
    ]
    assert match_path(container, paths, service) == expected
