"""What a query says, as a tree. Durations and offsets are in seconds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["scalar", "vector", "matrix", "string"]


@dataclass(frozen=True, slots=True)
class Matcher:
    """One of `=`, `!=`, `=~`, `!~`; a missing label counts as empty, a pattern must match all of the value."""

    label: str
    sign: str
    value: str
    pattern: re.Pattern[str] | None = None

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether a series with these labels is meant."""
        found = labels.get(self.label, "")
        hit = self.pattern.fullmatch(found) is not None if self.pattern else found == self.value
        return hit is not self.sign.startswith("!")


@dataclass(frozen=True, slots=True)
class Number:
    """A number."""

    value: float
    kind: Kind = "scalar"


@dataclass(frozen=True, slots=True)
class Text:
    """A text in quotes."""

    value: str
    kind: Kind = "string"


@dataclass(frozen=True, slots=True)
class Selector:
    """`name{label="value"}`, over a range when `span` is given. `fixed` is the time after `@`."""

    matchers: tuple[Matcher, ...]
    span: float | None = None
    offset: float = 0.0
    fixed: float | None = None

    @property
    def kind(self) -> Kind:
        """A vector, or a matrix over a range."""
        return "vector" if self.span is None else "matrix"


@dataclass(frozen=True, slots=True)
class Subquery:
    """`expression[span:step]`."""

    inner: Expression
    span: float
    step: float
    offset: float = 0.0
    kind: Kind = "matrix"


@dataclass(frozen=True, slots=True)
class Call:
    """A function and what it is given."""

    function: str
    arguments: tuple[Expression, ...]
    kind: Kind = "vector"


@dataclass(frozen=True, slots=True)
class Aggregation:
    """`sum by (route) (…)`; `labels` are those to keep, or to drop when `without`."""

    operator: str
    inner: Expression
    labels: tuple[str, ...] = ()
    without: bool = False
    parameter: Expression | None = None
    kind: Kind = "vector"


@dataclass(frozen=True, slots=True)
class Matching:
    """How two vectors find each other. `many` is the side that may have several; `include` labels come from the other."""

    labels: tuple[str, ...] = ()
    on: bool = False
    many: Literal["", "left", "right"] = ""
    include: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Binary:
    """Two expressions and a sign between them. `as_bool`: a comparison answers 0 or 1 instead of filtering."""

    sign: str
    left: Expression
    right: Expression
    as_bool: bool = False
    matching: Matching = field(default_factory=Matching)

    @property
    def kind(self) -> Kind:
        """A number only between two numbers."""
        return "scalar" if self.left.kind == self.right.kind == "scalar" else "vector"


@dataclass(frozen=True, slots=True)
class Negative:
    """A minus before an expression."""

    inner: Expression

    @property
    def kind(self) -> Kind:
        """As what follows the minus."""
        return self.inner.kind


Expression = Number | Text | Selector | Subquery | Call | Aggregation | Binary | Negative
