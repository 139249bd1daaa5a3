"""The types that are served, each field with what it returns and how it is found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.simulators.github.blame import Range, blame
from bot.simulators.github.git import blob_sha
from bot.simulators.github.repository import DEFAULT_BRANCH, Commit
from bot.simulators.github.shapes import moment
from bot.simulators.github.view import View


class NotThere(LookupError):
    """A thing that a query names and that is not there, in GitHub's words."""


@dataclass(frozen=True, slots=True)
class Blob:
    """A file at a commit."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Blame:
    """The ranges of a file."""

    ranges: list[Range]


@dataclass(frozen=True, slots=True)
class Quota:
    """What is left of the quota, as the answer's headers say it."""

    facts: Mapping[str, Any]


Found = Callable[[View, Any, Mapping[str, Any]], Any]


@dataclass(frozen=True, slots=True)
class FieldType:
    """`returns` is the name of an object type, `GitObject`, or empty for a scalar; `needs` are required arguments."""

    found: Found
    returns: str = ""
    arguments: tuple[str, ...] = ()
    needs: tuple[str, ...] = field(default=())


def _repository(view: View, _: Any, given: Mapping[str, Any]) -> Any:
    name = f"{given['owner']}/{given['name']}"
    if name.lower() != view.name.lower():
        raise NotThere(f"Could not resolve to a Repository with the name '{name}'.")
    return view.repository


def _object(view: View, _: Any, given: Mapping[str, Any]) -> Commit | Blob | None:
    ref, colon, path = str(given.get("expression") or given.get("oid") or "").partition(":")
    commit = view.repository.resolve(ref)
    if commit is None or not colon:
        return commit
    return Blob(commit.tree[path]) if path in commit.tree else None


def _blame(view: View, commit: Any, given: Mapping[str, Any]) -> Blame:
    path = str(given["path"])
    if path not in commit.tree:
        raise NotThere(f"The path '{path}' does not exist at {commit.sha}.")
    return Blame(blame(view.repository, commit, path))


def _age(view: View, item: Any, _: Mapping[str, Any]) -> int:
    """From 1 for what is new to 10 for what is old."""
    times = [commit.time for commit in view.repository.commits]
    whole = (max(times) - min(times)).total_seconds() or 1
    passed: float = (max(times) - item.commit.time).total_seconds()
    return 1 + round(9 * passed / whole)


def _of(attribute: str) -> Found:
    return lambda _, item, __: getattr(item, attribute)


def _fact(name: str) -> Found:
    return lambda _, quota, __: quota.facts[name]


def _text(_: View, blob: Any, __: Mapping[str, Any]) -> str | None:
    return None if b"\0" in blob.data else blob.data.decode("utf-8", "replace")


_PERSON: dict[str, FieldType] = {
    "name": FieldType(_of("name")),
    "email": FieldType(_of("email")),
    "date": FieldType(lambda _, commit, __: moment(commit.time)),
}
_COMMIT: dict[str, FieldType] = {
    "oid": FieldType(_of("sha")),
    "abbreviatedOid": FieldType(lambda _, commit, __: commit.sha[:7]),
    "committedDate": FieldType(lambda _, commit, __: moment(commit.time)),
    "authoredDate": FieldType(lambda _, commit, __: moment(commit.time)),
    "message": FieldType(_of("message")),
    "messageHeadline": FieldType(_of("subject")),
    "author": FieldType(lambda _, commit, __: commit, "GitActor"),
    "committer": FieldType(lambda _, commit, __: commit, "GitActor"),
    "blame": FieldType(_blame, "Blame", ("path",), ("path",)),
}

TYPES: dict[str, dict[str, FieldType]] = {
    "Query": {
        "repository": FieldType(
            _repository, "Repository", ("owner", "name", "followRenames"), ("owner", "name")
        ),
        "rateLimit": FieldType(lambda _, quota, __: quota, "RateLimit"),
    },
    "Repository": {
        "nameWithOwner": FieldType(lambda view, _, __: view.name),
        "defaultBranchRef": FieldType(lambda _, repository, __: repository, "Ref"),
        "object": FieldType(_object, "GitObject", ("expression", "oid")),
    },
    "Ref": {
        "name": FieldType(lambda _, __, ___: DEFAULT_BRANCH),
        "target": FieldType(_of("head"), "GitObject"),
    },
    "GitObject": {name: _COMMIT[name] for name in ("oid", "abbreviatedOid")},
    "Commit": _COMMIT,
    "Blob": {
        "oid": FieldType(lambda _, blob, __: blob_sha(blob.data)),
        "abbreviatedOid": FieldType(lambda _, blob, __: blob_sha(blob.data)[:7]),
        "byteSize": FieldType(lambda _, blob, __: len(blob.data)),
        "text": FieldType(_text),
    },
    "GitActor": _PERSON,
    "Blame": {"ranges": FieldType(_of("ranges"), "BlameRange")},
    "BlameRange": {
        "startingLine": FieldType(_of("first")),
        "endingLine": FieldType(_of("last")),
        "age": FieldType(_age),
        "commit": FieldType(_of("commit"), "Commit"),
    },
    "RateLimit": {
        name: FieldType(_fact(name)) for name in ("limit", "cost", "remaining", "used", "resetAt")
    },
}
CONCRETE: dict[type, str] = {Commit: "Commit", Blob: "Blob"}
"""What a GitObject is."""
