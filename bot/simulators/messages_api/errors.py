"""The API's own errors: status, type and message, as the caller receives them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TYPE_OF_STATUS: Mapping[int, str] = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    405: "invalid_request_error",
    409: "conflict_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}


class ApiError(Exception):
    """A request that the API refuses. Raised anywhere, answered in one place."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        details: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.details = details
        self.headers = dict(headers or {})

    @property
    def body(self) -> dict[str, Any]:
        """The `error` object of the response body."""
        error: dict[str, Any] = {"type": TYPE_OF_STATUS[self.status], "message": self.message}
        if self.details is not None:
            error["details"] = dict(self.details)
        return error


def invalid(message: str) -> ApiError:
    """A 400 `invalid_request_error`."""
    return ApiError(400, message)


def error_of(status: int, message: str = "", **more: Any) -> ApiError:
    """An error of the API; `more` as for `ApiError`. Raises ValueError for a status that it does not use."""
    if status not in TYPE_OF_STATUS:
        raise ValueError(f"status must be one of {', '.join(map(str, sorted(TYPE_OF_STATUS)))}")
    return ApiError(status, message or TYPE_OF_STATUS[status], **more)
