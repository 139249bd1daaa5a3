"""What can go wrong on the way, one fault per request, in the order in which they were queued."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.simulators.messages_api.errors import ApiError

Kind = Literal["refuse", "mid_stream_error", "disconnect", "slow", "stall"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault.

    refuse            `error` instead of an answer
    mid_stream_error  `error` as an event after `after` events of the stream (needs a streaming request)
    disconnect        the connection breaks after `after` bytes of the body
    slow              `delay` seconds before the first byte and before each further piece
    stall             nothing more comes after `after` bytes, until the caller goes away or `FaultQueue.release`
    """

    kind: Kind
    error: ApiError | None = None
    after: int = 0
    delay: float = 0.0


def rate_limited(retry_after: float | None = 1.0, message: str = "") -> Fault:
    """429 with `retry-after` in seconds."""
    headers = {} if retry_after is None else {"retry-after": f"{retry_after:g}"}
    text = message or "This request would exceed your organization's rate limit."
    return Fault("refuse", ApiError(429, text, headers=headers))


def spend_limit_reached() -> Fault:
    """429 without `retry-after`: the organisation's spend limit, which no retry will lift."""
    details = {"error_code": "enforced_spend_limit_reached"}
    return Fault("refuse", ApiError(429, "You have reached your spend limit.", details=details))


def usage_limit_reached() -> Fault:
    """400: the customer's own limit."""
    text = "You have reached your specified API usage limits. You will regain access at the start of next month."
    return Fault("refuse", ApiError(400, text))


def overloaded() -> Fault:
    """529."""
    return Fault("refuse", ApiError(529, "Overloaded"))


def server_error() -> Fault:
    """500."""
    return Fault("refuse", ApiError(500, "Internal server error"))


def refused(status: int, message: str, headers: Mapping[str, str] | None = None) -> Fault:
    """Any other error status of the API."""
    return Fault("refuse", ApiError(status, message, headers=headers))


def mid_stream_error(after: int = 3, status: int = 529, message: str = "Overloaded") -> Fault:
    """An `error` event after some events of the stream."""
    return Fault("mid_stream_error", ApiError(status, message), after=after)


def disconnect(after: int = 0) -> Fault:
    """The connection breaks after so many bytes of the body."""
    return Fault("disconnect", after=after)


def slow(delay: float) -> Fault:
    """Seconds before the first byte and before each further piece."""
    return Fault("slow", delay=delay)


def stall(after: int = 0) -> Fault:
    """Nothing more after so many bytes of the body."""
    return Fault("stall", after=after)


@dataclass(slots=True)
class _Waiting:
    fault: Fault
    skip: int
    times: int


@dataclass(slots=True)
class FaultQueue:
    """Faults waiting for requests to `POST /v1/messages`."""

    _waiting: list[_Waiting] = field(default_factory=list)

    def add(self, fault: Fault, *, times: int = 1, skip: int = 0) -> None:
        """Queue a fault for `times` requests, after letting `skip` requests pass."""
        self._waiting.append(_Waiting(fault, skip, times))

    def take(self) -> Fault | None:
        """The fault for the next request, None when it shall succeed."""
        if not self._waiting:
            return None
        first = self._waiting[0]
        if first.skip > 0:
            first.skip -= 1
            return None
        first.times -= 1
        if first.times <= 0:
            self._waiting.pop(0)
        return first.fault

    def clear(self) -> None:
        """Forget all faults."""
        self._waiting.clear()

    def __len__(self) -> int:
        return sum(waiting.times for waiting in self._waiting)


def fault_from_json(given: Mapping[str, Any]) -> Fault:
    """A fault from `POST /_sim/faults`: `{"kind": …}` and the arguments of the function of that name.

    Raises ValueError for a kind or an argument that does not exist.
    """
    makers: dict[str, Callable[..., Fault]] = {
        "rate_limited": rate_limited,
        "spend_limit_reached": spend_limit_reached,
        "usage_limit_reached": usage_limit_reached,
        "overloaded": overloaded,
        "server_error": server_error,
        "refused": refused,
        "mid_stream_error": mid_stream_error,
        "disconnect": disconnect,
        "slow": slow,
        "stall": stall,
    }
    arguments = {key: value for key, value in given.items() if key not in ("kind", "times", "skip")}
    maker = makers.get(str(given.get("kind")))
    if maker is None:
        raise ValueError(f"kind must be one of {', '.join(makers)}")
    try:
        return maker(**arguments)
    except TypeError as error:
        raise ValueError(str(error)) from None
