"""A series in words: extremes, mean, and the moment at which its level changed for good."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tocsin_mcp.kit.series import Point, change_point, described, number, summary

START = 1_795_330_800.0


def points(*values: float) -> list[Point]:
    """One a minute."""
    return [(START + 60 * index, value) for index, value in enumerate(values)]


def noise(count: int, seed: int, level: float = 10.0) -> list[float]:
    """Values around a level, of deviation 1."""
    source = random.Random(seed)
    return [level + source.gauss(0, 1) for _ in range(count)]


def test_what_a_series_comes_to() -> None:
    """First, last, mean and the extremes with their times; what is no number is counted apart."""
    found = summary(points(3, 1, math.nan, 5, math.inf, 4))
    assert found
    assert (found.count, found.skipped) == (4, 2)
    assert (found.first[1], found.last[1], found.mean) == (3, 4, 3.25)
    assert found.lowest == (START + 60, 1)
    assert found.highest == (START + 180, 5)
    assert described(found) == (
        "last 4 · mean 3.25 · min 1 at 2026-11-22T07:01:00Z · max 5 at 2026-11-22T07:03:00Z · "
        "2 points without a number"
    )


def test_a_series_without_numbers() -> None:
    """Nothing to say about nothing."""
    assert summary([]) is None
    assert summary(points(math.nan, -math.inf)) is None


def test_a_constant_series() -> None:
    """It has no extremes and no change."""
    found = summary(points(*[7] * 30))
    assert found
    assert described(found) == "constant 7 (30 points)"


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize(("before", "after"), [(30, 30), (200, 5), (5, 200), (57, 3)])
def test_a_step_is_found_where_it_is(seed: int, before: int, after: int) -> None:
    """A lasting step of eight deviations is found at its first point, early or late."""
    values = noise(before, seed) + noise(after, seed + 1000, 18.0)
    found = change_point(points(*values))
    assert found
    assert abs(found.at - (START + 60 * before)) <= 60
    assert found.before == pytest.approx(10, abs=1.2)
    assert found.after == pytest.approx(18, abs=3)


@pytest.mark.parametrize("seed", range(20))
def test_noise_is_no_change(seed: int) -> None:
    """Sixty points of noise have no change of level."""
    assert change_point(points(*noise(60, seed))) is None


@pytest.mark.parametrize("seed", range(10))
def test_outliers_neither_make_nor_hide_a_change(seed: int) -> None:
    """A few wild points among many count for nothing."""
    quiet, step = noise(60, seed), noise(30, seed) + noise(30, seed + 1, 20.0)
    for at in (5, 17, 41):
        quiet[at] = step[at] = 1000.0
    assert change_point(points(*quiet)) is None
    found = change_point(points(*step))
    assert found
    assert abs(found.at - (START + 60 * 30)) <= 60


def test_a_slope_and_a_wave_are_no_step() -> None:
    """What changes all the time has no moment at which it changed."""
    assert change_point(points(*[float(n) for n in range(240)])) is None
    assert change_point(points(*[math.sin(n / 20) for n in range(240)])) is None


def test_few_points_have_no_change() -> None:
    """Eleven points prove nothing."""
    assert change_point(points(*[0] * 6, *[9] * 5)) is None
    assert change_point(points(*[0] * 6, *[9] * 6))


def test_a_long_series_is_thinned() -> None:
    """Eleven thousand points are looked at as a thousand; the step is found within that width."""
    found = change_point(points(*noise(8000, 1), *noise(3000, 2, 18.0)))
    assert found
    assert abs(found.at - (START + 60 * 8000)) <= 60 * 11


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True, width=64), max_size=60))
def test_any_series_can_be_described(values: list[float]) -> None:
    """Whatever the numbers, there is one line of text or nothing."""
    found = summary(points(*values))
    assert (found is None) == (not any(map(math.isfinite, values)))
    if found:
        assert "\n" not in described(found)
        assert found.lowest[1] <= found.last[1] <= found.highest[1]


@pytest.mark.parametrize(
    ("value", "text"),
    [(5.0, "5"), (-0.0, "0"), (0.123456, "0.1235"), (1234567.0, "1.235e+06"), (999999.0, "999999"),
     (math.inf, "inf"), (math.nan, "nan"), (1e-9, "1e-09")],
)  # fmt: skip
def test_numbers_are_short(value: float, text: str) -> None:
    """Whole numbers as they are, others with four digits."""
    assert number(value) == text
