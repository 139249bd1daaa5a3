"""GitHub's error answers, in its own words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_DOCS = "https://docs.github.com/rest"
_LIMITS = f"{_DOCS}/using-the-rest-api/rate-limits-for-the-rest-api"
_ABOUT_SECONDARY = f"{_LIMITS}#about-secondary-rate-limits"


class Refusal(Exception):
    """An answer other than success: `status`, JSON `body` and extra `headers`."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        docs: str = _DOCS,
        errors: list[dict[str, str]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = dict(headers or {})
        self.body: dict[str, Any] = {"message": message}
        if errors is not None:
            self.body["errors"] = errors
        self.body |= {"documentation_url": docs, "status": str(status)}


def bad_credentials() -> Refusal:
    """401: a token that GitHub does not know."""
    return Refusal(401, "Bad credentials")


def requires_authentication() -> Refusal:
    """401: code search is for signed-in users."""
    return Refusal(401, "Requires authentication", docs=f"{_DOCS}/search/search#search-code")


def sign_in_for_graphql() -> Refusal:
    """401: GraphQL is for signed-in users."""
    return Refusal(
        401,
        "This endpoint requires you to be authenticated.",
        docs="https://docs.github.com/graphql/guides/forming-calls-with-graphql#authenticating-with-graphql",
    )


def not_found(docs: str = _DOCS) -> Refusal:
    """404: it is not there, or the token may not know that it is."""
    return Refusal(404, "Not Found", docs=docs)


def no_commit_for_ref(ref: str) -> Refusal:
    """404: `contents` at an unknown ref."""
    return Refusal(
        404,
        f"No commit found for the ref {ref}",
        docs="https://docs.github.com/v3/repos/contents/",
    )


def no_commit_for_sha(sha: str) -> Refusal:
    """422: one commit by an unknown sha."""
    return Refusal(
        422, f"No commit found for SHA: {sha}", docs=f"{_DOCS}/commits/commits#get-a-commit"
    )


def invalid(resource: str, field: str, code: str, message: str = "") -> Refusal:
    """422: a parameter that cannot be used."""
    problem = {"resource": resource, "field": field, "code": code}
    if message:
        problem = {"message": message, **problem}
    return Refusal(422, "Validation Failed", docs=f"{_DOCS}/search/search", errors=[problem])


def unusable(resource: str, field: str, code: str, docs: str) -> Refusal:
    """422: a field of what is to be made is missing or wrong."""
    problem = {"resource": resource, "field": field, "code": code}
    return Refusal(422, "Validation Failed", docs=docs, errors=[problem])


def bad_json(docs: str) -> Refusal:
    """400: the body is no JSON object."""
    return Refusal(400, "Problems parsing JSON", docs=docs)


def not_permitted(needed: str = "", who: str = "integration") -> Refusal:
    """403: the token lacks a permission (`contents=read`), which a header names; `who` holds it."""
    headers = {"X-Accepted-GitHub-Permissions": needed} if needed else {}
    return Refusal(403, f"Resource not accessible by {who}", headers=headers)


def no_jwt(message: str) -> Refusal:
    """401: an App did not sign as it should."""
    return Refusal(401, message)


def unprocessable(message: str) -> Refusal:
    """422: well-formed, and not possible."""
    return Refusal(422, message)


def quota_used_up() -> Refusal:
    """403: the primary rate limit."""
    return Refusal(
        403,
        "API rate limit exceeded for user ID 4821. If you reach out to GitHub Support for help, please include the "
        "request ID 8A2E:1B3D71:7C4F1:90AB2:691F0C1D.",
        docs=_LIMITS,
    )


def slow_down(seconds: int) -> Refusal:
    """403: a secondary rate limit, with `Retry-After`."""
    return Refusal(
        403,
        "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. If you reach out "
        "to GitHub Support for help, please include the request ID 8A2E:1B3D71:7C4F1:90AB2:691F0C1D.",
        docs=_ABOUT_SECONDARY,
        headers={"Retry-After": str(seconds)},
    )


def search_unavailable() -> Refusal:
    """503: code search is down."""
    return Refusal(503, "Service unavailable. Please wait and try again.")
