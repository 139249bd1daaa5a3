"""Which commit last changed each line of a range, as text."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby

from tocsin_mcp.kit.output import bounded, clip, plain

from .commits import when
from .contents import lines_of, numbered
from .denied import refuse
from .files import line_range
from .repository import Commit, Repository
from .revisions import revision

LINES_AT_ONCE = 200
_CONTEXT = 5
_LONGEST_LINE = 300


async def blame(
    repository: Repository,
    path: str,
    lines: tuple[int, int | None],
    ref: str,
    now: datetime,
) -> str:
    """Runs of lines, each below the commit that wrote it. `lines[1]` None: a few lines around the first."""
    refuse(path)
    at = await revision(repository, ref)
    body = lines_of(await repository.content(path, at.ref), path)
    wanted = lines if lines[1] else (max(1, lines[0] - _CONTEXT), lines[0] + _CONTEXT)
    if lines[0] > len(body):
        wanted = lines
    first, last = line_range(wanted, len(body), LINES_AT_ONCE)
    found = await repository.blame(path, at.ref, (first, last))
    text = [
        f"{repository.name} {path} at {at.shown}: lines {first}-{last} of {len(body)}, each below the commit that last "
        f"changed it ({found.how})"
    ]
    for _, run in groupby(range(first, last + 1), key=lambda n: _sha(found.lines.get(n))):
        numbers = list(run)
        text.append(_head(found.lines.get(numbers[0]), now))
        text += [numbered(number, clip(body[number - 1], _LONGEST_LINE)) for number in numbers]
    return bounded(
        "\n".join(text), narrow="ask for fewer lines with `start_line` and `end_line`", head=1.0
    )


def _sha(commit: Commit | None) -> str:
    return commit.sha if commit else ""


def _head(commit: Commit | None, now: datetime) -> str:
    if commit is None:
        return "not traced, older than what was looked into:"
    return f"{commit.sha[:12]}  {when(commit.time, now)}  {plain(commit.author)}  {plain(commit.subject)}"
