"""Pods that are never created: quotas, limit ranges, service accounts, admission and Pod Security."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin_mcp.kubernetes.triage.facts import Facts, evidence
from tocsin_mcp.kubernetes.triage.fault import Fault
from tocsin_mcp.kubernetes.triage.happenings import Happening
from tocsin_mcp.kubernetes.triage.objects import (
    Json,
    condition,
    entries,
    name_of,
    number,
    pairs,
    quantity,
    text,
)
from tocsin_mcp.kubernetes.triage.placement import requested
from tocsin_mcp.kubernetes.triage.world import Workload

_QUOTA = re.compile(
    r"exceeded quota: (?P<name>[^,\s]+), requested: (?P<asked>.+?), used: (?P<used>.+?), limited: (?P<limit>.+?)(?:$|\s\()"
)
_ANY_QUOTA = re.compile(r"exceeded quota: (?P<name>[\w.-]+)")
_MUST = re.compile(r"failed quota: (?P<name>[\w.-]+): must specify")
_ACCOUNT = re.compile(
    r"service ?account \"?(?P<name>[\w.-]+)\"? (?:was )?not found|looking up service account [\w-]+/(?P<also>[\w.-]+)",
    re.IGNORECASE,
)
_SAYS = (
    ("limit_range", re.compile(r"(?:maximum|minimum) \S+ (?:usage|limit) per|max(?:imum)? limit to request ratio|LimitRange", re.IGNORECASE)),
    ("pod_security", re.compile(r"violates PodSecurity|PodSecurityPolicy|unable to validate against any (?:pod )?security", re.IGNORECASE)),
    ("admission_webhook_unavailable", re.compile(r"failed calling webhook|failed to call webhook", re.IGNORECASE)),
    ("admission_denied", re.compile(r"admission webhook .{0,200}denied|ValidatingAdmissionPolicy .{0,200}denied|denied the request", re.IGNORECASE)),
    ("priority_class_missing", re.compile(r"no PriorityClass", re.IGNORECASE)),
)  # fmt: skip
_OF_EVERY_NAMESPACE = frozenset({"pods", "count/pods", "services", "count/services"})
_SMALL_VOLUME = 2.0**30
_RESOURCES = (
    ("quota_services", re.compile(r"services|loadbalancers|nodeports")),
    ("quota_storage", re.compile(r"storage|persistentvolumeclaims")),
    ("quota_cpu", re.compile(r"cpu")),
    ("quota_memory", re.compile(r"memory")),
    ("quota_pods", re.compile(r"pods")),
)
_WHY = {
    "limit_range": "The pod's resources are outside the namespace's limits.",
    "pod_security": "The namespace's Pod Security level forbids it.",
    "admission_webhook_unavailable": "An admission webhook that must agree does not answer.",
    "admission_denied": "An admission webhook or policy refuses it.",
    "priority_class_missing": "Its priority class does not exist.",
    "create_refused": "The API refuses to create its pods.",
}


def find(facts: Facts) -> Iterator[Fault]:
    """Signals: a controller with fewer pods than wanted; then its condition ReplicaFailure or its newest FailedCreate, if
    nothing was created after it; without either, quotas and service accounts compared with what the pod asks for."""
    for workload in facts.world.workloads.values():
        if workload.kind != "job" and _lacks_pods(facts, workload):
            said = _said(facts, workload)
            yield from _understood(facts, workload, said) if said else _compared(facts, workload)
    yield from _claims(facts)


def _lacks_pods(facts: Facts, workload: Workload) -> bool:
    if workload.revisions:
        newest = workload.revisions[0]
        wanted = number(newest, "spec", "replicas")
        have = number(newest, "status", "replicas")
        lacking = wanted > have
    else:
        lacking = sum(1 for pod in workload.pods if not pod.finished) < workload.desired
    return lacking or text(condition(workload.item, "ReplicaFailure"), "status") == "True"


def _said(facts: Facts, workload: Workload) -> str:
    """What the API answered last; empty when a pod was created since, even one that is finished."""
    events = [
        event for kind, name in workload.controllers for event in facts.world.about(kind, name)
    ]
    newest = max(
        (each for each in events if each.reason in ("FailedCreate", "SuccessfulCreate")),
        key=_order,
        default=None,
    )
    made = max((pod.created for pod in workload.pods if pod.created), default=None)
    if (
        newest
        and newest.reason == "FailedCreate"
        and not (made and newest.last and newest.last < made)
    ):
        return newest.message
    return text(condition(workload.item, "ReplicaFailure"), "message")


def _order(event: Happening) -> tuple[float, bool]:
    return event.last.timestamp() if event.last else 0.0, event.reason == "FailedCreate"


def _understood(facts: Facts, workload: Workload, said: str) -> Iterator[Fault]:
    quota = _QUOTA.search(said) or _ANY_QUOTA.search(said)
    if quota:
        yield from _quota(facts, workload, said, quota["name"], _resource_of(quota))
        return
    if must := _MUST.search(said):
        yield _fault(
            facts,
            workload,
            "quota_requires_resources",
            said,
            f"Quota {must['name']} demands requests or limits that it lacks.",
        )
        return
    if account := _ACCOUNT.search(said):
        name = account["name"] or account["also"]
        if not _account_exists(facts, name):
            yield _missing_account(facts, workload, name, said)
            return
    cause = next((cause for cause, pattern in _SAYS if pattern.search(said)), "")
    if not cause and account:
        yield from _compared(facts, workload)
    else:
        cause = cause or "create_refused"
        yield _fault(facts, workload, cause, said, _WHY[cause])


def _resource_of(quota: re.Match[str]) -> str:
    """The resource that does not fit: requested and used together exceed the limit."""
    groups = quota.groupdict()
    if not groups.get("asked"):
        return quota.string
    asked, used, limit = (_amounts(groups[key]) for key in ("asked", "used", "limit"))
    for name, amount in asked.items():
        if amount + used.get(name, 0.0) > limit.get(name, float("inf")):
            return name
    return next(iter(asked), "")


def _amounts(listed: str) -> dict[str, float]:
    parts = (each.partition("=") for each in listed.split(","))
    return {
        name.strip(): amount for name, _, value in parts if (amount := quantity(value)) is not None
    }


def quota_cause(resource: str) -> str:
    """The cause for a resource of a quota."""
    return next(
        (cause for cause, pattern in _RESOURCES if pattern.search(resource)), "quota_objects"
    )


def _quota(
    facts: Facts, workload: Workload, said: str, name: str, resource: str
) -> Iterator[Fault]:
    cause = quota_cause(resource)
    why = f"Quota {name} leaves no room ({resource}) for the pods of {workload.ref}."
    about = facts.concerned(workload) | {name}
    yield from of_quota(
        facts, cause, workload, name, why, evidence(f"{workload.ref}: {said}"), about
    )


def of_quota(
    facts: Facts,
    cause: str,
    workload: Workload,
    name: str,
    why: str,
    quotes: tuple[str, ...],
    about: frozenset[str],
) -> Iterator[Fault]:
    """A quota is the namespace's: that is the object; then the quota itself, then who lacks something by it."""
    place, quota = f"namespace/{facts.world.namespace}", f"resourcequota/{name}"
    refs = (place, quota, workload.ref)
    for ref, sure in zip(refs, (0.96, 0.93, 0.9), strict=True):
        yield Fault(ref, cause, sure, why, quotes, about=about, related=refs)


