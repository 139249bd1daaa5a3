"""What kind of text a result is, and the short form of that kind. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.tools.shortening import diffs, manifests, source, tables, trees
from bot.tools.shortening.clipping import clipped
from bot.tools.shortening.clues import Clues
from bot.tools.shortening.folding import Marks, folded, is_listing
from bot.tools.shortening.log_records import is_telling
from bot.tools.shortening.log_records import read as read_log
from bot.tools.shortening.log_summary import summary
from bot.tools.shortening.projection import Projected, project
from bot.tools.toolset import ToolCall

_WORTH_IT = 0.85
"""A form that leaves lines out must be shorter than this share of the text."""
_FILE = re.compile(r"(?:^|/)(?P<name>[\w.@+-]+\.(?P<kind>\w{1,6}))$")
_CODE = frozenset(
    [
        "c",
        "cc",
        "cpp",
        "cs",
        "cts",
        "dart",
        "ex",
        "exs",
        "go",
        "groovy",
        "h",
        "hpp",
        "java",
        "js",
        "jsx",
        "kt",
        "kts",
        "lua",
        "m",
        "mjs",
        "mts",
        "php",
        "pl",
        "ps1",
        "py",
        "rb",
        "rs",
        "scala",
        "sh",
        "sql",
        "swift",
        "tf",
        "ts",
        "tsx",
        "vue",
    ]
)


def shortest(text: str, call: ToolCall, clues: Clues, max_chars: int) -> str:
    """The short form of a result, in about `max_chars` characters at most; the text itself when it needs none."""
    projected = project(text)
    if projected is not None:
        short = _with_blocks(projected, call, clues)
    else:
        short = _form(text, call, clues, Marks(call.label))

    def matters(line: str) -> bool:
        return is_telling(line) or clues.matter(line)

    # Lines of a form that was made from the text have other numbers than those of the text.
    return clipped(short, max_chars, matters, Marks(call.label, numbered=short == text))


def _with_blocks(projected: Projected, call: ToolCall, clues: Clues) -> str:
    """A projected document and, below it, its texts of several lines, each in its own short form."""
    marks = Marks(call.label, numbered=False)
    blocks = (f"{mark}:\n{_form(block, call, clues, marks)}" for mark, block in projected.blocks.items())  # fmt: skip
    return "\n".join([projected.text, *blocks])


def _form(text: str, call: ToolCall, clues: Clues, marks: Marks) -> str:
    log = read_log(text)
    if log is not None:
        return _shorter(text, summary(log, call.label, clues.shown, clues.matter))
    lines = text.splitlines()
    whole = manifests.shortened(lines) or tables.shortened(lines)
    if whole is not None:
        return _shorter(text, whole)
    folds = diffs.shortened(lines, clues, marks) or trees.shortened(lines, clues, marks)
    return _shorter(text, folds or _source(lines, call, clues, marks), _WORTH_IT)


def _shorter(text: str, short: str | None, share: float = 1.0) -> str:
    return text if short is None or len(short) >= share * len(text) else short


def _source(lines: Sequence[str], call: ToolCall, clues: Clues, marks: Marks) -> str | None:
    """A source file folded around what is named in it."""
    file = _file(call, lines)
    if not is_listing(lines) and (file is None or file["kind"].lower() not in _CODE):
        return None
    kept = source.kept_lines(lines, clues, file["name"] if file else "")
    return None if kept is None else folded(lines, kept, marks, outline=source.outline)


def _file(call: ToolCall, lines: Sequence[str]) -> re.Match[str] | None:
    """The file that a call asked for; else the one that the first line of its result names."""
    asked = [value for value in call.arguments.values() if isinstance(value, str)]
    for word in (*asked, *" ".join(lines[:1]).split()):
        if found := _FILE.search(word):
            return found
    return None
