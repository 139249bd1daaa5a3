"""Errors that a callee answered with: what they say is wrong is wrong there or further on, not where they are logged."""

from __future__ import annotations

from .facts import Facts
from .log_reader import Complaint
from .phrases import routed_to
from .world import Workload


def answering(facts: Facts, complaint: Complaint) -> Workload | None:
    """The workload whose answer a line passes on, by the words of the line or the path of its request; None when they
    name none."""
    called = facts.calls.called_by(complaint.workload)
    spoken = facts.calls.spoken_of(complaint.workload, complaint.line)
    name = spoken or routed_to(complaint.line, called)
    service = facts.world.services.get(name)
    behind = facts.world.behind(service) if service else []
    found = behind[0] if behind else facts.world.named(name)
    return found if found and found.ref != complaint.workload else None


def beyond(facts: Facts, workload: str) -> frozenset[str]:
    """The names of everything that a workload (`kind/name`) depends on, without itself."""
    found = facts.world.workloads.get(workload)
    own = facts.concerned(found) if found else frozenset()
    return frozenset(facts.calls.reach([workload.partition("/")[2]])) - own
