"""Lines of stack traces, by what they look like alone: no two of them are the same place. Pure.

Python, Java, Kotlin, .NET, Go, JavaScript, Ruby, PHP, Rust, Elixir, C and C++. Some lines of a trace have no look of their
own (the source that Python prints below a frame); those are told by where they stand, in `log_records`.
"""

from __future__ import annotations

import re

_FRAME = re.compile(
    r"""
    \s*(?:
      at\ \S                                                        # Java, .NET, JavaScript; a place in Rust
    | File\ "[^"]+",\ line\ \d                                      # Python
    | from\ \S+:\d+:in\                                             # Ruby
    | [\w./-]+\.rb:\d+:in\                                          # Ruby, its first line
    | \#\d+\s+\S                                                    # PHP, gdb
    | \d{1,3}:\ +(?:0x[0-9a-f]+\ -\ )?\S*(?:::|rust_|_start)        # Rust
    | \(\w[\w.]*\ \d[\w.+-]*\)\ \S+:\d+:\                           # Elixir, of an application
    | \S+\.exs?:\d+:\ \w                                            # Elixir
    | @\s+0x[0-9a-f]+\                                              # glog
    | [\w./~@-]+\.(?:\(\*?[\w\[\].]+\)\.)?[\w.·\[\]]+\((?:0x|\.\.\.|\{|\?|\)|\"|\d)  # Go, a function
    | \S+\.(?:go|rs|cc|cpp|c|h|s):\d+(?::\d+)?(?:\ \+0x[0-9a-f]+)?$ # Go, a place
    | goroutine\ \d+\ \[ | created\ by\ \S | \[signal\ SIG
    | Caused\ by:? | Suppressed: | Traceback\ \(most | During\ handling\ of | The\ above\ exception
    | \.\.\.\ \d+\ (?:more|common|lines) | ---\ End\ of | [Ss]tack\ (?:back)?trace:
    | [~^]*\^[~^]*$
    )""",
    re.VERBOSE,
)
_LONGEST = 400
"""Characters that are looked at."""


def is_frame(line: str) -> bool:
    """Whether a line, without the time it may begin with, is part of a stack trace."""
    return _FRAME.match(line[:_LONGEST]) is not None
