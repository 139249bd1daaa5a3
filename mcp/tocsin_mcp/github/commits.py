"""History: what changed, when, by whom, with bounded diffs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from tocsin_mcp.kit.errors import NotFound, Unavailable
from tocsin_mcp.kit.output import LIMIT, bounded, listed, plain
from tocsin_mcp.kit.times import age, parse_range, parse_rfc3339, rfc3339

from .client import GitHub, repository_path
from .denied import WITHHELD, is_denied
from .files import counted, shown

_WITH_FILES = 20
_FILES_PER_COMMIT = 8
_COMMITS_COMPARED = 50
_SMALLEST_PATCH = 1024
_STATUS = {"added": "A", "removed": "D", "modified": "M", "renamed": "R", "copied": "C"}
_NARROW_DIFF = "read the files with read_file, or the history of one with list_commits(path=…)"


async def list_commits(
    github: GitHub,
    repository: str,
    path: str,
    window: tuple[str | None, str | None],
    limit: int,
    ref: str | None,
) -> str:
    """Commits newest first: short sha, time, author, subject, and the files each changed."""
    since, until = parse_range(*window, github.now())
    data = await github.get(
        repository_path(repository, "commits"),
        {
            "path": path,
            "since": rfc3339(since) if since else None,
            "until": rfc3339(until) if until else None,
            "sha": ref,
            "per_page": str(limit),
        },
        what=f"The history of {repository} at {ref or 'the default branch'}",
    )
    where = f"{repository}{' ' + path if path else ''} at {ref or 'the default branch'}"
    if not data:
        return f"No commits in {where}{_span(since, until)}. Widen `since`, or leave out `path`."
    files = await _files_of(github, repository, [str(item["sha"]) for item in data[:_WITH_FILES]])
    lines = [f"{where}{_span(since, until)}: {counted(len(data), 'commit')}, newest first"]
    for item in data:
        lines += _summary(github, item)
        lines += _changed(files.get(str(item["sha"])))
    if len(data) >= limit:
        lines.append(f"There may be older ones: raise `limit` ({limit}) or set `until`.")
    return listed(lines, narrow="use `path`, `since` or a smaller `limit`")


async def show_commit(github: GitHub, repository: str, ref: str) -> str:
    """Author, time, message, and the diff of every file."""
    item = await github.get(
        repository_path(repository, "commits", ref), what=f"Commit {ref} in {repository}"
    )
    parents = ", ".join(str(parent["sha"])[:12] for parent in item.get("parents", []))
    stats = item.get("stats", {})
    files = item.get("files", [])
    head = [
        f"commit {item['sha']} in {repository}",
        f"author: {plain(_author(item))}",
        f"time:   {_when(github, item)}",
        f"parent: {parents or 'none, this is the first commit'}",
        "",
        *(f"    {line}" for line in plain(item["commit"]["message"]).splitlines()),
        "",
        f"{counted(len(files), 'file')} changed, +{stats.get('additions', 0)} -{stats.get('deletions', 0)}",
    ]
    return _with_diffs(head, files)


async def compare(github: GitHub, repository: str, base: str, head: str) -> str:
    """Commits and net changes between two refs."""
    data = await github.get(
        repository_path(repository, "compare", f"{base}...{head}"),
        what=f"The comparison {base}...{head} in {repository}",
    )
    commits, files = data.get("commits", []), data.get("files", [])
    lines = [
        f"{repository} {base}...{head}: {head} is {counted(data.get('ahead_by', 0), 'commit')} ahead and "
        f"{data.get('behind_by', 0)} behind",
    ]
    for item in reversed(commits[-_COMMITS_COMPARED:]):
        lines += _summary(github, item)
    hidden = int(data.get("total_commits", len(commits))) - min(len(commits), _COMMITS_COMPARED)
    if hidden > 0:
        lines.append(f"… {hidden} older commits not shown: compare a shorter range")
    if not files:
        return "\n".join([*lines, "No change on the side of the head: swap base and head?"])
    return _with_diffs([*lines, "", f"{counted(len(files), 'file')} changed"], files)


async def _files_of(github: GitHub, repository: str, shas: Sequence[str]) -> dict[str, Any]:
    """Sha to changed files; commits that could not be asked for are left out."""

    async def one(sha: str) -> tuple[str, Any]:
        try:
            item = await github.get(
                repository_path(repository, "commits", sha), what=f"Commit {sha[:12]}"
            )
        except (Unavailable, NotFound):
            return sha, None
        return sha, item.get("files", [])

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(sha)) for sha in shas]
    return dict(task.result() for task in tasks)


def _summary(github: GitHub, item: Any) -> list[str]:
    subject = plain(item["commit"]["message"]).partition("\n")[0]
    return [
        f"{str(item['sha'])[:12]}  {_when(github, item)}  {plain(_author(item))}",
        f"    {subject}",
    ]


def _changed(files: Any) -> list[str]:
    if files is None:
        return ["    (files not known: ask show_commit)"]
    lines = [f"    {_file_line(file)}" for file in files[:_FILES_PER_COMMIT]]
    more = len(files) - _FILES_PER_COMMIT
    return [*lines, f"    … {more} more files"] if more > 0 else lines


def _file_line(file: Any) -> str:
    status = _STATUS.get(file.get("status", ""), "M")
    old = file.get("previous_filename")
    name = f"{old} -> {file['filename']}" if old else str(file["filename"])
    return f"{status} {shown(name)} (+{file.get('additions', 0)} -{file.get('deletions', 0)})"


def _with_diffs(head: list[str], files: Sequence[Any]) -> str:
    lines = [*head]
    share = max(_SMALLEST_PATCH, (LIMIT - 2048) // max(len(files), 1))
    for file in files:
        lines += ["", _file_line(file), _patch(file, share)]
    return bounded("\n".join(lines), narrow=_NARROW_DIFF, head=0.9)


def _patch(file: Any, share: int) -> str:
    names = [file["filename"], file.get("previous_filename") or ""]
    if any(is_denied(name) for name in names):
        return f"({WITHHELD})"
    text = file.get("patch")
    if text is None:
        return "(no diff: binary, too large, or only renamed)"
    return bounded(plain(text), share, narrow=_NARROW_DIFF, head=0.8)


def _author(item: Any) -> str:
    return str((item["commit"].get("author") or {}).get("name") or "unknown")


def _when(github: GitHub, item: Any) -> str:
    # The committer's time says when it came onto the branch; the author's may be days older.
    person = item["commit"].get("committer") or item["commit"].get("author") or {}
    moment = parse_rfc3339(str(person.get("date", "")))
    return f"{rfc3339(moment)} ({age(moment, github.now())} ago)" if moment else "time unknown"


def _span(since: Any, until: Any) -> str:
    start = f" since {rfc3339(since)}" if since else ""
    return start + (f" until {rfc3339(until)}" if until else "")
