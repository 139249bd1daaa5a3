"""What went out, as GitHub knows it: deployments with their outcome, and runs of workflows that deploy."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from tocsin_mcp.github.repository import Repository, Rollout, Window
from tocsin_mcp.kit.errors import NotFound, Unavailable
from tocsin_mcp.kit.output import counted, one_line
from tocsin_mcp.kit.tasks import together
from tocsin_mcp.kit.times import rfc3339

from .answers import moment
from .client import GitHub, repository_path

_PAGE = 100
_PAGES = 2
_SERVICE_KEYS = ("service", "app", "application", "component", "name")
_DEPLOYS = re.compile(
    r"deploy|release|roll[-_ ]?out|promot|publish|deliver|\bship\b|\bcd\b", re.IGNORECASE
)
_RUN = re.compile(r"/runs/(\d+)")
_REPLACED = "inactive"
"""The state of a deployment that a later one replaced; the status before it says how it went."""

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class _Deployed:
    """A deployment, and the id of the workflow run that made it, empty when it does not say."""

    rollout: Rollout
    run: str


@dataclass(frozen=True, slots=True)
class _Run:
    id: str
    workflow: str
    rollout: Rollout


async def rollouts(
    github: GitHub, repository: Repository, window: Window
) -> tuple[list[Rollout], list[str]]:
    """Newest first. One half may be unknown (a note says why); raises the error when both are."""
    async with together() as group:
        first = group.create_task(_told(_deployments(github, repository.name, window)))
        second = group.create_task(_told(_runs(github, repository.name, window)))
    (deployed, problem), (runs, other) = first.result(), second.result()
    if problem and other:
        raise problem
    deploying = [run for run in runs if _DEPLOYS.search(run.workflow)]
    known = {each.run for each in deployed}
    found = [each.rollout for each in deployed]
    found += [run.rollout for run in deploying if run.id not in known]
    newest = sorted(found, key=lambda each: each.time, reverse=True)[: window.limit]
    notes = [
        *([f"Deployments are not known: {problem}"] if problem else []),
        *([f"Workflow runs are not known: {other}"] if other else []),
        *_others([run for run in runs if run not in deploying]),
    ]
    return await _with_subjects(repository, newest), notes


async def _told(
    work: Awaitable[list[_Item]],
) -> tuple[list[_Item], Unavailable | NotFound | None]:
    try:
        return await work, None
    except (Unavailable, NotFound) as error:
        return [], error


async def _deployments(github: GitHub, name: str, window: Window) -> list[_Deployed]:
    found: list[Any] = []
    for page in range(1, _PAGES + 1):
        items = await github.get(
            repository_path(name, "deployments"),
            {"per_page": str(_PAGE), "page": str(page)},
            what=f"The list of deployments of {name}",
        )
        found += [item for item in items if _within(item, window)]
        oldest = moment(items[-1].get("created_at")) if items else None
        if len(items) < _PAGE or (oldest and oldest < window.since):
            break
    async with together() as group:
        tasks = [group.create_task(_deployed(github, name, item)) for item in found[: window.limit]]
    return [task.result() for task in tasks]


async def _deployed(github: GitHub, name: str, item: Any) -> _Deployed:
    statuses = await _statuses(github, name, str(int(item["id"])))
    told: Any = next((each for each in statuses if each.get("state") != _REPLACED), {})
    run = _RUN.search(f"{told.get('log_url') or ''} {told.get('target_url') or ''}")
    what = f"{item.get('environment') or 'deployment'} {_service(item.get('payload'))}".strip()
    return _Deployed(
        Rollout(
            _time(item, "created_at"),
            str(item["sha"]),
            one_line(what),
            one_line(str(told.get("state") or "no status")),
            _login(item.get("creator")),
            moment(told.get("created_at")),
        ),
        run[1] if run else "",
    )


async def _statuses(github: GitHub, name: str, number: str) -> list[Any]:
    """Newest first; none when they cannot be read: one of many must not end the list."""
    path = repository_path(name, "deployments", number, "statuses")
    try:
        return list(await github.get(path, what=f"The outcome of deployment {number}"))
    except (Unavailable, NotFound):
        return []


async def _runs(github: GitHub, name: str, window: Window) -> list[_Run]:
    data = await github.get(
        repository_path(name, "actions/runs"),
        {
            "created": f"{rfc3339(window.since)}..{rfc3339(window.until)}",
            "per_page": str(_PAGE),
        },
        what=f"The list of workflow runs of {name}",
    )
    return [_run(item) for item in data["workflow_runs"] if _within(item, window)]


def _run(item: Any) -> _Run:
    done = item.get("status") == "completed"
    path = str(item.get("path") or "").rpartition("/")[2]
    title = f"workflow {item.get('name') or ''} {path}".strip()
    head = item.get("head_commit") or {}
    rollout = Rollout(
        _time(item, "created_at"),
        str(item["head_sha"]),
        one_line(f"{title} #{item.get('run_number') or '?'}"),
        one_line(str((item.get("conclusion") if done else item.get("status")) or "unknown")),
        _login(item.get("triggering_actor") or item.get("actor")),
        moment(item.get("updated_at")) if done else None,
        str(head.get("message") or "").partition("\n")[0],
    )
    return _Run(str(item["id"]), title, rollout)


async def _with_subjects(repository: Repository, found: Sequence[Rollout]) -> list[Rollout]:
    unknown = {each.commit for each in found if not each.subject}

    async def subject(sha: str) -> tuple[str, str]:
        try:
            return sha, (await repository.change(sha)).commit.subject
        except (Unavailable, NotFound):
            return sha, ""

    async with together() as group:
        tasks = [group.create_task(subject(sha)) for sha in unknown]
    subjects = dict(task.result() for task in tasks)
    return [replace(each, subject=each.subject or subjects[each.commit]) for each in found]


def _others(runs: Sequence[_Run]) -> list[str]:
    if not runs:
        return []
    names = ", ".join(sorted({one_line(run.workflow) for run in runs})[:5])
    return [f"Not shown: {counted(len(runs), 'run')} of workflows that do not deploy ({names})."]


def _service(payload: Any) -> str:
    """The service that a deployment's payload names: free in form, often an object, sometimes one as text."""
    if isinstance(payload, str):
        try:
            payload = json.loads(payload)
        except ValueError:
            return ""
    if not isinstance(payload, dict):
        return ""
    return next(
        (str(payload[key]) for key in _SERVICE_KEYS if isinstance(payload.get(key), str)), ""
    )


def _login(account: Any) -> str:
    return one_line(str((account or {}).get("login") or "unknown"))


def _within(item: Any, window: Window) -> bool:
    time = moment(item.get("created_at"))
    return time is not None and window.holds(time)


def _time(item: Any, key: str) -> datetime:
    time = moment(item.get(key))
    if time is None:
        raise Unavailable("GitHub sent a time in an unreadable form.")
    return time
