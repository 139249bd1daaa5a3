"""Label and field selectors, with the grammar and the refusals of the API server."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from .shapes import Json, dig
from .status import Refusal, bad_request

Match = Callable[[Json], bool]

_SET = re.compile(r"(?P<key>[\w./-]+)\s+(?P<op>in|notin)\s*\((?P<values>[^()]*)\)", re.ASCII)
_EQUAL = re.compile(r"(?P<key>[\w./-]+)\s*(?P<op>==|=|!=)\s*(?P<value>[\w.-]*)", re.ASCII)
_EXISTS = re.compile(r"(?P<not>!?)\s*(?P<key>[\w./-]+)", re.ASCII)
_FIELD = re.compile(r"(?P<key>[\w.]+)\s*(?P<op>==|=|!=)\s*(?P<value>[^,]*)", re.ASCII)
_COMMA = re.compile(r",(?![^(]*\))")

_EVENT_FIELDS = {
    "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
    "involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath",
    "reason", "reportingComponent", "source", "type",
}  # fmt: skip
_POD_FIELDS = {
    "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork",
    "status.phase", "status.podIP", "status.nominatedNodeName",
}  # fmt: skip
_FIELDS = {
    "pods": _POD_FIELDS,
    "events": _EVENT_FIELDS,
    "secrets": {"type"},
    "namespaces": {"status.phase"},
    "nodes": {"spec.unschedulable"},
    "replicasets": {"status.replicas"},
    "jobs": {"status.successful"},
}


@dataclass(frozen=True, slots=True)
class _Requirement:
    key: str
    negative: bool
    values: frozenset[str] | None

    def met(self, labels: Json) -> bool:
        value = labels.get(self.key)
        if self.values is None:
            return (value is None) if self.negative else (value is not None)
        return (value not in self.values) if self.negative else (value in self.values)


def by_labels(selector: str) -> Match:
    """A test for the label selector; an empty one matches all. Raises Refusal (400) for bad grammar."""
    requirements = [_label(part.strip()) for part in _COMMA.split(selector) if part.strip()]
    return lambda item: all(
        requirement.met(dig(item, "metadata", "labels") or {}) for requirement in requirements
    )


def by_fields(selector: str, plural: str) -> Match:
    """A test for the field selector. Raises Refusal (400) for a field that this resource cannot be asked by."""
    allowed = _FIELDS.get(plural, set()) | {"metadata.name", "metadata.namespace"}
    requirements: list[_Requirement] = []
    for part in filter(None, (part.strip() for part in selector.split(","))):
        found = _FIELD.fullmatch(part)
        if not found:
            raise bad_request(f"invalid selector: '{selector}'; can't understand '{part}'")
        if found["key"] not in allowed:
            raise bad_request(
                f'Unable to find "/v1, Resource={plural}" that match label selector "", field selector '
                f'"{selector}": field label not supported: {found["key"]}'
            )
        requirements.append(
            _Requirement(found["key"], found["op"] == "!=", frozenset({found["value"].strip()}))
        )
    return lambda item: all(
        requirement.met({requirement.key: _field(item, requirement.key)})
        for requirement in requirements
    )


def selects(selector: Json, labels: Json) -> bool:
    """Whether equality labels (a Service's `spec.selector`) choose an object; an empty selector chooses nothing."""
    return bool(selector) and all(labels.get(key) == value for key, value in selector.items())


def _label(part: str) -> _Requirement:
    if found := _SET.fullmatch(part):
        values = frozenset(value.strip() for value in found["values"].split(","))
        return _Requirement(found["key"], found["op"] == "notin", values)
    if found := _EQUAL.fullmatch(part):
        return _Requirement(found["key"], found["op"] == "!=", frozenset({found["value"]}))
    if found := _EXISTS.fullmatch(part):
        return _Requirement(found["key"], bool(found["not"]), None)
    raise _unparsable(part)


def _unparsable(part: str) -> Refusal:
    return bad_request(
        f'unable to parse requirement: found "{part}", expected: a label requirement'
    )


def _field(item: Json, key: str) -> str:
    if key == "source":
        return str(dig(item, "source", "component") or "")
    value = dig(item, *key.split("."))
    return str(value).lower() if isinstance(value, bool) else str(value or "")
