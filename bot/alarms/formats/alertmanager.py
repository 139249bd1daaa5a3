"""Prometheus Alertmanager: the default Slack template, and the custom ones built on it.

The default title is `[FIRING:2] <values of the group labels> (<values of the other common labels>)`. The values in
parentheses come and go with the alerts of the group, so only the group's values name the alarm, together with
the receiver and the Alertmanager, which stand in the link. Custom titles keep the default in `fallback`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from bot.alarms.alarm import Alarm, Severity, State
from bot.alarms.chatter import not_an_alarm
from bot.alarms.headline import headline, is_meaningful, name_of, plain, stable
from bot.alarms.kubernetes_names import (
    is_object_name,
    object_in,
    pods_in,
    without_pods,
    workload_of,
)
from bot.alarms.labels import line_pairs, merged, quoted_pairs
from bot.alarms.notification import Notification
from bot.alarms.reading import build, colour, fields, firing_part, host_of, urls
from bot.alarms.words import (
    FIRING_ABROAD,
    RESOLVED_ABROAD,
    read_severity,
    read_state,
    severity_of,
)

_SENDER = re.compile(r"alert[\s_-]?manager|prometheus", re.IGNORECASE)
_LINK = re.compile(r"/#/alerts(?:\?|\Z)")
_RECEIVER = re.compile(r"[?&]receiver=([^&]{1,200})")
_RESOLVED: Final = frozenset(("RESOLVED", *(word.upper() for word in RESOLVED_ABROAD.split())))
_MARKER = re.compile(
    rf"\[\s*(?P<word>FIRING|{'|'.join(_RESOLVED)}|{'|'.join(FIRING_ABROAD.split())})\b(?P<counts>[^\]\n]{{0,60}})\]"
    r"\s*(?P<subject>[^\n]{0,2000})",
    re.IGNORECASE,
)
_DEFAULT_FALLBACK = re.compile(r"\A(?P<title>.{0,2000}?) \| https?://\S+\Z", re.DOTALL)
_ALERTNAME = re.compile(
    r"\A[A-Z][A-Za-z0-9]*[a-z0-9][A-Z0-9_][A-Za-z0-9_]*\Z|\A[A-Za-z]\w*[_:]\w+\Z"
)
_CUT: Final = 900
"""Alertmanager cuts titles at 1,024 characters, which takes the closing parenthesis away."""
_ORDINAL = re.compile(r"-\d{1,3}\Z")
_BEFORE_NAMESPACE: Final = ("KubeDaemonSet", "KubeDeployment", "KubeHpa", "KubeJob")
"""Alerts of kubernetes-mixin about objects whose label's name sorts before `namespace`."""
_ENVIRONMENTS: Final = frozenset(
    (
        "prod",
        "production",
        "staging",
        "stage",
        "dev",
        "development",
        "test",
        "qa",
        "default",
        "kube-system",
        "monitoring",
    )
)
_SERVICE_LABELS: Final = (
    "service",
    "app",
    "application",
    "deployment",
    "statefulset",
    "workload",
    "job",
)


class _Subject(NamedTuple):
    """The title, taken apart: group values, the other common values, and whether the default template wrote it."""

    group: str
    others: str
    default: bool


def read(notification: Notification) -> Alarm | None:
    """An alarm from an Alertmanager notification; one of several alerts is one alarm, firing while any fires."""
    marker = _marker(notification)
    if not (marker or _is_sender(notification)) or not_an_alarm(notification):
        return None
    subject = _subject(notification, marker)
    text = firing_part(plain(notification.full_text))
    pairs = quoted_pairs(f"{text}\n{subject.others}")
    labels = merged(pairs, line_pairs(text), fields(notification))
    name = _name(subject, labels.get("alertname", ""))
    values = _values(subject, name)
    place = _grouped_namespace(subject, name)
    return build(
        notification,
        source="alertmanager",
        name=name,
        identity=_identity(notification, subject, name),
        state=_state(notification, marker),
        severity=_severity(notification, values, labels),
        labels=labels,
        service=_service([value for value in values if value != place], subject, labels, text),
        namespace=_namespace(values, labels, place),
    )


def _grouped_namespace(subject: _Subject, name: str) -> str:
    """The namespace among the group's values of an alert of Kubernetes itself, which has no label `service` of its own.

    Alone beside the alert's name it is the namespace; beside a workload, the values stand in the order of their labels.
    """
    values = f"{subject.group} ".removeprefix(f"{name} ").split()
    values = [value for value in values if is_object_name(value) and not pods_in(value)]
    if not name.startswith("Kube") or name == subject.group or not 1 <= len(values) <= 2:
        return ""
    return values[-1] if name.startswith(_BEFORE_NAMESPACE) else values[0]


def _is_sender(notification: Notification) -> bool:
    named = bool(_SENDER.search(notification.sender))
    return named or any(_LINK.search(url) for url in urls(notification))


def _marker(notification: Notification) -> re.Match[str] | None:
    """The default title, from the fallback when a custom title replaced it."""
    pieces = [section.fallback for section in notification.sections]
    pieces += [section.title for section in notification.sections]
    pieces += [section.pretext for section in notification.sections]
    pieces += [notification.text[:2_000]]
    pieces += [section.text[:2_000] for section in notification.sections]
    return next((match for piece in pieces if (match := _MARKER.search(piece))), None)


