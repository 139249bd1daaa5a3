"""Logs become small; nothing that tells of an error is lost. No result becomes longer than it was."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.tools.compressed import MIN_CHARS, compress
from bot.tools.shortening.clues import Clues, Remark
from bot.tools.shortening.clues import read as read_clues
from bot.tools.shortening.log_records import read
from bot.tools.shortening.masks import kind_of
from bot.tools.toolset import ToolCall
from tests.tools.test_source import span

CALL = ToolCall(id="t", label="c1", name="read")
FRAMES = [
    "   at cartservice.cartstore.RedisCartStore.AddItemAsync(String userId) in /app/cartstore/RedisCartStore.cs:line {}",
    "   at cartservice.services.CartService.AddItem(AddItemRequest request) in /app/services/CartService.cs:line {}",
    "\tat com.acme.Pay.charge(Pay.java:{})",
    '  File "/srv/app/main.py", line {}, in handle',
    "    at charge (/usr/src/app/charge.js:{}:31)",
    "main.(*checkoutService).PlaceOrder(0xc0001{}, 0x1)",
    "\t/src/checkout/main.go:{} +0x9c",
    "\tfrom /app/lib/cart.rb:{}:in `total'",
    "#{} /var/www/index.php(31): quote()",
    "   {}: shipping::quote::get",
    "        (flags 0.1.0) lib/flags/controller.ex:{}: Flags.Controller.index/2",
]
LAYOUTS: list[tuple[Callable[[int], str], Callable[[int], str]]] = [
    (lambda at: f"{_stamp(at)}Z ", lambda _: ""),
    (lambda at: f"{_stamp(at)}Z ", lambda at: f"{_stamp(at)}Z "),
    (lambda at: f"{_stamp(at)}Z stdout F ", lambda at: f"{_stamp(at)}Z stdout F "),
    (lambda at: f"[x7k2p] {_stamp(at)}Z ", lambda _: "[x7k2p] "),
    (lambda at: f"cart-1  | {_stamp(at)} ", lambda at: f"cart-1  | {_stamp(at)} "),
    (lambda at: f"{1_763_470_800 + at} ", lambda _: ""),
    (
        lambda at: f"Nov 18 {_stamp(at)[11:19]} node-1 cart[1]: ",
        lambda at: f"Nov 18 {_stamp(at)[11:19]} node-1 cart[1]: ",
    ),
    (lambda at: f"Nov 18 {_stamp(at)[11:19]} node-1 cart[1]: ", lambda _: ""),
    (lambda at: f"I1118 {_stamp(at)[11:]}       1 server.go:88] ", lambda _: ""),
    (lambda at: f"10.0.0.7 - - [18/Nov/2026:{_stamp(at)[11:19]} +0000] ", lambda _: ""),
    (lambda _: "", lambda _: ""),
]
"""What stands before a record, and before each further line of it."""
ERRORS = [
    "ERROR failed to charge card: provider answered {}",
    "fail: Grpc.AspNetCore.Server.ServerCallHandler[{}]",
    "FATAL could not open /data/{}.db: disk full",
    "panic: runtime error: index out of range [{}]",
    "WARN connection refused by redis-cart:6379 after {} ms",
]
_LETTERS = str.maketrans("0123456789", "ghijklmnop")
CHATTER = [
    "INFO GET /product/{} 200 in {} ms",
    "DEBUG GetCartAsync called with userId={}",
    "INFO request complete id={} bytes={}",
    "INFO heartbeat {}",
]


def _stamp(number: int) -> str:
    return f"2026-11-18T14:{number // 60 % 60:02}:{number % 60:02}.{number % 1000:03}"


def _line(number: int, text: str) -> str:
    return f"{_stamp(number)}Z {text}"


def _short(text: str, clues: Clues | None = None, max_chars: int = 100_000) -> str:
    return compress(text, CALL, clues or Clues(), max_chars)


@st.composite
def logs(draw: st.DrawFn) -> tuple[str, list[str], list[str]]:
    """A log of 1,000 lines or more, the error lines in it, at most 20, and the stack frames in it, at most 60.

    More than that is kept whole and no longer a tenth of such a log.
    """
    choose = random.Random(draw(st.integers(0, 2**32)))
    failing = set(choose.sample(range(1000), choose.randint(1, 20)))
    lines, errors, frames = [], [], []
    for number in range(1000):
        if number in failing:
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


def _records(short: str) -> list[str]:
    """The lines shown, without the count before some and without the time."""
    return [kind_of(line.partition(" | ")[2] or line) for line in short.splitlines()]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(logs(), st.sampled_from(LAYOUTS))
def test_a_thousand_lines_become_a_tenth_and_no_error_is_lost(
    drawn: tuple[str, list[str], list[str]],
    layout: tuple[Callable[[int], str], Callable[[int], str]],
) -> None:
    """Every distinct error template and every stack frame survives, whoever collected the log and whatever it puts
    before its lines."""
    text, errors, frames = drawn
    first, further = layout
    lines = [
        first(at) + line.partition("Z ")[2] if line.startswith("2026-") else further(at) + line
        for at, line in enumerate(text.splitlines())
    ]
    text = "\n".join(lines)

    short = _short(text)

    assert len(short) * 10 <= len(text)
    records = "\n".join(_records(short))
    assert all(kind_of(error) in records for error in errors)
    assert set(frames) <= set(short.splitlines())


@pytest.mark.parametrize("stamped", [False, True])
def test_documents_over_many_lines_are_records(stamped: bool) -> None:
    """JSON logs as some libraries write them for people: told like logs, with every error and its trace."""
    lines = []
    for number in range(125):
        entry: dict[str, Any] = {"time": _stamp(number), "level": "info", "message": "served"}
        entry |= {"user": number * 7919, "took": number % 50, "path": "/cart"}
        if number % 50 == 7:
            entry |= {"level": "error", "message": f"{'ab c'[number // 50]} broke"}
            entry |= {"stack": [frame.format(number) for frame in FRAMES[:3]]}
        lines += json.dumps(entry, indent=2).splitlines()
    if stamped:
        lines = [_line(number, line) for number, line in enumerate(lines)]
    text = "\n".join(lines)

    short = _short(text)

    assert len(short) * 10 <= len(text)
    for number in (7, 57, 107):
        assert f"{'ab c'[number // 50]} broke" in short
        assert FRAMES[0].format(number).strip() in short


def _as_objects(at: int, level: str, words: str, trace: str) -> Any:
    return {"@timestamp": _stamp(at) + "Z", "level": level, "message": words, "stack_trace": trace}


def _as_messages(at: int, _: str, words: str, trace: str) -> Any:
    message = f"{words}\n{trace}" if trace else words
    return {"timestamp": 1_763_470_800_000 + at, "eventId": f"{at:020}", "message": message}


def _as_pairs(at: int, _: str, words: str, trace: str) -> Any:
    return [str(1_763_470_800_000_000_000 + at), f"{words}\n{trace}" if trace else words]


@pytest.mark.parametrize("event", [_as_objects, _as_messages, _as_pairs])
def test_log_events_in_json_are_told_like_a_log(event: Callable[[int, str, str, str], Any]) -> None:
    """As Elasticsearch, CloudWatch and Loki give them: every error and every frame, in a tenth of the room."""
    events, kept = [], []
    for at in range(1000):
        level, words, trace = "info", CHATTER[at % 4].format(at * 7919, at % 90), ""
        if at % 50 == 7:
            level, words = "error", f"{'abcdefghijklmnopqrst'[at // 50]} broke"
            trace = "\n".join(frame.format(at) for frame in FRAMES[:3])
            kept += [words, *trace.splitlines()]
        events.append(event(at, level, words, trace))
    text = json.dumps({"result": [{"stream": {"app": "cart"}, "values": events}], "next": "x"})

    short = _short(text, max_chars=12_000)

    assert len(short) * 10 <= len(text)
    assert [line for line in kept if line not in short] == []


def test_what_only_looks_like_log_events_stays_a_table() -> None:
    """Commits have a time and a message, too: no two of them are of one kind."""
    commits = [
        {"sha": f"{at:040x}", "date": _stamp(at), "message": f"Bump the cart from {at}"}
        for at in range(60)
    ]

    assert _short(json.dumps(commits)).count("Bump the cart") == 60


def test_frames_of_two_pods_stay_apart() -> None:
    """Merged by time, each line with its pod's name: each trace is whole and at its own record."""
    traces = {"[aaaaa] ": FRAMES[0], "[bbbbb] ": FRAMES[2]}
    lines = [f"[aaaaa] {_line(number, f'INFO heartbeat {number}')}" for number in range(500)]
    lines += [f"{pod}{_line(500, 'fail: handler ' + pod[1])}" for pod in traces]
    lines += [pod + frame.format(at) for at in range(6) for pod, frame in traces.items()]

    short = _short("\n".join(lines)).splitlines()

    assert short[-14:] == [
        line
        for pod, frame in traces.items()
        for line in (
            f"{pod}{_line(500, 'fail: handler ' + pod[1])}",
            *(frame.format(at) for at in range(6)),
        )
    ]


