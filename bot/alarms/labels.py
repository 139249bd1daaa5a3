"""Names and values that alarm posts carry, from the several ways in which templates print them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

MAX_LABELS: Final = 40
MAX_VALUE: Final = 200

_QUOTED = re.compile(r'([A-Za-z_][\w.]{0,60})\s?=\s?"([^"\n]{0,200})"')
_LINE = re.compile(
    r"\A\s*(?:[-•◦*·]\s+)?[*_`]{0,3}(?P<name>[^\W\d_][\w ./-]{0,30}?)[*_`]{0,3}(?:\s?=|\s?:[*_`]{0,3}(?=\s)|\s?：|\t)[*_`]{0,3}\s*"
    r"(?P<value>\S.{0,200}?)\s*\Z"
)
_NEXT_PAIR = re.compile(
    r"(?:\s{2,}|\s[|•·]\s+)(?=[*_`]{0,3}[^\W\d_][\w-]{0,20}[*_`]{0,3}\s?:)"
    r"|\s(?=[A-Za-z_]\w{0,40}=[\w./:@-]+(?:\s|\Z))"
)
"""Where a line goes on to another name: `service: cart  severity: warn`, `Status: Triggered | Urgency: Low`, `a=b c=d`."""
_NOT_NAME = re.compile(r"[\s./-]+")

_KNOWN: Final = (
    "account app app_kubernetes_io_name application availability_zone az bucket check cluster cluster_name "
    "clustername component condition container daemonset database db dbinstanceidentifier deployment device "
    "deployment_environment env environment event exported_job exported_namespace exported_service function "
    "function_name functionname host hostname ingress instanceid job k8s_cluster_name k8s_deployment_name "
    "k8s_namespace_name kube_cluster_name kube_deployment kube_namespace kube_service kubernetes_namespace "
    "loadbalancer load_balancer metric mountpoint name namespace node nodename partition policy project "
    "queue queuename queue_name region release route service service_name servicename site stage statefulset "
    "table tablename targetgroup team tenant topic topicname workload alertname alert_name monitor"
)
_ABROAD: Final = {
    "severity": "schweregrad sévérité gravité criticité severidad gravedad criticidad severidade gravidade gravità "
    "важность 告警级别 级别 严重级别 严重程度 重要度 深刻度",
    "priority": "priorität priorité prioridad prioridade priorità приоритет 优先级 優先度",
    "service": "dienst servicio serviço servizio сервис 服务 服务名 服务名称 サービス サービス名",
    "namespace": "ns namensraum 命名空间 名前空間",
    "alertname": "告警名称 アラート名",
    "status": "zustand état statut estado stato статус 状态 告警状态 状態",
}
_SYNONYMS: Final = {word: name for name, words in _ABROAD.items() for word in words.split()}
DIMENSIONS: Final = frozenset(_KNOWN.split())
"""Labels that say what the alarm is about. Values, thresholds, counts and times have other names."""

_VOLATILE: Final = frozenset(
    {"pod", "pod_name", "podname", "instance", "instanceid", "container_id", "uid", "id"}
)


def canonical(name: str) -> str:
    """`Alarm Name` and `alarm-name` are `alarm_name`, `Schweregrad` and `告警级别` are `severity`."""
    plain = _NOT_NAME.sub("_", name.strip().strip("*_`:：").lower()).strip("_")
    return _SYNONYMS.get(plain, plain)


def clean(value: str) -> str:
    """A value without the markup around it."""
    return value.strip().strip("`*").strip()


def merged(*sources: Mapping[str, str]) -> dict[str, str]:
    """One bounded mapping with canonical names; what comes first wins."""
    result: dict[str, str] = {}
    for source in sources:
        for name, value in source.items():
            key, text = canonical(name), clean(value)
            if key and text and len(text) <= MAX_VALUE and len(result) < MAX_LABELS:
                result.setdefault(key, text)
    return result


def quoted_pairs(text: str) -> dict[str, str]:
    """`name="value"` pairs anywhere in a text."""
    return {match[1]: match[2] for match in _QUOTED.finditer(text[:20_000])}


def line_pairs(text: str) -> dict[str, str]:
    """Lines that are a name and a value: `- pod = web-1`, `• *job:* `web``, `Severity: critical`.

    A name that comes again (one block per alert) keeps its value only if it never changes.
    """
    values: dict[str, set[str]] = {}
    lines = (part for line in text[:20_000].splitlines() for part in _NEXT_PAIR.split(line[:600]))
    for line in lines:
        match = _LINE.match(line[:300])
        if match and "://" not in match["value"]:
            values.setdefault(canonical(match["name"]), set()).add(clean(match["value"]))
    single = {name: found.pop() for name, found in values.items() if len(found) == 1}
    return {name: value for name, value in single.items() if name and value}


def only(labels: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """The labels of these names, in the order of the names."""
    return {name: labels[name] for name in names if name in labels}


def dimensions(labels: Mapping[str, str], also: Iterable[str] = ()) -> dict[str, str]:
    """The labels that say what the alarm is about."""
    known = DIMENSIONS.union(also, _VOLATILE)
    return {name: value for name, value in labels.items() if name in known}


def identifying(labels: Mapping[str, str]) -> tuple[str, ...]:
    """Sorted `name=value` of the labels that an alarm keeps from firing to resolved.

    A pod or an instance is left out: the next occurrence of the same condition has another one.
    """
    kept = {name: value for name, value in labels.items() if name in DIMENSIONS - _VOLATILE}
    return tuple(f"{name}={value}" for name, value in sorted(kept.items()))
