"""The model list, as `GET /v1/models` tells it."""

from __future__ import annotations

from typing import Any

from bot.simulators.messages_api.brain import Labelled
from bot.simulators.messages_api.errors import ApiError, invalid
from bot.simulators.messages_api.models import MODELS, Model, find_model

_EFFORTS = ("low", "medium", "high", "xhigh", "max")
_THINKING = ("adaptive", "between_tools", "disabled", "enabled")


def model_list(brain: object, after_id: str, limit: int) -> dict[str, Any]:
    """A page of the list. Raises ApiError 400 for a limit outside 1 to 1000."""
    if not 1 <= limit <= 1000:
        raise invalid("limit: Input should be between 1 and 1000")
    rows = list(MODELS.values())
    known = [row.id for row in rows]
    start = known.index(after_id) + 1 if after_id in known else 0
    page = rows[start : start + limit]
    return {
        "data": [_described(row, row.id, brain) for row in page],
        "has_more": start + limit < len(rows),
        "first_id": page[0].id if page else None,
        "last_id": page[-1].id if page else None,
    }


def model_info(brain: object, model_id: str) -> dict[str, Any]:
    """One model. Raises ApiError 404 when it does not exist."""
    row = find_model(model_id)
    if row is None:
        raise ApiError(404, f"model: {model_id}")
    return _described(row, model_id, brain)


def _described(row: Model, model_id: str, brain: object) -> dict[str, Any]:
    return {
        "type": "model",
        "id": model_id,
        "display_name": brain.display_name if isinstance(brain, Labelled) else row.display_name,
        "created_at": row.created,
        "lifecycle": "active",
        "deprecated_at": None,
        "retires_at": None,
        "line": row.line,
        "max_input_tokens": row.context,
        "max_tokens": row.max_output,
        "capabilities": _capabilities(row),
    }


def _capabilities(row: Model) -> dict[str, Any]:
    no = {"supported": False}
    return {
        "batch": no,
        "citations": no,
        "code_execution": no,
        "context_management": no,
        "effort": {
            "supported": row.effort,
            **{level: {"supported": row.effort} for level in _EFFORTS},
        },
        "image_input": {"supported": True},
        "pdf_input": no,
        "server_tools": no,
        "structured_outputs": no,
        "thinking": {
            "supported": True,
            "types": {kind: {"supported": kind in row.thinking} for kind in _THINKING},
        },
    }