def test_what_traces_have_in_common_is_shown_once() -> None:
    """Twelve errors through the same fifty frames of a framework: no frame is lost, and the text stays short."""
    common = [f"\tat org.web.Filter{at}.doFilter(Filter{at}.java:{at})" for at in range(45)]
    lines = [_line(number, CHATTER[3].format(number)) for number in range(500)]
    for kind in "abcdefghijkl":
        own = [f"\tat com.acme.Own{kind}.run(Own{kind}.java:{at})" for at in range(4)]
        lines += [_line(500, f"ERROR {kind} threw"), *own, *common]

    short = _short("\n".join(lines), max_chars=12_000)

    assert {line for line in lines if "\tat " in line} <= set(short.splitlines())
    assert short.count("(… 45 lines as above)") == 11


def test_a_thousand_lines_of_a_thousand_kinds_become_a_tenth() -> None:
    """There is nothing to count: the first ones, the last ones, what is named, and every error."""
    choose = random.Random(7)
    lines = [
        _line(at, " ".join(f"{choose.getrandbits(40):x}".translate(_LETTERS) for _ in range(8)))
        for at in range(1000)
    ]
    lines[444] = _line(444, "ERROR the needle failed")
    lines[555] += " cartLimit"
    named = read_clues([Remark("is it cartLimit?")])

    short = _short("\n".join(lines), named)

    assert len(short) * 10 <= len("\n".join(lines))
    assert all(part in short for part in ("the needle failed", "cartLimit"))
    assert short.splitlines()[1].endswith(lines[0].partition("T")[2])
    assert short.splitlines()[-1].endswith(lines[-1].partition("T")[2])
    assert "kinds that tell of no error]" in short


