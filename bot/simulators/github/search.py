"""Code search as the REST API has it: whole words of the default branch, files as results."""

from __future__ import annotations

import re
from dataclasses import dataclass

from . import git
from .refusals import invalid
from .repository import Tree
from .shapes import repository
from .view import Answer, Json, View

_TERM = re.compile(r'(?:(?P<key>[a-z-]+):)?(?:"(?P<quoted>[^"]*)"|(?P<plain>\S+))')
_IGNORED = re.compile(r"[.,:;/\\`'\"=*!?#$&+^|~<>(){}\[\]@\s]+")
_LARGEST = 384 * 1024
_LONGEST = 256
_UNKNOWN = (
    "The listed users and repositories cannot be searched either because the resources do not exist or you do not "
    "have permission to view them."
)


@dataclass(frozen=True, slots=True)
class _Query:
    terms: list[str]
    qualifiers: list[tuple[str, str]]

    def values(self, key: str) -> list[str]:
        return [value for name, value in self.qualifiers if name == key]


def search(view: View, *, indexed: bool) -> Answer:
    """`GET /search/code?q=`. Raises Refusal (422) without words, or for a repository that is not this one."""
    query = _parse(view.query.get("q", ""))
    named = query.values("repo")
    if any(name.lower() != view.name.lower() for name in named):
        raise invalid("Search", "q", "invalid", _UNKNOWN)
    tree = view.repository.head.tree if indexed else {}
    found = [path for path in tree if _matches(query, tree, path)]
    page, headers = view.paged(found)
    return Answer(
        {
            "total_count": len(found),
            "incomplete_results": False,
            "items": [_item(view, query, path) for path in page],
        },
        headers=headers,
    )


def _parse(text: str) -> _Query:
    terms: list[str] = []
    qualifiers: list[tuple[str, str]] = []
    for found in _TERM.finditer(text):
        value = found["quoted"] if found["quoted"] is not None else found["plain"]
        if found["key"]:
            qualifiers.append((found["key"], value))
        else:
            terms.append(value)
    if not any(_words(term) for term in terms):
        raise invalid("Search", "q", "missing")
    if len(" ".join(terms)) > _LONGEST:
        raise invalid("Search", "q", "invalid", "The search is longer than 256 characters.")
    return _Query(terms, qualifiers)


def _matches(query: _Query, tree: Tree, path: str) -> bool:
    data = tree[path]
    if len(data) > _LARGEST or b"\0" in data:
        return False
    name = path.rpartition("/")[2]
    return (
        all(_within(path, folder) for folder in query.values("path"))
        and all(name.lower() == wanted.lower() for wanted in query.values("filename"))
        and all(name.endswith(f".{wanted.lstrip('.')}") for wanted in query.values("extension"))
        and all(_occurs(term, data.decode("utf-8", "replace")) for term in query.terms)
    )


def _within(path: str, folder: str) -> bool:
    folder = folder.strip("/")
    return not folder or path == folder or path.startswith(f"{folder}/")


def _words(text: str) -> str:
    return " ".join(_IGNORED.sub(" ", text.lower()).split())


def _occurs(term: str, text: str) -> bool:
    return f" {_words(term)} " in f" {_words(text)} "


def _item(view: View, query: _Query, path: str) -> Json:
    head = view.repository.head
    sha = git.blob_sha(head.tree[path])
    item: Json = {
        "name": path.rpartition("/")[2],
        "path": path,
        "sha": sha,
        "url": f"{view.home}/contents/{path}?ref={head.sha}",
        "git_url": f"{view.home}/git/blobs/{sha}",
        "html_url": f"{view.page}/blob/{head.sha}/{path}",
        "repository": repository(view),
        "score": 1.0,
    }
    if view.wants("text-match"):
        item["text_matches"] = _fragments(view, query, path)
    return item


def _fragments(view: View, query: _Query, path: str) -> list[Json]:
    matches = []
    for line in view.repository.head.tree[path].decode("utf-8", "replace").splitlines():
        at = line.lower().find(query.terms[0].lower())
        if at >= 0:
            end = at + len(query.terms[0])
            matches.append(
                {
                    "object_type": "FileContent",
                    "property": "content",
                    "fragment": line,
                    "matches": [{"text": line[at:end], "indices": [at, end]}],
                }
            )
    return matches[:2]
