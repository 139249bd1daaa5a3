"""Search patterns from callers, made safe: Python's `re` backtracks, and a bad pattern would stop the server.

A pattern is cut at its top-level `|` and `.*`; the pieces are searched one after the other, which gives the same answer
without backtracking between them. What repeats inside a piece is bounded, and nested repeats are refused.
"""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from re import Pattern

from tocsin_mcp.kit.errors import BadArgument

LONGEST = 200
REPEAT = 100
"""A `*`, `+` or `{…}` inside a piece repeats at most this often."""

_MOST = {"repeat": 2, "maybe": 2, "bar": 12, "branching": 3}
"""Per piece: repeats, optional parts, `|` inside groups, groups with `|`. Their product bounds the time of a search."""

_SEARCHED = 2048
_TOKEN = re.compile(
    r"(?P<atom>\\.|\[\^?\]?(?:\\.|[^\]\\])*\])"
    r"|(?P<open>\((?:\?(?:P<\w+>|<[=!]|[=!:]))?)"
    r"|(?P<close>\))"
    r"|(?P<bar>\|)"
    r"|(?P<repeat>[*+][?+]?|\{\d*,?\d*\}[?+]?)"
    r"|(?P<maybe>\?)"
    r"|(?P<other>.)",
    re.DOTALL,
)
_COUNT = re.compile(r"\{(\d*)(,?)(\d*)\}(.?)")


@dataclass(frozen=True, slots=True)
class LinePattern:
    """Alternatives, each a sequence of pieces that must occur in a line one after the other."""

    alternatives: tuple[tuple[Pattern[str], ...], ...]

    def found_in(self, line: str) -> bool:
        """Whether the first 2 KiB of a line match, whatever the case of letters."""
        line = line[:_SEARCHED]
        return any(_in_order(pieces, line) for pieces in self.alternatives)


def compile_pattern(text: str) -> LinePattern:
    """A pattern from what a caller typed; what is no valid regular expression is searched for literally.

    Raises BadArgument for one that is too long or could take exponential time.
    """
    if len(text) > LONGEST:
        raise BadArgument("grep", f"at most {LONGEST} characters, got {len(text)}.")
    try:
        _compiled(text)
    except (re.error, OverflowError, RecursionError):
        return LinePattern(((_compiled(re.escape(text)),),))
    tokens = [_Token(str(found.lastgroup), found[0]) for found in _TOKEN.finditer(text)]
    _refuse_nested(tokens)
    return LinePattern(
        tuple(
            tuple(_piece(piece) for piece in _cut_at_wild(branch) if piece)
            for branch in _cut_at_bars(tokens)
        )
    )


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


def _in_order(pieces: Iterable[Pattern[str]], line: str) -> bool:
    position = 0
    for piece in pieces:
        found = piece.search(line, position)
        if not found:
            return False
        position = found.end()
    return True


def _with_depth(tokens: Sequence[_Token]) -> Iterator[tuple[_Token, int]]:
    depth = 0
    for token in tokens:
        depth -= token.kind == "close"
        yield token, depth
        depth += token.kind == "open"


def _cut_at_bars(tokens: Sequence[_Token]) -> list[list[_Token]]:
    branches: list[list[_Token]] = [[]]
    for token, depth in _with_depth(tokens):
        if token.kind == "bar" and depth == 0:
            branches.append([])
        else:
            branches[-1].append(token)
    return branches


def _cut_at_wild(tokens: Sequence[_Token]) -> list[list[_Token]]:
    """Cut where `.*` or `.+` stands outside groups. `.+` counts as `.*`: a line found too much does no harm."""
    pieces: list[list[_Token]] = [[]]
    for token, depth in _with_depth(tokens):
        last = pieces[-1][-1] if pieces[-1] else None
        wild = last is not None and last.kind == "other" and last.text == "."
        if depth == 0 and wild and token.kind == "repeat" and token.text[0] in "*+":
            pieces[-1].pop()
            pieces.append([])
        else:
            pieces[-1].append(token)
    return pieces


def _piece(tokens: Sequence[_Token]) -> Pattern[str]:
    counts = Counter(token.kind for token in tokens)
    counts["branching"] = _branching(tokens)
    if any(counts[kind] > most for kind, most in _MOST.items()):
        raise BadArgument(
            "grep", "too many repeats, options or alternatives in one pattern; use a simpler one."
        )
    text = "".join(
        _limited(token.text) if token.kind == "repeat" else token.text for token in tokens
    )
    try:
        return _compiled(text)
    except re.error as error:
        raise BadArgument("grep", f"cannot be searched piece by piece ({error}).") from error


def _compiled(text: str) -> Pattern[str]:
    with warnings.catch_warnings():
        # Python announces set operations in character classes; patterns are used as they work today.
        warnings.simplefilter("ignore", FutureWarning)
        return re.compile(text, re.IGNORECASE)


def _branching(tokens: Sequence[_Token]) -> int:
    """How many groups hold a `|` of their own."""
    opened: list[int] = []
    branching: set[int] = set()
    for number, token in enumerate(tokens):
        if token.kind == "open":
            opened.append(number)
        elif token.kind == "close" and opened:
            opened.pop()
        elif token.kind == "bar" and opened:
            branching.add(opened[-1])
    return len(branching)


def _limited(repeat: str) -> str:
    if repeat[0] in "*+":
        return f"{{{0 if repeat[0] == '*' else 1},{REPEAT}}}{repeat[1:]}"
    found = _COUNT.fullmatch(repeat)
    if not found or not (found[1] or found[3]):
        return repeat  # `{}` and `{,}` are plain text to Python
    low = min(int(found[1] or 0), REPEAT)
    high = low if not found[2] else min(int(found[3] or REPEAT), REPEAT)
    return f"{{{low},{max(low, high)}}}{found[4]}"


def _refuse_nested(tokens: Sequence[_Token]) -> None:
    """Refuse a repeated group that holds a repeat or alternatives, and any back-reference."""
    text = "".join(token.text for token in tokens)
    if "(?P=" in text or "(?(" in text:
        raise _unsafe()
    risky: list[bool] = []
    for number, token in enumerate(tokens):
        if token.kind == "atom" and token.text[1:].isdigit():
            raise _unsafe()
        following = tokens[number + 1].kind if number + 1 < len(tokens) else ""
        if token.kind == "open":
            risky.append(False)
        elif token.kind == "close" and risky:
            inner = risky.pop()
            if inner and following == "repeat":
                raise _unsafe()
            risky[-1:] = [risky[-1] or inner] if risky else []
        elif risky and token.kind in ("repeat", "bar", "maybe"):
            risky[-1] = True


def _unsafe() -> BadArgument:
    return BadArgument(
        "grep",
        "it repeats a group that itself repeats or has alternatives, or refers back; that can take for ever. Use a "
        "plain substring, or alternatives without a repeat, like `timeout|refused`.",
    )