def test_a_storm_of_errors_that_differ_in_a_word_is_told_together() -> None:
    """With the words that differ; errors that differ in more stay apart."""
    lines = [_line(at, f"ERROR order {'abcdefghij'[at % 10]}{'klmnopqrst'[at // 10 % 10]} timed out") for at in range(300)]  # fmt: skip
    lines.append(_line(301, "ERROR order book is empty"))

    short = _short("\n".join(lines))

    assert "300x until" in short
    assert "have instead: bk, ck," in short
    assert "and 59 more" in short
    assert "order book is empty" in short


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(logs(), logs())
def test_what_was_shown_before_is_counted_and_no_new_error_is_lost(
    first: tuple[str, list[str], list[str]], second: tuple[str, list[str], list[str]]
) -> None:
    """Errors and frames of a later log stand in it or in the earlier one; every error line stands in both."""
    earlier = _short(first[0])

    later = _short(second[0], read_clues([Remark(earlier, "tool")]))

    assert len(later) <= len(_short(second[0]))
    assert {kind_of(error) for error in second[1]} <= set(_records(later))
    assert set(second[2]) <= {*earlier.splitlines(), *later.splitlines()}


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(logs())
def test_what_is_shown_of_a_log_is_verbatim(drawn: tuple[str, list[str], list[str]]) -> None:
    """Behind its count each line stood in the log so, less the date that all have: quotes of it can be checked."""
    text, _, _ = drawn

    shown = [line for line in _short(text).splitlines() if "Z " in line]

    assert shown
    assert all((line.partition(" | ")[2] or line) in text for line in shown)


def test_events_are_no_log() -> None:
    """Two rollouts are two events, however alike they read."""
    event = (
        "2026-11-18T14:{:02}:00Z (9m ago) Normal ScalingReplicaSet deployment/{}: Scaled up to {}"
    )
    text = "\n".join(event.format(at, f"service-{at}", at) for at in range(40))

    assert _short(text) == text


def test_counts_and_last_occurrence_are_told() -> None:
    """How often, since when and until when."""
    lines = [_line(number, f"INFO heartbeat {number}") for number in range(90)]

    short = _short("\n".join(lines))

    assert "(90 records of 2026-11-18 of 1 kinds; " in short
    assert short.endswith("90x until 14:01:29 | 14:00:00.000Z INFO heartbeat 0")
    assert "read_result(call_id='c1'" in short


