"""Volume claims that stay unbound: the claim compared with every volume, since the scheduler only says "unbound"."""

from __future__ import annotations

from collections.abc import Iterator

from tocsin_mcp.kubernetes.triage.facts import Facts, evidence
from tocsin_mcp.kubernetes.triage.fault import Fault
from tocsin_mcp.kubernetes.triage.happenings import latest
from tocsin_mcp.kubernetes.triage.objects import (
    Json,
    chosen,
    dig,
    labels_of,
    moment,
    name_of,
    pairs,
    quantity,
    text,
    words,
)
from tocsin_mcp.kubernetes.triage.pods import PodFacts

from .volumes import claims_of

_WHY = {
    "claim_storage_class_mismatch": "its storage class does not exist or no volume has it",
    "claim_access_mode_mismatch": "no volume offers its access modes",
    "claim_capacity_mismatch": "no volume is large enough",
    "claim_selector_mismatch": "no volume has the labels that it selects",
    "claim_volume_taken": "the volume that would fit belongs to another claim",
    "claim_provisioning_failed": "the storage driver could not make the volume",
    "claim_lost": "its volume is gone",
    "claim_unbound": "nothing says why",
    "claim_missing": "it does not exist",
}
_ORDER = ("claim_storage_class_mismatch", "claim_selector_mismatch", "claim_access_mode_mismatch",
          "claim_capacity_mismatch", "claim_volume_taken")  # fmt: skip
_STATIC = "kubernetes.io/no-provisioner"
"""The provisioner of classes whose volumes people make; that it makes none is no news."""

_LATE = ("WaitForFirstConsumer", "WaitForPodScheduled")


def find(facts: Facts) -> Iterator[Fault]:
    """Signals: claims in phase Pending or Lost that a waiting pod uses, compared with all volumes on class, modes,
    capacity, selector and claimRef; claims that a waiting pod names and that do not exist."""
    claims = {name_of(item): item for item in facts.snapshot.all("persistentvolumeclaims")}
    for pod in facts.live_pods:
        if pod.ready or (pod.node and any(each.running for each in pod.containers)):
            continue
        for ref in claims_of(pod):
            name = ref.partition("/")[2]
            if name in claims:
                yield from _bound_or_not(facts, pod, claims[name])
            elif facts.snapshot.knows("persistentvolumeclaims"):
                yield from _faults(
                    facts,
                    pod,
                    name,
                    "claim_missing",
                    _said(facts, pod) or f"pod/{pod.name} names {ref}",
                    0.9,
                )


def _bound_or_not(facts: Facts, pod: PodFacts, claim: Json) -> Iterator[Fault]:
    phase, name = text(claim, "status", "phase"), name_of(claim)
    if phase == "Lost":
        yield from _faults(
            facts, pod, name, "claim_lost", f"persistentvolumeclaim/{name}: Lost", 0.95
        )
    elif phase != "Bound":
        cause, said, sure = _reason(facts, claim)
        if cause:
            yield from _faults(facts, pod, name, cause, said, sure)


def _said(facts: Facts, pod: PodFacts) -> str:
    event = latest(facts.events_of(pod), "FailedScheduling")
    return event.line if event else ""


def _faults(
    facts: Facts, pod: PodFacts, claim: str, cause: str, said: str, sure: float
) -> Iterator[Fault]:
    ref = f"persistentvolumeclaim/{claim}"
    owner = facts.world.owner(pod)
    why = f"Claim {claim} is not bound: {_WHY[cause]}. Pod {pod.name} waits for it."
    quotes = evidence(said, _said(facts, pod))
    about = facts.about(pod) | {claim}
    first, second = (owner, ref) if cause == "claim_missing" else (ref, owner)
    yield Fault(
        first, cause, sure, why, quotes, about=about, related=(second, pod.ref), since=pod.created
    )
    yield Fault(
        second,
        cause,
        sure - 0.04,
        why,
        quotes,
        about=about,
        related=(first, pod.ref),
        since=pod.created,
    )


def _reason(facts: Facts, claim: Json) -> tuple[str, str, float]:
    """The cause, a quote and how sure; the cause is empty for a claim that merely waits for its first pod."""
    name = name_of(claim)
    failed = latest(
        facts.world.about("persistentvolumeclaim", name),
        "ProvisioningFailed",
        "FailedBinding",
        "VolumeMismatch",
    )
    wanted = text(claim, "spec", "storageClassName")
    classes = {name_of(item): item for item in facts.snapshot.all("storageclasses")}
    volumes = facts.snapshot.all("persistentvolumes")
    if (
        wanted
        and facts.snapshot.knows("storageclasses")
        and wanted not in classes
        and not _of_class(volumes, wanted)
    ):
        said = (
            failed.line
            if failed
            else f"persistentvolumeclaim/{name}: storage class {wanted} does not exist"
        )
        return "claim_storage_class_mismatch", said, 0.95
    static = bool(volumes) and text(classes.get(wanted), "provisioner") == _STATIC
    if (
        failed
        and failed.reason == "ProvisioningFailed"
        and "not found" not in failed.message
        and not static
    ):
        return _refused(failed.message), failed.line, 0.9
    if volumes:
        cause, said = _compared(claim, _meant(claim, volumes))
        sure = 0.6 if cause == "claim_volume_taken" and _is_dynamic(classes.get(wanted)) else 0.9
        return (
            cause if sure > 0.6 else "claim_unbound",
            f"persistentvolumeclaim/{name}: {said}",
            sure,
        )
    if failed:
        missing = "storageclass" in failed.message and "not found" in failed.message
        return "claim_storage_class_mismatch" if missing else "claim_unbound", failed.line, 0.85
    late = text(classes.get(wanted, {}), "volumeBindingMode") in _LATE
    return (
        ("", "", 0.0) if late else ("claim_unbound", f"persistentvolumeclaim/{name}: Pending", 0.6)
    )


