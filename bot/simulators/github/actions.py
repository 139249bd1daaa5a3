"""Workflow runs: one of `CI` for each commit, one of `Deploy` for each rollout."""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from . import shapes
from .refusals import invalid, not_found
from .repository import DEFAULT_BRANCH, Commit, Rollout
from .view import Answer, Json, View

_CI_TAKES = timedelta(minutes=3)
_SIGNS: dict[str, Callable[[datetime, datetime], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_OUTCOMES = {"success": "success", "failure": "failure", "error": "failure"}


def runs(view: View) -> Answer:
    """`GET …/actions/runs?created=&head_sha=&status=&event=&branch=&actor=`, newest first."""
    found = [run for run in _all(view) if _matches(view, run)]
    page, headers = view.paged(found)
    return Answer({"total_count": len(found), "workflow_runs": page}, headers=headers)


def run(view: View, number: int) -> Answer:
    """`GET …/actions/runs/{id}`."""
    found = next((each for each in _all(view) if each["id"] == number), None)
    if found is None:
        raise not_found("https://docs.github.com/rest/actions/workflow-runs#get-a-workflow-run")
    return Answer(found)


def run_id(rollout: Rollout) -> int:
    """The id of the run that made a rollout."""
    return shapes.identifier(f"run {rollout.target} {rollout.commit}")


def _all(view: View) -> list[Json]:
    rollouts = view.repository.rollouts
    found = [
        _deploy(view, rollout, len(rollouts) - index) for index, rollout in enumerate(rollouts)
    ]
    commits = view.repository.commits
    found += [_check(view, commit, len(commits) - index) for index, commit in enumerate(commits)]
    return sorted(found, key=lambda each: str(each["created_at"]), reverse=True)


def _deploy(view: View, rollout: Rollout, number: int) -> Json:
    outcome = _OUTCOMES.get(rollout.state)
    return _shape(
        view,
        run_id(rollout),
        ("Deploy", ".github/workflows/deploy.yml", number),
        view.repository.resolve(rollout.commit),
        {
            "head_sha": rollout.commit,
            "event": "workflow_dispatch",
            "status": "completed" if outcome else "in_progress",
            "conclusion": outcome,
            "actor": shapes.account(view, rollout.by, "Bot"),
            "created_at": shapes.moment(rollout.time),
            "updated_at": shapes.moment(rollout.finished),
        },
    )


def _check(view: View, commit: Commit, number: int) -> Json:
    return _shape(
        view,
        shapes.identifier(f"run ci {commit.sha}"),
        ("CI", ".github/workflows/ci.yml", number),
        commit,
        {
            "head_sha": commit.sha,
            "event": "push",
            "status": "completed",
            "conclusion": "success",
            "actor": shapes.author(view, commit),
            "created_at": shapes.moment(commit.time),
            "updated_at": shapes.moment(commit.time + _CI_TAKES),
        },
    )


def _shape(
    view: View,
    identifier: int,
    workflow: tuple[str, str, int],
    commit: Commit | None,
    facts: Json,
) -> Json:
    name, path, number = workflow
    return {
        "id": identifier,
        "name": name,
        "path": path,
        "run_number": number,
        "run_attempt": 1,
        "display_title": commit.subject if commit else name,
        "head_branch": DEFAULT_BRANCH,
        "workflow_id": shapes.identifier(path),
        "url": f"{view.home}/actions/runs/{identifier}",
        "html_url": f"{view.page}/actions/runs/{identifier}",
        "head_commit": _head_commit(commit) if commit else None,
        "pull_requests": [],
        **facts,
        "triggering_actor": facts["actor"],
        "run_started_at": facts["created_at"],
    }


def _head_commit(commit: Commit) -> Json:
    person = {"name": commit.name, "email": commit.email}
    return {
        "id": commit.sha,
        "message": commit.message,
        "timestamp": shapes.moment(commit.time),
        "author": person,
        "committer": person,
    }


def _matches(view: View, run: Json) -> bool:
    status = view.query.get("status", "")
    return (
        _created(view, str(run["created_at"]))
        and status in ("", run["status"], run["conclusion"])
        and all(
            view.query.get(name, value) == value
            for name, value in (
                ("head_sha", run["head_sha"]),
                ("event", run["event"]),
                ("branch", run["head_branch"]),
                ("actor", run["actor"]["login"]),
            )
        )
    )


def _created(view: View, created: str) -> bool:
    """`A..B`, `>=A`, `<=B`, `>A`, `<B` or a day, as GitHub's search syntax has it."""
    text = view.query.get("created", "")
    moment = datetime.fromisoformat(created)
    if ".." in text:
        start, _, end = text.partition("..")
        return (start == "*" or _time(start) <= moment) and (end == "*" or moment <= _time(end))
    for sign, fits in _SIGNS.items():
        if text.startswith(sign):
            return fits(moment, _time(text.removeprefix(sign)))
    return not text or created.startswith(text)


def _time(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise invalid("WorkflowRun", "created", "invalid") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
