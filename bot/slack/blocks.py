"""The terminal message of an investigation, as Block Kit: verdict first, then everything that backs it.

Pure. All prose goes through `markdown`, so nothing a model wrote can become a mention or a live link; the links
here are built from validated parts. Prose is bounded, patches are not: a long report continues in further messages.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.investigation.diagnosis import Action, Culprit, Diagnosis, Evidence, Finding, Report
from bot.slack.controls import Run, feedback_buttons, go_on_button
from bot.slack.markdown import (
    Element,
    clean,
    inline,
    link,
    one_line,
    preformatted,
    rich,
    section,
    shorten,
    styled,
)
from bot.slack.message import Message, notification, pack, pieces
from bot.slack.wording import footer, headline, percent

MAX_FINDINGS = 12
MAX_QUOTES = 4
MAX_ACTIONS = 8
MAX_POINTS = 15


def report(content: Report, run: Run, repository: Repository | None = None) -> list[Message]:
    """The terminal message and, when it does not fit into one, what continues it. Never empty."""
    body = [_header(content), *_body(content, repository or Repository())]
    ending = [_context(footer(content)), *_buttons(content, run)]
    summary = content.diagnosis.summary if content.diagnosis else content.note
    text = notification(f"{headline(content)}: {shorten(summary, 600)}".removesuffix(": "))
    return pack(text, body, ending)


def _header(content: Report) -> Element:
    return {
        "type": "header",
        "text": {"type": "plain_text", "text": one_line(headline(content), 150), "emoji": True},
    }


def _body(content: Report, repository: Repository) -> Iterator[Element]:
    if content.note.strip():
        yield _rich(rich(shorten(content.note, 1500)))
    if content.diagnosis is None:
        yield from _points("Could not be seen", content.gaps)
        return
    yield from _cause(content.diagnosis)
    yield from _where(content.diagnosis.culprit, repository)
    yield from _evidence(content.diagnosis)
    yield from _actions(content.diagnosis.actions)
    yield from _points("Not checked", (*content.diagnosis.unknowns, *content.gaps))


def _cause(diagnosis: Diagnosis) -> Iterator[Element]:
    if diagnosis.summary.strip():
        yield _rich(rich(shorten(diagnosis.summary, 1500)))
    if diagnosis.cause.strip():
        title = section(
            styled("Cause", bold=True), styled(f" · {percent(diagnosis.confidence)} confident")
        )
        yield _rich([title, *rich(shorten(diagnosis.cause, 2500))])
    else:
        yield _rich([section(styled(f"{percent(diagnosis.confidence)} confident"))])


def _where(culprit: Culprit, repository: Repository) -> Iterator[Element]:
    lines: list[Element] = []
    if culprit.object.strip():
        lines.append(section(styled("Object: "), styled(one_line(culprit.object, 200), code=True)))
    if culprit.file.strip():
        place = culprit.file + (f":{culprit.line}" if culprit.line > 0 else "")
        lines.append(
            section(styled("Source: "), _linked(repository.file(culprit.file, culprit.line), place))
        )
    if culprit.commit.strip():
        url = repository.commit(culprit.commit)
        shown = culprit.commit[:12] if SHA.fullmatch(culprit.commit) else culprit.commit
        lines.append(section(styled("Suspect change: "), _linked(url, shown)))
    if lines:
        items: Element = {"type": "rich_text_list", "style": "bullet", "elements": lines}
        yield _rich([section(styled("Where", bold=True)), items])


def _linked(url: str, label: str) -> Element:
    return link(url, label) if url else styled(one_line(label, 200), code=True)


def _evidence(diagnosis: Diagnosis) -> Iterator[Element]:
    if diagnosis.findings:
        yield _rich([section(styled("Evidence", bold=True))])
    for finding in diagnosis.findings[:MAX_FINDINGS]:
        yield _finding(finding)
    left = len(diagnosis.findings) - MAX_FINDINGS
    if left > 0:
        yield _context(f"{left} more findings are not shown.")


def _finding(finding: Finding) -> Element:
    mark = "✅ " if finding.verified else "⚠️ "
    claim = section(styled(mark), *inline(shorten(finding.claim, 600)))
    elements = [claim]
    if not finding.evidence:
        elements.append(section(styled("No evidence was given for this.", italic=True)))
    for evidence in finding.evidence[:MAX_QUOTES]:
        elements += _quote(evidence)
    return _rich(elements)


def _quote(evidence: Evidence) -> list[Element]:
    checked = (
        "quote verified" if evidence.verified else "unverified: not found in what the tool returned"
    )
    source = one_line(
        " ".join(part for part in (evidence.tool, evidence.tool_call_id) if part), 120
    )
    label = link(evidence.link, source) if evidence.link else styled(source, code=True)
    credit = section(label, styled(f" · {checked}")) if source else section(styled(checked))
    return [*preformatted(shorten(evidence.quote, 1000)), credit]


def _actions(actions: tuple[Action, ...]) -> Iterator[Element]:
    if actions:
        yield _rich([section(styled("Recommended fix", bold=True))])
    for number, action in enumerate(actions[:MAX_ACTIONS], start=1):
        yield _rich([section(styled(f"{number}. "), *inline(shorten(action.description, 1000)))])
        parts = pieces(clean(action.patch))
        for index, part in enumerate(parts, start=1):
            if index > 1:
                yield _context(f"Patch of step {number}, part {index} of {len(parts)}")
            if shown := preformatted(part):
                yield _rich(shown)
    left = len(actions) - MAX_ACTIONS
    if left > 0:
        yield _context(f"{left} more recommendations are not shown.")


def _points(title: str, points: tuple[str, ...]) -> Iterator[Element]:
    known = [point for point in points if point.strip()]
    if not known:
        return
    shown = [section(*inline(shorten(point, 400))) for point in known[:MAX_POINTS]]
    if len(known) > MAX_POINTS:
        shown.append(section(styled(f"… and {len(known) - MAX_POINTS} more", italic=True)))
    items: Element = {"type": "rich_text_list", "style": "bullet", "elements": shown}
    yield _rich([section(styled(title, bold=True)), items])


def _buttons(content: Report, run: Run) -> Iterator[Element]:
    if content.outcome != "diagnosed" and run.number:
        yield go_on_button(run, again=content.outcome == "failed")
    if content.diagnosis is not None:
        yield feedback_buttons(run)


def _rich(elements: list[Element]) -> Element:
    return {"type": "rich_text", "elements": elements or [section(styled(" "))]}


def _context(text: str) -> Element:
    return {"type": "context", "elements": [{"type": "plain_text", "text": shorten(text, 2000)}]}
