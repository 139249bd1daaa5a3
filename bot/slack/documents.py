"""A diagnosis as Markdown for other places: an issue, and the draft of a post-incident review.

Pure, and written by code from what is stored; no model is asked. Words of a model or an alarm are made harmless for
where they are shown: no live link, no mention, no image.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from bot.incidents.incident import Incident
from bot.investigation.diagnosis import Diagnosis, Report
from bot.slack.blocks import is_diff
from bot.slack.markdown import clean, is_blank, one_line, prose
from bot.slack.repository import Repository
from bot.slack.wording import DONE, counted, dollars, duration, percent

_AT = re.compile(r"@(?=[A-Za-z0-9_-])")
_NO_MENTION = "\uff20"
"""A sign that looks like @ and mentions nobody; it survives being copied."""
MAX_TITLE = 120
MAX_BODY = 2_900
"""Characters of an issue's text that a form of Slack can show for editing (3,000)."""


class Run(NamedTuple):
    """One run or answer of an incident."""

    slot: str
    began_at: datetime | None
    """None when the conversation does not tell."""
    report: Report


class Asked(NamedTuple):
    """What a person asked, and when."""

    at: datetime
    text: str


class Said(NamedTuple):
    """What a person thought of a diagnosis."""

    vote: str
    really: str


def issue_title(incident: Incident, diagnosis: Diagnosis) -> str:
    """One line."""
    about = diagnosis.culprit.object or incident.alarm.service
    return harmless(one_line(f"{incident.alarm.name}: {about}", MAX_TITLE))


def issue_body(
    incident: Incident, diagnosis: Diagnosis, repository: Repository, permalink: str
) -> str:
    """The text without patches, at most MAX_BODY characters."""
    parts = [
        harmless(diagnosis.summary),
        _section("Cause", harmless(diagnosis.cause)),
        _section("Where", "\n".join(_where(diagnosis, repository))),
        _section("Evidence", "\n".join(_evidence(diagnosis))),
        _section("Not checked", _list(diagnosis.unknowns)),
        f"Alarm: {permalink}" if permalink else "",
        f"_Diagnosed by Tocsin with {percent(diagnosis.confidence)} confidence, {_time(incident.opened_at)}._",
    ]
    text = "\n\n".join(part for part in parts if part)
    return text if len(text) <= MAX_BODY else f"{text[:MAX_BODY].rstrip()} …"


def patches(diagnosis: Diagnosis) -> str:
    """The recommended steps with their patches, for below the issue's text; empty without any."""
    steps = []
    for number, action in enumerate(diagnosis.actions, start=1):
        patch = clean(action.patch).replace("```", "` ` `").strip("\n")
        kind = "diff" if is_diff(patch) else "sh"
        fence = f"\n```{kind}\n{patch}\n```" if patch else ""
        steps.append(f"{number}. {harmless(action.description)}{fence}")
    return _section("Recommended", "\n".join(steps))


