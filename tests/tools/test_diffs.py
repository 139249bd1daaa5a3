"""Diffs lose context and noise, never a change; their numbers stay right."""

from __future__ import annotations

import difflib

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.tools.shortening.clues import Clues, Remark, read
from bot.tools.shortening.diffs import shortened
from bot.tools.shortening.folding import Marks
from bot.tools.shortening.hunks import files_of

LOCK = "\n".join(
    [
        "M package-lock.json (+40 -40)",
        "@@ -1,40 +1,40 @@",
        *(f"-    old {number}" for number in range(40)),
        *(f"+    new {number}" for number in range(40)),
    ]
)
CHANGE = """M src/pay.js (+1 -1)
@@ -10,7 +10,7 @@ function charge() {
 a
 b
 c
-  old()
+  fresh()
 d
 e
 f"""


def _short(text: str, clues: Clues | None = None) -> str:
    return shortened(text.splitlines(), clues or Clues(), Marks("c3")) or ""


def test_context_shrinks_and_the_header_says_where() -> None:
    """One line on either side, at its right numbers."""
    assert _short(f"commit 1\n\n{CHANGE}").splitlines() == [
        "commit 1",
        "",
        "M src/pay.js (+1 -1)",
        "@@ -12,3 +12,3 @@ function charge() {",
        " c",
        "-  old()",
        "+  fresh()",
        " d",
    ]


def test_generated_files_are_one_line_until_something_in_them_is_named() -> None:
    """Which lines they are is said, and how to see them."""
    folded = _short(f"{LOCK}\n{CHANGE}")

    assert "[… lines 2-82: a generated file, +40 -40; left out" in folded
    assert "read_result(call_id='c3', start_line=2, end_line=82)" in folded
    assert "+  fresh()" in folded
    assert "new 7" in _short(LOCK, read([Remark('cannot load "new 7"', "tool")]))


def test_long_changes_that_nothing_names_end_early() -> None:
    """Only in a long diff; a named change is shown whole."""
    added = "\n".join(f"+line{number} = read_setting({number})" for number in range(300))
    text = f"+++ b/src/new.py\n@@ -0,0 +1,300 @@\n{added}"

    assert "[… lines 11-302: more of the + lines; left out" in _short(text)
    assert _short(text, read([Remark("ERROR in read_setting", "tool")])) == text


def test_what_has_no_diff_is_left_alone() -> None:
    """Text with plus and minus signs is none."""
    assert shortened(["+ one", "- two", "@@ three"], Clues(), Marks("c1")) is None


lines = st.lists(st.sampled_from(["a", "b", "return 1", "", "}", "x = 2"]), max_size=60)


@settings(max_examples=80)
@given(lines, lines)
def test_no_change_is_lost_and_every_number_is_right(old: list[str], new: list[str]) -> None:
    """Each line of the shortened diff stands in its file at the number that its hunk counts."""
    diff = list(difflib.unified_diff(old, new, "a/f.py", "b/f.py", lineterm=""))
    if not diff:
        return

    short = _short("\n".join(diff)).splitlines()

    changes = [line for line in diff[2:] if line[:1] in ("+", "-")]
    assert [line for line in short[2:] if line[:1] in ("+", "-")] == changes
    for hunk in (hunk for file in files_of(short) for hunk in file.hunks):
        was, is_now = hunk.old, hunk.new
        for line in hunk.body:
            if line[:1] != "+":
                assert old[was - 1] == line[1:]
                was += 1
            if line[:1] != "-":
                assert new[is_now - 1] == line[1:]
                is_now += 1
