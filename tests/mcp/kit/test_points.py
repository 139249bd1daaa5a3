"""Points for programs: bounded, in order, with every spike."""

from __future__ import annotations

import json
import math

from hypothesis import given, settings
from hypothesis import strategies as st
from tocsin_mcp.kit.points import MOST_POINTS, MOST_SERIES, structured, thinned


@settings(max_examples=40)
@given(
    st.lists(st.floats(allow_nan=True, allow_infinity=True, width=32), max_size=120),
    st.integers(2, 20),
)
def test_thinned_points_keep_the_order_and_both_extremes(values: list[float], most: int) -> None:
    points = [(60.0 * index, value) for index, value in enumerate(values)]
    kept = thinned(points, most)
    finite = [point for point in points if math.isfinite(point[1])]
    assert len(kept) <= most
    assert kept == sorted(kept)
    assert set(kept) <= set(finite)
    if finite:
        assert min(v for _, v in kept) == min(v for _, v in finite)
        assert max(v for _, v in kept) == max(v for _, v in finite)


def test_what_a_program_reads_is_bounded_and_plain_json() -> None:
    points = [(float(at), math.nan if at % 7 == 0 else float(at)) for at in range(9000)]
    labels = {"service": "x" * 5000, **{f"l{n}": "v" for n in range(90)}}
    answer = structured([(labels, points)] * (MOST_SERIES + 3), step=15)
    assert (answer["step"], len(answer["series"]), answer["left_out"]) == (15, MOST_SERIES, 3)
    first = answer["series"][0]
    assert len(first["points"]) <= MOST_POINTS
    assert first["points"][-1] == [8999.0, 8999.0]
    assert len(json.dumps(answer, allow_nan=False)) < 400_000
    assert structured([], step=15) == {"step": 15, "series": []}
