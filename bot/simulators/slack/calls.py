"""The log of Web API calls: what was asked, when, and what was answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Call:
    """One call. `at` is in the simulator's clock; `args` lack the token; `app` is the caller's name."""

    method: str
    args: dict[str, Any]
    at: float
    response: dict[str, Any]
    status: int = 200
    app: str = ""
    fault: str = ""

    @property
    def ok(self) -> bool:
        return self.status == 200 and bool(self.response.get("ok"))

    def to_json(self) -> dict[str, Any]:
        return {
            "method": self.method,
            "args": {
                key: value for key, value in self.args.items() if not isinstance(value, bytes)
            },
            "at": self.at,
            "response": self.response,
            "status": self.status,
            "app": self.app,
            "fault": self.fault,
        }


class Calls:
    """Calls in the order in which they were answered."""

    def __init__(self) -> None:
        self._calls: list[Call] = []

    def add(self, call: Call) -> None:
        self._calls.append(call)

    def of(self, method: str | None = None) -> list[Call]:
        return [call for call in self._calls if method in (None, call.method)]
