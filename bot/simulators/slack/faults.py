"""What goes wrong on purpose in the Web API: the next calls of a method fail in a chosen way."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["error", "rate_limit", "http_500", "latency", "apply_then_reset", "drop"]


@dataclass(frozen=True, slots=True)
class Fault:
    """`error` is the code of an HTTP 200 refusal, `seconds` the Retry-After or the latency."""

    kind: Kind
    error: str = ""
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "error": self.error, "seconds": self.seconds}


class Faults:
    """Faults waiting for their call, per method (`chat.postMessage`) or for any (`*`)."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[Fault]] = {}

    def error(self, method: str, code: str, times: int = 1) -> None:
        """Answer `{"ok": false, "error": code}`; nothing is applied."""
        self._add(method, Fault("error", error=code), times)

    def rate_limit(self, method: str, retry_after: int = 1, times: int = 1) -> None:
        """Answer HTTP 429 with `Retry-After`; nothing is applied."""
        self._add(method, Fault("rate_limit", seconds=retry_after), times)

    def http_500(self, method: str, times: int = 1) -> None:
        """Answer HTTP 500; nothing is applied."""
        self._add(method, Fault("http_500"), times)

    def latency(self, method: str, seconds: float, times: int = 1) -> None:
        """Work normally, but only after `seconds` of the simulator's clock."""
        self._add(method, Fault("latency", seconds=seconds), times)

    def apply_then_reset(self, method: str, times: int = 1) -> None:
        """Do what was asked, then cut the connection instead of answering."""
        self._add(method, Fault("apply_then_reset"), times)

    def drop(self, method: str, times: int = 1) -> None:
        """Cut the connection without doing anything."""
        self._add(method, Fault("drop"), times)

    def clear(self) -> None:
        self._waiting.clear()

    def take(self, method: str) -> Fault | None:
        """The fault for this call, used up by asking."""
        for key in (method, "*"):
            if queue := self._waiting.get(key):
                return queue.popleft()
        return None

    def waiting(self) -> dict[str, list[dict[str, Any]]]:
        return {
            method: [fault.to_json() for fault in queue]
            for method, queue in self._waiting.items()
            if queue
        }

    def _add(self, method: str, fault: Fault, times: int) -> None:
        self._waiting.setdefault(method, deque()).extend([fault] * times)