def test_ids_of_chatter_are_left_out_those_of_errors_are_not() -> None:
    """Traces and users; what was deployed stays."""
    trace, commit, user = (
        "0fbd0de0000483e7",
        "a65e65621925a8ecc4e40dd4d25ac15cbe309198",
        "f29d0da9-953f-48f1-809f-76b5a170b338",
    )
    lines = [f"14:00:{at:02} INFO served {trace} for {user} by {commit}" for at in range(59)]
    lines.append(f"14:01:00 ERROR failed {trace}")
    later = [line.replace("14:", "15:") for line in lines]

    short = _short("\n".join(lines))

    assert short.splitlines()[-2:] == [
        f"59x until 14:00:58 | 14:00:00 INFO served <*> for <*> by {commit}",
        f"14:01:00 ERROR failed {trace}",
    ]
    assert "INFO" not in _short("\n".join(later), read_clues([Remark(short, "tool")]))


def test_two_places_in_one_file_are_two_causes() -> None:
    """Records whose traces differ in a line number are both shown, even when one of them was shown before."""
    record = "{} fail: handler\n   at Cart.Add() in /app/Cart.cs:line {}"
    text = "\n".join(record.format(f"14:00:{n:02}", 38 if n % 2 else 51) for n in range(60))
    before = read_clues([Remark(record.format("13:00:00", 38), "tool")])

    for short in (_short(text), _short(text, before)):
        assert "Cart.cs:line 51" in short
        assert short.count("30x until") == 2
    assert "Cart.cs:line 38" in _short(text)


@pytest.mark.parametrize(
    "path", [Path(__file__), Path("README.md"), Path("pyproject.toml"), Path("Makefile")]
)
def test_what_is_no_log_is_left_alone(path: Path) -> None:
    """Source, prose and data are not template-mined, nor shortened where nothing in them is named."""
    text = path.read_text(encoding="utf-8")

    assert read(text) is None
    if path.suffix != ".json":
        assert _short(text, max_chars=10**6) == text


@given(st.text(max_size=6_000), st.integers(500, 4_000))
def test_any_text_stays_bounded_and_never_grows(text: str, limit: int) -> None:
    """Whatever comes, the prompt is safe."""
    short = _short(text, max_chars=limit)

    assert len(short) <= max(limit + 300, MIN_CHARS)
    assert len(short) <= len(text)


@settings(max_examples=20)
@given(
    st.lists(
        st.sampled_from(["chatter", "failed: 7", "x" * 300, ""]),
        min_size=200,
        max_size=400,
    )
)
def test_of_a_text_too_long_head_tail_and_errors_are_kept(lines: list[str]) -> None:
    """With the numbers of the lines that are missing."""
    lines = [f"{number} {line}" for number, line in enumerate(lines)]
    text = "\n".join(lines)

    short = _short(text, max_chars=6_000).splitlines()

    assert short[0] == lines[0]
    assert short[-1] == lines[-1]
    if len(text) > 6_000:
        assert sum("failed" in line for line in short) >= min(8, text.count("failed"))
        _check_gaps(short, lines)


def _check_gaps(short: list[str], lines: list[str]) -> None:
    """Between the lines before and after a mark stand exactly the lines it says."""
    for at, line in enumerate(short):
        if line.startswith("[… "):
            first, last = span(line)
            assert lines[first - 2] == short[at - 1]
            assert lines[last] == short[at + 1]


def test_json_nested_without_end_does_no_harm() -> None:
    """What cannot be read as data is treated as text."""
    assert len(_short("[" * 9_000 + "]" * 9_000, max_chars=4_000)) <= 4_300


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"{_stamp(at)}Z {at * 0.37:.2f}" for at in range(300)),
        "\n".join(f"{1_763_470_800 + at} cart {at * 0.37:.2f}" for at in range(300)),
        json.dumps({"values": [[1_763_470_800 + at, f"{at * 0.37:.2f}"] for at in range(300)]}),
        "\n".join(
            f"commit {at:040x}\nAuthor: somebody at work\nDate: the day {at}\n\n    Add the part {at}\n"
            for at in range(60)
        ),
    ],
    ids=["series", "named series", "series in JSON", "history"],
)
def test_numbers_and_paragraphs_are_no_log(text: str) -> None:
    """Each value, and each subject, counts."""
    short = _short(text)

    assert (
        all(f"{at * 0.37:.2f}" in short for at in range(300)) or short.count("Add the part") == 60
    )