def _subject(notification: Notification, marker: re.Match[str] | None) -> _Subject:
    if marker is None:
        return _Subject(group=name_of(headline(notification)), others="", default=False)
    whole = _DEFAULT_FALLBACK.match(marker.string)
    subject = " ".join(plain(marker["subject"]).split())
    if not is_meaningful(subject):
        return _Subject(group=name_of(headline(notification)), others="", default=False)
    if whole:
        subject = subject.rpartition(" | ")[0]
    head, opening, tail = f" {subject}".rpartition(" (")
    if opening and tail.endswith(")"):
        return _Subject(group=head.strip(), others=tail[:-1], default=bool(whole))
    if subject.endswith("…") or len(subject) >= _CUT:
        group, _, others = f" {subject}".partition(" (")
        return _Subject(group=group.strip(), others=others, default=bool(whole))
    return _Subject(group=subject.strip(), others="", default=bool(whole))


def _name(subject: _Subject, alertname: str) -> str:
    if alertname:
        return alertname
    for values in (subject.group, subject.others):
        first = values.partition(" ")[0]
        if _ALERTNAME.match(first):
            return first
    return name_of(subject.group or subject.others) or "Alertmanager group"


def _values(subject: _Subject, name: str) -> list[str]:
    """The label values of the title without the alert's name; a group without one is all values."""
    nameless = name == subject.group and not _ALERTNAME.match(name)
    if nameless and not all(is_object_name(value) for value in subject.group.split()):
        nameless = False  # a name of several words
    group = subject.group if nameless else f"{subject.group} ".removeprefix(f"{name} ")
    others = "" if '="' in subject.others else f"{subject.others} ".removeprefix(f"{name} ")
    return f"{group} {others}".split()


def _state(notification: Notification, marker: re.Match[str] | None) -> tuple[State, str]:
    if marker is None:
        return read_state(headline(notification), color=colour(notification))
    shown = marker["word"] + marker["counts"]
    firing = marker["word"].upper() not in _RESOLVED or "firing" in marker["counts"].lower()
    firing = firing and not re.search(r"firing:\s*0\b", shown, re.IGNORECASE)
    return ("firing" if firing else "resolved"), f"[{shown}] in the title"


def _identity(notification: Notification, subject: _Subject, name: str) -> tuple[str, ...]:
    link = next((url for url in urls(notification) if _LINK.search(url)), "")
    receiver = _RECEIVER.search(link)
    host = host_of(link)
    first, _, domain = host.partition(".")
    named = [stable(without_pods(subject.group))]
    group = sorted(subject.group.split()) if subject.default else named
    return (
        f"group={' '.join(group)}" if any(group) else f"name={name}",
        f"receiver={receiver[1]}" if receiver else "",
        f"alertmanager={_ORDINAL.sub('', first)}.{domain}".rstrip(".") if host else "",
    )


def _severity(
    notification: Notification, values: Sequence[str], labels: dict[str, str]
) -> tuple[Severity, str]:
    """From labels and the title; else a value of the title that is a severity by itself, as `page`."""
    title = f"{headline(notification)} {' '.join(values)}"
    severity = read_severity(labels, title)
    if severity[0] == "unknown":
        own = next((value for value in values if severity_of(value) != "unknown"), "")
        severity = severity_of(own), f"{own!r} in the title"
    return severity if severity[0] != "unknown" else read_severity({}, "", colour(notification))


def _service(
    values: Sequence[str], subject: _Subject, labels: dict[str, str], text: str
) -> tuple[str, str]:
    """From a label; else from the object in the text, the group's values, or a value that a pod's name begins with."""
    for name in _SERVICE_LABELS:
        if labels.get(name):
            return labels[name], f"label {name}"
    namespaces = {labels.get("namespace", ""), object_in(text)[0]}
    names = [value for value in values if _may_be_service(value) and value not in namespaces]
    workloads = {workload_of(pod) for pod in pods_in(text)} or {object_in(text)[1]}
    if len(workloads) == 1 and any(workloads):
        return workloads.pop(), "the Kubernetes object in the text"
    group = set(subject.group.split())
    grouped = next((value for value in names if value in group), "")
    if grouped:
        return _workload(grouped), "the group labels in the title"
    stems = {value for value in names for other in names if other.startswith(f"{value}-")}
    stems |= {_workload(value) for value in names if pods_in(value)}
    if stems:
        return min(stems, key=len), "the values in the title"
    return "", ""


def _workload(value: str) -> str:
    return workload_of(value) if pods_in(value) else value


def _may_be_service(value: str) -> bool:
    known = severity_of(value) != "unknown" or value in _ENVIRONMENTS
    return is_object_name(value) and not known


def _namespace(values: Sequence[str], labels: dict[str, str], grouped: str) -> tuple[str, str]:
    for name in ("namespace", "kubernetes_namespace", "exported_namespace"):
        if labels.get(name):
            return labels[name], f"label {name}"
    if grouped:
        return grouped, "the group label of an alert of Kubernetes itself"
    guessed = next((value for value in values if value in _ENVIRONMENTS), "")
    return guessed, "a value in the title that is often a namespace"
