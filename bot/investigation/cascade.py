"""A cheap model first, a better one when there is doubt.

Models are named in the order in which they are asked. Each but the last one works within its share of the run's
budget; when it does not conclude, or its diagnosis is in doubt, the next one takes over with what is left.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from bot.agent.budget import Budget
from bot.agent.messages import Block, Message, StopReason, text, user
from bot.conversations.conversation import StoredResult
from bot.guardrails.untrusted import fence
from bot.investigation.diagnosis import Diagnosis, Finding
from bot.investigation.evidence import failures
from bot.investigation.prompt import outside

CONFIDENCE = 0.6
"""A diagnosis below this is in doubt."""
_SINCE = ('<untrusted source="person">', '<untrusted source="alarm">')
_MOST_NOTES = 8_000
_MOST_ARGUMENTS = 160
_MOST_QUOTE = 300

HANDED_OVER = (
    "Another model worked on this before you and handed it over: {why}. What it called and what it believed stand below; "
    "it may be wrong, so check what matters. The results of its calls are kept: cite them as evidence by their ids, and "
    "look at them with read_result instead of making the same calls again."
)


class Cascade:
    """`models` in the order in which they are asked; raises ValueError without any."""

    def __init__(self, models: Sequence[str], confidence: float = CONFIDENCE) -> None:
        if not models:
            raise ValueError("at least one model is needed")
        self.models = tuple(models)
        self._confidence = confidence

    def share(self, budget: Budget, stage: int) -> Budget:
        """What the run may have used when the stage (from 1) ends: the last one may use all of it."""
        return budget.part(stage / len(self.models))

    def doubt(self, stage: int, reason: StopReason | None, diagnosis: Diagnosis | None) -> str:
        """Why the next model shall take over; empty when there is no reason, no next model, or a person said stop."""
        if stage >= len(self.models) or reason is None:
            return ""
        if reason != "concluded" or diagnosis is None:
            return "it came to no conclusion"
        if diagnosis.verdict == "inconclusive":
            return "its verdict was inconclusive"
        if failures(diagnosis):
            return "some of its evidence was not found"
        if diagnosis.confidence < self._confidence:
            return f"it was only {diagnosis.confidence:.0%} sure"
        return ""


def handed_over(
    messages: Sequence[Message],
    results: Mapping[str, StoredResult],
    diagnosis: Diagnosis | None,
    why: str,
) -> Message:
    """The first message to the next model: the same opening, what people said and what fired since, and the notes of the
    one before."""
    opening: list[Block] = list(messages[0]["content"])
    said = [block for message in messages[1:] for block in message["content"] if _came_in(block)]
    notes = fence(outside("\n".join(_notes(results, diagnosis)), _MOST_NOTES), "earlier model")
    return user(*opening, *said, text(f"{HANDED_OVER.format(why=why)}\n{notes}"))


def _came_in(block: Block) -> bool:
    return block.get("type") == "text" and any(mark in block["text"] for mark in _SINCE)


def _notes(results: Mapping[str, StoredResult], diagnosis: Diagnosis | None) -> Iterable[str]:
    if diagnosis is None:
        yield "It concluded nothing."
    else:
        yield f"It concluded ({diagnosis.verdict}, confidence {diagnosis.confidence:.2f}): {diagnosis.summary}"
        if diagnosis.cause:
            yield f"Cause: {diagnosis.cause}"
        for finding in diagnosis.findings:
            yield from _finding(finding)
        for unknown in diagnosis.unknowns:
            yield f"Not checked: {unknown}"
    yield "Calls it made:"
    for label, result in results.items():
        arguments = json.dumps(result.arguments)[:_MOST_ARGUMENTS]
        yield f"[{label}] {result.tool} {arguments}{' (failed)' if result.is_error else ''}"


def _finding(finding: Finding) -> Iterable[str]:
    yield f"- {finding.claim}"
    for item in finding.evidence:
        found = "" if item.verified else " (this quote was not found)"
        yield f"  [{item.tool_call_id}] {item.quote[:_MOST_QUOTE]}{found}"
