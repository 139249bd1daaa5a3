"""GraphQL documents: one query operation with variables, fields, arguments, aliases and inline fragments.

The grammar is that of the GraphQL specification (October 2021, section 2) without named fragments, directives and
literals of lists and objects, which are refused by name.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(
    r'(?P<space>[\s,\ufeff]+|\#[^\n]*)|(?P<text>"(?:[^"\\\n]|\\.)*")|(?P<name>[A-Za-z_]\w*)'
    r"|(?P<number>-?\d+(?:\.\d+)?)|(?P<sign>\.\.\.|[{}()\[\]:=!$@|&])",
    re.ASCII,
)
_LITERALS = {"true": True, "false": False, "null": None}


class BadDocument(ValueError):
    """A document that cannot be parsed; `line` and `column` (counted from 1) are where."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.line, self.column = line, column


@dataclass(frozen=True, slots=True)
class Variable:
    """`$name` as an argument."""

    name: str


@dataclass(frozen=True, slots=True)
class Field:
    """A field with its arguments (values, or Variables); `selections` is empty for a leaf."""

    key: str
    name: str
    arguments: dict[str, Any]
    selections: tuple[Field | Fragment, ...]
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Fragment:
    """`... on Type { … }`."""

    on: str
    selections: tuple[Field | Fragment, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """A query. `variables` are name to type as written (`String!`)."""

    name: str
    variables: dict[str, str]
    selections: tuple[Field | Fragment, ...]


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    line: int
    column: int


def parse(document: str) -> Operation:
    """The one operation of a document. Raises BadDocument."""
    return _Parser(_tokens(document)).operation()


def _tokens(document: str) -> list[_Token]:
    found: list[_Token] = []
    at = 0
    while at < len(document):
        line, column = document.count("\n", 0, at) + 1, at - document.rfind("\n", 0, at)
        token = _TOKEN.match(document, at)
        if token is None:
            raise BadDocument(f"Expected one of SCHEMA, got: {document[at]!r}", line, column)
        if token.lastgroup != "space":
            found.append(_Token(str(token.lastgroup), token[0], line, column))
        at = token.end()
    last = found[-1] if found else _Token("", "", 1, 1)
    return [*found, _Token("end", "end of file", last.line, last.column)]


@dataclass
class _Parser:
    tokens: list[_Token]
    at: int = field(default=0)

    def operation(self) -> Operation:
        name, variables = "", {}
        if self._is("name"):
            self._expect("name", "query")
            name = self._next().text if self._is("name") else ""
            variables = self._variables() if self._is("sign", "(") else {}
        operation = Operation(name, variables, self._selections())
        self._expect("end")
        return operation

    def _variables(self) -> dict[str, str]:
        found: dict[str, str] = {}
        self._expect("sign", "(")
        while not self._is("sign", ")"):
            self._expect("sign", "$")
            name = self._expect("name").text
            self._expect("sign", ":")
            kind = self._expect("name").text
            if self._is("sign", "!"):
                kind += self._next().text
            found[name] = kind
        self._next()
        return found

    def _selections(self) -> tuple[Field | Fragment, ...]:
        found: list[Field | Fragment] = []
        self._expect("sign", "{")
        while not self._is("sign", "}"):
            found.append(self._fragment() if self._is("sign", "...") else self._field())
        self._next()
        return tuple(found)

    def _fragment(self) -> Fragment:
        self._expect("sign", "...")
        self._expect("name", "on")
        return Fragment(self._expect("name").text, self._selections())

    def _field(self) -> Field:
        first = self._expect("name")
        name = first
        if self._is("sign", ":"):
            self._next()
            name = self._expect("name")
        arguments = self._arguments() if self._is("sign", "(") else {}
        selections = self._selections() if self._is("sign", "{") else ()
        return Field(first.text, name.text, arguments, selections, first.line, first.column)

    def _arguments(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        self._expect("sign", "(")
        while not self._is("sign", ")"):
            name = self._expect("name").text
            self._expect("sign", ":")
            found[name] = self._value()
        self._next()
        return found

    def _value(self) -> Any:
        token = self._next()
        if token.kind == "sign" and token.text == "$":
            return Variable(self._expect("name").text)
        if token.kind == "name" and token.text in _LITERALS:
            return _LITERALS[token.text]
        if token.kind in ("text", "number"):
            return json.loads(token.text)
        raise self._unexpected(token)

    def _is(self, kind: str, text: str = "") -> bool:
        token = self.tokens[self.at]
        return token.kind == kind and text in ("", token.text)

    def _next(self) -> _Token:
        token = self.tokens[self.at]
        self.at = min(self.at + 1, len(self.tokens) - 1)
        return token

    def _expect(self, kind: str, text: str = "") -> _Token:
        if not self._is(kind, text):
            raise self._unexpected(self.tokens[self.at])
        return self._next()

    def _unexpected(self, token: _Token) -> BadDocument:
        return BadDocument(
            f'Parse error on "{token.text}" ({token.kind.upper()}) at [{token.line}, {token.column}]',
            token.line,
            token.column,
        )
