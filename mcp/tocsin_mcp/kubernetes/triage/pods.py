"""One pod as the rules need it: its containers' states, how they ended, and whether it serves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from .mesh import written_by_author
from .objects import Json, condition, dig, entries, labels_of, moment, name_of, number, text


@dataclass(frozen=True)
class Ending:
    """How an instance of a container ended."""

    code: int
    reason: str
    message: str
    started: datetime | None
    finished: datetime | None

    @property
    def lived(self) -> float | None:
        """Seconds from start to end."""
        if self.started is None or self.finished is None:
            return None
        return (self.finished - self.started).total_seconds()


@dataclass(frozen=True)
class ContainerFacts:
    """A container's spec and status. `waiting` is the reason why it does not run, `detail` the message with it."""

    name: str
    spec: Json
    rewritten: frozenset[str]
    """Probes that a service mesh asks in the kubelet's place; `spec` holds them as they were."""
    ready: bool
    running: bool
    restarts: int
    waiting: str
    detail: str
    init: bool
    endings: tuple[Ending, ...]
    """The present termination, then the last one."""
    started: datetime | None

    @property
    def ending(self) -> Ending | None:
        """The latest known end."""
        return self.endings[0] if self.endings else None

    @property
    def ports(self) -> list[Json]:
        """The declared ports."""
        return entries(self.spec, "ports")


class PodFacts:
    """Reads a pod once."""

    def __init__(self, item: Json) -> None:
        self.item = item
        self.name = name_of(item)

    @property
    def ref(self) -> str:
        """`pod/cart-0`."""
        return f"pod/{self.name}"

    @cached_property
    def phase(self) -> str:
        """`Pending`, `Running`, `Succeeded`, `Failed`, `Unknown`."""
        return text(self.item, "status", "phase")

    @property
    def ip(self) -> str:
        """Its address, empty before it has one."""
        return text(self.item, "status", "podIP")

    @property
    def node(self) -> str:
        """The node that it is bound to, empty while it is not."""
        return text(self.item, "spec", "nodeName")

    @property
    def hash(self) -> str:
        """The label `pod-template-hash`."""
        return labels_of(self.item).get("pod-template-hash", "")

    @cached_property
    def owner(self) -> tuple[str, str]:
        """Kind (lower case) and name of its controller."""
        return owner_of(self.item)

    @property
    def deleted(self) -> bool:
        """Whether it is being deleted."""
        return bool(text(self.item, "metadata", "deletionTimestamp"))

    @property
    def finished(self) -> bool:
        """Whether it ran to completion, or failed for good, as jobs' and evicted pods do."""
        return self.phase in ("Succeeded", "Failed")

    @cached_property
    def ready(self) -> bool:
        """The condition Ready; without it, whether all containers are ready."""
        found = condition(self.item, "Ready")
        if found:
            return text(found, "status") == "True"
        return bool(self.containers) and all(each.ready for each in self.containers)

    @property
    def created(self) -> datetime | None:
        """`metadata.creationTimestamp`."""
        return moment(self.item, "metadata", "creationTimestamp")

    @property
    def spec(self) -> Json:
        """`spec`."""
        found = dig(self.item, "spec")
        return found if isinstance(found, dict) else {}

    @cached_property
    def containers(self) -> tuple[ContainerFacts, ...]:
        """The regular containers."""
        return tuple(self._containers("containers", "containerStatuses", init=False))

    @cached_property
    def initial(self) -> tuple[ContainerFacts, ...]:
        """The init containers."""
        return tuple(self._containers("initContainers", "initContainerStatuses", init=True))

    @property
    def all_containers(self) -> tuple[ContainerFacts, ...]:
        """Init containers, then regular ones."""
        return (*self.initial, *self.containers)

    def _containers(self, where: str, statuses: str, *, init: bool) -> Iterable[ContainerFacts]:
        by_name = {text(each, "name"): each for each in entries(self.item, "status", statuses)}
        for spec in entries(self.item, "spec", where):
            status = by_name.get(text(spec, "name"), {})
            written, rewritten = written_by_author(self.item, spec)
            yield _container(written, rewritten, status, init)


def owner_of(item: Json) -> tuple[str, str]:
    """Kind (lower case) and name of an object's controller, empty texts when it has none."""
    for owner in entries(item, "metadata", "ownerReferences"):
        return text(owner, "kind").lower(), text(owner, "name")
    return "", ""


def _container(spec: Json, rewritten: frozenset[str], status: Json, init: bool) -> ContainerFacts:
    endings = [
        _ending(state)
        for state in (dig(status, "state", "terminated"), dig(status, "lastState", "terminated"))
        if isinstance(state, dict)
    ]
    return ContainerFacts(
        name=text(spec, "name"),
        spec=spec,
        rewritten=rewritten,
        ready=dig(status, "ready") is True,
        running=isinstance(dig(status, "state", "running"), dict),
        restarts=number(status, "restartCount"),
        waiting=text(status, "state", "waiting", "reason"),
        detail=text(status, "state", "waiting", "message"),
        init=init,
        endings=tuple(endings),
        started=moment(status, "state", "running", "startedAt"),
    )


def _ending(state: Json) -> Ending:
    return Ending(
        code=number(state, "exitCode"),
        reason=text(state, "reason"),
        message=text(state, "message"),
        started=moment(state, "startedAt"),
        finished=moment(state, "finishedAt"),
    )
