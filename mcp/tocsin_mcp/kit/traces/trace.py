"""What a printed stack trace says: its frames, its innermost exception, and whether our code is only a victim in it."""

from __future__ import annotations

from dataclasses import dataclass

from .languages import ANSWERED, CONNECTION, LANGUAGES

_CONNECTS_WITHOUT_FRAMES = frozenset({"node", "go", "php", "ruby", "rust"})
"""Their sockets are not written in the language itself, so the first frame may be our own."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One call. `path` and `symbol` may be empty, `line` 0. `own`: not of a library or the language itself."""

    symbol: str
    path: str
    line: int
    own: bool

    @property
    def file(self) -> str:
        """The file's name without folders."""
        return self.path.replace("\\", "/").rpartition("/")[2]

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.path else "?"
        return f"{self.symbol} ({place})" if self.symbol else place


@dataclass(frozen=True, slots=True)
class Trace:
    """One printed stack trace.

    `frames` are deepest first, those of the innermost exception before the others. `first` and `last` number the lines
    that it was read from, `header` is the line that names the exception.
    """

    language: str
    exception: str
    message: str
    frames: tuple[Frame, ...]
    first: int
    last: int
    header: str

    @property
    def frame(self) -> Frame | None:
        """The deepest frame of our own code that has a file, else the deepest of our own."""
        own = [frame for frame in self.frames if frame.own]
        return next((frame for frame in own if frame.path), own[0] if own else None)

    @property
    def is_victim(self) -> bool:
        """Whether our code only called a library that could not reach something, or got no answer: the fault is elsewhere."""
        said = f"{self.exception} {self.message} {self.header}"
        if not CONNECTION.search(said) and not (ANSWERED.search(said) and not self._is_thrown_here):
            return False
        return (
            not self.frames
            or not self.frames[0].own
            or self.language in _CONNECTS_WITHOUT_FRAMES
            or self._is_of_library
        )

    @property
    def _is_thrown_here(self) -> bool:
        return bool(self.frames) and self.frames[0].own

    @property
    def _is_of_library(self) -> bool:
        """Whether the exception is a library's own, whose frames the log left out."""
        return any(
            each.name == self.language and each.vendor.search(self.exception) for each in LANGUAGES
        )


def blamed(trace: Trace) -> Frame | None:
    """The frame whose file is to blame; None for a victim's trace or one without own code."""
    return None if trace.is_victim else trace.frame
