"""Errors that a callee answered with: what they say is wrong is wrong there or further on, not where they are logged."""

from __future__ import annotations

import re

from .facts import Facts
from .log_reader import Complaint
from .world import Workload

_STATUS = re.compile(
    r"(?:rpc error: code = |StatusCode\.|StatusRuntimeException: |StatusCode=\"|\b\d{1,2} (?=[A-Z_]{5,}: ))(?P<code>[A-Za-z_]+)"
)
_OF_SERVERS = frozenset(
    {"unknown", "invalidargument", "notfound", "alreadyexists", "failedprecondition", "aborted", "outofrange", "internal", "dataloss"}
)  # fmt: skip
"""Statuses that handlers set (gRPC, statuscodes.md); clients make Unavailable and DeadlineExceeded themselves, and a refused
login is the client's own trouble."""


def is_answer(line: str) -> bool:
    """Whether a line passes on the status that a gRPC server answered with; of nested ones the outermost decides."""
    found = _STATUS.search(line)
    return found is not None and found["code"].replace("_", "").lower() in _OF_SERVERS


def answering(facts: Facts, complaint: Complaint) -> Workload | None:
    """The workload whose answer a line passes on, by the words of the line; None when they name none."""
    name = facts.calls.spoken_of(complaint.workload, complaint.line)
    service = facts.world.services.get(name)
    behind = facts.world.behind(service) if service else []
    found = behind[0] if behind else facts.world.named(name)
    return found if found and found.ref != complaint.workload else None


def beyond(facts: Facts, workload: str) -> frozenset[str]:
    """The names of everything that a workload (`kind/name`) depends on, without itself."""
    found = facts.world.workloads.get(workload)
    own = facts.concerned(found) if found else frozenset()
    return frozenset(facts.calls.reach([workload.partition("/")[2]])) - own
