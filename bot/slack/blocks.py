"""The terminal message of an investigation, as Block Kit: verdict first, then everything that backs it.

Pure. All prose goes through `markdown`, so nothing a model wrote can become a mention or a live link; the links
here are built from validated parts, or stand in the alarm's own post already. Prose is bounded, patches are not: a
long report continues in further messages, a long patch in a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict

from bot.alarms.notification import Link
from bot.investigation.diagnosis import Culprit, Diagnosis, Report
from bot.slack.controls import Run, feedback_buttons, go_on_button, result_buttons
from bot.slack.long_text import is_long
from bot.slack.markdown import (
    Element,
    clean,
    inline,
    is_blank,
    link,
    one_line,
    preformatted,
    rich,
    section,
    shorten,
    shorten_markdown,
    styled,
)
from bot.slack.message import Message, notification, pack
from bot.slack.proof import proof
from bot.slack.repository import SHA, Repository
from bot.slack.wording import footer, headline, percent

MAX_ACTIONS = 8
MAX_POINTS = 15
MAX_LINKS = 4
_USEFUL = re.compile(
    r"dashboard|graph|panel|runbook|playbook|quer(?:y|ies)|\blogs?\b|traces?|metrics?|explore|monitor|alarm|issue|source",
    re.IGNORECASE,
)
_HUNK = re.compile(r"^(?:@@ |--- |\+\+\+ |diff --git )", re.MULTILINE)
_CHANGED = re.compile(r"^[+-](?![+-])", re.MULTILINE)


class Around(BaseModel):
    """What the terminal message knows beside the report."""

    model_config = ConfigDict(frozen=True)

    repository: Repository = Repository()
    permalink: str = ""
    """Address of the alarm's post."""
    links: tuple[Link, ...] = ()
    """Links of the alarm's post."""
    issues: bool = False
    """Whether an issue can be opened with the diagnosis."""


def report(content: Report, run: Run, around: Around | None = None) -> list[Message]:
    """The terminal message and, when it does not fit into one, what continues it. Never empty."""
    known = around or Around()
    body = [_header(content), *_body(content, known)]
    ending = [_context(footer(content)), *_buttons(content, run, known)]
    summary = content.diagnosis.summary if content.diagnosis else content.note
    text = notification(f"{headline(content)}: {shorten(summary, 600)}".removesuffix(": "))
    return pack(text, body, ending)


def _header(content: Report) -> Element:
    return {
        "type": "header",
        "text": {"type": "plain_text", "text": one_line(headline(content), 150), "emoji": True},
    }


def _body(content: Report, around: Around) -> Iterator[Element]:
    for said in (content.note, content.answer):
        if not is_blank(said):
            yield _rich(rich(shorten_markdown(said, 3000)))
    if content.diagnosis is None:
        yield from _points("Could not be seen", content.gaps)
        return
    yield from _cause(content.diagnosis)
    yield from _where(content.diagnosis.culprit, around.repository)
    yield from _links(around)
    yield from proof(content.diagnosis)
    yield from _actions(content.diagnosis)
    yield from _points("Not checked", (*content.diagnosis.unknowns, *content.gaps))


def _cause(diagnosis: Diagnosis) -> Iterator[Element]:
    if not is_blank(diagnosis.summary):
        yield _rich(rich(shorten_markdown(diagnosis.summary, 1500)))
    if not is_blank(diagnosis.cause):
        title = section(
            styled("Cause", bold=True), styled(f" · {percent(diagnosis.confidence)} confident")
        )
        yield _rich([title, *rich(shorten_markdown(diagnosis.cause, 3000))])
    else:
        yield _rich([section(styled(f"{percent(diagnosis.confidence)} confident"))])


