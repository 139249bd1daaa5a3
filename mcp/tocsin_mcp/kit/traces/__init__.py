"""Stack traces in logs: which exception, thrown where in our own code, and which file of the repository that is."""

from __future__ import annotations

from .paths import matching_paths
from .reading import read_traces
from .records import unfolded
from .trace import Frame, Trace, blamed

__all__ = ["Frame", "Trace", "blamed", "matching_paths", "read_traces", "unfolded"]
