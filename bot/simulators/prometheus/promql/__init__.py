"""PromQL over recorded samples: the part of the language that people ask of a Prometheus during an incident."""

from .errors import EvaluationError, ParseError
from .evaluate import Work, evaluate
from .parser import parse
from .tree import Expression
from .values import Matrix, Scalar, Value, Vector

__all__ = [
    "EvaluationError",
    "Expression",
    "Matrix",
    "ParseError",
    "Scalar",
    "Value",
    "Vector",
    "Work",
    "evaluate",
    "parse",
]
