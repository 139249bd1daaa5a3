"""Logs become small; nothing that tells of an error is lost."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.tools.compressed import MIN_CHARS, compress
from bot.tools.log_records import read
from bot.tools.templates import mask

FRAMES = [
    "   at cartservice.cartstore.RedisCartStore.AddItemAsync(String userId) in /app/cartstore/RedisCartStore.cs:line {}",
    "   at cartservice.services.CartService.AddItem(AddItemRequest request) in /app/services/CartService.cs:line {}",
    "\tat com.acme.Pay.charge(Pay.java:{})",
    '  File "/srv/app/main.py", line {}, in handle',
]
ERRORS = [
    "ERROR failed to charge card: provider answered {}",
    "fail: Grpc.AspNetCore.Server.ServerCallHandler[{}]",
    "FATAL could not open /data/{}.db: disk full",
    "panic: runtime error: index out of range [{}]",
    "WARN connection refused by redis-cart:6379 after {} ms",
]
CHATTER = [
    "INFO GET /product/{} 200 in {} ms",
    "DEBUG GetCartAsync called with userId={}",
    "INFO request complete id={} bytes={}",
    "INFO heartbeat {}",
]


def _line(number: int, text: str) -> str:
    return f"2026-11-18T14:{number // 60 % 60:02}:{number % 60:02}.{number:03}Z {text}"


@st.composite
def logs(draw: st.DrawFn) -> tuple[str, list[str], list[str]]:
    """A log of 1,000 lines or more, the error lines in it, and the stack frames in it."""
    choose = random.Random(draw(st.integers(0, 2**32)))
    lines, errors, frames = [], [], []
    for number in range(1000):
        if choose.random() < 0.02:
            error = choose.choice(ERRORS).format(choose.randrange(10_000))
            trace = [
                frame.format(choose.randrange(3))
                for frame in choose.sample(FRAMES, choose.randrange(4))
            ]
            lines += [_line(number, error), *trace]
            errors.append(error)
            frames += trace
        else:
            text = choose.choice(CHATTER)
            lines.append(
                _line(number, text.format(choose.randrange(10**9), choose.randrange(10**6)))
            )
    return "\n".join(lines), errors, frames


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(logs())
def test_a_thousand_lines_become_a_tenth_and_no_error_is_lost(
    drawn: tuple[str, list[str], list[str]],
) -> None:
    """Every distinct error template and every stack frame survives, verbatim."""
    text, errors, frames = drawn

    short = compress(text, max_chars=100_000, label="c1")

    assert len(short) * 10 <= len(text)
    shown = {mask(line.split("Z ", 1)[-1]) for line in short.splitlines()}
    assert {mask(error) for error in errors} <= shown
    assert set(frames) <= set(short.splitlines())


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(logs())
def test_what_is_shown_of_a_log_is_verbatim(drawn: tuple[str, list[str], list[str]]) -> None:
    """Lines that begin with a time stood in the log exactly so: quotes of them can be checked."""
    text, _, _ = drawn

    shown = [
        line for line in compress(text, 100_000, "c1").splitlines() if line.startswith("2026-")
    ]

    assert set(shown) <= set(text.splitlines())


def test_counts_and_last_occurrence_are_told() -> None:
    """How often, and until when."""
    lines = [_line(number, f"INFO heartbeat {number}") for number in range(90)]

    short = compress("\n".join(lines), 10_000, "c1")

    assert "×90 like this, the last at 14:01:29" in short


def test_two_places_in_one_file_are_two_causes() -> None:
    """Records whose traces differ in a line number are both shown."""
    record = "{} fail: handler\n   at Cart.Add() in /app/Cart.cs:line {}"
    text = "\n".join(record.format(f"14:00:{n:02}", 38 if n % 2 else 51) for n in range(60))

    short = compress(text, 10_000, "c1")

    assert "Cart.cs:line 38" in short
    assert "Cart.cs:line 51" in short
    assert short.count("×30") == 2


@pytest.mark.parametrize(
    "path", [Path(__file__), Path("README.md"), Path("pyproject.toml"), Path("Makefile")]
)
def test_what_is_no_log_is_left_alone(path: Path) -> None:
    """Source, prose and data are not template-mined."""
    text = path.read_text(encoding="utf-8")

    assert read(text) is None
    assert compress(text, max_chars=10**6, label="c1") == text


@given(st.text(max_size=6_000), st.integers(500, 4_000))
def test_any_text_stays_bounded(text: str, limit: int) -> None:
    """Whatever comes, the prompt is safe."""
    assert len(compress(text, limit, "c1")) <= max(limit + 300, MIN_CHARS)