def _where(culprit: Culprit, repository: Repository) -> Iterator[Element]:
    lines: list[Element] = []
    if not is_blank(culprit.object):
        lines.append(section(styled("Object: "), styled(one_line(culprit.object, 200), code=True)))
    if not is_blank(culprit.file):
        place = culprit.file + (f":{culprit.line}" if culprit.line > 0 else "")
        url = repository.file(culprit.file, culprit.line, culprit.ref, culprit.commit)
        lines.append(section(styled("Source: "), _linked(url, place)))
    if not is_blank(culprit.commit):
        url = repository.commit(culprit.commit)
        shown = culprit.commit[:12] if SHA.fullmatch(culprit.commit) else culprit.commit
        lines.append(section(styled("Suspect change: "), _linked(url, shown)))
    if lines:
        items: Element = {"type": "rich_text_list", "style": "bullet", "elements": lines}
        yield _rich([section(styled("Where", bold=True)), items])


def _linked(url: str, label: str) -> Element:
    return link(url, label) if url else styled(one_line(label, 200), code=True)


def _links(around: Around) -> Iterator[Element]:
    """The alarm's post and what it links to that helps to look: never an address that a model wrote."""
    found = [Link(label="Alarm", url=around.permalink)] if around.permalink else []
    useful = [each for each in around.links if _USEFUL.search(f"{each.label} {each.url}")]
    found += {each.url: each for each in useful}.values()
    shown = [link(each.url, _label(each.label)) for each in found[: MAX_LINKS + 1]]
    shown = [element for element in shown if element["type"] == "link"]
    if shown:
        parts = [part for element in shown for part in (styled(" · "), element)][1:]
        yield _rich([section(styled("Look: "), *parts)])


def _label(text: str) -> str:
    """A link's words; of a headline with bars its first part, as in `CloudWatch Alarm | name | region | account`."""
    return one_line(text.partition(" | ")[0], 60) or "Link"


def _actions(diagnosis: Diagnosis) -> Iterator[Element]:
    actions = diagnosis.actions
    if actions:
        title = "Check this first" if diagnosis.verdict == "inconclusive" else "Recommended fix"
        yield _rich([section(styled(title, bold=True))])
    for number, action in enumerate(actions[:MAX_ACTIONS], start=1):
        said = shorten(action.description, 1000)
        yield _rich([section(styled(f"{number}. "), *inline(said))])
        patch = clean(action.patch)
        if is_long(patch):
            yield _context(f"Its patch is long: it follows as the file {patch_name(number)}")
        elif shown := preformatted(patch, language="diff" if is_diff(patch) else ""):
            yield _rich(shown)
    left = len(actions) - MAX_ACTIONS
    if left > 0:
        yield _context(f"{left} more recommendations are not shown.")


def long_patches(content: Report) -> Iterator[tuple[str, str]]:
    """File names and texts of the patches that no message takes."""
    actions = content.diagnosis.actions if content.diagnosis else ()
    for number, action in enumerate(actions[:MAX_ACTIONS], start=1):
        if is_long(patch := clean(action.patch)):
            yield patch_name(number), patch


def patch_name(number: int) -> str:
    """Name of the file with the patch of a recommended step."""
    return f"step-{number}.diff"


def is_diff(patch: str) -> bool:
    """Whether a patch is a unified diff, or lines to take out and put in; otherwise it is a command."""
    return bool(_HUNK.search(patch)) or len(_CHANGED.findall(patch)) > 1


def _points(title: str, points: tuple[str, ...]) -> Iterator[Element]:
    known = [point for point in points if not is_blank(point)]
    if not known:
        return
    shown = [section(*inline(shorten(point, 400))) for point in known[:MAX_POINTS]]
    if len(known) > MAX_POINTS:
        shown.append(section(styled(f"… and {len(known) - MAX_POINTS} more", italic=True)))
    items: Element = {"type": "rich_text_list", "style": "bullet", "elements": shown}
    yield _rich([section(styled(title, bold=True)), items])


def _buttons(content: Report, run: Run, around: Around) -> Iterator[Element]:
    if content.outcome != "diagnosed" and run.number:
        yield go_on_button(run, again=content.outcome == "failed")
    found = content.diagnosis is not None
    yield result_buttons(run, issue=found and around.issues, draft=found)
    if found:
        yield feedback_buttons(run)


def _rich(elements: list[Element]) -> Element:
    return {"type": "rich_text", "elements": elements or [section(styled(" "))]}


def _context(text: str) -> Element:
    return {"type": "context", "elements": [{"type": "plain_text", "text": shorten(text, 2000)}]}
