"""The stand-in's small fix: a hunk turned round takes back exactly what it brought."""

from __future__ import annotations

from bot.simulators.github.diffs import undo
from bot.simulators.messages_api.stand_in.repository import shown_commits
from bot.simulators.messages_api.stand_in.transcript import Call, Transcript
from bot.simulators.messages_api.stand_in.undoing import undone

BEFORE = b"one\ntwo\nthree\nfour\n"
AFTER = b"one\n2\nnew\nthree\nfour\n"
TEXT = """commit a65e65621925a8ecc4e40dd4d25ac15cbe309198
time:   2026-11-18T12:58:09Z

    change two lines

M src/a.txt (+2 -1)
@@ -1,4 +1,5 @@
 one
-two
+2
+new
 three
 four

M src/b.txt (+1 -0)
@@ -1 +1,2 @@
 b
+c
"""


def test_what_a_commit_brought_is_taken_back() -> None:
    """The fix applied to the tree after the commit gives the tree before it; a blank line after a hunk is none of it."""
    call = Call("show_commit", {"sha": "a65e656"}, TEXT, failed=False, ref="c1", fresh=True)
    transcript = Transcript({}, "", "", (call,), False, None, False, "", 0)
    (shown,) = shown_commits(transcript)
    (change,) = [each for each in shown.changes if each.raw == "+new"]
    fix = undone(shown, change)
    assert fix.startswith("--- a/src/a.txt\n+++ b/src/a.txt\n@@ -1,5 +1,4 @@\n")
    again = f"diff --git a/src/a.txt b/src/a.txt\n{fix}"
    assert undo(again, {"src/a.txt": BEFORE}) == {"src/a.txt": AFTER}
