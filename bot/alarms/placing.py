"""Where an alarm belongs: its service, namespace and severity, from its labels, its name, its text and the catalog.

What is known beats what is guessed: an explicit label comes first, then the catalog's own knowledge, then names that
merely look like a service. The identity of the alarm is never touched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bot.alarms.alarm import UNKNOWN_SERVICE, Alarm
from bot.alarms.catalog import Service, ServiceCatalog
from bot.alarms.kubernetes_names import (
    is_object_name,
    namespace_in,
    object_in,
    pods_in,
    service_like,
    workload_of,
)

_STRONG_NAMES: Final = (
    "service service_name servicename kube_service exported_service app application "
    "app_kubernetes_io_name deployment kube_deployment deploymentname k8s_deployment_name workload "
    "statefulset daemonset functionname function_name function"
)
_WEAK_NAMES: Final = "job exported_job container component targetgroup loadbalancer name ingress queuename project monitor"
_NAMESPACE_NAMES: Final = "namespace kube_namespace kubernetes_namespace k8s_namespace_name exported_namespace k8s_namespace"
_ENVIRONMENT_WORDS: Final = (
    "prod production prd staging stage stg dev development test qa uat sandbox live eks"
)
_SYMPTOM_WORDS: Final = (
    "error errors err errorrate 5xx 4xx 500 502 503 504 latency p50 p90 p95 p99 cpu memory mem disk "
    "high low rate alarm alert count oom oomkilled restart restarts restarting crash crashloop "
    "crashlooping availability unavailable unhealthy hosts host throttle throttles duration timeout "
    "timeouts queue depth down up failure failures failed failing slow requests traffic saturation "
    "exceptions exception health healthcheck check critical warning utilization usage logs log is too "
    "above below burn budget slo sli lag backlog age connections connection response time spike "
    "full space almost running out of missing stopped stuck drop dropped bad many composite any all"
)
_STRONG: Final = _STRONG_NAMES.split()
_PODS: Final = ("pod", "pod_name", "podname", "exported_pod")
_WEAK: Final = _WEAK_NAMES.split()
_NAMESPACES: Final = _NAMESPACE_NAMES.split()
_ENVIRONMENTS: Final = frozenset(_ENVIRONMENT_WORDS.split())
_SYMPTOMS: Final = frozenset(_SYMPTOM_WORDS.split())
_OBJECT_WORDS = re.compile(r"\A[A-Za-z0-9]+(?:[-_.][A-Za-z0-9]+)+\Z")


def place(alarm: Alarm, catalog: ServiceCatalog) -> Alarm:
    """The alarm with service, namespace and severity filled in, and the reason for each."""
    service, why = _service(alarm, catalog)
    known = catalog.find(service)
    namespace, why_namespace = _namespace(alarm, catalog, known)
    severity, label = alarm.severity, ""
    if catalog.severities:
        own, label = catalog.severity_in(alarm.labels)
        severity = own if label else severity
    reasons = {**alarm.reasons, "service": why, "namespace": why_namespace}
    reasons |= {"severity": f"label {label}, as the catalog reads it"} if label else {}
    changes = {"service": service, "namespace": namespace, "severity": severity, "reasons": reasons}
    return alarm.model_copy(update=changes)


def guess_service(name: str) -> str:
    """The service in an alarm's name: `prod-checkout-5xx` is of `checkout`. Empty when nothing tells it apart.

    Only names of several joined words are taken apart, and only when an environment or a symptom is among them.
    """
    if not _OBJECT_WORDS.match(name):
        return ""
    words = re.split(r"[-_.]", name.lower())
    rest = [word for word in words if word not in _ENVIRONMENTS and word not in _SYMPTOMS]
    guess = "-".join(rest)
    told_apart = any(word in _SYMPTOMS for word in words) and 1 <= len(rest) <= 4
    return guess if told_apart and is_object_name(guess) else ""


def _service(alarm: Alarm, catalog: ServiceCatalog) -> tuple[str, str]:
    found = (candidate for candidate in _candidates(alarm, catalog) if candidate[0])
    return next(found, (UNKNOWN_SERVICE, _nothing(alarm, catalog)))


def _candidates(alarm: Alarm, catalog: ServiceCatalog) -> Iterator[tuple[str, str]]:
    """Possible services, the surest first."""
    told = list(_told(alarm))
    for value, why in told:
        service = catalog.find(value)
        yield (service.name, f"{why}, in the catalog") if service else ("", "")
    matched = catalog.matching([alarm.name, *alarm.labels.values()])
    if matched:
        yield matched[0].name, f"the catalog's pattern {matched[1]}"
    yield from (candidate for candidate in told if candidate[1].startswith(("label", "dimension")))
    for text, where in ((alarm.name, "the alarm's name"), (alarm.text, "the text")):
        service = catalog.mentioned(text)
        yield (service.name, f"the catalog's name for it in {where}") if service else ("", "")
    yield from told
    yield object_in(alarm.text)[1], "the Kubernetes object in the text"
    yield guess_service(alarm.name), "what the alarm's name says beside environment and symptom"
    yield from ((workload_of(pod), f"the pod {pod} in the text") for pod in pods_in(alarm.text)[:1])
    yield service_like(alarm.text), "a word in the text that is built like a service's name"
    yield from (
        (alarm.labels[name], f"label {name}")
        for name in _WEAK
        if is_object_name(alarm.labels.get(name, "")) and alarm.labels[name] not in _ENVIRONMENTS
    )


def _told(alarm: Alarm) -> Iterator[tuple[str, str]]:
    """What labels and the reader say outright."""
    yield from ((alarm.labels[name], f"label {name}") for name in _STRONG if alarm.labels.get(name))
    yield from (
        (workload_of(alarm.labels[name]), f"label {name}")
        for name in _PODS
        if alarm.labels.get(name)
    )
    if alarm.service != UNKNOWN_SERVICE:
        yield alarm.service, alarm.reasons.get("service", "the reader")


def _namespace(alarm: Alarm, catalog: ServiceCatalog, known: Service | None) -> tuple[str, str]:
    for name in _NAMESPACES:
        if is_object_name(alarm.labels.get(name, "")):
            return alarm.labels[name], f"label {name}"
    if known and known.namespace:
        return known.namespace, f"the catalog's entry for {known.name}"
    for text, where in (
        (alarm.name, "the alarm's name"),
        (" ".join(alarm.labels.values()), "a label"),
    ):
        namespace = catalog.namespace_in(text)
        if namespace:
            return namespace, f"a word of {where}, in the catalog"
    last = (
        (object_in(alarm.text)[0], "the Kubernetes object in the text"),
        (
            alarm.namespace if is_object_name(alarm.namespace) else "",
            alarm.reasons.get("namespace", "the reader"),
        ),
        (namespace_in(alarm.text), "the word namespace in the text"),
    )
    return next((found for found in last if found[0]), ("", "nothing names one"))


def _nothing(alarm: Alarm, catalog: ServiceCatalog) -> str:
    near = catalog.nearest(alarm.name)
    return f"nothing names one; the catalog has {', '.join(near)}" if near else "nothing names one"
