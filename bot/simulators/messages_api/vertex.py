"""The Messages API as Google's Vertex AI offers it: the model in the path, the version in the body, no header for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.simulators.messages_api.validation.version import OLD_VERSION

PATH = r"/projects/{project}/locations/{location}/publishers/anthropic/models/{model:[^:/]+}:{method:rawPredict|streamRawPredict}"
COUNTING = "count-tokens"
"""What stands in the model's place when tokens are counted; the body names the model then."""
_VERSIONS = {"vertex-2023-10-16": OLD_VERSION}
"""The name of the old version here; newer ones have the API's own."""


def headers(sent: Mapping[str, str], body: Any) -> dict[str, str]:
    """The headers as the API has them."""
    version = body.get("anthropic_version") if isinstance(body, dict) else None
    return {**sent, "anthropic-version": _VERSIONS.get(str(version), str(version or ""))}


def translated(body: Any, *, model: str) -> Any:
    """The body as the API has it."""
    if not isinstance(body, dict):
        return body
    own = {name: value for name, value in body.items() if name != "anthropic_version"}
    return own if model == COUNTING else {**own, "model": model}
