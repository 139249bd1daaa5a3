"""History: what changed, when, by whom, with bounded diffs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from tocsin_mcp.kit.errors import NotFound, Unavailable
from tocsin_mcp.kit.output import LIMIT, bounded, counted, listed, plain
from tocsin_mcp.kit.times import age, parse_range, rfc3339

from .contents import shown
from .denied import WITHHELD, is_denied
from .repository import ChangedFile, Commit, Repository, Wanted
from .revisions import revision

_WITH_FILES = 20
_FILES_PER_COMMIT = 8
_COMMITS_COMPARED = 50
_SMALLEST_PATCH = 1024
_NARROW_DIFF = "read the files with read_file, or the history of one with list_commits(path=…)"


async def list_commits(
    repository: Repository,
    path: str,
    window: tuple[str, str],
    limit: int,
    ref: str,
    now: datetime,
) -> str:
    """Commits newest first: short sha, time, author, subject, and the files each changed."""
    since, until = parse_range(*window, now)
    at = await revision(repository, ref)
    found = await repository.commits(Wanted(limit, path, since, until, at.ref))
    where = f"{repository.name}{' ' + path if path else ''} at {at.shown}{_span(since, until)}"
    if not found:
        return f"No commits in {where}. Widen `since`, or leave out `path`."
    files = await files_of(repository, [commit.sha for commit in found[:_WITH_FILES]])
    lines = [f"{where}: {counted(len(found), 'commit')}, newest first"]
    for commit in found:
        lines += [*summary(commit, now), *changed(files.get(commit.sha), "show_commit")]
    if len(found) >= limit:
        lines.append(f"There may be older ones: raise `limit` ({limit}) or set `until`.")
    return listed(lines, narrow="use `path`, `since` or a smaller `limit`")


async def show_commit(repository: Repository, ref: str, now: datetime) -> str:
    """Author, time, message, and the diff of every file."""
    at = await revision(repository, ref)
    found = await repository.change(at.ref or ref)
    commit, files = found.commit, found.files
    parents = ", ".join(parent[:12] for parent in commit.parents)
    added, removed = sum(file.additions for file in files), sum(file.deletions for file in files)
    head = [
        f"commit {commit.sha} in {repository.name}",
        f"author: {plain(commit.author)}",
        f"time:   {when(commit.time, now)}",
        f"parent: {parents or 'none, this is the first commit'}",
        "",
        *(f"    {line}" for line in plain(commit.message).splitlines()),
        "",
        f"{counted(len(files), 'file')} changed, +{added} -{removed}",
    ]
    return _with_diffs(head, files)


async def compare(repository: Repository, base: str, head: str, now: datetime) -> str:
    """Commits and net changes between two refs."""
    old, new = await revision(repository, base), await revision(repository, head)
    found = await repository.compare(old.ref or base, new.ref or head)
    lines = [
        f"{repository.name} {old.shown}...{new.shown}: {new.shown} is {counted(found.ahead, 'commit')} ahead and "
        f"{found.behind} behind",
    ]
    for commit in reversed(found.commits[-_COMMITS_COMPARED:]):
        lines += summary(commit, now)
    hidden = found.total - min(len(found.commits), _COMMITS_COMPARED)
    if hidden > 0:
        lines.append(f"… {hidden} older commits not shown: compare a shorter range")
    if not found.files:
        return "\n".join([*lines, "No change on the side of the head: swap base and head?"])
    return _with_diffs([*lines, "", f"{counted(len(found.files), 'file')} changed"], found.files)


async def files_of(
    repository: Repository, shas: Sequence[str]
) -> dict[str, tuple[ChangedFile, ...]]:
    """Sha to changed files; commits that could not be asked for are left out."""

    async def one(sha: str) -> tuple[str, tuple[ChangedFile, ...] | None]:
        try:
            return sha, (await repository.change(sha)).files
        except (Unavailable, NotFound):
            return sha, None

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(sha)) for sha in shas]
    return {sha: files for sha, files in (task.result() for task in tasks) if files is not None}


def summary(commit: Commit, now: datetime) -> list[str]:
    """A commit in two lines: sha, time and author; subject."""
    return [
        f"{commit.sha[:12]}  {when(commit.time, now)}  {plain(commit.author)}",
        f"    {plain(commit.subject)}",
    ]


def changed(files: Sequence[ChangedFile] | None, ask: str) -> list[str]:
    """The first files of a change, one a line; `ask` is the tool that tells when they are not known."""
    if files is None:
        return [f"    (files not known: ask {ask})"]
    lines = [f"    {_file_line(file)}" for file in files[:_FILES_PER_COMMIT]]
    more = len(files) - _FILES_PER_COMMIT
    return [*lines, f"    … {more} more files"] if more > 0 else lines


def when(moment: datetime | None, now: datetime) -> str:
    """`2026-11-18T12:58:09Z (1h30m ago)`."""
    return f"{rfc3339(moment)} ({age(moment, now)} ago)" if moment else "time unknown"


def _file_line(file: ChangedFile) -> str:
    name = f"{file.before} -> {file.path}" if file.before else file.path
    return f"{file.status} {shown(name)} (+{file.additions} -{file.deletions})"


def _with_diffs(head: list[str], files: Sequence[ChangedFile]) -> str:
    lines = [*head]
    share = max(_SMALLEST_PATCH, (LIMIT - 2048) // max(len(files), 1))
    for file in files:
        lines += ["", _file_line(file), _patch(file, share)]
    return bounded("\n".join(lines), narrow=_NARROW_DIFF, head=0.9)


def _patch(file: ChangedFile, share: int) -> str:
    if is_denied(file.path) or is_denied(file.before):
        return f"({WITHHELD})"
    if file.patch is None:
        return "(no diff: binary, too large, or only renamed)"
    return bounded(plain(file.patch), share, narrow=_NARROW_DIFF, head=0.8)


def _span(since: datetime | None, until: datetime | None) -> str:
    start = f" since {rfc3339(since)}" if since else ""
    return start + (f" until {rfc3339(until)}" if until else "")
