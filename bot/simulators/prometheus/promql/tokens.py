"""The words of a query."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from .errors import ParseError

_WORDS = re.compile(
    r"""
    (?P<space>\s+|\#[^\n]*)
  | (?P<duration>(?:\d+(?:ms|[smhdwy]))+(?![\w.]))
  | (?P<number>0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[iI][nN][fF]\b|[nN][aA][nN]\b)
  | (?P<name>(?:[A-Za-z_]|:(?=[A-Za-z_:]))[A-Za-z0-9_:]*)
  | (?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`[^`]*`)
  | (?P<sign>=~|!~|==|!=|<=|>=|[-+*/%^<>=(){}\[\],:@])
    """,
    re.VERBOSE | re.ASCII,
)
_PARTS = re.compile(r"(\d+)(ms|[smhdwy])", re.ASCII)
_SECONDS = {
    "ms": 0.001,
    "s": 1,
    "m": 60,
    "h": 3600,
    "d": 86400,
    "w": 604800,
    "y": 31536000,
}


@dataclass(frozen=True, slots=True)
class Token:
    """A word: its kind (`name`, `number`, `duration`, `string`, `sign`, `end`), its text, and where it begins."""

    kind: str
    text: str
    at: int


def tokens(query: str) -> list[Token]:
    """The words and an end mark. Raises ParseError at what is none."""
    found, at = [], 0
    while at < len(query):
        word = _WORDS.match(query, at)
        if word is None:
            raise ParseError(f"1:{at + 1}: parse error: unexpected character: {query[at]!r}")
        if word.lastgroup and word.lastgroup != "space":
            found.append(Token(word.lastgroup, word.group(), at))
        at = word.end()
    return [*found, Token("end", "", at)]


def seconds(duration: str) -> float:
    """`1h30m` in seconds."""
    return float(sum(int(number) * _SECONDS[unit] for number, unit in _PARTS.findall(duration)))


def is_duration(text: str) -> bool:
    """Whether the whole text is one."""
    word = _WORDS.fullmatch(text)
    return word is not None and word.lastgroup == "duration"


def unquoted(string: str) -> str:
    """A string without quotes and escapes; what stands between backquotes is taken as it is."""
    if string.startswith("`"):
        return string[1:-1]
    try:
        return str(ast.literal_eval(string))
    except (SyntaxError, ValueError) as error:
        raise ParseError(f"parse error: unknown escape sequence in {string}") from error
