"""Pull requests that were merged in a window, with the files they touched."""

from __future__ import annotations

from typing import Any

from tocsin_mcp.github.repository import ChangedFile, Merged, Repository, Window
from tocsin_mcp.kit.errors import NotFound, Unavailable
from tocsin_mcp.kit.output import plain
from tocsin_mcp.kit.tasks import together

from .answers import changed_files, moment
from .client import GitHub, repository_path

_PAGE = 100
_PAGES = 3


async def merged(
    github: GitHub, repository: Repository, window: Window
) -> tuple[list[Merged], list[str]]:
    """Newest first. GitHub cannot list by time of merging, so those that were last updated since are looked at."""
    items, notes = await _candidates(github, repository.name, window)
    chosen = sorted(items, key=lambda item: str(item["merged_at"]), reverse=True)
    async with together() as group:
        tasks = [
            group.create_task(_with_files(github, repository, item))
            for item in chosen[: window.limit]
        ]
    return [task.result() for task in tasks], notes


async def _candidates(github: GitHub, name: str, window: Window) -> tuple[list[Any], list[str]]:
    found: list[Any] = []
    for page in range(1, _PAGES + 1):
        query = {
            "state": "closed",
            "sort": "updated",
            "direction": "desc",
            "per_page": str(_PAGE),
            "page": str(page),
        }
        path = repository_path(name, "pulls")
        items = await github.get(path, query, what=f"The list of pull requests of {name}")
        found += [item for item in items if _is_merged_in(item, window)]
        oldest = moment(items[-1].get("updated_at")) if items else None
        if len(items) < _PAGE or (oldest and oldest < window.since):
            return found, []
    return found, [f"Only the {_PAGE * _PAGES} pull requests updated last were looked at."]


def _is_merged_in(item: Any, window: Window) -> bool:
    time = moment(item.get("merged_at"))
    return time is not None and window.holds(time)


async def _with_files(github: GitHub, repository: Repository, item: Any) -> Merged:
    number, commit = int(item["number"]), str(item.get("merge_commit_sha") or "")
    time = moment(item["merged_at"])
    if time is None:
        raise Unavailable("GitHub sent a pull request in an unreadable form.")
    return Merged(
        number,
        plain(str(item.get("title") or "")),
        plain(str((item.get("user") or {}).get("login") or "unknown")),
        time,
        commit,
        await _files(github, repository, number, commit),
    )


async def _files(
    github: GitHub, repository: Repository, number: int, commit: str
) -> tuple[ChangedFile, ...] | None:
    """None when they cannot be read: one of many must not end the list."""
    path = repository_path(repository.name, "pulls", str(number), "files")
    try:
        data = await github.get(
            path, {"per_page": str(_PAGE)}, what=f"The files of pull request {number}"
        )
        if data or not commit:
            return changed_files(data)
        return (await repository.change(commit)).files
    except (Unavailable, NotFound):
        return None
