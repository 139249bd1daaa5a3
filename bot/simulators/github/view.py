"""What an endpoint needs to answer one request, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlencode

from .refusals import invalid, not_found
from .repository import Commit, Repository

Json = dict[str, Any]
Item = TypeVar("Item")

_PER_PAGE = 30
_MOST_PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer: JSON `body`, or `raw` bytes of `content_type`."""

    body: Any = None
    raw: bytes | None = None
    content_type: str = "application/json; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200


@dataclass(frozen=True, slots=True)
class View:
    """One request. `api` and `site` are the base URLs that answers carry; `path` is the request's own URL."""

    repository: Repository
    name: str
    api: str
    site: str
    url: str
    query: Mapping[str, str]
    accept: str

    @property
    def home(self) -> str:
        """The repository's URL in the API."""
        return f"{self.api}/repos/{self.name}"

    @property
    def page(self) -> str:
        """The repository's URL for people."""
        return f"{self.site}/{self.name}"

    def wants(self, kind: str) -> bool:
        """Whether a media type such as `raw`, `diff` or `text-match` was asked for."""
        return f"vnd.github.{kind}" in self.accept or f"vnd.github.v3.{kind}" in self.accept

    def commit(self, ref: str) -> Commit:
        """The commit of a ref. Raises Refusal (404)."""
        found = self.repository.resolve(ref)
        if found is None:
            raise not_found()
        return found

    def paged(self, items: Sequence[Item]) -> tuple[list[Item], dict[str, str]]:
        """The requested page of `items`, and its `Link` header when there are other pages."""
        size = min(max(self._number("per_page", _PER_PAGE), 1), _MOST_PER_PAGE)
        page = max(self._number("page", 1), 1)
        last = max(1, -(-len(items) // size))
        links = []
        if page > 1:
            links += [("prev", min(page - 1, last))]
        if page < last:
            links += [("next", page + 1), ("last", last)]
        if page > 1:
            links += [("first", 1)]
        header = ", ".join(f'<{self._page_url(number)}>; rel="{rel}"' for rel, number in links)
        return list(items[(page - 1) * size : page * size]), {"Link": header} if header else {}

    def _number(self, field_name: str, default: int) -> int:
        text = self.query.get(field_name, "")
        if text and not text.isascii():
            raise invalid("Search", field_name, "invalid")
        return int(text) if text.isdigit() else default

    def _page_url(self, page: int) -> str:
        return f"{self.url}?{urlencode({**self.query, 'page': str(page)})}"
