"""What depends on the API version, the beta header and the model: fields that some callers may send and others may not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.simulators.messages_api.errors import ApiError, invalid
from bot.simulators.messages_api.models import Model

OLD_VERSION = "2023-06-01"
NEW_VERSION = "2026-10-21"

_SAMPLING_DEFAULTS: Mapping[str, float | None] = {"temperature": 1, "top_p": None, "top_k": None}
_BETA_FIELDS: Mapping[str, tuple[str, ...]] = {
    "context_management": ("context-management-", "compact-"),
    "mcp_servers": ("mcp-client-",),
    "thread": ("message-threads-",),
}


def api_version(headers: Mapping[str, str]) -> str:
    """The version that the caller asked for. Raises ApiError 400 when it is missing or does not exist."""
    version = headers.get("anthropic-version", "")
    if not version:
        raise invalid("anthropic-version: header is required")
    if version not in (OLD_VERSION, NEW_VERSION):
        raise invalid(f'anthropic-version: "{version}" is not a valid version')
    return version


def check_version(body: dict[str, Any], headers: Mapping[str, str], model: Model) -> None:
    """Raises ApiError 400 when the body holds what this version, these betas or this model do not take."""
    version = api_version(headers)
    _check_sampling(body, version, model)
    _check_betas(body, headers.get("anthropic-beta", ""))
    if body.get("thread") is not None:
        # What the API says of requests that it cannot hold as a thread: SDKs then send the whole history.
        raise ApiError(
            400,
            "thread: this request cannot use a message thread",
            details={"error_code": "thread_unsupported_request", "unsupported": ["simulator"]},
        )
    if version == NEW_VERSION:
        _check_blocks(body)


def _check_sampling(body: dict[str, Any], version: str, model: Model) -> None:
    for field, default in _SAMPLING_DEFAULTS.items():
        if field not in body:
            continue
        refused = not model.sampling and body[field] not in (default, None)
        if version == NEW_VERSION or refused:
            raise invalid(f"{field}: Extra inputs are not permitted")


def _check_betas(body: dict[str, Any], header: str) -> None:
    betas = [beta.strip() for beta in header.split(",")]
    for field, prefixes in _BETA_FIELDS.items():
        if field in body and not any(beta.startswith(prefixes) for beta in betas):
            raise invalid(f"{field}: Extra inputs are not permitted")


def _check_blocks(body: dict[str, Any]) -> None:
    for i, message in enumerate(body["messages"]):
        if isinstance(message["content"], str):
            continue
        for j, block in enumerate(message["content"]):
            path = f"messages.{i}.content.{j}"
            if message["role"] == "assistant" and block["type"] == "document":
                raise invalid(f"{path}: document blocks are not permitted in assistant messages")
            if message["role"] == "user" and block["type"] == "text" and block.get("citations"):
                raise invalid(f"{path}.text.citations: Extra inputs are not permitted")