def post_incident(
    incident: Incident,
    runs: Sequence[Run],
    asked: Sequence[Asked],
    said: Sequence[Said],
    repository: Repository,
    permalink: str,
) -> str:
    """Timeline, impact, cause, follow-ups: a draft for people to correct."""
    best = _best(runs)
    parts = [
        f"# {harmless(one_line(incident.alarm.name, MAX_TITLE))}",
        "_Draft, put together from the incident's thread. Check it and add what is missing._",
        _section("Summary", harmless(best.summary) if best else "(no diagnosis)"),
        _section("Impact", "\n".join(_impact(incident))),
        _section("Timeline (UTC)", "\n".join(_timeline(incident, runs, asked, permalink))),
        _section("Cause", _cause(best, said, repository)),
        _section("Evidence", "\n".join(_evidence(best)) if best else ""),
        _section("Follow-ups", "\n".join(_follow_ups(best))),
        _costs(runs),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _best(runs: Sequence[Run]) -> Diagnosis | None:
    """The latest diagnosis of an investigation; without one, the latest answer's."""
    latest = [run for run in reversed(runs) if run.report.diagnosis is not None]
    chosen = [run for run in latest if not run.slot.startswith("answer:")] or latest
    return chosen[0].report.diagnosis if chosen else None


def harmless(text: str) -> str:
    """Text for Markdown on a Git host: cleaned, links defanged, nobody mentioned."""
    return _AT.sub(_NO_MENTION, prose(text)).replace("```", "'''").strip()


def _impact(incident: Incident) -> Iterator[str]:
    alarm = incident.alarm
    end = incident.last_seen_at if incident.state == "resolved" else None
    lasted = duration((end - alarm.started_at).total_seconds()) if end else "not resolved yet"
    where = f" in namespace {harmless(alarm.namespace)}" if alarm.namespace else ""
    yield f"- Service: {harmless(alarm.service)}{where}; severity {alarm.severity}"
    yield f"- From {_time(alarm.started_at)} {'to ' + _time(end) if end else 'on'} ({lasted})"
    yield f"- The alarm fired {counted(incident.occurrences, 'time')}"
    if incident.members:
        yield f"- {counted(len(incident.members), 'related alarm')} fired with it"
    yield "- Who was affected, and how: (to be filled in)"


def _timeline(
    incident: Incident, runs: Sequence[Run], asked: Sequence[Asked], permalink: str
) -> list[str]:
    source = f" ([alarm]({permalink}))" if permalink else ""
    events = [(incident.alarm.started_at, f"began: {_brief(incident.alarm.name)}{source}")]
    events += [
        (member.first_seen_at, f"also firing: {_brief(member.name)} ({harmless(member.service)})")
        for member in incident.members
    ]
    events += [(each.at, f"somebody asked: {_brief(each.text)}") for each in asked]
    for run in runs:
        events += _events(run)
    if incident.state == "resolved":
        events.append((incident.last_seen_at, "resolved"))
    ordered = sorted(events, key=lambda event: event[0])
    return [f"- {at.astimezone(UTC):%Y-%m-%d %H:%M:%S} {words}" for at, words in ordered]


def _events(run: Run) -> Iterator[tuple[datetime, str]]:
    if run.began_at is None:
        return
    what = "looking into the question" if run.slot.startswith("answer:") else "investigation"
    yield run.began_at, f"{what} began"
    found = run.report.diagnosis
    said = f" – {_brief(found.summary)}" if found else ""
    ended = run.began_at + timedelta(seconds=run.report.seconds)
    yield ended, f"{what}: {DONE[run.report.outcome].lower()}{said}"


def _brief(text: str) -> str:
    return harmless(one_line(text, 200))


def _cause(diagnosis: Diagnosis | None, said: Sequence[Said], repository: Repository) -> str:
    lines = []
    if diagnosis is not None:
        lines += [harmless(diagnosis.cause) or "(not known)", *_where(diagnosis, repository)]
        lines.append(f"Confidence: {percent(diagnosis.confidence)}")
    lines += [
        f"A person says what it really was: {harmless(each.really)}" for each in said if each.really
    ]
    right = sum(each.vote == "right" for each in said)
    wrong = sum(each.vote == "wrong" for each in said)
    if right or wrong:
        lines.append(f"Rated right by {right}, wrong by {wrong}.")
    return "\n".join(lines)


def _where(diagnosis: Diagnosis, repository: Repository) -> Iterator[str]:
    culprit = diagnosis.culprit
    if not is_blank(culprit.object):
        yield f"- Object: `{_code(culprit.object)}`"
    if not is_blank(culprit.file):
        place = culprit.file + (f":{culprit.line}" if culprit.line else "")
        url = repository.file(culprit.file, culprit.line, culprit.ref, culprit.commit)
        yield f"- Source: [`{_code(place)}`]({url})" if url else f"- Source: `{_code(place)}`"
    if not is_blank(culprit.commit):
        url = repository.commit(culprit.commit)
        sha = _code(culprit.commit[:12])
        yield f"- Suspect change: [`{sha}`]({url})" if url else f"- Suspect change: `{sha}`"


def _evidence(diagnosis: Diagnosis) -> Iterator[str]:
    for finding in diagnosis.findings:
        mark = "" if finding.verified else " (unverified)"
        yield f"- {harmless(finding.claim)}{mark}"
        for item in finding.evidence[:1]:
            quote = one_line(clean(item.quote), 200)
            source = f"[{item.tool}]({item.link})" if item.link else item.tool
            yield f"  - `{_code(quote)}` ({source or item.tool_call_id})"


def _follow_ups(diagnosis: Diagnosis | None) -> Iterator[str]:
    if diagnosis is not None:
        yield from (f"- [ ] {harmless(action.description)}" for action in diagnosis.actions)
        yield from (f"- [ ] Find out: {harmless(unknown)}" for unknown in diagnosis.unknowns)
    yield "- [ ] How could this have been noticed or prevented earlier?"


def _costs(runs: Sequence[Run]) -> str:
    usd = sum(run.report.cost.usd for run in runs)
    return f"_{counted(len(runs), 'run')} of Tocsin for {dollars(usd)}._" if runs else ""


def _section(title: str, text: str) -> str:
    return f"## {title}\n\n{text}" if not is_blank(text) else ""


def _list(items: Sequence[str]) -> str:
    return "\n".join(f"- {harmless(item)}" for item in items if not is_blank(item))


def _code(text: str) -> str:
    return one_line(text, 200).replace("`", "'")


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
