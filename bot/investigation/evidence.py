"""Quotes are looked up in what the tools really returned. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from bot.investigation.diagnosis import Diagnosis, Evidence, Finding

_SHORTEST_QUOTE = 6
"""Characters other than white space; anything shorter occurs everywhere."""
_SPACE = re.compile(r"\s+")
_LINE_NUMBER = re.compile(r"^[ \t]*\d+[ \t]*[|:│]?[ \t]", re.MULTILINE)
_ELLIPSIS = re.compile(r"\s*(?:…|\.{3,}|\[\.\.\.\])\s*")
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

    `sources` maps the short call ids to results. White space is not compared, nor are the line numbers that file
    listings put before each line. Confidence is scaled by the share of verified findings, down to half.
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
        told += [
            f"Not found in [{item.tool_call_id}]: {item.quote[:160]!r}"
            for item in finding.evidence
            if not item.verified
        ]
    if diagnosis.verdict != "inconclusive" and not diagnosis.findings:
        told.append(f"The verdict {diagnosis.verdict} needs at least one finding with evidence.")
    return told


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
    """Whether the quote stands in the text; pieces around an ellipsis must occur in order."""
    pieces = [_flat(piece) for piece in _ELLIPSIS.split(quote)]
    pieces = [piece for piece in pieces if piece]
    if sum(map(len, pieces)) < _SHORTEST_QUOTE:
        return False
    bare_pieces = [_flat(_LINE_NUMBER.sub("", piece)) for piece in _ELLIPSIS.split(quote)]
    bare_text = _LINE_NUMBER.sub("", text)
    return _in_order(pieces, _flat(text)) or _in_order(
        [p for p in bare_pieces if p], _flat(bare_text)
    )


def _in_order(pieces: list[str], text: str) -> bool:
    position = 0
    for piece in pieces:
        position = text.find(piece, position)
        if position < 0:
            return False
        position += len(piece)
    return bool(pieces)


def _flat(text: str) -> str:
    return _SPACE.sub(" ", text).strip()
