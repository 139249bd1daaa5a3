"""Error text for a reader that can only act through tools: what failed, and what to do about it.

Foreign errors are translated here or beside the client that raises them. What is not translated is masked by the
server (`mask_error_details`), since an arbitrary exception may carry an address, a header or a file path.
"""

from __future__ import annotations

import logging

from fastmcp.exceptions import ToolError


class BadArgument(ToolError):
    """The caller gave an argument that cannot be used; the text says what would be right."""

    def __init__(self, argument: str, problem: str) -> None:
        super().__init__(f"Argument `{argument}`: {problem}", log_level=logging.DEBUG)


class NotFound(ToolError):
    """The thing asked for does not exist; the text says how to find one that does."""

    def __init__(self, text: str) -> None:
        super().__init__(text, log_level=logging.DEBUG)


class Unavailable(ToolError):
    """The API behind the server did not answer, or refused; the text says whether another try can help."""

    def __init__(self, text: str) -> None:
        super().__init__(text, log_level=logging.WARNING)


def unreachable(service: str, host: str, setting: str) -> Unavailable:
    """No connection to `service` at `host`; `setting` is the variable that holds its address."""
    return Unavailable(
        f"Cannot reach {service} at {host}. It is down, or the network between is, or {setting} points to the "
        "wrong place. Go on with the other tools and say that this could not be checked."
    )


def timed_out(service: str, host: str, seconds: float) -> Unavailable:
    """`service` at `host` accepted the request but sent no complete answer within `seconds`."""
    return Unavailable(
        f"{service} at {host} did not answer within {seconds:g} s. Ask for less (a narrower range, fewer lines), "
        "or go on without it and say that this could not be checked."
    )


def refused_credentials(service: str, setting: str) -> Unavailable:
    """`service` answered 401; `setting` is the variable that holds the credentials."""
    return Unavailable(
        f"{service} refused the credentials (401). The token in {setting} is wrong or has expired; "
        "calling again will not help."
    )


def rate_limited(service: str, retry_after: float | None) -> Unavailable:
    """`service` answered that the quota is used up; `retry_after` is in seconds, None when it did not say."""
    when = f"in {retry_after:.0f} s" if retry_after is not None else "later"
    return Unavailable(
        f"{service} is rate limiting this token; it can be asked again {when}. "
        "Go on with the other tools meanwhile."
    )
