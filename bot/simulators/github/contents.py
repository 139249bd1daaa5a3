"""Files and folders: `contents`, `git/trees` and `git/blobs`."""

from __future__ import annotations

import base64

from . import git
from .refusals import no_commit_for_ref, not_found
from .repository import Commit, Tree
from .view import Answer, Json, View

_LARGEST_INLINE = 1024 * 1024
_DOCS = "https://docs.github.com/rest/repos/contents#get-repository-content"


def contents(view: View, path: str) -> Answer:
    """`GET …/contents/{path}?ref=`: a file, raw when asked for, or what a folder holds."""
    ref = view.query.get("ref", "")
    commit = view.repository.resolve(ref)
    if commit is None:
        raise no_commit_for_ref(ref)
    path = path.strip("/")
    if path in commit.tree:
        return _file(view, commit, path)
    entries = git.children(commit.tree, path)
    if not entries:
        raise not_found(_DOCS)
    return Answer([_entry(view, commit, entry) for entry in entries])


def tree(view: View, ref: str) -> Answer:
    """`GET …/git/trees/{ref}?recursive=1`, by branch, commit or tree."""
    root, folder = _tree_named(view, ref)
    entries = [entry for entry in git.listing(root) if _within(entry.path, folder)]
    if not view.query.get("recursive"):
        entries = git.children(root, folder)
    prefix = f"{folder}/" if folder else ""
    return Answer(
        {
            "sha": git.tree_sha(root, folder),
            "url": f"{view.home}/git/trees/{git.tree_sha(root, folder)}",
            "tree": [_tree_entry(view, entry, prefix) for entry in entries],
            "truncated": False,
        }
    )


def blob(view: View, sha: str) -> Answer:
    """`GET …/git/blobs/{sha}`."""
    data = next((data for data in _all_blobs(view) if git.blob_sha(data) == sha), None)
    if data is None:
        raise not_found("https://docs.github.com/rest/git/blobs#get-a-blob")
    if view.wants("raw"):
        return Answer(raw=data, content_type="application/vnd.github.raw; charset=utf-8")
    return Answer(
        {
            "sha": sha,
            "size": len(data),
            "url": f"{view.home}/git/blobs/{sha}",
            "content": base64.encodebytes(data).decode(),
            "encoding": "base64",
        }
    )


def _file(view: View, commit: Commit, path: str) -> Answer:
    data = commit.tree[path]
    if view.wants("raw"):
        return Answer(raw=data, content_type="application/vnd.github.raw+json; charset=utf-8")
    entry = git.Entry(path, "blob", git.blob_sha(data), len(data))
    # Above one megabyte the real API leaves the content out and names no encoding.
    inline = len(data) <= _LARGEST_INLINE
    return Answer(
        {
            **_entry(view, commit, entry),
            "content": base64.encodebytes(data).decode() if inline else "",
            "encoding": "base64" if inline else "none",
        }
    )


def _entry(view: View, commit: Commit, entry: git.Entry) -> Json:
    kind = "dir" if entry.kind == "tree" else "file"
    plural = "trees" if kind == "dir" else "blobs"
    ref = view.query.get("ref") or "main"
    raw = f"{view.page}/raw/{commit.sha}/{entry.path}" if kind == "file" else None
    return {
        "type": kind,
        "size": entry.size or 0,
        "name": entry.path.rpartition("/")[2],
        "path": entry.path,
        "sha": entry.sha,
        "url": f"{view.home}/contents/{entry.path}?ref={ref}",
        "git_url": f"{view.home}/git/{plural}/{entry.sha}",
        "html_url": f"{view.page}/{'tree' if kind == 'dir' else 'blob'}/{ref}/{entry.path}",
        "download_url": raw,
    }


def _tree_entry(view: View, entry: git.Entry, prefix: str) -> Json:
    plural = "trees" if entry.kind == "tree" else "blobs"
    shape: Json = {
        "path": entry.path.removeprefix(prefix),
        "mode": entry.mode,
        "type": entry.kind,
        "sha": entry.sha,
    }
    if entry.size is not None:
        shape["size"] = entry.size
    shape["url"] = f"{view.home}/git/{plural}/{entry.sha}"
    return shape


def _tree_named(view: View, ref: str) -> tuple[Tree, str]:
    commit = view.repository.resolve(ref)
    if commit is not None:
        return commit.tree, ""
    for candidate in view.repository.commits:
        for entry in git.listing(candidate.tree):
            if entry.kind == "tree" and entry.sha == ref:
                return candidate.tree, entry.path
    raise not_found("https://docs.github.com/rest/git/trees#get-a-tree")


def _within(path: str, folder: str) -> bool:
    return path != folder and (not folder or path.startswith(f"{folder}/"))


def _all_blobs(view: View) -> list[bytes]:
    return [data for commit in view.repository.commits for data in commit.tree.values()]
