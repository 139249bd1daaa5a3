"""Rules about how the answer is made: length, thinking, effort, and warming the cache without an answer."""

from __future__ import annotations

from typing import Any

from bot.simulators.messages_api.errors import invalid
from bot.simulators.messages_api.models import Model


def check_generation(body: dict[str, Any], model: Model) -> None:
    """Raises ApiError 400 for the first setting that this model does not take."""
    _check_length(body, model)
    _check_thinking(body, model)
    effort = (body.get("output_config") or {}).get("effort")
    if effort and not model.effort:
        raise invalid("This model does not support the effort parameter.")
    if body.get("max_tokens") == 0:
        _check_warming(body)


def _check_length(body: dict[str, Any], model: Model) -> None:
    asked = body.get("max_tokens", 0)
    if asked > model.max_output:
        raise invalid(
            f"max_tokens: {asked} > {model.max_output}, which is the maximum allowed number of "
            f"output tokens for {body['model']}"
        )


def _check_thinking(body: dict[str, Any], model: Model) -> None:
    thinking = body.get("thinking")
    if thinking is None:
        return
    kind = thinking["type"]
    if kind not in model.thinking:
        raise invalid(_refusal(kind))
    if kind != "enabled":
        return
    if (
        "max_tokens" in body
        and body["max_tokens"]
        and thinking["budget_tokens"] >= body["max_tokens"]
    ):
        raise invalid("`max_tokens` must be greater than `thinking.budget_tokens`.")
    if (body.get("tool_choice") or {}).get("type") in ("any", "tool"):
        raise invalid("Thinking may not be enabled when tool_choice forces tool use.")


def _refusal(kind: str) -> str:
    if kind == "adaptive":
        return "adaptive thinking is not supported on this model"
    return (
        f'"thinking.type.{kind}" is not supported for this model. Use "thinking.type.adaptive" and '
        '"output_config.effort" to control thinking behavior.'
    )


def _check_warming(body: dict[str, Any]) -> None:
    choice = (body.get("tool_choice") or {}).get("type")
    clashes = {
        "stream": bool(body.get("stream")),
        "thinking": (body.get("thinking") or {}).get("type") == "enabled",
        "output_config.format": bool((body.get("output_config") or {}).get("format")),
        "tool_choice": choice in ("any", "tool"),
    }
    for field, clash in clashes.items():
        if clash:
            raise invalid(f"max_tokens: 0 is not supported together with {field}")
