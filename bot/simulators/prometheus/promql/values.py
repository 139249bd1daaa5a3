"""What a query comes to at one moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

Labels = tuple[tuple[str, str], ...]
"""Sorted pairs, so that equal sets of labels are equal keys."""

NAME = "__name__"


def key(labels: Mapping[str, str]) -> Labels:
    """Labels as a key; empty values count as absent."""
    return tuple(sorted((name, value) for name, value in labels.items() if value))


def kept(labels: Labels, names: Iterable[str]) -> Labels:
    """Only the labels of these names."""
    wanted = frozenset(names)
    return tuple(pair for pair in labels if pair[0] in wanted)


def dropped(labels: Labels, *names: str) -> Labels:
    """All but the labels of these names."""
    return tuple(pair for pair in labels if pair[0] not in names)


@dataclass(frozen=True, slots=True)
class Scalar:
    """One number."""

    value: float


@dataclass(frozen=True, slots=True)
class Vector:
    """Values by labels, in the order they are told. `sorted` by a function keeps that order."""

    values: Mapping[Labels, float]
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """Samples of one series (seconds, value) over a range that begins after `start` and ends with `end`."""

    samples: list[tuple[float, float]]
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Matrix:
    """A window by labels."""

    windows: Mapping[Labels, Window]


@dataclass(frozen=True, slots=True)
class String:
    """A text."""

    value: str = field(default="")


Value = Scalar | Vector | Matrix | String
