"""Issues: the one thing that can be written here, with a token of its own that may do nothing else."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from . import shapes
from .refusals import bad_json, not_found, unusable
from .repository import Repository
from .view import Answer, Json, View

_DOCS = "https://docs.github.com/rest/issues/issues"
_LONGEST_TITLE = 256
_LONGEST_BODY = 65_536


class Issues:
    """The issues that were opened, in order. Numbers go on after those of the pull requests, as at GitHub."""

    def __init__(self, repository: Repository) -> None:
        self._first = max((commit.pull for commit in repository.commits), default=0) + 1
        self._kept: list[Json] = []

    @property
    def opened(self) -> list[Json]:
        """`number`, `title`, `body` and `created_at` of each."""
        return list(self._kept)

    def answer(self, view: View, path: str, body: bytes | None, now: float) -> Answer:
        """`GET …/issues`, `GET …/issues/{number}`, and, with a body, `POST …/issues`. Raises Refusal."""
        if body is not None:
            if path != "/issues":
                raise not_found(_DOCS)
            return self._open(view, body, now)
        if path == "/issues":
            newest = list(reversed(self._kept))
            page, headers = view.paged(newest)
            return Answer([_shape(view, each) for each in page], headers=headers)
        return Answer(_shape(view, self.one(path.rpartition("/")[2])))

    def one(self, number: str) -> Json:
        """The issue of this number. Raises Refusal (404)."""
        for each in self._kept:
            if str(each["number"]) == number:
                return each
        raise not_found(f"{_DOCS}#get-an-issue")

    def _open(self, view: View, body: bytes, now: float) -> Answer:
        given = _parsed(body)
        title, text = given.get("title"), given.get("body") or ""
        if title is None or (isinstance(title, str) and not title.strip()):
            raise unusable("Issue", "title", "missing_field", f"{_DOCS}#create-an-issue")
        if not isinstance(title, str) or len(title) > _LONGEST_TITLE:
            raise unusable("Issue", "title", "invalid", f"{_DOCS}#create-an-issue")
        if not isinstance(text, str) or len(text) > _LONGEST_BODY:
            raise unusable("Issue", "body", "invalid", f"{_DOCS}#create-an-issue")
        number = self._first + len(self._kept)
        opened = datetime.fromtimestamp(now, UTC)
        kept = {"number": number, "title": title, "body": text, "created_at": shapes.moment(opened)}
        self._kept.append(kept)
        location = {"Location": f"{view.home}/issues/{number}"}
        return Answer(_shape(view, kept), status=201, headers=location)


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        given = json.loads(body)
    except ValueError:
        raise bad_json(f"{_DOCS}#create-an-issue") from None
    if not isinstance(given, dict):
        raise bad_json(f"{_DOCS}#create-an-issue")
    return given


def _shape(view: View, kept: Json) -> Json:
    number = kept["number"]
    return {
        "id": shapes.identifier(f"issue {number}"),
        "number": number,
        "state": "open",
        "state_reason": None,
        "title": kept["title"],
        "body": kept["body"] or None,
        "user": shapes.account(view, "tocsin[bot]", "Bot"),
        "labels": [],
        "assignees": [],
        "comments": 0,
        "locked": False,
        "url": f"{view.home}/issues/{number}",
        "html_url": f"{view.page}/issues/{number}",
        "created_at": kept["created_at"],
        "updated_at": kept["created_at"],
        "closed_at": None,
        "author_association": "NONE",
    }
