"""Quotes are looked up in what the tools really returned. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from bot.investigation.diagnosis import Diagnosis, Evidence, Finding

_SHORTEST_QUOTE = 6
"""Characters of a quote, and of each piece of it; anything shorter occurs everywhere."""
_WIDEST_GAP = 2_000
"""Characters that an ellipsis may stand for: pieces from all over a log are no quote."""
_LINE_NUMBER = re.compile(r"^[ \t]*(\d+)[ \t]*(?:[|│]|:(?=[ \t]|$)|\t)[ \t]*", re.MULTILINE)
"""As file listings put it before each line. A bare number is text: `17 restarts` is not `0 restarts`."""
_ELLIPSIS = re.compile(r"\s*(?:…|\.{3,}|\[\.\.\.\])\s*")
_WORD = re.compile(r"\w")
_NUMBER = r"\1 | "
UNVERIFIED_FACTOR = 0.5
"""What a diagnosis without a single verified finding keeps of its confidence."""


class Source(NamedTuple):
    """What one call returned, whole."""

    tool: str
    text: str
    failed: bool = False
    """Whether the call gave an error: such a text proves that something went wrong, not that anything exists."""


def check(diagnosis: Diagnosis, sources: Mapping[str, Source]) -> Diagnosis:
    """The diagnosis with every quote marked as verified or not, and the confidence lowered when claims lack proof.

    `sources` maps the short call ids to results. White space is not compared, and the line numbers that file listings
    put before each line may be left out. Confidence is scaled by the share of verified findings, down to half.
    """
    findings = tuple(_finding(finding, sources) for finding in diagnosis.findings)
    verified = sum(finding.verified for finding in findings)
    share = verified / len(findings) if findings else 0.0
    factor = UNVERIFIED_FACTOR + (1 - UNVERIFIED_FACTOR) * share
    if diagnosis.verdict == "inconclusive" and not findings:
        factor = 1.0
    return diagnosis.model_copy(
        update={"findings": findings, "confidence": round(diagnosis.confidence * factor, 2)}
    )


def failures(diagnosis: Diagnosis) -> list[str]:
    """One sentence for the model per claim that is not backed, in a checked diagnosis."""
    told = []
    for finding in diagnosis.findings:
        if not finding.evidence:
            told.append(f"The claim {finding.claim[:120]!r} has no evidence.")
        told += [_failure(item) for item in finding.evidence if not item.verified]
    if diagnosis.verdict != "inconclusive" and not diagnosis.findings:
        told.append(f"The verdict {diagnosis.verdict} needs at least one finding with evidence.")
    return told


def _failure(item: Evidence) -> str:
    if len(_flat(item.quote)) < _SHORTEST_QUOTE:
        return f"Too short to prove anything: {item.quote!r}. Quote the whole line."
    return f"Not found in [{item.tool_call_id}]: {item.quote[:160]!r}"


def _finding(finding: Finding, sources: Mapping[str, Source]) -> Finding:
    evidence = tuple(_evidence(item, sources) for item in finding.evidence)
    return finding.model_copy(update={"evidence": evidence})


def _evidence(item: Evidence, sources: Mapping[str, Source]) -> Evidence:
    label = item.tool_call_id.strip().strip("[]")
    source = sources.get(label)
    if source is None:
        return item.model_copy(update={"tool_call_id": label, "verified": False})
    found = occurs(item.quote, source.text)
    return item.model_copy(update={"tool_call_id": label, "tool": source.tool, "verified": found})


def occurs(quote: str, text: str) -> bool:
    """Whether the quote stands in the text; pieces around an ellipsis must occur in order and near each other.

    It may end within a word, but neither begin within one nor cut a number. Line numbers of a listing may be left out
    of a quote or written in another way, never changed.
    """
    if _stands_in(quote, text):
        return True
    return bool(_LINE_NUMBER.search(text)) and (
        _stands_in(quote, _LINE_NUMBER.sub("", text))
        or _stands_in(_LINE_NUMBER.sub(_NUMBER, quote), _LINE_NUMBER.sub(_NUMBER, text))
    )


def _stands_in(quote: str, text: str) -> bool:
    pieces = [_flat(piece) for piece in _ELLIPSIS.split(quote) if piece.strip()]
    return _in_order(pieces, _flat(text))


def _in_order(pieces: list[str], text: str) -> bool:
    if not pieces or any(len(piece) < _SHORTEST_QUOTE or piece not in text for piece in pieces):
        return False
    first, *others = (_whole(piece, at_start=number == 0) for number, piece in enumerate(pieces))
    return any(_follow(others, text, begun.end()) for begun in first.finditer(text))


def _follow(pieces: list[re.Pattern[str]], text: str, position: int) -> bool:
    for piece in pieces:
        found = piece.search(text, position, position + _WIDEST_GAP)
        if found is None:
            return False
        position = found.end()
    return True


def _whole(piece: str, *, at_start: bool) -> re.Pattern[str]:
    """The piece where it neither begins within a word (`healthy` in `unhealthy`) nor cuts a number (`code 1` in `code 137`)."""
    before = (
        r"(?<!\w)" if at_start and _WORD.match(piece) else r"(?<!\d)" if piece[0].isdigit() else ""
    )
    after = r"(?!\d)" if piece[-1].isdigit() else ""
    return re.compile(before + re.escape(piece) + after)


def _flat(text: str) -> str:
    return " ".join(text.split())
