"""PromQL to a tree: precedence climbing over the words, kinds checked as the real parser checks them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Literal, cast

from .checks import COMPARISONS, checked, of_kind
from .errors import ParseError
from .functions import SIGNATURES
from .tokens import Token, seconds, tokens, unquoted
from .tree import (
    Aggregation,
    Binary,
    Call,
    Expression,
    Matcher,
    Matching,
    Negative,
    Number,
    Selector,
    Subquery,
    Text,
)
from .values import NAME

AGGREGATIONS = frozenset(
    [
        "sum",
        "avg",
        "min",
        "max",
        "count",
        "group",
        "stddev",
        "stdvar",
        "topk",
        "bottomk",
        "quantile",
    ]
)
PARAMETRIC = frozenset(["topk", "bottomk", "quantile"])
_LEVELS = (
    frozenset(["or"]),
    frozenset(["and", "unless"]),
    COMPARISONS,
    frozenset(["+", "-"]),
    frozenset(["*", "/", "%"]),
    frozenset(["^"]),
)
_DEEPEST = 60
_DEFAULT_STEP = 60.0


def parse(query: str) -> Expression:
    """The tree of a query. Raises ParseError."""
    return _Parser(tokens(query)).whole()


class _Parser:
    def __init__(self, words: list[Token]) -> None:
        self._words = words
        self._at = 0
        self._depth = 0

    def whole(self) -> Expression:
        if self._next.kind == "end":
            raise ParseError("unknown position: parse error: no expression found in input")
        found = self._expression(0)
        if self._next.kind != "end":
            raise self._unexpected()
        return found

    @property
    def _next(self) -> Token:
        return self._words[self._at]

    def _take(self) -> Token:
        word = self._words[self._at]
        self._at += 1
        return word

    def _accept(self, *texts: str) -> Token | None:
        word = self._next
        if word.kind in ("sign", "name") and word.text.lower() in texts:
            return self._take()
        return None

    def _expect(self, text: str) -> Token:
        return self._accept(text) or self._fail(f"unexpected {self._shown()}, expected {text!r}")

    def _fail(self, problem: str) -> Token:
        raise ParseError(f"1:{self._next.at + 1}: parse error: {problem}")

    def _unexpected(self) -> ParseError:
        return ParseError(f"1:{self._next.at + 1}: parse error: unexpected {self._shown()}")

    def _shown(self) -> str:
        return repr(self._next.text) if self._next.text else "end of input"

    def _expression(self, level: int) -> Expression:
        if level == len(_LEVELS):
            return self._unary()
        left = self._expression(level + 1)
        while True:
            word = self._accept(*_LEVELS[level])
            if word is None:
                return left
            sign = word.text.lower()
            as_bool = bool(self._accept("bool"))
            matching = self._matching()
            # ^ binds to the right.
            right = self._expression(level if sign == "^" else level + 1)
            left = checked(Binary(sign, left, right, as_bool, matching))

    def _unary(self) -> Expression:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ParseError("parse error: the query is nested too deeply")
        sign = self._accept("+", "-")
        if sign is None:
            found = self._postfix(self._primary())
        else:
            # -2^2 is -(2^2).
            inner = self._expression(len(_LEVELS) - 1)
            of_kind(inner, ("scalar", "vector"), "unary expression only allowed on")
            found = Negative(inner) if sign.text == "-" else inner
        self._depth -= 1
        return found

    def _matching(self) -> Matching:
        word = self._accept("on", "ignoring")
        if word is None:
            return Matching()
        matching = Matching(self._names(), on=word.text.lower() == "on")
        group = self._accept("group_left", "group_right")
        if group is None:
            return matching
        many = cast(Literal["left", "right"], group.text.lower().removeprefix("group_"))
        include = self._names() if self._next.text == "(" else ()
        return replace(matching, many=many, include=include)

    def _names(self) -> tuple[str, ...]:
        self._expect("(")
        names: list[str] = []
        while not self._accept(")"):
            if self._next.kind != "name":
                raise self._unexpected()
            names.append(self._take().text)
            if self._next.text != ")":
                self._expect(",")
        return tuple(names)

    def _primary(self) -> Expression:
        word = self._next
        if word.kind == "number":
            self._take()
            text = word.text.lower()
            return Number(float(int(text, 16)) if text.startswith("0x") else float(text))
        if word.kind == "string":
            return Text(unquoted(self._take().text))
        if self._accept("("):
            found = self._expression(0)
            self._expect(")")
            return found
        if word.text == "{":
            return self._selector("")
        if word.kind == "name":
            return self._named()
        raise self._unexpected()

    def _named(self) -> Expression:
        name = self._take().text
        follows = self._next.text.lower()
        if name.lower() in AGGREGATIONS and follows in ("(", "by", "without"):
            return self._aggregation(name.lower())
        if follows == "(":
            return self._call(name)
        return self._selector(name)

    def _aggregation(self, operator: str) -> Expression:
        grouped = self._grouping()
        arguments = self._arguments()
        labels, without = grouped or self._grouping() or ((), False)
        wanted = 2 if operator in PARAMETRIC else 1
        if len(arguments) != wanted:
            self._fail(
                f"wrong number of arguments for aggregate expression provided, expected {wanted}, got {len(arguments)}"
            )
        of_kind(arguments[-1], ("vector",), f"aggregation {operator} needs")
        parameter = arguments[0] if wanted == 2 else None
        if parameter:
            of_kind(parameter, ("scalar",), f"parameter of {operator} must be")
        return Aggregation(operator, arguments[-1], labels, without, parameter)

    def _grouping(self) -> tuple[tuple[str, ...], bool] | None:
        word = self._accept("by", "without")
        return (self._names(), word.text.lower() == "without") if word else None

    def _arguments(self) -> list[Expression]:
        self._expect("(")
        found: list[Expression] = []
        while not self._accept(")"):
            found.append(self._expression(0))
            if self._next.text != ")":
                self._expect(",")
        return found

    def _call(self, name: str) -> Expression:
        signature = SIGNATURES.get(name)
        if signature is None:
            self._fail(f'unknown function with name "{name}" (or one that this server lacks)')
        assert signature is not None
        arguments = self._arguments()
        kinds, least, result = signature
        if not least <= len(arguments) <= len(kinds):
            self._fail(f'expected {least} argument(s) in call to "{name}", got {len(arguments)}')
        for argument, kind in zip(arguments, kinds, strict=False):
            of_kind(argument, (kind,), f'call to function "{name}" expects')
        return Call(name, tuple(arguments), result)

    def _selector(self, name: str) -> Expression:
        matchers = [Matcher(NAME, "=", name)] if name else []
        if self._accept("{"):
            while not self._accept("}"):
                matchers.append(self._matcher())
                if self._next.text != "}":
                    self._expect(",")
        if not any(not each.matches({}) for each in matchers):
            self._fail("vector selector must contain at least one non-empty matcher")
        return Selector(tuple(matchers))

    def _matcher(self) -> Matcher:
        if self._next.kind != "name":
            raise self._unexpected()
        label = self._take().text
        sign = self._accept("=", "!=", "=~", "!~")
        if sign is None or self._next.kind != "string":
            raise self._unexpected()
        value = unquoted(self._take().text)
        if "~" not in sign.text:
            return Matcher(label, sign.text, value)
        try:
            return Matcher(label, sign.text, value, re.compile(value, re.DOTALL))
        except re.error as error:
            raise ParseError(f"parse error: error parsing regexp: {error}") from error

    def _postfix(self, found: Expression) -> Expression:
        while True:
            if self._accept("["):
                found = self._ranged(found)
            elif self._accept("offset"):
                found = self._moved(found)
            elif self._accept("@"):
                if not isinstance(found, Selector) or self._next.kind != "number":
                    raise self._unexpected()
                found = replace(found, fixed=float(self._take().text))
            else:
                return found

    def _ranged(self, found: Expression) -> Expression:
        span = self._duration()
        if self._accept(":"):
            step = self._duration() if self._next.kind == "duration" else _DEFAULT_STEP
            self._expect("]")
            of_kind(found, ("vector", "scalar"), "subquery is only allowed on")
            return Subquery(found, span, step)
        self._expect("]")
        if not isinstance(found, Selector) or found.span is not None:
            self._fail("ranges only allowed for vector selectors")
        assert isinstance(found, Selector)
        return replace(found, span=span)

    def _moved(self, found: Expression) -> Expression:
        back = self._accept("-") is None
        seconds_back = self._duration() * (1 if back else -1)
        if not isinstance(found, Selector | Subquery):
            self._fail("offset modifier must be preceded by a selector or a subquery")
        assert isinstance(found, Selector | Subquery)
        return replace(found, offset=seconds_back)

    def _duration(self) -> float:
        if self._next.kind != "duration":
            raise self._unexpected()
        length = seconds(self._take().text)
        return length if length > 0 else self._zero()

    def _zero(self) -> float:
        raise ParseError("parse error: duration must be greater than 0")
