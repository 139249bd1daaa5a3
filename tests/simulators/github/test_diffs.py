"""Diffs can be undone, and the patches shown are what git would print."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.simulators.github.diffs import BadDiff, patch, undo
from bot.simulators.github.shapes import git_diff

LINES = st.lists(
    st.sampled_from(["a", "b", "", "  c", "-d", "+e", "@@ f", "diff --git"]), max_size=30
)


def text_of(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


@given(before=LINES, after=LINES)
def test_undoing_a_change_gives_back_what_was_there(before: list[str], after: list[str]) -> None:
    """Whatever two texts are, undoing the diff between them leads from the later to the earlier."""
    old, new = text_of(before), text_of(after)
    if old == new:
        return
    diff = git_diff({"f.txt": (old, new)}).decode()
    assert undo(diff, {"f.txt": new}) == {"f.txt": old}


@given(before=LINES.filter(bool), after=LINES.filter(bool))
def test_whitespace_at_line_ends_of_a_diff_does_not_matter(
    before: list[str], after: list[str]
) -> None:
    """Editors strip the single space of an empty context line; the diff still fits."""
    old, new = text_of(before), text_of(after)
    diff = git_diff({"f.txt": (old, new)}).decode()
    stripped = "\n".join("" if line == " " else line for line in diff.split("\n"))
    if old != new:
        assert undo(stripped, {"f.txt": new}) == {"f.txt": old}


def test_new_and_deleted_files_are_undone() -> None:
    """A new file disappears, a deleted one comes back."""
    diff = git_diff({"gone": (b"x\n", None), "new": (None, b"y\n")}).decode()
    assert undo(diff, {"new": b"y\n"}) == {"gone": b"x\n", "new": None}


def test_renamed_file_is_undone() -> None:
    """A rename with a change leads back to the old name."""
    diff = (
        "diff --git a/old.txt b/new.txt\nsimilarity index 90%\nrename from old.txt\n"
        "rename to new.txt\n--- a/old.txt\n+++ b/new.txt\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n"
    )
    assert undo(diff, {"new.txt": b"a\nc\n"}) == {"new.txt": None, "old.txt": b"a\nb\n"}


def test_missing_newline_at_the_end_is_kept() -> None:
    """A file without a final line end stays without one, both ways."""
    diff = git_diff({"f": (b"a\nb", b"a\nc\n")}).decode()
    assert "\\ No newline at end of file" in diff
    assert undo(diff, {"f": b"a\nc\n"}) == {"f": b"a\nb"}
    back = git_diff({"f": (b"a\nc\n", b"a\nb")}).decode()
    assert undo(back, {"f": b"a\nb"}) == {"f": b"a\nc\n"}


def test_binary_files_have_no_patch() -> None:
    """A NUL byte on either side means that there is no text to show."""
    assert patch(b"a\0", b"b") is None
    assert patch(None, b"\0") is None


@pytest.mark.parametrize(
    "diff",
    [
        "diff --git a/f b/f\n@@ nonsense @@\n-a\n+b\n",
        "diff --git a/f b/f\n@@ -1,3 +1,3 @@\n a\n",
        "diff --git a/other b/other\n@@ -1 +1 @@\n-a\n+b\n",
        "diff --git a/f b/f\n@@ -1 +1 @@\n-a\n+something else\n",
    ],
)
def test_diff_that_does_not_fit_is_named(diff: str) -> None:
    """A diff for another tree, or a broken one, is an error."""
    with pytest.raises(BadDiff):
        undo(diff, {"f": b"b\n"})
