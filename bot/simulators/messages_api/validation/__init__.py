"""Which requests the API refuses, and in which words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.simulators.messages_api.errors import ApiError
from bot.simulators.messages_api.models import Model, find_model
from bot.simulators.messages_api.validation.generation import check_generation
from bot.simulators.messages_api.validation.markers import check_markers
from bot.simulators.messages_api.validation.messages import check_messages
from bot.simulators.messages_api.validation.schema import check_shape
from bot.simulators.messages_api.validation.tools import check_tools
from bot.simulators.messages_api.validation.version import api_version, check_version


def validate(body: Any, headers: Mapping[str, str], *, counting: bool = False) -> Model:
    """The model that is asked for. Raises ApiError 400 or 404 for the first rule that the request breaks.

    `headers` has lower-case names; `counting` is true for `/v1/messages/count_tokens`, whose body has no `max_tokens`.
    """
    api_version(headers)
    if not isinstance(body, dict):
        raise ApiError(400, "Input should be a valid dictionary")
    check_shape(body, counting=counting)
    model = find_model(body["model"])
    if model is None:
        raise ApiError(404, f"model: {body['model']}")
    check_version(body, headers, model)
    check_messages(body, model)
    check_tools(body, model)
    check_markers(body)
    check_generation(body, model)
    return model
