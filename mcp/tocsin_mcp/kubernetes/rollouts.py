"""rollout_history: what each revision of a deployment changed, read from its ReplicaSets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from lightkube.models.core_v1 import PodSpec
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.apps_v1 import ReplicaSet

from tocsin_mcp.kit.output import counted, listed
from tocsin_mcp.kit.times import age, rfc3339

from .cluster import Cluster, Listing, problems
from .lookup import Workload, find, owned
from .source import source_revision
from .templates import facts, images, literals
from .wording import message

REVISION = "deployment.kubernetes.io/revision"
CHANGE_CAUSE = "kubernetes.io/change-cause"
RESTARTED = "kubectl.kubernetes.io/restartedAt"

_IGNORED_LABELS = {"pod-template-hash"}
_NARROW = "older revisions are cut first"


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision of a deployment. `number` is 0 when the ReplicaSet does not say."""

    number: int
    name: str
    created: datetime | None
    desired: int
    ready: int
    cause: str
    spec: PodSpec | None
    template: ObjectMeta


async def rollout_history(cluster: Cluster, deployment: str, namespace: str | None) -> str:
    """The tool's text, newest revision first. Raises the kit's errors."""
    place, now = await cluster.namespace(namespace), cluster.now()
    found = await find(cluster, f"deployment/{deployment}", place)
    history, listing = await revisions(cluster, found)
    if not history:
        why = "; ".join(problems(listing)) or "it has no ReplicaSets yet"
        return f"deployment/{found.name} in namespace {place}: no revisions to show, {why}."
    lines = [
        f"deployment/{found.name} in namespace {place}: {counted(len(history), 'revision')} kept, newest first, "
        f"at {rfc3339(now)}."
    ]
    lines += [f"Note: {text}." for text in problems(listing)]
    older: list[Revision | None] = [*history[1:], None]
    for revision, before in zip(history, older, strict=True):
        lines += [
            "",
            headline(revision, now),
            *_rollback(before, revision),
            *changes(before, revision),
        ]
    return listed(lines, narrow=_NARROW)


async def revisions(
    cluster: Cluster, found: Workload
) -> tuple[list[Revision], Listing[ReplicaSet]]:
    """A deployment's revisions, newest first, and the listing that they were read from."""
    listing = await cluster.permitted(ReplicaSet, found.namespace, found.selector)
    return revisions_in(listing.items, found), listing


def revisions_in(sets: Iterable[ReplicaSet], found: Workload) -> list[Revision]:
    """Of these ReplicaSets those of a deployment as its revisions, newest first."""
    mine = [_revision(item) for item in sets if owned(item.metadata, found)]
    return sorted(mine, key=lambda each: each.number, reverse=True)


def headline(revision: Revision, now: datetime) -> str:
    """`Revision 5 (cart-6c9f8d7b5), created … ago, 0/2 ready: image`, and the source revision where it is noted."""
    when = (
        f"created {rfc3339(revision.created)} ({age(revision.created, now)} ago)"
        if revision.created
        else ""
    )
    pods = f"{revision.ready}/{revision.desired} ready" if revision.desired else "scaled to 0"
    text = f"Revision {revision.number or '?'} ({revision.name}), {when}, {pods}: {', '.join(images(revision.spec))}"
    source = source_revision(revision.template.annotations, revision.template.labels)
    text += f" [source: {source}]" if source else ""
    return text + (f" [change-cause: {revision.cause}]" if revision.cause else "")


def _rollback(before: Revision | None, after: Revision) -> list[str]:
    """A revision older than the one before it came back: its creation time is not the time of the change."""
    if before and before.created and after.created and after.created < before.created:
        return ["  rolled back to: its ReplicaSet is older than that of the revision before"]
    return []


def changes(before: Revision | None, after: Revision) -> list[str]:
    """What `after` changed, as indented lines."""
    if before is None:
        return ["  (the oldest revision kept)"]
    found = [*_spec_changes(before, after), *_metadata_changes(before.template, after.template)]
    return [f"  {text}" for text in found] or ["  no difference in the pod template"]


def _spec_changes(before: Revision, after: Revision) -> list[str]:
    if before.spec is None or after.spec is None:
        return []
    old, new = facts(before.spec), facts(after.spec)
    hidden_old, hidden_new = literals(before.spec), literals(after.spec)
    lines = []
    for key in dict.fromkeys([*new, *old]):
        if old.get(key) != new.get(key):
            lines.append(_change(key, old.get(key), new.get(key)))
        elif hidden_old.get(_bare(key)) != hidden_new.get(_bare(key)):
            lines.append(f"~ {key}: changed (the value is not shown)")
    return lines


def _bare(key: str) -> str:
    return key.rpartition("container ")[2]


def _metadata_changes(before: ObjectMeta, after: ObjectMeta) -> list[str]:
    lines = []
    for title, old, new in (
        ("label", before.labels or {}, after.labels or {}),
        ("annotation", before.annotations or {}, after.annotations or {}),
    ):
        for key in sorted({*old, *new} - _IGNORED_LABELS):
            if old.get(key) != new.get(key):
                note = " (kubectl rollout restart)" if key == RESTARTED else ""
                lines.append(_change(f"{title} {key}", old.get(key), new.get(key)) + note)
    return lines


def _change(key: str, old: str | None, new: str | None) -> str:
    before, after = message(old), message(new)
    if old is None:
        return f"+ {key}: {after}"
    if new is None:
        return f"- {key}: {before}"
    return f"~ {key}: {before} -> {after}"


def _revision(item: ReplicaSet) -> Revision:
    metadata = item.metadata or ObjectMeta()
    notes = metadata.annotations or {}
    number = notes.get(REVISION, "")
    template = item.spec.template
    return Revision(
        number=int(number) if number.isascii() and number.isdigit() else 0,
        name=metadata.name or "?",
        created=metadata.creationTimestamp,
        desired=item.spec.replicas or 0,
        ready=(item.status and item.status.readyReplicas) or 0,
        cause=message(notes.get(CHANGE_CAUSE)),
        spec=template.spec if template else None,
        template=(template and template.metadata) or ObjectMeta(),
    )
