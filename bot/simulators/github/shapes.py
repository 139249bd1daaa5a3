"""The JSON that GitHub makes of commits, files, people and the repository."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime

from . import git
from .diffs import patch
from .repository import DEFAULT_BRANCH, Commit
from .view import Json, View

_EMPTY_SHA = "0" * 40


def moment(time: datetime) -> str:
    """`2026-11-18T12:58:09Z`."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def identifier(text: str) -> int:
    """A number that stands for `text`, the same every time."""
    return zlib.crc32(text.encode()) | 1 << 20


def repository(view: View) -> Json:
    """`GET /repos/{owner}/{repo}`."""
    owner, _, name = view.name.partition("/")
    commits = view.repository.commits
    return {
        "id": identifier(view.name),
        "node_id": f"R_{identifier(view.name):x}",
        "name": name,
        "full_name": view.name,
        "private": True,
        "owner": account(view, owner, "Organization"),
        "html_url": view.page,
        "description": None,
        "fork": False,
        "url": view.home,
        "created_at": moment(commits[-1].time),
        "updated_at": moment(commits[0].time),
        "pushed_at": moment(commits[0].time),
        "size": sum(len(data) for data in view.repository.head.tree.values()) // 1024,
        "archived": False,
        "disabled": False,
        "visibility": "private",
        "default_branch": DEFAULT_BRANCH,
        "permissions": {
            "admin": False,
            "maintain": False,
            "push": False,
            "triage": False,
            "pull": True,
        },
    }


def account(view: View, login: str, kind: str = "User") -> Json:
    """A person or an organisation, in short."""
    return {
        "login": login,
        "id": identifier(login),
        "type": kind,
        "site_admin": False,
        "url": f"{view.api}/users/{login}",
        "html_url": f"{view.site}/{login}",
    }


def author(view: View, commit: Commit) -> Json:
    """The account of a commit's author."""
    return account(view, commit.email.partition("@")[0] or commit.name.lower().replace(" ", "-"))


def commit_summary(view: View, commit: Commit) -> Json:
    """A commit as a list holds it, without files."""
    person = {"name": commit.name, "email": commit.email, "date": moment(commit.time)}
    tree = git.tree_sha(commit.tree)
    return {
        "sha": commit.sha,
        "node_id": f"C_{commit.sha[:16]}",
        "commit": {
            "author": person,
            "committer": person,
            "message": commit.message,
            "tree": {"sha": tree, "url": f"{view.home}/git/trees/{tree}"},
            "url": f"{view.home}/git/commits/{commit.sha}",
            "comment_count": 0,
            "verification": {
                "verified": False,
                "reason": "unsigned",
                "signature": None,
                "payload": None,
            },
        },
        "url": f"{view.home}/commits/{commit.sha}",
        "html_url": f"{view.page}/commit/{commit.sha}",
        "comments_url": f"{view.home}/commits/{commit.sha}/comments",
        "author": author(view, commit),
        "committer": author(view, commit),
        "parents": [
            {
                "sha": sha,
                "url": f"{view.home}/commits/{sha}",
                "html_url": f"{view.page}/commit/{sha}",
            }
            for sha in filter(None, [commit.parent])
        ],
    }


def changed_file(
    view: View, sha: str, path: str, before: bytes | None, after: bytes | None
) -> Json:
    """One file of a commit or comparison. A binary file has no `patch`."""
    change = patch(before, after)
    status = "added" if before is None else "removed" if after is None else "modified"
    additions, deletions = (change.additions, change.deletions) if change else (0, 0)
    shape: Json = {
        "sha": git.blob_sha(after if after is not None else before or b""),
        "filename": path,
        "status": status,
        "additions": additions,
        "deletions": deletions,
        "changes": additions + deletions,
        "blob_url": f"{view.page}/blob/{sha}/{path}",
        "raw_url": f"{view.page}/raw/{sha}/{path}",
        "contents_url": f"{view.home}/contents/{path}?ref={sha}",
    }
    if change:
        shape["patch"] = change.text
    return shape


def git_diff(files: dict[str, tuple[bytes | None, bytes | None]]) -> bytes:
    """The files of a change as `git diff` prints them."""
    parts = []
    for path, (before, after) in files.items():
        change = patch(before, after)
        old = git.blob_sha(before)[:7] if before is not None else _EMPTY_SHA[:7]
        new = git.blob_sha(after)[:7] if after is not None else _EMPTY_SHA[:7]
        mode = " 100644" if before is not None and after is not None else ""
        parts.append(f"diff --git a/{path} b/{path}\n")
        if before is None:
            parts.append("new file mode 100644\n")
        if after is None:
            parts.append("deleted file mode 100644\n")
        parts.append(f"index {old}..{new}{mode}\n")
        if change is None:
            parts.append(f"Binary files a/{path} and b/{path} differ\n")
            continue
        parts.append(f"--- {'a/' + path if before is not None else '/dev/null'}\n")
        parts.append(f"+++ {'b/' + path if after is not None else '/dev/null'}\n{change.text}\n")
    return "".join(parts).encode()
