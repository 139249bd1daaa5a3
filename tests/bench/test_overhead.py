"""The overhead is measured over real parts; how much it is, is not tested."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from rich.console import Console

import bot
from bot.bench import overhead_table
from bot.bench.overhead import Overhead, Row, as_json, open_bench
from bot.bench.profiling import ELSEWHERE, Code, InlineExecutor, Share, Timing, shares

OURS: Code = (str(Path(bot.__file__).parent / "agent" / "loop.py"), 1, "run")
OTHER: Code = (str(Path(bot.__file__).parent / "agent" / "claude.py"), 1, "reply")
LIBRARY: Code = ("/lib/json.py", 1, "dumps")
DEEPER: Code = ("/lib/json.py", 9, "encode")


@pytest.fixture(scope="module")
def measured() -> Overhead:
    """Two short investigations side by side, and a profile of a third."""

    async def measure() -> Overhead:
        async with asyncio.timeout(50), open_bench(turns=8, log_lines=20) as bench:
            return Overhead([await bench.row(2)], await bench.profile())

    return asyncio.run(measure())


def test_every_number_is_measured(measured: Overhead) -> None:
    """Time, CPU and memory of so many investigations at once."""
    (row,) = measured.rows

    assert row.concurrent == 2
    assert row.ms_per_turn_median > 0
    assert row.cpu_ms_per_turn > 0
    assert row.redis_cpu_ms_per_turn >= 0
    assert row.mb_per_investigation > 0


def test_the_profile_names_functions_of_the_bot(measured: Overhead) -> None:
    """Saving the conversation and cleaning results are in it, the dearest function is first."""
    names = {share.function for share in measured.shares}

    assert "conversations/store.py:append" in names
    assert "guardrails/redaction.py:redact" in names
    assert [share.ms for share in measured.shares] == sorted(
        (share.ms for share in measured.shares), reverse=True
    )


def test_json_has_the_documented_form(measured: Overhead) -> None:
    """Rows by level, and the profile."""
    told = json.loads(json.dumps(as_json(measured)))

    assert set(told["rows"][0]) >= {
        "concurrent",
        "ms_per_turn_median",
        "cpu_ms_per_turn",
        "mb_per_investigation",
    }
    assert set(told["profile"][0]) == {"function", "cpu_ms_per_turn"}


def test_the_tables_tell_levels_functions_and_goals() -> None:
    """Whoever reads them sees what was reached and what dominates."""
    made = Overhead(
        [Row(1, 20.0, 4.0, 0.2, 0.5)], [Share("agent/loop.py:run", 3.0), Share(ELSEWHERE, 1.0)]
    )
    console = Console(width=120, highlight=False)
    with console.capture() as capture:
        console.print(overhead_table.levels(made))
        console.print(overhead_table.functions(made))
        for note in overhead_table.notes(made):
            console.print(note)
    text = capture.get()

    assert "agent/loop.py:run" in text
    assert "75%" in text
    assert "20.0 ms, not reached" in text
    assert "0.50 MB, reached" in text


def test_library_time_is_counted_to_the_function_that_called_for_it() -> None:
    """Through other library functions, too, and even when these call each other in turn."""
    rows = {
        OURS: Timing(1, 1, 1.0, 6.0, {}),
        LIBRARY: Timing(1, 1, 2.0, 5.0, {OURS: (1, 1, 2.0, 5.0), DEEPER: (1, 1, 0.0, 1.0)}),
        DEEPER: Timing(1, 1, 3.0, 3.0, {LIBRARY: (1, 1, 3.0, 3.0)}),
    }

    told = {share.function: share.ms for share in shares(rows, turns=2)}

    assert told["agent/loop.py:run"] == pytest.approx(3_000, rel=0.01)
    assert told.get(ELSEWHERE, 0.0) == pytest.approx(0, abs=1)


def test_library_time_is_divided_among_its_callers() -> None:
    """By the seconds that each called for; what nobody of us called is told apart."""
    rows = {
        OURS: Timing(1, 1, 0.0, 3.0, {}),
        OTHER: Timing(1, 1, 0.0, 1.0, {}),
        LIBRARY: Timing(2, 2, 4.0, 4.0, {OURS: (1, 1, 3.0, 3.0), OTHER: (1, 1, 1.0, 1.0)}),
        DEEPER: Timing(1, 1, 0.5, 0.5, {}),
    }

    told = shares(rows, turns=1)

    assert told == [
        Share("agent/loop.py:run", 3_000),
        Share("agent/claude.py:reply", 1_000),
        Share(ELSEWHERE, 500),
    ]


def test_inline_work_is_done_at_once() -> None:
    """Its result is there, and its error is raised."""
    executor = InlineExecutor()

    assert executor.submit(int, "7").result(timeout=0) == 7
    with pytest.raises(ValueError, match="invalid literal"):
        executor.submit(int, "seven")