def _refused(message: str) -> str:
    """What a storage driver objects to."""
    lower = message.lower()
    if "selector" in lower:
        return "claim_selector_mismatch"
    modes = "access mode" in lower or "accessmode" in lower or "volume capabilit" in lower
    return "claim_access_mode_mismatch" if modes else "claim_provisioning_failed"


def _meant(claim: Json, volumes: tuple[Json, ...]) -> tuple[Json, ...]:
    """The volume that the claim names, when it names one."""
    wanted = text(claim, "spec", "volumeName")
    return tuple(each for each in volumes if name_of(each) == wanted) or volumes


def _is_dynamic(storage_class: Json | None) -> bool:
    """A driver makes volumes when they are wanted: that others are taken is no reason."""
    driver = text(storage_class, "provisioner")
    return bool(driver) and driver != _STATIC


def _of_class(volumes: tuple[Json, ...], wanted: str) -> bool:
    return any(text(each, "spec", "storageClassName") == wanted for each in volumes)


def _compared(claim: Json, volumes: tuple[Json, ...]) -> tuple[str, str]:
    """The volume that fails the fewest tests is the one that was meant; what it fails first is the cause."""
    best: tuple[list[str], Json] | None = None
    for volume in volumes:
        failed = _failed_tests(claim, volume)
        if best is None or _likeness(claim, volume, failed) > _likeness(claim, best[1], best[0]):
            best = (failed, volume)
    if best is None or not best[0]:
        return "claim_unbound", "Pending although a volume fits"
    cause = next(each for each in _ORDER if each in best[0])
    return cause, f"{_asked(claim)}; {name_of(best[1])} {_offered(best[1])}"


def _likeness(claim: Json, volume: Json, failed: list[str]) -> tuple[int, bool, bool]:
    """Fewest failed tests; then the volume named alike, then the one not taken."""
    app = next(iter(name_of(claim).split("-")), "")
    return -len(failed), bool(app) and app in name_of(volume), "claim_volume_taken" not in failed


def _failed_tests(claim: Json, volume: Json) -> list[str]:
    wants, has = text(claim, "spec", "storageClassName"), text(volume, "spec", "storageClassName")
    modes = set(words(claim, "spec", "accessModes"))
    size = quantity(text(claim, "spec", "resources", "requests", "storage"))
    room = quantity(text(volume, "spec", "capacity", "storage"))
    selector = pairs(claim, "spec", "selector", "matchLabels")
    tests = {
        "claim_storage_class_mismatch": wants == has,
        "claim_access_mode_mismatch": modes <= set(words(volume, "spec", "accessModes")),
        "claim_capacity_mismatch": size is None or room is None or size <= room,
        "claim_selector_mismatch": not selector or chosen(selector, labels_of(volume)),
        "claim_volume_taken": _free_for(claim, volume),
    }
    return [cause for cause, passed in tests.items() if not passed]


def _free_for(claim: Json, volume: Json) -> bool:
    owner = dig(volume, "spec", "claimRef")
    mine = (
        text(owner, "name") == name_of(claim)
        and moment(claim, "metadata", "creationTimestamp") is not None
    )
    uid = text(owner, "uid")
    same = not uid or uid == text(claim, "metadata", "uid")
    return not owner or (mine and same)


def _asked(claim: Json) -> str:
    return (
        f"wants class {text(claim, 'spec', 'storageClassName') or 'none'}, "
        f"modes {', '.join(words(claim, 'spec', 'accessModes'))}, "
        f"{text(claim, 'spec', 'resources', 'requests', 'storage')}"
        + (
            f", labels {pairs(claim, 'spec', 'selector', 'matchLabels')}"
            if dig(claim, "spec", "selector")
            else ""
        )
    )


def _offered(volume: Json) -> str:
    owner = text(volume, "spec", "claimRef", "name")
    return (
        f"has class {text(volume, 'spec', 'storageClassName') or 'none'}, "
        f"modes {', '.join(words(volume, 'spec', 'accessModes'))}, {text(volume, 'spec', 'capacity', 'storage')}, "
        f"labels {labels_of(volume)}, {text(volume, 'status', 'phase')}"
        + (f", bound to {owner}" if owner else "")
    )
