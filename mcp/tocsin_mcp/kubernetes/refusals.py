"""The API server's refusals, and the ways not to reach it, as sentences that say what to do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx2
import msgspec
from fastmcp.exceptions import ToolError
from lightkube import ConfigError

from tocsin_mcp.kit import errors

SERVICE = "the Kubernetes API"
CONNECT_SECONDS = 5.0
READ_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of the API, for the text of a refusal: `verb` and `resource` in the words of RBAC."""

    verb: str
    resource: str
    namespace: str
    name: str = ""

    @property
    def object(self) -> str:
        """`pods/cart-1`, or `pods` for a list."""
        return f"{self.resource}/{self.name}" if self.name else self.resource

    @property
    def place(self) -> str:
        """`in namespace shop`, or `in the cluster` for what has no namespace."""
        return f"in namespace {self.namespace}" if self.namespace else "in the cluster"


class Forbidden(errors.Unavailable):
    """The service account lacks a permission. A caller may go on without that kind of object."""


class Refused(errors.Unavailable):
    """The server understood and said no (400); `reason` is its own sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The Kubernetes API refused the request: {reason}")
        self.reason = reason


@contextmanager
def translated(asked: Asked, host: str, read_seconds: float = READ_SECONDS) -> Iterator[None]:
    """Turn what lightkube raises into errors of the kit. Anything else passes."""
    try:
        yield
    except httpx2.HTTPStatusError as error:
        raise _status(error.response, asked, host) from error
    except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
        raise errors.unreachable(SERVICE, host, "KUBECONFIG") from error
    except httpx2.TimeoutException as error:
        raise errors.timed_out(SERVICE, host, read_seconds) from error
    except httpx2.HTTPError as error:
        raise errors.Unavailable(
            f"The connection to {SERVICE} at {host} broke ({type(error).__name__}). Try once more."
        ) from error
    except ConfigError as error:
        raise errors.Unavailable(
            f"The credentials for {SERVICE} cannot be used: {error}"
        ) from error
    except (msgspec.MsgspecError, KeyError, RecursionError) as error:
        raise errors.Unavailable(
            f"{host} did not answer like {SERVICE} when asked for {asked.resource}. "
            "Say that this could not be checked."
        ) from error


def _status(response: httpx2.Response, asked: Asked, host: str) -> ToolError:
    message = _message(response)
    match response.status_code:
        case 401:
            return errors.refused_credentials(SERVICE, "KUBECONFIG")
        case 403:
            return Forbidden(
                f"Not permitted to {asked.verb} {asked.resource} {asked.place}. A Role (or ClusterRole) must grant "
                f'`{asked.verb}` on "{asked.resource}". The server says: {message}. '
                "Go on without it and say that this could not be checked."
            )
        case 404:
            return errors.NotFound(f"{message or asked.object + ' not found'} ({asked.place}).")
        case 400 | 422:
            return Refused(message or "bad request")
        case 410:
            return errors.Unavailable("The list changed while it was read. Try once more.")
        case 429:
            return errors.rate_limited(SERVICE, _seconds(response.headers.get("Retry-After", "")))
        case code:
            detail = f": {message}" if message else ""
            return errors.Unavailable(
                f"{SERVICE} at {host} answered {code}{detail}. Try once more."
            )


def _message(response: httpx2.Response) -> str:
    """The Status object's message; nothing for a body that is none, since it may be anybody's."""
    try:
        body = json.loads(response.content)
    except (ValueError, httpx2.ResponseNotRead):
        return ""
    message = body.get("message") if isinstance(body, dict) else None
    return message[:600] if isinstance(message, str) else ""


def _seconds(text: str) -> float | None:
    return float(text) if text.isascii() and text.isdigit() else None
