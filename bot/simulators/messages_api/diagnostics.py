"""Why a prompt could not be read from the cache: this request compared with an earlier one, section by section."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from bot.simulators.messages_api.blocks import Block
from bot.simulators.messages_api.cache import Plan
from bot.simulators.messages_api.workspaces import Workspace

MissReason = Literal[
    "model_changed",
    "system_changed",
    "tools_changed",
    "messages_changed",
    "previous_message_not_found",
    "unavailable",
]
LedgerReason = MissReason | Literal["cold", "expired", "below_minimum", "no_breakpoint"]
"""The API's own reasons, and four that the API does not tell: nothing earlier to compare with, the entry's lifetime was
over, the prefix is shorter than the model's minimum, the request asks for no caching."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What is remembered of a request, to compare later ones with."""

    owner: Workspace
    model: str
    speed: str
    tools: tuple[bytes, ...]
    system: tuple[bytes, ...]
    messages: tuple[bytes, ...]
    settings: tuple[bytes, ...]
    reach: int
    """Tokens of its cached prefix."""


def fingerprint(
    blocks: tuple[Block, ...], body: dict[str, Any], owner: Workspace, plan: Plan
) -> Fingerprint:
    """The fingerprint of a request."""

    def digests(section: str) -> tuple[bytes, ...]:
        return tuple(block.digest for block in blocks if block.section == section)

    return Fingerprint(
        owner=owner,
        model=body["model"],
        speed=body.get("speed") or "standard",
        tools=digests("tools"),
        system=digests("system"),
        messages=digests("messages"),
        settings=digests("settings"),
        reach=plan.reach,
    )


def divergence(earlier: Fingerprint, later: Fingerprint) -> MissReason | None:
    """What changed between two requests; None when the later one only appends messages."""
    changes: tuple[tuple[bool, MissReason], ...] = (
        ((earlier.model, earlier.speed) != (later.model, later.speed), "model_changed"),
        (earlier.system != later.system, "system_changed"),
        (earlier.tools != later.tools, "tools_changed"),
        (later.messages[: len(earlier.messages)] != earlier.messages, "messages_changed"),
        (earlier.settings != later.settings, "unavailable"),
    )
    return next((reason for changed, reason in changes if changed), None)


def response_diagnostics(
    body: dict[str, Any], earlier: Fingerprint | None, later: Fingerprint, plan: Plan
) -> dict[str, Any] | None:
    """The `diagnostics` of a response: None unless asked for and a divergence was found."""
    previous = (body.get("diagnostics") or {}).get("previous_message_id")
    if previous is None:
        return None
    if earlier is None or earlier.owner != later.owner:
        return {"cache_miss_reason": {"type": "previous_message_not_found"}}
    reason = divergence(earlier, later)
    if reason is None:
        return None
    told: dict[str, Any] = {"type": reason}
    if reason != "unavailable":
        told["cache_missed_input_tokens"] = max(0, earlier.reach - plan.read)
    return {"cache_miss_reason": told}


def ledger_reason(
    earlier: Fingerprint | None, later: Fingerprint, plan: Plan
) -> LedgerReason | None:
    """Why less was read than the earlier request of the same conversation had cached; None for a full hit."""
    if plan.marked == 0:
        return "no_breakpoint"
    if plan.reach == 0:
        return "below_minimum"
    if earlier is None:
        return "cold" if plan.read == 0 else None
    if plan.read >= earlier.reach:
        return None
    return divergence(earlier, later) or "expired"
