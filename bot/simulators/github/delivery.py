"""How commits came in and went out: pull requests and deployments."""

from __future__ import annotations

from . import shapes
from .actions import run_id
from .refusals import not_found
from .repository import DEFAULT_BRANCH, Commit, Rollout
from .view import Answer, Json, View

_ENVIRONMENT = "production"


def pulls(view: View) -> Answer:
    """`GET …/pulls?state=&sort=&direction=`, newest first; all recorded ones are merged, and nothing was done since."""
    merged = [commit for commit in view.repository.commits if commit.pull]
    usual = "desc" if view.query.get("sort", "created") == "created" else "asc"
    if view.query.get("direction", usual) == "asc":
        merged.reverse()
    state = view.query.get("state", "open")
    page, headers = view.paged(merged if state in ("closed", "all") else [])
    return Answer([_pull(view, commit) for commit in page], headers=headers)


def pull(view: View, number: int) -> Answer:
    """`GET …/pulls/{number}`."""
    commit = _merged_by(view, number)
    changed = view.repository.changed(commit)
    files = [shapes.changed_file(view, commit.sha, path, *both) for path, both in changed.items()]
    return Answer(
        {
            **_pull(view, commit),
            "merged": True,
            "merged_by": shapes.author(view, commit),
            "commits": 1,
            "changed_files": len(files),
            "additions": sum(file["additions"] for file in files),
            "deletions": sum(file["deletions"] for file in files),
        }
    )


def pull_files(view: View, number: int) -> Answer:
    """`GET …/pulls/{number}/files`."""
    commit = _merged_by(view, number)
    page, headers = view.paged(list(view.repository.changed(commit).items()))
    files = [shapes.changed_file(view, commit.sha, path, *both) for path, both in page]
    return Answer(files, headers=headers)


def pulls_of_commit(view: View, ref: str) -> Answer:
    """`GET …/commits/{sha}/pulls`."""
    commit = view.commit(ref)
    return Answer([_pull(view, commit)] if commit.pull else [])


def deployments(view: View) -> Answer:
    """`GET …/deployments?sha=&ref=&task=&environment=`, newest first."""
    chosen = [
        rollout
        for rollout in view.repository.rollouts
        if view.query.get("sha", rollout.commit) == rollout.commit
        and view.query.get("ref", rollout.commit) in (rollout.commit, DEFAULT_BRANCH)
        and view.query.get("environment", _ENVIRONMENT) == _ENVIRONMENT
    ]
    page, headers = view.paged(chosen)
    return Answer([_deployment(view, rollout) for rollout in page], headers=headers)


def deployment_statuses(view: View, number: int) -> Answer:
    """`GET …/deployments/{id}/statuses`."""
    rollout = next((one for one in view.repository.rollouts if _number(one) == number), None)
    if rollout is None:
        raise not_found("https://docs.github.com/rest/deployments/statuses")
    when = shapes.moment(rollout.finished)
    return Answer(
        [
            {
                "id": number + 1,
                "state": rollout.state,
                "creator": shapes.account(view, rollout.by, "Bot"),
                "description": f"{rollout.target} rolled out",
                "log_url": f"{view.page}/actions/runs/{run_id(rollout)}/job/1",
                "environment": _ENVIRONMENT,
                "created_at": when,
                "updated_at": when,
                "deployment_url": f"{view.home}/deployments/{number}",
            }
        ]
    )


def _merged_by(view: View, number: int) -> Commit:
    for commit in view.repository.commits:
        if commit.pull == number:
            return commit
    raise not_found("https://docs.github.com/rest/pulls/pulls#get-a-pull-request")


def _pull(view: View, commit: Commit) -> Json:
    title = commit.subject.removesuffix(f" (#{commit.pull})")
    when = shapes.moment(commit.time)
    return {
        "id": shapes.identifier(f"pull {commit.pull}"),
        "number": commit.pull,
        "state": "closed",
        "title": title,
        "body": commit.message.partition("\n\n")[2] or None,
        "user": shapes.author(view, commit),
        "url": f"{view.home}/pulls/{commit.pull}",
        "html_url": f"{view.page}/pull/{commit.pull}",
        "created_at": when,
        "updated_at": when,
        "closed_at": when,
        "merged_at": when,
        "merge_commit_sha": commit.sha,
        "draft": False,
        "labels": [],
        "base": {"ref": DEFAULT_BRANCH, "sha": commit.parent},
        "head": {"ref": f"change-{commit.pull}", "sha": commit.sha},
    }


def _deployment(view: View, rollout: Rollout) -> Json:
    number = _number(rollout)
    when = shapes.moment(rollout.time)
    return {
        "id": number,
        "sha": rollout.commit,
        "ref": DEFAULT_BRANCH,
        "task": "deploy",
        "payload": {"service": rollout.target},
        "environment": _ENVIRONMENT,
        "original_environment": _ENVIRONMENT,
        "description": f"deploy {rollout.target}",
        "creator": shapes.account(view, rollout.by, "Bot"),
        "created_at": when,
        "updated_at": shapes.moment(rollout.finished),
        "url": f"{view.home}/deployments/{number}",
        "statuses_url": f"{view.home}/deployments/{number}/statuses",
        "production_environment": True,
        "transient_environment": False,
    }


def _number(rollout: Rollout) -> int:
    return shapes.identifier(f"deployment {rollout.target} {rollout.commit}") & ~1
