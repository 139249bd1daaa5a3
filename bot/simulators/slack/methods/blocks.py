"""`blocks.validate`."""

from __future__ import annotations

from typing import Any

from bot.simulators.slack.blockkit.rules import check_blocks, check_view
from bot.simulators.slack.blockkit.schema import Problem
from bot.simulators.slack.errors import SlackError
from bot.simulators.slack.methods.catalog import JSON, Catalog, Invocation
from bot.simulators.slack.methods.content import usable_file

METHODS = Catalog()


@METHODS.method("blocks.validate", tier=0)
def validate(call: Invocation) -> JSON:
    """Exactly one of `blocks`, `message`, `view`. Refusals list every problem with its JSON pointer."""
    given = [name for name in ("blocks", "message", "view") if call.args.given(name)]
    if len(given) != 1:
        raise SlackError.invalid_arguments("provide exactly one of blocks, message or view")
    name = given[0]
    payload = call.args.structure(name, "invalid_arguments")
    problems = _problems(name, payload, call)
    if problems:
        raise SlackError(f"invalid_{name}", errors=[problem.to_json() for problem in problems])
    return {}


def _problems(name: str, payload: Any, call: Invocation) -> list[Problem]:
    usable = usable_file(call)
    if name == "blocks":
        return check_blocks(payload, pointer="", usable_file=usable)
    if name == "view":
        return check_view(payload, pointer="", usable_file=usable)
    if not isinstance(payload, dict):
        return [Problem("", "must provide an object", "invalid_type")]
    problems = check_blocks(payload.get("blocks", []), usable_file=usable)
    for index, attachment in enumerate(payload.get("attachments") or []):
        if isinstance(attachment, dict) and "blocks" in attachment:
            pointer = f"/attachments/{index}/blocks"
            problems += check_blocks(attachment["blocks"], pointer=pointer, usable_file=usable)
    if not any(payload.get(part) for part in ("text", "blocks", "attachments")):
        problems.append(Problem("", "missing required field: text", "missing_field"))
    return problems