def _missing_account(facts: Facts, workload: Workload, name: str, said: str) -> Fault:
    why = f"Its pods need service account {name}, which does not exist."
    return _fault(facts, workload, "service_account_missing", said, why)


def _account_exists(facts: Facts, name: str) -> bool:
    return any(name_of(item) == name for item in facts.snapshot.all("serviceaccounts"))


def _compared(facts: Facts, workload: Workload) -> Iterator[Fault]:
    """Events are kept for an hour: without one, the objects themselves are asked."""
    account = text(workload.spec, "serviceAccountName")
    if account and facts.snapshot.all("serviceaccounts") and not _account_exists(facts, account):
        said = f"spec.serviceAccountName {account}, not among the service accounts"
        yield _missing_account(facts, workload, account, said)
        return
    for quota in facts.snapshot.all("resourcequotas"):
        resource = _exceeded(quota, requested(workload.spec), workload)
        if resource:
            hard, used = pairs(quota, "status", "hard"), pairs(quota, "status", "used")
            said = f"resourcequota/{name_of(quota)}: {resource} {used.get(resource)} of {hard.get(resource)}"
            yield from _quota(facts, workload, said, name_of(quota), resource)
            return
    yield Fault(
        object=workload.ref,
        cause="replicas_missing",
        confidence=0.55,
        why=f"{workload.desired} pods are wanted and {len(workload.pods)} exist; nothing says why.",
        evidence=evidence(f"{workload.ref}: {len(workload.pods)} of {workload.desired} pods"),
        about=facts.concerned(workload),
        generic=True,
    )


