"""Charts drawn by a process of their own; without matplotlib there are none, and that is said once."""

from __future__ import annotations

import logging
import os
import struct
from pathlib import Path

import pytest

from bot.charts.artist import Artist
from bot.charts.chart import Chart, Mark, Series

CHART = Chart(
    title="Errors cost $5 and $6",
    measure='sum(rate(http_requests_total{code=~"5.."}[5m]))',
    begin=1_795_000_000,
    end=1_795_003_600,
    step=60,
    series=(
        Series(label="code=500", points=((1_795_000_060, 0.5), (1_795_003_000, 8.25))),
        Series(label="code=503 ☂ 変", points=((1_795_000_060, 1e9), (1_795_003_000, -1.0))),
    ),
    marks=(
        Mark(at=1_795_001_000, label="cart revision 6 (a65e656)", kind="deploy"),
        Mark(at=1_795_002_000, label="alarm began", kind="onset"),
    ),
    threshold=2.0,
)


@pytest.fixture
def environment() -> dict[str, str]:
    """Where Python finds the bot and its libraries."""
    return {"PATH": os.defpath}


async def test_a_picture_is_drawn(tmp_path: Path, environment: dict[str, str]) -> None:
    """Whatever signs its labels hold."""
    picture = await Artist(environment, tmp_path).png(CHART)
    assert picture is not None
    assert picture.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", picture[16:24])
    assert (width, height) == (1368, 684)


async def test_without_matplotlib_there_is_none(
    tmp_path: Path, environment: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    """One line says how to get it; it is not tried again."""
    (tmp_path / "matplotlib").mkdir()
    (tmp_path / "matplotlib" / "__init__.py").write_text("raise ImportError")
    artist = Artist({**environment, "PYTHONPATH": str(tmp_path)}, tmp_path)
    with caplog.at_level(logging.INFO):
        assert await artist.png(CHART) is None
        assert await artist.png(CHART) is None
    assert [record.message for record in caplog.records if "tocsin[plots]" in record.message] == [
        "no charts: matplotlib is not installed (pip install 'tocsin[plots]')"
    ]


async def test_a_drawing_that_fails_is_no_error(
    tmp_path: Path, environment: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    """Said in the log, with the reason."""
    (tmp_path / "matplotlib").mkdir()
    (tmp_path / "matplotlib" / "__init__.py").write_text("raise ValueError('out of paint')")
    artist = Artist({**environment, "PYTHONPATH": str(tmp_path)}, tmp_path)
    assert await artist.png(CHART) is None
    assert "out of paint" in caplog.text


def test_what_it_shows_is_said_in_words() -> None:
    """For who cannot see it."""
    assert CHART.words == (
        'Line chart of sum(rate(http_requests_total{code=~"5.."}[5m])) from 11:06 to 12:06 UTC. '
        "code=500: 0.5 at first, at most 8.25 at 11:56, 8.25 at last. "
        "code=503 ☂ 変: 1e+09 at first, at most 1e+09 at 11:07, -1 at last. Threshold 2. "
        "cart revision 6 (a65e656) at 11:23. alarm began at 11:40."
    )
