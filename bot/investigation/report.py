"""From how a run ended to the one report that is posted about it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.agent.messages import Spend, StopReason
from bot.investigation.diagnosis import Cost, Diagnosis, Outcome, Report

STAND_IN_SUFFIX = " (stand-in)"

_LIMITS: dict[str, str] = {
    "out_of_time": "The time for this investigation is used up.",
    "out_of_turns": "The investigation used all the steps it may take.",
    "out_of_tokens": "The investigation used all the tokens it may take.",
    "out_of_money": "The investigation used all the money it may spend.",
}
_MORE = "Press Keep going to grant more."
_LAST_WORDS = "What follows are the model's last words, unchecked."
_CIRCLES = "The model went in circles and was asked to conclude."


def conclude(
    reason: StopReason | None, diagnosis: Diagnosis | None, *, words: str = "", trouble: str = ""
) -> tuple[Outcome, Diagnosis | None, str]:
    """Outcome, diagnosis and note. `reason` is None for a run that a person stopped.

    `words` is what the model said last: they stand for a diagnosis where it submitted none. `trouble` is why its API did
    not answer.
    """
    said = Diagnosis(verdict="inconclusive", summary=words) if words else None
    if reason is None:
        note = "Stopped by a person. Press Keep going to go on from here."
        return (
            "stopped",
            diagnosis or said,
            note if diagnosis or not said else f"{note} {_LAST_WORDS}",
        )
    if reason == "concluded" and diagnosis is not None:
        return (
            ("inconclusive" if diagnosis.verdict == "inconclusive" else "diagnosed"),
            diagnosis,
            "",
        )
    if reason in _LIMITS:
        known = (
            "This is the best supported conclusion so far." if diagnosis else _no_conclusion(words)
        )
        because = f" {trouble}." if trouble else ""
        return "out_of_time", diagnosis or said, f"{_LIMITS[reason]}{because} {known} {_MORE}"
    if reason == "stuck" and diagnosis is not None:
        outcome: Outcome = "inconclusive" if diagnosis.verdict == "inconclusive" else "diagnosed"
        return outcome, diagnosis, f"{_CIRCLES} This is what it could conclude. {_MORE}"
    if reason == "model_unavailable":
        return (
            "failed",
            diagnosis,
            f"{trouble or 'The model API could not be reached'}. Nothing was concluded. {_MORE}",
        )
    if reason == "refused":
        return (
            "failed",
            diagnosis,
            "The model refused to go on. Look at the alarm by hand, or press Keep going.",
        )
    ended = _CIRCLES if reason == "stuck" else "The model ended without a checked conclusion."
    return "inconclusive", diagnosis or said, f"{ended} Press Keep going to ask again."


def _no_conclusion(words: str) -> str:
    return "No conclusion was reached." + (f" {_LAST_WORDS}" if words else "")


def with_first_look(
    ending: tuple[Outcome, Diagnosis | None, str], first_look: str
) -> tuple[Outcome, Diagnosis | None, str]:
    """An ending without a diagnosis says at least what the rules saw, labelled as that."""
    outcome, diagnosis, note = ending
    if diagnosis is not None or not first_look:
        return ending
    return (
        outcome,
        None,
        f"{note}\n\nWhat the rules saw at first look, without a model:\n{first_look}",
    )


def cost(spend: Spend, base: Spend) -> Cost:
    """What a run used, when the conversation had used `base` before it."""
    used = {kind: count - getattr(base.usage, kind) for kind, count in spend.usage}
    prompt = sum(count for kind, count in used.items() if kind != "output")
    return Cost(
        usd=spend.usd - base.usd,
        usd_uncached=spend.usd_uncached - base.usd_uncached,
        tokens=used,
        cached_share=used["cache_read"] / prompt if prompt else 0.0,
        model=spend.model + (STAND_IN_SUFFIX if spend.stand_in else ""),
    )


def report(
    ending: tuple[Outcome, Diagnosis | None, str],
    *,
    gaps: Sequence[str],
    heard: Sequence[str],
    spend: Spend,
    base: Spend,
    seconds: float,
) -> Report:
    """The report of one run."""
    outcome, diagnosis, note = ending
    return Report(
        outcome=outcome,
        diagnosis=diagnosis,
        note=note,
        gaps=tuple(gaps),
        heard=tuple(heard),
        cost=cost(spend, base),
        tool_calls=spend.tool_calls - base.tool_calls,
        seconds=seconds,
    )
