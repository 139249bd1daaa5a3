"""suspect_changes: the commits that may have caused a failure, judged by what they touch."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from tocsin_mcp.kit.errors import NotFound, Unavailable
from tocsin_mcp.kit.output import counted, listed, plain
from tocsin_mcp.kit.suspects import Change, ChangedFile, Clues, Verdict, judge
from tocsin_mcp.kit.times import age, parse_optional, parse_rfc3339, rfc3339
from tocsin_mcp.kit.traces import matching_paths

from .client import GitHub, repository_path
from .denied import is_denied
from .files import shown, tree

_LOOK_BACK = timedelta(days=14)
_COMMITS = 30
_OF_ONE_FILE = 10
_MOST_SHOWN = 5
_NARROW = "pass `file`, `symbol` or a shorter `since`"


async def suspect_changes(
    github: GitHub,
    repository: str,
    clues: Clues,
    window: tuple[str | None, str | None],
) -> str:
    """Suspects with their reasons; `window` is how far to look back, and when the trouble began."""
    now = github.now()
    since = parse_optional(window[0], now, "since") or now - _LOOK_BACK
    onset = parse_optional(window[1], now, "onset")
    files = await _repository_files(github, repository, clues)
    notes = _mapping_notes(clues.file, files)
    clues = replace(clues, file=files[0] if len(files) == 1 else clues.file, onset=onset)
    changes = await _changes(github, repository, files, since)
    verdict = judge(changes, clues)
    span = f"since {rfc3339(since)}" + (f", onset {rfc3339(onset)}" if onset else "")
    head = f"{repository} {span}: {counted(len(changes), 'commit')} judged"
    return listed([head, *notes, *_text(verdict, now)], narrow=_NARROW)


async def _repository_files(github: GitHub, repository: str, clues: Clues) -> list[str]:
    """Where a path inside a container is in the repository."""
    if not clues.file:
        return []
    whole = await tree(github, repository, None)
    paths = [entry.path for entry in whole.entries]
    return [clues.file] if clues.file in paths else matching_paths(clues.file, paths, clues.service)


def _mapping_notes(asked: str, files: Sequence[str]) -> list[str]:
    if not asked or list(files) == [asked]:
        return []
    if not files:
        return [f"No file of the repository ends like {shown(asked)}."]
    several = " (which one is not sure)" if len(files) > 1 else ""
    return [f"{shown(asked)} is {', '.join(map(shown, files[:5]))}{several}."]


async def _changes(
    github: GitHub, repository: str, files: Sequence[str], since: datetime
) -> list[Change]:
    """The newest commits of all, and those of the blamed files however many came after."""
    wanted: dict[str, None] = {}
    for path, most in [("", _COMMITS), *((file, _OF_ONE_FILE) for file in files[:3])]:
        for sha in await _shas(github, repository, path, since, most):
            wanted[sha] = None
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_change(github, repository, sha)) for sha in wanted]
    found = [change for task in tasks if (change := task.result())]
    return sorted(found, key=lambda each: each.time.timestamp() if each.time else 0.0, reverse=True)


async def _shas(
    github: GitHub, repository: str, path: str, since: datetime, most: int
) -> Iterable[str]:
    data = await github.get(
        repository_path(repository, "commits"),
        {"path": path, "since": rfc3339(since), "per_page": str(most)},
        what=f"The history of {repository}",
    )
    return [str(item["sha"]) for item in data]


async def _change(github: GitHub, repository: str, sha: str) -> Change | None:
    """None for a commit that could not be read: one of many must not end the search."""
    try:
        item = await github.get(
            repository_path(repository, "commits", sha), what=f"Commit {sha[:12]}"
        )
    except (Unavailable, NotFound):
        return None
    person = item["commit"].get("committer") or item["commit"].get("author") or {}
    return Change(
        sha,
        parse_rfc3339(str(person.get("date", ""))),
        plain(str(item["commit"]["message"])).partition("\n")[0],
        tuple(map(_changed_file, item.get("files", []))),
    )


def _changed_file(file: Any) -> ChangedFile:
    path = str(file["filename"])
    return ChangedFile(path, "" if is_denied(path) else str(file.get("patch") or ""))


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


def _rest(title: str, changes: Sequence[Change], now: datetime) -> list[str]:
    if not changes:
        return []
    more = len(changes) - _MOST_SHOWN
    lines = [f"{title}:", *(f"- {_line(each, now)}" for each in changes[:_MOST_SHOWN])]
    return [*lines, f"- … {more} more"] if more > 0 else lines


def _line(change: Change, now: datetime) -> str:
    when = (
        f"{rfc3339(change.time)} ({age(change.time, now)} ago)" if change.time else "time unknown"
    )
    return f"{change.id[:12]} {when}: {change.title}"
