"""Configuration: Secrets, ConfigMaps and keys that are missing, security contexts, settings that programs refuse."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin_mcp.kubernetes.triage.facts import Facts, evidence
from tocsin_mcp.kubernetes.triage.fault import Fault, Tier
from tocsin_mcp.kubernetes.triage.happenings import latest
from tocsin_mcp.kubernetes.triage.objects import Json, dig, entries, name_of, text
from tocsin_mcp.kubernetes.triage.pods import ContainerFacts, PodFacts

_WAITING = frozenset(
    {
        "CreateContainerConfigError",
        "CreateContainerError",
        "PostStartHookError",
        "PreCreateHookError",
    }
)
_SAYS = (
    ("secret_key_missing", re.compile(r"couldn't find key (?P<key>\S+) in Secret (?P<name>\S+)", re.IGNORECASE)),
    ("configmap_key_missing", re.compile(r"couldn't find key (?P<key>\S+) in ConfigMap (?P<name>\S+)", re.IGNORECASE)),
    ("secret_missing", re.compile(r"secrets? \"(?P<name>[^\"]+)\" not found", re.IGNORECASE)),
    ("configmap_missing", re.compile(r"configmaps? \"(?P<name>[^\"]+)\" not found", re.IGNORECASE)),
    ("secret_key_missing", re.compile(r"references non-existent secret key: (?P<key>\S+)", re.IGNORECASE)),
    ("configmap_key_missing", re.compile(r"references non-existent config key: (?P<key>\S+)", re.IGNORECASE)),
    ("security_context_invalid", re.compile(r"runAsNonRoot|non-numeric user|run as root|non-root policy", re.IGNORECASE)),
)  # fmt: skip
_OF_EVERY_NAMESPACE = "kube-root-ca.crt"
_WHY = {
    "secret_missing": "A Secret that it needs does not exist",
    "secret_key_missing": "A Secret lacks a key that it needs",
    "configmap_missing": "A ConfigMap that it needs does not exist",
    "configmap_key_missing": "A ConfigMap lacks a key that it needs",
    "security_context_invalid": "Its security context forbids the image's user",
    "container_create_failed": "The container cannot be created",
    "lifecycle_hook_failed": "Its postStart hook fails",
}
_FROM_LOGS = {
    "config_missing": ("config_value_missing", "The program says that a setting is missing"),
    "config_invalid": ("config_value_invalid", "The program refuses the value of a setting"),
}


def find(facts: Facts) -> Iterator[Fault]:
    """Signals: waiting reasons CreateContainerConfigError and the like with their message now; FailedMount of a pod that
    still waits; references in the spec to objects that do not exist; settings that a failing program names."""
    for pod in facts.live_pods:
        if pod.ready:
            continue
        stated = [each for each in pod.all_containers if each.waiting in _WAITING]
        for container in stated:
            yield _stated(facts, pod, container)
        yield from _same_port(facts, pod)
        if not stated and _waits(pod):
            yield from _mounted(facts, pod)
    yield from _refused(facts)


def _same_port(facts: Facts, pod: PodFacts) -> Iterator[Fault]:
    """Containers of a pod share its network: of two with one port the second cannot start."""
    owners: dict[tuple[str, str], str] = {}
    for container in pod.containers:
        for port in container.ports:
            key = (text(port, "containerPort"), text(port, "protocol") or "TCP")
            other = owners.setdefault(key, container.name)
            if other != container.name and any(each.endings for each in pod.containers):
                yield Fault(
                    object=facts.world.owner(pod),
                    cause="port_conflict",
                    confidence=0.88,
                    why=f"Containers {other} and {container.name} both want port {key[0]}.",
                    evidence=evidence(
                        f"pod/{pod.name}: {other} and {container.name} declare port {key[0]}/{key[1]}"
                    ),
                    about=facts.about(pod),
                    related=(pod.ref,),
                )


def _waits(pod: PodFacts) -> bool:
    """Whether no container has started yet on its node."""
    return bool(pod.node) and not any(each.running or each.endings for each in pod.all_containers)


def _stated(facts: Facts, pod: PodFacts, container: ContainerFacts) -> Fault:
    event = latest(facts.events_of(pod), "Failed", "FailedPostStartHook")
    said = container.detail or (event.message if event else "")
    cause, name = understood(said)
    if not cause and container.waiting == "PostStartHookError":
        cause = "lifecycle_hook_failed"
    return _fault(
        facts, pod, cause or "container_create_failed", name, f"{container.waiting}: {said}"
    )


def understood(said: str) -> tuple[str, str]:
    """The cause that a message means, and the object or key that it names; empty texts for none."""
    for cause, pattern in _SAYS:
        found = pattern.search(said)
        if found:
            groups = found.groupdict()
            named = (groups.get("name") or "").rpartition("/")[2]
            return cause, " key ".join(each for each in (named, groups.get("key") or "") if each)
    return "", ""


def _mounted(facts: Facts, pod: PodFacts) -> Iterator[Fault]:
    for event in facts.events_of(pod):
        cause, name = understood(event.message) if event.reason == "FailedMount" else ("", "")
        if cause:
            yield _fault(facts, pod, cause, name, event.line)
            return
    for cause, name in _lost(facts, pod):
        yield _fault(facts, pod, cause, name, f"pod/{pod.name} waits, its spec names {name}")


def _fault(facts: Facts, pod: PodFacts, cause: str, name: str, said: str) -> Fault:
    what = {"secret": "secret", "config": "configmap"}.get(
        cause.split("_")[0].removesuffix("map"), ""
    )
    return Fault(
        object=facts.world.owner(pod),
        cause=cause,
        confidence=0.93
        if cause not in ("container_create_failed", "lifecycle_hook_failed")
        else 0.75,
        why=f"{_WHY[cause]}{': ' + name if name else ''}.",
        evidence=evidence(f"pod/{pod.name}: {said}"),
        about=facts.about(pod),
        related=(pod.ref, *([f"{what}/{name.split()[0]}"] if what and name else [])),
        generic=cause == "container_create_failed",
        since=pod.created,
    )


def _lost(facts: Facts, pod: PodFacts) -> Iterator[tuple[str, str]]:
    """References of a waiting pod to what was read and is not there."""
    for plural, cause, names in (
        ("secrets", "secret_missing", _secret_names(pod.spec)),
        ("configmaps", "configmap_missing", _map_names(pod.spec)),
    ):
        there = {name_of(item) for item in facts.snapshot.all(plural)}
        if facts.snapshot.knows(plural) and there:
            yield from ((cause, name) for name in names if name not in there)


def _secret_names(spec: Json) -> list[str]:
    found = [
        text(each, "secret", "secretName")
        for each in entries(spec, "volumes")
        if not _optional(each, "secret")
    ]
    found += [*_projected(spec, "secret"), *_references(spec, "secretRef", "secretKeyRef")]
    return [each for each in found if each]


def _map_names(spec: Json) -> list[str]:
    found = [
        text(each, "configMap", "name")
        for each in entries(spec, "volumes")
        if not _optional(each, "configMap")
    ]
    found += [
        *_projected(spec, "configMap"),
        *_references(spec, "configMapRef", "configMapKeyRef"),
    ]
    return [each for each in found if each and each != _OF_EVERY_NAMESPACE]


def _projected(spec: Json, kind: str) -> list[str]:
    return [
        text(source, kind, "name")
        for volume in entries(spec, "volumes")
        for source in entries(volume, "projected", "sources")
        if not _optional(source, kind)
    ]


def _references(spec: Json, whole: str, single: str) -> Iterator[str]:
    for container in [*entries(spec, "initContainers"), *entries(spec, "containers")]:
        for source in entries(container, "envFrom"):
            if not _optional(source, whole):
                yield text(source, whole, "name")
        for variable in entries(container, "env"):
            if not _optional(dig(variable, "valueFrom"), single):
                yield text(variable, "valueFrom", single, "name")


def _optional(item: object, key: str) -> bool:
    return dig(item, key, "optional") is True


def _refused(facts: Facts) -> Iterator[Fault]:
    """Programs name the setting themselves; believed of those that do not serve."""
    for complaint in facts.complaints.signs:
        known = _FROM_LOGS.get(complaint.sign.kind)
        workload = facts.world.workloads.get(complaint.workload)
        if known is None or workload is None or not facts.is_of_broken(complaint):
            continue
        cause, why = known
        key = complaint.sign.detail
        given = any(key in pairs_of(each) for each in entries(workload.spec, "containers"))
        note = f" {key} is in the pod's variables." if key and given else ""
        yield Fault(
            object=complaint.workload,
            cause=cause,
            confidence=0.88,
            why=f"{why}{': ' + key if key else ''}.{note}",
            evidence=evidence(complaint.line),
            tier=Tier.OWN_STATE,
            about=facts.concerned(workload),
            since=complaint.first,
        )


def pairs_of(container: Json) -> dict[str, str]:
    """A container's literal variables."""
    return {text(each, "name"): text(each, "value") for each in entries(container, "env")}
