"""Which kinds of values may stand where: what the real parser refuses, too."""

from __future__ import annotations

from .errors import ParseError
from .tree import Binary, Expression, Kind

COMPARISONS = frozenset(["==", "!=", "<", ">", "<=", ">="])
SETS = frozenset(["and", "or", "unless"])
_KINDS: dict[Kind, str] = {
    "scalar": "scalar",
    "vector": "instant vector",
    "matrix": "range vector",
    "string": "string",
}


def of_kind(expression: Expression, wanted: tuple[Kind, ...], problem: str) -> None:
    """Raises ParseError, `problem` first, for another kind than the wanted ones."""
    if expression.kind not in wanted:
        expected = " or ".join(_KINDS[kind] for kind in wanted)
        raise ParseError(f"parse error: {problem} {expected}, got {_KINDS[expression.kind]}")


def checked(binary: Binary) -> Binary:
    """What stands beside a sign, as the real parser checks it. Raises ParseError."""
    for side in (binary.left, binary.right):
        of_kind(
            side,
            ("scalar", "vector"),
            "binary expression must contain only",
        )
    if binary.sign in SETS and "scalar" in (binary.left.kind, binary.right.kind):
        raise ParseError(
            f'parse error: set operator "{binary.sign}" not allowed in binary scalar expression'
        )
    if binary.as_bool and binary.sign not in COMPARISONS:
        raise ParseError("parse error: bool modifier can only be used on comparison operators")
    if binary.sign in COMPARISONS and binary.kind == "scalar" and not binary.as_bool:
        raise ParseError("parse error: comparisons between scalars must use BOOL modifier")
    return binary