def _exceeded(quota: Json, wanted: dict[str, float], workload: Workload) -> str:
    hard, used = pairs(quota, "status", "hard"), pairs(quota, "status", "used")
    for resource, limit in hard.items():
        plain = (
            resource.rpartition(".")[2]
            if resource.startswith(("requests.", "limits."))
            else resource
        )
        asked = 1.0 if plain == "pods" else wanted.get(plain, 0.0)
        most, taken = quantity(limit), quantity(used.get(resource, "0"))
        if asked and most is not None and taken is not None and taken + asked > most:
            return resource
    return ""


def _fault(facts: Facts, workload: Workload, cause: str, said: str, why: str) -> Fault:
    return Fault(
        object=workload.ref,
        cause=cause,
        confidence=0.94 if cause != "create_refused" else 0.75,
        why=why,
        evidence=evidence(f"{workload.ref}: {said}"),
        about=facts.concerned(workload),
        related=tuple(f"{kind}/{name}" for kind, name in workload.controllers[1:]),
    )


def _claims(facts: Facts) -> Iterator[Fault]:
    """A claim that a pod names, that does not exist, while the storage quota leaves hardly any room."""
    there = {name_of(item) for item in facts.snapshot.all("persistentvolumeclaims")}
    for workload in facts.world.workloads.values():
        wanted = [
            text(each, "persistentVolumeClaim", "claimName")
            for each in entries(workload.spec, "volumes")
        ]
        lost = [name for name in wanted if name and name not in there]
        if not lost or (all(pod.ready for pod in workload.pods) and not workload.short):
            continue
        for quota in facts.snapshot.all("resourcequotas"):
            full = [each for each in _tight(quota) if quota_cause(each) == "quota_storage"]
            if full:
                room = f"{pairs(quota, 'status', 'used').get(full[0])} of {pairs(quota, 'status', 'hard').get(full[0])}"
                said = f"resourcequota/{name_of(quota)}: {full[0]} {room}; claim {lost[0]} does not exist"
                yield from _quota(facts, workload, said, name_of(quota), full[0])
                break


def _tight(quota: Json) -> list[str]:
    """The resources of which a quota leaves nothing, or less than a small volume's gibibyte."""
    hard, used = pairs(quota, "status", "hard"), pairs(quota, "status", "used")
    left = {
        name: most - (quantity(used.get(name, "0")) or 0.0)
        for name, limit in hard.items()
        if (most := quantity(limit)) is not None
    }
    counted = ("persistentvolumeclaims", "count/persistentvolumeclaims")
    return [name for name, room in left.items() if room < (1 if name in counted else _SMALL_VOLUME)]


def used_up(quota: Json) -> list[str]:
    """The resources of a quota of which nothing is left. A limit of 0 is a policy, except for what every namespace has."""
    hard, used = pairs(quota, "status", "hard"), pairs(quota, "status", "used")
    return [
        name
        for name, limit in hard.items()
        if (most := quantity(limit)) is not None
        and (most > 0 or name in _OF_EVERY_NAMESPACE)
        and (taken := quantity(used.get(name, "0"))) is not None
        and taken >= most
    ]
