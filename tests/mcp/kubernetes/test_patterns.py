"""Search patterns that cannot hurt the server."""

from __future__ import annotations

import re
import time
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tocsin_mcp.kit.errors import BadArgument
from tocsin_mcp.kubernetes.patterns import compile_pattern


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        ("timeout", "Connection TIMEOUT after 5s"),
        ("error|exception", "System.NullReferenceException: x"),
        ("fail.*line \\d+", "fail: Foo in Bar.cs:line 40"),
        ("^info", "info: x"),
        ("done$", "all done"),
        ("a.*b|c.*d", "xc--d"),
        ("(GET|POST) /cart", "POST /cart 500"),
        ("code=[45]\\d\\d", "code=503"),
        ("foo(", "call foo(1)"),
        ("C++", "C++ error"),
        ("[ERR]", "r"),
        ("https?://host", "see https://host/x"),
        ("x{2,3}y", "xxxy"),
        ("\\[warn\\]", "[WARN] y"),
        ("a{}", "a{} b"),
        ("(?P<name>ab)c", "abc"),
        ("", "anything"),
    ],
)
def test_found(pattern: str, line: str) -> None:
    """Substrings and simple regular expressions match whatever the case; what is no expression is literal."""
    assert compile_pattern(pattern).found_in(line)


@pytest.mark.parametrize(
    ("pattern", "line"),
    [("a.*b.*c", "a c b"), ("timeout", "time out"), ("^info", "x info"), ("a|b", "c")],
)
def test_not_found(pattern: str, line: str) -> None:
    """Pieces must occur in their order, and anchors hold."""
    assert not compile_pattern(pattern).found_in(line)


@pytest.mark.parametrize(
    "pattern",
    ["(a+)+$", "(a|aa)*b", "(.*a){20}", "(?:a?){50}b", "(x)\\1", "(?P<q>a)(?P=q)", "((a{1,9})b){2,}", "([a-z]+)*",
     "a?a?a?aaa", "\\w+\\w+\\w+x", "(a|a)(a|a)(a|a)(a|a)c"],
)  # fmt: skip
def test_explosive_patterns_are_refused(pattern: str) -> None:
    """Nested repeats, back-references and piles of alternatives are refused with a better way."""
    with pytest.raises(BadArgument, match="Argument `grep`"):
        compile_pattern(pattern)


def test_long_patterns_are_refused() -> None:
    """200 characters are enough for anybody."""
    assert compile_pattern("x" * 200).found_in("x" * 200)
    with pytest.raises(BadArgument, match="at most 200"):
        compile_pattern("x" * 201)


@pytest.mark.parametrize(
    "pattern",
    [".*.*.*.*.*.*x", "\\w+\\w+z", "(a|a|a|a|a)(a|a|a|a|a)(a|a|a|a|a)\\w+z", "a?a?\\w+\\w+z", "(?=a+)a+z"],
)  # fmt: skip
def test_the_worst_that_is_allowed_ends_soon(pattern: str) -> None:
    """Any accepted pattern answers for the most hostile line within seconds, even on a busy machine."""
    compiled = compile_pattern(pattern)
    begin = time.process_time()
    compiled.found_in("a" * 100_000)
    assert time.process_time() - begin < 10


@settings(max_examples=300, deadline=None)
@given(
    st.text(alphabet="ab.*+?|()[]{}\\^$1,x ", max_size=12),
    st.text(alphabet="abx 1.", max_size=20),
)
def test_finds_what_re_finds(pattern: str, line: str) -> None:
    """Whatever `re` finds in a line, an accepted pattern finds too."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        try:
            reference = re.compile(pattern, re.IGNORECASE)
            compiled = compile_pattern(pattern)
        except (BadArgument, re.error):
            return
    if reference.search(line):
        assert compiled.found_in(line)
