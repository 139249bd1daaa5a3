"""suspect_changes: the commits that may have caused a failure, judged by what they touch."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from tocsin_mcp.kit import suspects
from tocsin_mcp.kit.errors import NotFound, Unavailable
from tocsin_mcp.kit.output import counted, listed, plain
from tocsin_mcp.kit.suspects import Clues, Verdict, judge
from tocsin_mcp.kit.times import parse_optional, rfc3339
from tocsin_mcp.kit.traces import matching_paths

from .commits import when
from .contents import shown
from .denied import is_denied
from .repository import ChangedFile, Repository, Wanted

_LOOK_BACK = timedelta(days=14)
_COMMITS = 30
_OF_ONE_FILE = 10
_MOST_SHOWN = 5
_NARROW = "pass `file`, `symbol` or a shorter `since`"


async def suspect_changes(
    repository: Repository,
    clues: Clues,
    window: tuple[str, str],
    now: datetime,
) -> str:
    """Suspects with their reasons; `window` is how far to look back, and when the trouble began."""
    since = parse_optional(window[0], now, "since") or now - _LOOK_BACK
    onset = parse_optional(window[1], now, "onset")
    files = await _repository_files(repository, clues)
    notes = _mapping_notes(clues.file, files)
    clues = replace(clues, file=files[0] if len(files) == 1 else clues.file, onset=onset)
    changes = await _changes(repository, files, since)
    verdict = judge(changes, clues)
    span = f"since {rfc3339(since)}" + (f", onset {rfc3339(onset)}" if onset else "")
    head = f"{repository.name} {span}: {counted(len(changes), 'commit')} judged"
    return listed([head, *notes, *_text(verdict, now)], narrow=_NARROW)


async def _repository_files(repository: Repository, clues: Clues) -> list[str]:
    """Where a path inside a container is in the repository."""
    if not clues.file:
        return []
    paths = [entry.path for entry in (await repository.tree(None)).entries]
    return [clues.file] if clues.file in paths else matching_paths(clues.file, paths, clues.service)


def _mapping_notes(asked: str, files: Sequence[str]) -> list[str]:
    if not asked or list(files) == [asked]:
        return []
    if not files:
        return [f"No file of the repository ends like {shown(asked)}."]
    several = " (which one is not sure)" if len(files) > 1 else ""
    return [f"{shown(asked)} is {', '.join(map(shown, files[:5]))}{several}."]


async def _changes(
    repository: Repository, files: Sequence[str], since: datetime
) -> list[suspects.Change]:
    """The newest commits of all, and those of the blamed files however many came after."""
    wanted: dict[str, None] = {}
    for path, most in [("", _COMMITS), *((file, _OF_ONE_FILE) for file in files[:3])]:
        for commit in await repository.commits(Wanted(most, path, since)):
            wanted[commit.sha] = None
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_change(repository, sha)) for sha in wanted]
    found = [change for task in tasks if (change := task.result())]
    return sorted(found, key=lambda each: each.time.timestamp() if each.time else 0.0, reverse=True)


async def _change(repository: Repository, sha: str) -> suspects.Change | None:
    """None for a commit that could not be read: one of many must not end the search."""
    try:
        found = await repository.change(sha)
    except (Unavailable, NotFound):
        return None
    commit = found.commit
    files = tuple(map(_changed_file, found.files))
    return suspects.Change(commit.sha, commit.time, plain(commit.subject), files)


def _changed_file(file: ChangedFile) -> suspects.ChangedFile:
    return suspects.ChangedFile(file.path, "" if is_denied(file.path) else file.patch or "")


def _text(verdict: Verdict, now: datetime) -> list[str]:
    lines: list[str] = []
    for number, suspect in enumerate(verdict.suspects[:_MOST_SHOWN], 1):
        lines += [
            f"{number}. {_line(suspect.change, now)}, score {suspect.score:.2f}",
            *(f"   {reason}" for reason in suspect.reasons),
        ]
    if not verdict.suspects:
        lines.append(
            "No commit fits: none touches the file, symbol or service that failed. The cause may be no change of this "
            "repository."
        )
    lines += _rest("Ruled out, made after the onset", verdict.later, now)
    return lines + _rest("Touch nothing that failed", verdict.innocent, now)


def _rest(title: str, changes: Sequence[suspects.Change], now: datetime) -> list[str]:
    if not changes:
        return []
    more = len(changes) - _MOST_SHOWN
    lines = [f"{title}:", *(f"- {_line(each, now)}" for each in changes[:_MOST_SHOWN])]
    return [*lines, f"- … {more} more"] if more > 0 else lines


def _line(change: suspects.Change, now: datetime) -> str:
    return f"{change.id[:12]} {when(change.time, now)}: {change.title}"
