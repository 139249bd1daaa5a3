"""Images that cannot be pulled: a wrong name, a missing login, or a registry that cannot be reached."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin_mcp.kubernetes.triage.facts import Facts, evidence
from tocsin_mcp.kubernetes.triage.fault import Fault
from tocsin_mcp.kubernetes.triage.happenings import latest
from tocsin_mcp.kubernetes.triage.history import previous_spec
from tocsin_mcp.kubernetes.triage.objects import entries, name_of, text
from tocsin_mcp.kubernetes.triage.pods import ContainerFacts, PodFacts

WAITING = frozenset(
    {"ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName", "ImageInspectError", "RegistryUnavailable"}
)  # fmt: skip
_SAYS = (
    ("image_registry_unresolvable", re.compile(r"no such host|server misbehaving|name resolution|lookup \S+.*(?:i/o timeout|timed out)", re.IGNORECASE)),
    ("image_registry_certificate", re.compile(r"x509|certificate|tls: ", re.IGNORECASE)),
    ("image_rate_limited", re.compile(r"toomanyrequests|rate limit|429 Too Many", re.IGNORECASE)),
    ("image_platform_mismatch", re.compile(r"no match for platform|no matching manifest for|no image found in (?:image index|manifest list) for", re.IGNORECASE)),
    ("denied", re.compile(r"\b40[13]\b|unauthorized|denied|insufficient_scope|anonymous token|authentication required|authorization failed|no basic auth", re.IGNORECASE)),
    ("image_not_found", re.compile(r"not found|manifest unknown|name unknown|does not exist|repository name not known|not exist", re.IGNORECASE)),
    ("image_registry_unreachable", re.compile(r"i/o timeout|connection refused|no route to host|handshake timeout|deadline exceeded|request canceled|unreachable|\bEOF\b|50[0234] ", re.IGNORECASE)),
    ("image_name_invalid", re.compile(r"invalid reference format|couldn't parse image|InvalidImageName", re.IGNORECASE)),
)  # fmt: skip
_WHY = {
    "image_not_found": "The registry has no such tag or repository.",
    "image_pull_secret_missing": "The registry wants a login and the pod brings none that exists.",
    "image_pull_unauthorized": "The registry refuses the login in the pod's pull secret.",
    "image_registry_unresolvable": "The name of the registry cannot be resolved.",
    "image_registry_unreachable": "The registry does not answer.",
    "image_registry_certificate": "The certificate of the registry is not accepted.",
    "image_rate_limited": "The registry limits the number of pulls.",
    "image_name_invalid": "The name of the image cannot be parsed.",
    "image_never_pulled": "The pull policy is Never and the node does not have the image.",
    "image_platform_mismatch": "The image is not built for the node's processor.",
    "image_pull_failed": "The image cannot be pulled; the message does not say why.",
}


def find(facts: Facts) -> Iterator[Fault]:
    """Signals: the container's waiting reason now, with the message there or in the pod's newest Failed event, and the
    pull secrets of pod and service account."""
    for pod in facts.live_pods:
        for container in pod.all_containers:
            if container.waiting in WAITING:
                yield _fault(facts, pod, container)


def _fault(facts: Facts, pod: PodFacts, container: ContainerFacts) -> Fault:
    said = _message(facts, pod, container)
    image = text(container.spec, "image")
    cause = _cause(facts, pod, container, said)
    lost = _lost_secrets(facts, pod)
    return Fault(
        object=facts.world.owner(pod),
        cause=cause,
        confidence=0.6 if cause == "image_pull_failed" else 0.94,
        why=f"Image {image} cannot be pulled. {_WHY[cause]}"
        + (f" Pull secret {', '.join(lost)} does not exist." if lost else ""),
        evidence=evidence(f"pod/{pod.name} {container.name}: {container.waiting}", said),
        about=facts.about(pod),
        related=(pod.ref,),
        since=pod.created,
    )


def _message(facts: Facts, pod: PodFacts, container: ContainerFacts) -> str:
    """The message of the waiting state says why only in newer versions; events say it in all."""
    if any(pattern.search(container.detail) for _, pattern in _SAYS):
        return container.detail
    failed = [each for each in facts.events_of(pod) if each.reason in ("Failed", "InspectFailed")]
    told = next(
        (each for each in failed if "pull" in each.message and "Error: " not in each.message[:8]),
        None,
    )
    return told.message if told else container.detail


def _cause(facts: Facts, pod: PodFacts, container: ContainerFacts, said: str) -> str:
    if container.waiting == "ErrImageNeverPull":
        return "image_never_pulled"
    if container.waiting == "InvalidImageName":
        return "image_name_invalid"
    found = next((cause for cause, pattern in _SAYS if pattern.search(said)), "image_pull_failed")
    return _denied(facts, pod, container) if found == "denied" else found


def _denied(facts: Facts, pod: PodFacts, container: ContainerFacts) -> str:
    """Registries answer "denied" to strangers also for what does not exist: who else pulls from there tells them apart."""
    secrets = _secrets(facts, pod)
    if secrets and not _lost_secrets(facts, pod):
        return "image_pull_unauthorized"
    if secrets or _event_of_lost_secret(facts, pod):
        return "image_pull_secret_missing"
    before = previous_spec(facts.workload(pod))
    if entries(before, "imagePullSecrets"):
        return "image_pull_secret_missing"
    mine = text(container.spec, "image")
    peers = [
        text(each.spec, "image")
        for other in facts.live_pods
        for each in other.containers
        if other.ready and not _secrets(facts, other)
    ]
    same_place = [image for image in peers if _folder(image) == _folder(mine)]
    return "image_not_found" if same_place else "image_pull_secret_missing"


def _folder(image: str) -> str:
    """Registry and path without the last name: `registry/team` of `registry/team/app:1`."""
    return image.partition("@")[0].rpartition("/")[0] or "docker.io/library"


def _secrets(facts: Facts, pod: PodFacts) -> list[str]:
    account = text(pod.spec, "serviceAccountName") or "default"
    of_account = [
        text(each, "name")
        for item in facts.snapshot.all("serviceaccounts")
        if name_of(item) == account
        for each in entries(item, "imagePullSecrets")
    ]
    return [text(each, "name") for each in entries(pod.spec, "imagePullSecrets")] + of_account


def _lost_secrets(facts: Facts, pod: PodFacts) -> list[str]:
    event = _event_of_lost_secret(facts, pod)
    wanted = _secrets(facts, pod)
    if event:
        return [each for each in wanted if each in event] or wanted
    known = {name_of(item) for item in facts.snapshot.all("secrets")}
    return [
        each for each in wanted if facts.snapshot.knows("secrets") and known and each not in known
    ]


def _event_of_lost_secret(facts: Facts, pod: PodFacts) -> str:
    event = latest(facts.events_of(pod), "FailedToRetrieveImagePullSecret")
    return event.message if event else ""
