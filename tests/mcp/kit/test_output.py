"""Bounded text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tocsin_mcp.kit.output import bounded, clip, counted, listed, one_line, plain, table

NARROW = "use `grep`"


def test_short_text_is_untouched() -> None:
    """What fits is returned as it is, final newline and all."""
    assert bounded("a\nb\n", 512, narrow=NARROW) == "a\nb\n"


def test_long_text_keeps_both_ends_and_says_what_was_cut() -> None:
    """The first and last lines stay whole; the note counts lines and bytes and says how to narrow."""
    lines = [f"line {number}" for number in range(1000)]
    kept = bounded("\n".join(lines), 600, narrow=NARROW).splitlines()
    note = next(line for line in kept if line.startswith("[…"))
    cut = kept.index(note)
    assert kept[:cut] == lines[:cut]
    assert kept[cut + 1 :] == lines[-(len(kept) - cut - 1) :]
    missing = lines[cut : len(lines) - (len(kept) - cut - 1)]
    assert f"{len(missing)} lines ({sum(len(line) + 1 for line in missing)} bytes) cut here" in note
    assert note.endswith(f"{NARROW} …]")


def test_share_of_the_head_decides_which_end_is_kept() -> None:
    """With head=0 only the end is left, with head=1 only the beginning."""
    text = "\n".join(f"line {number}" for number in range(1000))
    assert bounded(text, 600, narrow=NARROW, head=0.0).endswith("line 999")
    assert bounded(text, 600, narrow=NARROW, head=0.0).startswith("[…")
    assert bounded(text, 600, narrow=NARROW, head=1.0).startswith("line 0\n")


def test_one_endless_line_is_shortened_in_place() -> None:
    """A single huge line does not push out everything else."""
    text = "start\n" + "x" * 100_000 + "\nend"
    kept = bounded(text, 2000, narrow=NARROW)
    assert kept.startswith("start\n")
    assert kept.endswith("\nend")
    assert "bytes)" in kept


@given(
    st.lists(st.text(max_size=200), max_size=60).map("\n".join),
    st.integers(min_value=0, max_value=3000),
    st.floats(min_value=0, max_value=1),
)
def test_never_more_than_the_limit(text: str, limit: int, head: float) -> None:
    """Whatever the text, the result has at most `limit` bytes (512 at least)."""
    assert len(bounded(text, limit, narrow=NARROW, head=head).encode()) <= max(limit, 512)


@given(st.text(max_size=300), st.integers(min_value=1, max_value=100))
def test_clip_never_splits_a_character(text: str, limit: int) -> None:
    """The kept part is a beginning of the text, and the rest is counted."""
    short = clip(text, limit)
    if len(text.encode()) > limit:
        kept, _, note = short.rpartition("… (+")
        assert text.startswith(kept)
        assert int(note.removesuffix(" bytes)")) == len(text.encode()) - len(kept.encode())
    else:
        assert short == text


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07shell", "shell"),
        ("a\r\nb", "a\nb"),
        ("50%\r100%", "50%100%"),
        ("nul\0 bell\x07 tab\t", "nul bell tab\t"),
        ("evil\u202egnp.exe", "evilgnp.exe"),
        ("pass\u200bword \ufeffhi\U000e0041\U000e007f", "password hi"),
        ("naïve – ✓", "naïve – ✓"),
    ],
)
def test_plain_removes_what_hides_text(text: str, clean: str) -> None:
    """Terminal escapes, control characters and direction overrides go; words stay."""
    assert plain(text) == clean


@given(st.text(max_size=100))
def test_one_line_is_one_line(text: str) -> None:
    """Whatever comes in, the result has no line end and no edge of white space."""
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert line == line.strip()


def test_listed_cuts_the_tail_only() -> None:
    """Lines come in order of importance, so the first stay."""
    lines = [f"line {number}" for number in range(1000)]
    kept = listed(lines, narrow=NARROW, limit=600)
    assert kept.startswith("line 0\nline 1\n")
    assert "line 999" not in kept


def test_listed_counts_what_was_never_given() -> None:
    """Entries left out by a limit are said to exist."""
    assert listed(["a", "b"], total=5, narrow=NARROW) == f"a\nb\n… 3 more not shown: {NARROW}"
    assert listed(["a"], total=1, narrow=NARROW) == "a"


def test_table_aligns_columns() -> None:
    """Columns are as wide as their widest cell, the last one is not padded, empty cells are visible."""
    assert table(("NAME", "AGE"), [("a-long-name", "1d"), ("b", "")]) == [
        "NAME         AGE",
        "a-long-name  1d",
        "b            -",
    ]


def test_counted_knows_one_from_many() -> None:
    """Numbers and nouns agree."""
    assert [counted(number, "pod") for number in (0, 1, 2)] == ["0 pods", "1 pod", "2 pods"]
