"""GitHub's refusals in words that tell a caller whether another try can help, and an operator what to correct."""

from __future__ import annotations

from typing import Any

import gidgethub

from tocsin_mcp.kit.errors import NotFound, Unavailable
from tocsin_mcp.kit.output import clip, one_line, plain

from .credentials import TOKEN, Credentials
from .quotas import OutOfQuota, Quotas, resource_of

_LONGEST_REASON = 300
_NEEDED = "X-Accepted-GitHub-Permissions"


def is_unknown_token(error: gidgethub.GitHubException) -> bool:
    """Whether GitHub does not know the token (401)."""
    refused = isinstance(error, gidgethub.HTTPException) and int(error.status_code) == 401
    return refused or isinstance(error, gidgethub.GraphQLAuthorizationFailure)


def refusal(
    error: gidgethub.HTTPException, url: str, what: str, credentials: Credentials, quotas: Quotas
) -> Exception:
    """What the caller is told of an answer that is no success: NotFound, OutOfQuota or Unavailable."""
    status, text = int(error.status_code), clip(plain(str(error)), _LONGEST_REASON)
    if status == 401 and not credentials.signed_in:
        return Unavailable(f"GitHub answers this only to signed-in callers: {TOKEN} is not set.")
    if status == 401:
        return Unavailable(
            f"GitHub refused the credentials (401). {credentials.wrong}; calling again will not help."
        )
    if status < 400:
        return Unavailable(
            f"{what} has moved to another server, which is not followed. GITHUB_API_URL or the "
            "configured repository's name is out of date; calling again will not help."
        )
    if status in (403, 429):
        return _forbidden(error, text, url, credentials, quotas)
    if status in (404, 409, 410, 422):
        return _missing(status, text, what, credentials)
    return Unavailable(
        f"GitHub failed ({status}) when asked for {what}. It may be down; try once more later, or go on without it."
    )


def graphql_refusal(error: gidgethub.GraphQLException) -> Unavailable:
    """The same for GraphQL, which says most of its refusals in an answer of status 200."""
    said = clip(one_line(_message(error.response) or str(error)), _LONGEST_REASON)
    return Unavailable(f"GitHub's GraphQL API refused ({said}).")


def _message(response: Any) -> str:
    if not isinstance(response, dict):
        return ""
    errors = response.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else response
    return str(first.get("message") or "") if isinstance(first, dict) else ""


def _forbidden(
    error: gidgethub.HTTPException, text: str, url: str, credentials: Credentials, quotas: Quotas
) -> Exception:
    if not error.headers.get("retry-after") and "secondary rate limit" in text:
        quotas.pause(None)
    try:
        quotas.check(resource_of(url))
    except OutOfQuota as limited:
        return limited
    needed = plain(error.headers.get(_NEEDED, ""))[:200].replace("=", ": ").replace(",", ", ")
    return Unavailable(
        f"GitHub refused ({text}). {credentials.source} needs {needed or 'contents: read and metadata: read'} on this "
        "repository; calling again will not help."
    )


def _missing(status: int, text: str, what: str, credentials: Credentials) -> Exception:
    if status == 409:
        return NotFound("The repository is empty: there is no commit yet.")
    if status == 404 and not credentials.signed_in:
        hint = f" {TOKEN} is not set, and a private repository looks missing without it."
    elif status == 404:
        hint = " Check the spelling; list_tree shows what there is."
    else:
        hint = ""
    return NotFound(f"{what} was not found ({text}).{hint}")
