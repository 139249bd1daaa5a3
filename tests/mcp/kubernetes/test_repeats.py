"""Repeated messages are counted."""

from __future__ import annotations

from tocsin_mcp.kubernetes.repeats import Thinned, thin


def test_same_message_is_shown_first_and_last() -> None:
    """Records that differ in numbers, ids and assigned values are one kind: the first and the last two are shown."""
    lines = [
        f"failed user=u{number} request 8743feb6-d4ea-45d0-83d7-16849f8558a{number % 10} after {number} ms"
        for number in range(20)
    ]
    thinned = thin(lines, list(range(20)))
    (repeat,) = thinned.repeats
    assert thinned.shown == [0, 18, 19]
    assert thinned.hidden == set(range(1, 18))
    assert (repeat.left_out, repeat.first, repeat.last) == (17, 0, 19)


def test_different_messages_are_all_shown() -> None:
    """A rare message is not swallowed by a frequent one."""
    lines = ["timeout on redis"] * 10 + ["disk is full"] + ["timeout on redis"] * 10
    thinned = thin(lines, list(range(21)))
    assert 10 in thinned.shown
    assert [repeat.left_out for repeat in thinned.repeats] == [17]


def test_traces_differ_by_their_message() -> None:
    """Frameworks log one head line for every error; the lines below decide whether two are the same."""
    one = ["fail: Handler[6]", "      Error in 'AddItem'.", "      System.Exception: loafers"]
    other = ["fail: Handler[6]", "      Error in 'AddItem'.", "      System.Exception: no space"]
    lines = one * 5 + other
    thinned = thin(lines, [number for number, line in enumerate(lines) if "Exc" in line])
    (repeat,) = thinned.repeats
    assert len(lines) - 1 in thinned.shown
    assert set(range(3, 9)) == thinned.hidden
    assert repeat.left_out == 2
    assert lines[repeat.sample] == "      System.Exception: loafers"


def test_few_are_left_alone() -> None:
    """Three of a kind are all shown."""
    assert thin(["x 1", "x 2", "x 3"], [0, 1, 2]) == Thinned([0, 1, 2], set(), [])
    assert thin([], []) == Thinned([], set(), [])
