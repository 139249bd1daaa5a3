"""The last resort against a text that is too long: its head, its tail, and the lines between that matter. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from bot.tools.shortening.folding import Marks, folded

_HEAD_SHARE = 0.4
_TAIL_SHARE = 0.3
_LINE_SHARE = 0.25
"""Of the room, that one line may take."""
_MARK_CHARS = 40


def clipped(text: str, max_chars: int, matters: Callable[[str], bool], marks: Marks) -> str:
    """The text in about `max_chars`; what is left of the room after head and tail goes to lines that matter."""
    if len(text) <= max_chars:
        return text
    lines = [_cut(line, int(max_chars * _LINE_SHARE)) for line in text.splitlines()]
    sizes = [len(line) + 1 for line in lines]
    head = _fitting(sizes, range(len(lines)), int(max_chars * _HEAD_SHARE))
    tail = _fitting(sizes, range(len(lines) - 1, -1, -1), int(max_chars * _TAIL_SHARE))
    kept = {*head, *tail}
    room = max_chars - sum(sizes[index] for index in kept)
    between = (index for index, line in enumerate(lines) if index not in kept and matters(line))
    kept.update(_fitting([size + _MARK_CHARS for size in sizes], between, room))
    return folded(lines, kept, marks, smallest=1)


def _fitting(sizes: Sequence[int], indexes: Iterable[int], room: int) -> list[int]:
    """As many of the indexes, in their order, as the room allows."""
    fitting: list[int] = []
    for index in indexes:
        room -= sizes[index]
        if room < 0:
            break
        fitting.append(index)
    return fitting


def _cut(line: str, longest: int) -> str:
    return (
        line if len(line) <= longest else f"{line[:longest]} … (+{len(line) - longest} characters)"
    )
