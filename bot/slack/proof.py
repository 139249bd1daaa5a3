"""The evidence of a diagnosis as Block Kit: each claim with its quotes, in blocks that fold up.

Pure. A `container` holds at most ten blocks and counts as one when messages are packed, so a long list is several.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.investigation.diagnosis import Diagnosis, Evidence, Finding
from bot.slack.markdown import (
    Element,
    inline,
    link,
    one_line,
    preformatted,
    section,
    shorten,
    styled,
)
from bot.slack.message import weight

MAX_FINDINGS = 12
MAX_QUOTES = 4
UNFOLDED = 3
"""Up to so many claims stand open; more are folded up."""
_LONGEST_QUOTE = 1_000
_CHILDREN = 10
_BYTES = 9_000


def proof(diagnosis: Diagnosis) -> Iterator[Element]:
    """The containers; nothing for a diagnosis without findings."""
    findings = diagnosis.findings
    blocks = [_finding(finding) for finding in findings[:MAX_FINDINGS]]
    verified = sum(finding.verified for finding in findings)
    title = f"Evidence: {verified} of {len(findings)} claims verified"
    if len(findings) > MAX_FINDINGS:
        title += f", {MAX_FINDINGS} shown"
    for number, children in enumerate(_chunks(blocks)):
        yield {
            "type": "container",
            "title": {"type": "plain_text", "text": title if not number else "More evidence"},
            "is_collapsible": True,
            "default_collapsed": len(findings) > UNFOLDED,
            "child_blocks": children,
        }


def _chunks(blocks: list[Element]) -> Iterator[list[Element]]:
    chunk: list[Element] = []
    for block in blocks:
        if chunk and (len(chunk) == _CHILDREN or weight(chunk) + weight(block) > _BYTES):
            yield chunk
            chunk = []
        chunk.append(block)
    if chunk:
        yield chunk


def _finding(finding: Finding) -> Element:
    mark = "✅ " if finding.verified else "⚠️ "
    elements = [section(styled(mark), *inline(shorten(finding.claim, 600)))]
    if not finding.evidence:
        elements.append(section(styled("No evidence was given for this.", italic=True)))
    for evidence in finding.evidence[:MAX_QUOTES]:
        elements += _quote(evidence)
    return {"type": "rich_text", "elements": elements}


def _quote(evidence: Evidence) -> list[Element]:
    checked = (
        "quote verified" if evidence.verified else "unverified: not found in what the tool returned"
    )
    source = one_line(
        " ".join(part for part in (evidence.tool, evidence.tool_call_id) if part), 120
    )
    label = link(evidence.link, source) if evidence.link else styled(source, code=True)
    shown = _beginning(evidence.quote)
    if shown != evidence.quote:
        checked += f", its first {len(shown):,} of {len(evidence.quote):,} characters shown"
    credit = section(label, styled(f" · {checked}")) if source else section(styled(checked))
    return [*preformatted(shown), credit]


def _beginning(quote: str) -> str:
    """As many whole lines as there is room for; of a single line that is longer, what there is room for."""
    if len(quote) <= _LONGEST_QUOTE:
        return quote
    head = quote[:_LONGEST_QUOTE]
    return head.rpartition("\n")[0] or head
