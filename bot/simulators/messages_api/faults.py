"""What can go wrong on the way, one fault per request, in the order in which they were queued."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType, NoneType
from typing import Any, Literal

from bot.simulators.messages_api.errors import ApiError, error_of

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


def refused(status: int, message: str = "", headers: Mapping[str, str] | None = None) -> Fault:
    """Any other error status of the API. Raises ValueError for one that it does not use."""
    return Fault("refuse", error_of(status, message, headers=headers))


def mid_stream_error(after: int = 3, status: int = 529, message: str = "Overloaded") -> Fault:
    """An `error` event after some events of the stream. Raises ValueError for a status that the API does not use."""
    return Fault("mid_stream_error", error_of(status, message), after=after)


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
class Waiting:
    """A fault for `times` requests, after `skip` have passed."""

    fault: Fault
    skip: int = 0
    times: int = 1


@dataclass(slots=True)
class FaultQueue:
    """Faults waiting for requests to `POST /v1/messages`."""

    _waiting: list[Waiting] = field(default_factory=list)

    def add(self, fault: Fault, *, times: int = 1, skip: int = 0) -> None:
        """Queue a fault for `times` requests, after letting `skip` requests pass."""
        self.put(Waiting(fault, skip, times))

    def put(self, waiting: Waiting) -> None:
        """Queue a fault."""
        self._waiting.append(waiting)

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


MAKERS: Mapping[str, Callable[..., Fault]] = MappingProxyType(
    {
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
)
"""What `POST /_sim/faults` knows."""
_TAKES: Mapping[str, tuple[type, ...]] = {
    **dict.fromkeys(("after", "status", "times", "skip"), (int,)),
    "retry_after": (int, float, NoneType),
    "delay": (int, float),
    "message": (str,),
    "headers": (dict,),
}


def waiting_of(given: Any) -> Waiting:
    """A fault from `POST /_sim/faults`: `{"kind": …, "times": 1, "skip": 0}` and the arguments of the function of that name.

    Raises ValueError for a kind or an argument that does not exist, or that has a wrong value.
    """
    if not isinstance(given, Mapping) or given.get("kind") not in MAKERS:
        raise ValueError(f"faults: `kind` must be one of {', '.join(MAKERS)}")
    arguments = {name: value for name, value in given.items() if name != "kind"}
    for name, value in arguments.items():
        _check(name, value)
    times, skip = arguments.pop("times", 1), arguments.pop("skip", 0)
    try:
        return Waiting(MAKERS[given["kind"]](**arguments), skip, times)
    except TypeError as error:
        raise ValueError(f"faults: {error}") from None


def _check(name: str, value: Any) -> None:
    wanted = _TAKES.get(name, ())
    if not isinstance(value, wanted) or isinstance(value, bool):
        raise ValueError(f"faults: {name!r} cannot be {value!r}")
    if isinstance(value, int | float) and value < 0:
        raise ValueError(f"faults: {name!r} must not be negative")
