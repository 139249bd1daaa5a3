"""Stack traces stay whole."""

from __future__ import annotations

import time

import pytest
from tocsin_mcp.kubernetes.patterns import compile_pattern
from tocsin_mcp.kubernetes.traces import CONTEXT, LONGEST_TRACE, continues, keep, matching, records

CSHARP = [
    "fail: Grpc.AspNetCore.Server.ServerCallHandler[6]",
    "      Error when executing service method 'AddItem'.",
    "      System.Exception: Uh-oh",
    "         at cartservice.cartstore.RedisCartStore.AddItemAsync(String userId) in /app/RedisCartStore.cs:line 40",
    "      --- End of inner exception stack trace ---",
]
JAVA = [
    "ERROR hipstershop.AdService - GetAds failed",
    "java.lang.NullPointerException: Cannot invoke x",
    "\tat hipstershop.AdService.getAds(AdService.java:93)",
    "\t... 7 more",
    "Caused by: java.io.IOException: broken",
    "\tat hipstershop.AdService.read(AdService.java:12)",
]
PYTHON = [
    "Traceback (most recent call last):",
    '  File "/app/report.py", line 12, in main',
    "    total = rows[0]",
    "IndexError: list index out of range",
]
GO = [
    "panic: runtime error: integer divide by zero",
    "goroutine 47 [running]:",
    "main.CreateQuoteFromCount(...)",
    "\t/src/quote.go:48",
    "main.(*server).GetQuote(0xc000112, 0x5)",
    "\t/src/main.go:114 +0x1d",
]
NODE = [
    "TypeError: Cannot read properties of undefined (reading 'slice')",
    "    at maskedNumber (/usr/src/app/audit.js:5:25)",
    "    at process.processImmediate (node:internal/timers:483:21)",
]
QUIET = [f"request {number} done" for number in range(5)]


@pytest.mark.parametrize(
    "trace", [CSHARP, JAVA, PYTHON, GO, NODE], ids=["cs", "java", "py", "go", "js"]
)
@pytest.mark.parametrize("word", [0, -1], ids=["head", "tail"])
def test_a_match_brings_its_whole_trace(trace: list[str], word: int) -> None:
    """Whether the first or the last line of a trace matches, all of it is kept, and little else."""
    lines = [*QUIET, *trace, *QUIET]
    hit = len(QUIET) + (word % len(trace))
    (stretch,) = keep(lines, [hit])
    kept = [lines[number] for number in stretch]
    assert [line for line in kept if line in trace] == trace
    assert len(kept) <= len(trace) + 2 * CONTEXT


def test_plain_lines_bring_only_context() -> None:
    """Without a trace, a match brings two lines on both sides, and neighbours are joined."""
    lines = [f"line number {number} here" for number in range(30)]
    assert keep(lines, [10, 13, 29]) == [range(10 - CONTEXT, 16), range(27, 30)]


def test_endless_indentation_is_bounded() -> None:
    """A log that is indented throughout does not come whole."""
    lines = ["  indented"] * 1000
    (stretch,) = keep(lines, [500])
    assert len(stretch) <= 2 * LONGEST_TRACE + 1


@pytest.mark.parametrize(
    "line",
    ["GetCartAsync called with userId=u1", '{"severity":"error"}', "info: cartservice.Program[0]",
     "2026-11-18 14:00:00 ERROR failed", "[PlaceOrder] user_id=1"],
)  # fmt: skip
def test_ordinary_lines_begin_a_record(line: str) -> None:
    """What begins a message is not taken for the continuation of another."""
    assert not continues(line)


def test_records_cover_all_lines() -> None:
    """Grouping loses no line, also for an empty log and one that begins with a continuation."""
    assert records([]) == []
    lines = ["  tail of something", *CSHARP, *QUIET]
    grouped = [number for group in records(lines) for number in group]
    assert grouped == list(range(len(lines)))
    assert len(records(CSHARP)) == 1


def test_search_stops_at_its_deadline() -> None:
    """Newest lines are searched first; when time is up the rest is counted as unsearched."""
    lines = ["x"] * 100
    assert matching(lines, compile_pattern("x"), time.monotonic() - 1) == ([], 0)
    hits, searched = matching(lines, compile_pattern("x"), time.monotonic() + 60)
    assert (hits, searched) == (list(range(100)), 100)
