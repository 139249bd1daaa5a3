"""CloudWatch alarms as functions behind an SNS topic post them.

Common shapes: fields `Alarm Name`, `Current State`, … (the terraform-aws-notify-slack module and its many
relatives), SNS's own subject line `ALARM: "name" in EU (Ireland)`, the alarm's JSON document as text, and sentences:
the body of SNS's e-mail, `ALARM: name` as a headline, `name is in ALARM`,
`name state is now ALARM: reason` (the blueprint of AWS Lambda itself).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final, NamedTuple

from bot.alarms import cloudwatch
from bot.alarms.alarm import Alarm, State
from bot.alarms.headline import plain
from bot.alarms.labels import canonical, clean, line_pairs, merged
from bot.alarms.notification import Notification
from bot.alarms.reading import build, colour, everything, fields, urls
from bot.alarms.times import parse_time, plausible
from bot.alarms.words import read_severity, read_state

_SUBJECT = re.compile(
    r"\b(?P<state>ALARM|OK|INSUFFICIENT_DATA):?\s+[\"“](?P<name>[^\"”\n]{1,255})[\"”](?:\s+in\s+(?P<region>[^\n]{1,60}))?"
)
_STATE: Final = r"(?P<state>ALARM|OK|INSUFFICIENT[_ ]DATA)"
_SENTENCES: Final = (
    re.compile(
        rf"CloudWatch Alarm [\"“](?P<name>[^\"”\n]{{1,255}})[\"”] in the (?P<region>[^\n]{{1,60}}?) region has entered the {_STATE} state"
    ),
    re.compile(rf"^\W{{0,12}}(?P<name>[^\n:]{{1,255}}?) state is now {_STATE}\b", re.MULTILINE),
    re.compile(rf"^\W{{0,12}}{_STATE}\s?[:|–-]\s{{1,4}}(?P<name>\S{{1,255}})\s*$", re.MULTILINE),
    re.compile(
        rf"^\W{{0,12}}(?:alarm )?(?P<name>\S{{1,255}}) (?:is|changed|went|has gone|transitioned)(?: now)?(?: from \S{{1,20}})?"
        rf" (?:in|to|into)(?: the)? {_STATE}\b",
        re.MULTILINE,
    ),
)
_NOTICE = re.compile(r"^AWS CloudWatch notification - (?P<name>[^\n]{1,255})$", re.MULTILINE)
_FALLBACK = re.compile(r"\AAlarm (?P<name>\S{1,255}) (?:triggered|resolved|is )", re.MULTILINE)
_NAMES: Final = ("alarm_name", "alarmname", "alarm")
_STATES: Final = (
    "current_state",
    "new_state",
    "new_state_value",
    "newstatevalue",
    "state",
    "alarm_state",
    "status",
)
_REASONS: Final = ("alarm_reason", "reason", "new_state_reason", "newstatereason", "state_reason")
_AWS: Final = ("cloudwatch", "aws ", "amazonaws", "arn:aws", "aws.amazon.com", "threshold crossed")
_SHOWN: Final[tuple[str, ...]] = ("alarm_description", "region", "account", "metric", "metric_name")
_DOCUMENT_LIMIT: Final = 20_000


class _Said(NamedTuple):
    """One alarm as the post told it, whatever its shape."""

    name: str
    state: str
    reason: str
    labels: Mapping[str, str]
    changed_at: datetime | None = None


def read(notification: Notification) -> Alarm | None:
    """An alarm from fields, a subject line or a JSON document; None when there is no alarm name of CloudWatch."""
    text = plain(everything(notification))
    said = (
        _document(notification)
        or _subject(text)
        or _sentence(notification, text)
        or _fielded(notification, text)
        or _noticed(text)
    )
    if said is None:
        return None
    links = " ".join(urls(notification))
    region = (
        cloudwatch.region_in(links)
        or cloudwatch.region_in(said.labels.get("region", ""))
        or cloudwatch.region_in(text)
        or said.labels.get("region", "")
    )
    account = said.labels.get("account") or cloudwatch.account_in(f"{links} {text}")
    labels = cloudwatch.labels_of(
        {"region": region, "account": account}, said.labels, cloudwatch.dimensions_in(text)
    )
    state = _state(said, notification)
    return build(
        notification,
        source="cloudwatch",
        name=said.name,
        identity=(
            f"name={said.name}",
            f"region={region}" if region else "",
            f"account={account}" if account else "",
        ),
        state=state,
        severity=read_severity(labels, re.sub(r"[-_]", " ", said.name)),
        began=_started(said, state[0], text, notification.posted_at),
        labels=labels,
        service=cloudwatch.service_of(labels),
        namespace=(labels.get("namespace", ""), "dimension namespace"),
    )


def _fielded(notification: Notification, text: str) -> _Said | None:
    """Fields of an attachment or lines `Alarm Name: …`; only when something in the post is of AWS."""
    shown = merged(fields(notification), line_pairs(text))
    name = next((shown[key] for key in _NAMES if shown.get(key)), "")
    if not name or not _of_aws(notification, text):
        return None
    state = next((shown[key] for key in _STATES if shown.get(key)), "")
    long = {canonical(key): clean(value) for key, value in fields(notification).items()}
    reason = next((long[key] for key in _REASONS if long.get(key)), text)
    labels = {key: shown[key] for key in _SHOWN if key in shown}
    return _Said(name, state, reason, labels)


def _subject(text: str) -> _Said | None:
    match = _SUBJECT.search(text)
    if match is None:
        return None
    region = cloudwatch.region_in(match["region"] or "") or (match["region"] or "").strip(" .")
    return _Said(match["name"], match["state"], text, {"region": region} if region else {})


def _sentence(notification: Notification, text: str) -> _Said | None:
    """A sentence about an alarm; only when something in the post is of AWS, for other tools have `OK: name` too."""
    match = next((found for form in _SENTENCES if (found := form.search(text))), None)
    if match is None or not _of_aws(notification, text):
        return None
    shown = merged(fields(notification), line_pairs(text))
    labels = {key: shown[key] for key in _SHOWN if key in shown}
    labels |= {"region": region} if (region := match.groupdict().get("region")) else {}
    return _Said(match["name"].strip("'\"`"), match["state"], text, labels)


def _of_aws(notification: Notification, text: str) -> bool:
    said = "\n".join([notification.sender, text, *urls(notification)]).lower()
    return any(word in said for word in _AWS)


def _noticed(text: str) -> _Said | None:
    """The notice and the fallback of the terraform module, without its fields."""
    match = _NOTICE.search(text) or _FALLBACK.search(text)
    return _Said(match["name"].strip(), "", text, {}) if match else None


def _document(notification: Notification) -> _Said | None:
    """The JSON that SNS delivers, posted as it is."""
    pieces = [notification.text, *(section.text for section in notification.sections)]
    for piece in pieces:
        text = piece.strip().strip("`").strip()
        if "AlarmName" not in text or len(text) > _DOCUMENT_LIMIT:
            continue
        try:
            document = json.loads(text[text.index("{") :] if "{" in text else "")
        except (ValueError, RecursionError):
            continue
        if isinstance(document, dict) and isinstance(document.get("AlarmName"), str):
            return _of_document(document)
    return None


def _of_document(document: dict[str, object]) -> _Said:
    trigger = document.get("Trigger")
    inner = trigger if isinstance(trigger, dict) else {}
    listed = inner.get("Dimensions")
    labels = {
        str(item.get("name", item.get("Name"))).lower(): str(item.get("value", item.get("Value")))
        for item in (listed if isinstance(listed, list) else [])
        if isinstance(item, dict)
    }
    labels |= {
        "account": str(document.get("AWSAccountId") or ""),
        "region": cloudwatch.region_in(str(document.get("AlarmArn") or ""))
        or str(document.get("Region") or ""),
        "metric": str(inner.get("MetricName") or ""),
    }
    return _Said(
        name=str(document["AlarmName"]),
        state=str(document.get("NewStateValue") or ""),
        reason=str(document.get("NewStateReason") or ""),
        labels=labels,
        changed_at=parse_time(str(document.get("StateChangeTime") or "")),
    )


def _state(said: _Said, notification: Notification) -> tuple[State, str]:
    state = cloudwatch.state_of(said.state)
    if state:
        return state, f"state {said.state.strip().strip('`')}"
    return read_state("", color=colour(notification))


def _started(said: _Said, state: State, text: str, posted_at: datetime) -> tuple[datetime, str]:
    began = cloudwatch.started(said.reason or text, state, posted_at)
    changed = said.changed_at
    if began[0] == posted_at and state == "firing" and changed and plausible(changed, posted_at):
        return changed, "the time of the state change"
    return began
