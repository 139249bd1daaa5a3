"""Who is calling: keys belong to workspaces, workspaces to organisations, and neither shares a cache with another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.simulators.messages_api.errors import ApiError

DEFAULT_KEY = "sk-ant-simulated"


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where a key belongs."""

    organization: str = "00000000-0000-4000-8000-000000000001"
    workspace: str = "wrkspc_simulated"


def authenticate(headers: Mapping[str, str], keys: Mapping[str, Workspace]) -> Workspace:
    """The caller's workspace, from `x-api-key` or else from `Authorization: Bearer`.

    Raises ApiError 401 when the key is missing or unknown. `headers` has lower-case names.
    """
    key = headers.get("x-api-key") or _bearer(headers.get("authorization", ""))
    workspace = keys.get(key)
    if workspace is None:
        raise ApiError(401, "invalid x-api-key")
    return workspace


def _bearer(value: str) -> str:
    scheme, _, token = value.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
