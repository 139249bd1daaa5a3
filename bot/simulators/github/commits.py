"""History: commits, one commit with its patches, comparisons and branches."""

from __future__ import annotations

from datetime import UTC, datetime

from . import shapes
from .refusals import invalid, no_commit_for_sha, not_found
from .repository import DEFAULT_BRANCH, Commit, difference
from .view import Answer, Json, View

_DIFF = "application/vnd.github.diff; charset=utf-8"


def commit_list(view: View) -> Answer:
    """`GET …/commits?sha=&path=&since=&until=&author=`, newest first."""
    start = view.commit(view.query.get("sha", ""))
    index = view.repository.commits.index(start)
    chosen = [commit for commit in view.repository.commits[index:] if _matches(view, commit)]
    page, headers = view.paged(chosen)
    return Answer([shapes.commit_summary(view, commit) for commit in page], headers=headers)


def one_commit(view: View, ref: str) -> Answer:
    """`GET …/commits/{ref}` with files, patches and counts; as a diff or a bare sha when asked for."""
    commit = view.repository.resolve(ref)
    if commit is None:
        raise no_commit_for_sha(ref)
    changed = view.repository.changed(commit)
    if view.wants("diff") or view.wants("patch"):
        return Answer(raw=shapes.git_diff(changed), content_type=_DIFF)
    if view.wants("sha"):
        return Answer(raw=commit.sha.encode(), content_type="application/vnd.github.sha")
    files = [shapes.changed_file(view, commit.sha, path, *sides) for path, sides in changed.items()]
    page, headers = view.paged(files) if "page" in view.query else (files[:300], {})
    return Answer(
        {**shapes.commit_summary(view, commit), "stats": _stats(files), "files": page},
        headers=headers,
    )


def compare(view: View, basehead: str) -> Answer:
    """`GET …/compare/{base}...{head}`; the history is a line, so one is the ancestor of the other."""
    base_ref, dots, head_ref = basehead.partition("...")
    base, head = view.repository.resolve(base_ref), view.repository.resolve(head_ref)
    if not dots or base is None or head is None:
        raise not_found("https://docs.github.com/rest/commits/commits#compare-two-commits")
    order = view.repository.commits
    ahead = max(0, order.index(base) - order.index(head))
    behind = max(0, order.index(head) - order.index(base))
    commits = list(reversed(order[order.index(head) : order.index(base)]))
    changed = difference(base.tree, head.tree) if ahead else {}
    if view.wants("diff"):
        return Answer(raw=shapes.git_diff(changed), content_type=_DIFF)
    files = [shapes.changed_file(view, head.sha, path, *sides) for path, sides in changed.items()]
    merge_base = base if ahead or not behind else head
    return Answer(
        {
            "url": f"{view.home}/compare/{basehead}",
            "html_url": f"{view.page}/compare/{basehead}",
            "base_commit": shapes.commit_summary(view, base),
            "merge_base_commit": shapes.commit_summary(view, merge_base),
            "status": "ahead" if ahead else "behind" if behind else "identical",
            "ahead_by": ahead,
            "behind_by": behind,
            "total_commits": len(commits),
            "commits": [shapes.commit_summary(view, commit) for commit in commits],
            "files": files[:300],
        }
    )


def branches(view: View) -> Answer:
    """`GET …/branches`."""
    page, headers = view.paged([_branch(view)])
    return Answer(page, headers=headers)


def branch(view: View, name: str) -> Answer:
    """`GET …/branches/{branch}`."""
    if name != DEFAULT_BRANCH:
        raise not_found("https://docs.github.com/rest/branches/branches#get-a-branch")
    return Answer(
        {**_branch(view), "commit": shapes.commit_summary(view, view.repository.head)},
    )


def ref(view: View, name: str) -> Answer:
    """`GET …/git/ref/heads/{branch}`."""
    if name != f"heads/{DEFAULT_BRANCH}":
        raise not_found("https://docs.github.com/rest/git/refs#get-a-reference")
    sha = view.repository.head.sha
    return Answer(
        {
            "ref": f"refs/{name}",
            "url": f"{view.home}/git/refs/{name}",
            "object": {"sha": sha, "type": "commit", "url": f"{view.home}/git/commits/{sha}"},
        }
    )


def _branch(view: View) -> Json:
    sha = view.repository.head.sha
    return {
        "name": DEFAULT_BRANCH,
        "commit": {"sha": sha, "url": f"{view.home}/commits/{sha}"},
        "protected": True,
    }


def _matches(view: View, commit: Commit) -> bool:
    since, until = _time(view, "since"), _time(view, "until")
    if (since and commit.time < since) or (until and commit.time > until):
        return False
    author = view.query.get("author", "")
    if author and author not in (commit.email, shapes.author(view, commit)["login"]):
        return False
    path = view.query.get("path", "").strip("/")
    return not path or any(
        name == path or name.startswith(f"{path}/") for name in view.repository.changed(commit)
    )


def _time(view: View, field: str) -> datetime | None:
    text = view.query.get(field, "")
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise invalid("Commit", field, "invalid") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _stats(files: list[Json]) -> Json:
    additions = sum(file["additions"] for file in files)
    deletions = sum(file["deletions"] for file in files)
    return {"total": additions + deletions, "additions": additions, "deletions": deletions}
