"""What programs say of themselves and of those they log in to: exceptions, databases, certificates, pools, limits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from tocsin_mcp.kubernetes.triage.answers import answering, beyond
from tocsin_mcp.kubernetes.triage.facts import Facts, evidence
from tocsin_mcp.kubernetes.triage.fault import Fault, Tier
from tocsin_mcp.kubernetes.triage.log_reader import Complaint, Thrown
from tocsin_mcp.kubernetes.triage.objects import entries, text

_OF_THE_CLIENT = {
    "db_credentials": ("database_credentials", 0.9, "The database refuses its user or password."),
    "db_missing": (
        "database_missing",
        0.85,
        "It asks for a database, table or column that does not exist.",
    ),
    "credentials": ("credentials_rejected", 0.7, "Another service refuses its login."),
    "rbac": (
        "rbac_denied",
        0.85,
        "Its service account may not do what it asks of the Kubernetes API.",
    ),
    "pool": ("connection_pool_exhausted", 0.85, "Its own pool has no connection left."),
    "cert_untrusted": (
        "certificate_untrusted",
        0.85,
        "It does not know who signed the certificate.",
    ),
    "rate_limited": ("rate_limited", 0.6, "Somebody limits its requests."),
    "deadlock": ("database_deadlock", 0.7, "Its transactions wait for each other."),
    "address_in_use": (
        "port_conflict",
        0.92,
        "The port that it wants is taken by another process of its pod.",
    ),
}
_OF_THE_SERVER = {
    "db_connections": ("database_connections_exhausted", 0.9, "It has no connection left."),
    "store_full": ("heap_exhausted", 0.9, "It has reached its own memory limit."),
    "db_read_only": ("database_read_only", 0.92, "It accepts no writes."),
    "db_full": ("disk_full", 0.9, "Its disk has no space left."),
    "cert_expired": ("certificate_expired", 0.9, "Its certificate is past its end."),
    "cert_name": ("certificate_wrong_name", 0.88, "Its certificate is for another name."),
}
_RECEIVED = re.compile(
    r"^(?!.*://).*?(?:\b(?:path|uri|url|route|request)[=:]\W{0,2}|\b(?:GET|POST|PUT|PATCH|DELETE) )/"
)
"""A refusal that names a path and no host is the program's own answer to somebody who has no login."""

_TOLD = 0.55
"""How sure an error is that only somebody's caller tells of."""

_UNWRITABLE = {
    "disk_full": ("disk_full", "Its disk has no space left, so it accepts no writes."),
    "read_only_fs": ("volume_read_only", "Its volume is read-only, so it accepts no writes."),
    "permission": (
        "volume_permission_denied",
        "It may not write to its volume, so it accepts no writes.",
    ),
}
"""What a database may say itself of why it accepts no writes."""

_DATABASES = (
    "mysql",
    "mariadb",
    "postgres",
    "mongo",
    "redis",
    "cockroach",
    "mssql",
    "cassandra",
    "elasticsearch",
    "opensearch",
    "db",
)
_SAY_THEIR_NAMES = frozenset({"redis", "elasticsearch", "opensearch"})
"""Their drivers do in every error, so that a line without a name is of another."""


_OF_KIND = (
    (re.compile(r"mysql|mariadb", re.IGNORECASE), ("mysql", "maria", "percona")),
    (re.compile(r"\bPG::|postgres|npgsql|\bpq:|psql", re.IGNORECASE), ("postgres", "pg", "psql")),
    (re.compile(r"mongo", re.IGNORECASE), ("mongo",)),
    (
        re.compile(r"elastic|opensearch|cluster_block|watermark", re.IGNORECASE),
        ("elastic", "opensearch"),
    ),
    (
        re.compile(r"SqlClient|SQL Server|filegroup", re.IGNORECASE),
        ("mssql", "sqlserver", "sql-server"),
    ),
    (
        re.compile(
            r"redis|maxmemory|MISCONF|READONLY You|ERR max number of clients", re.IGNORECASE
        ),
        ("redis", "valkey", "dragonfly"),
    ),
)
"""How drivers name themselves, and what their databases are called."""


def find(facts: Facts) -> Iterator[Fault]:
    """Signals: stack traces with frames of their own code; the words of drivers for refused logins, exhausted connections,
    read-only databases, deadlocks; TLS errors; "address already in use"; error lines that name nobody."""
    for complaint in facts.complaints.signs:
        if complaint.answer:
            yield from _answered(facts, complaint)
        else:
            yield from _known(facts, complaint)
    for thrown in facts.complaints.thrown:
        if not thrown.trace.is_victim:
            yield _exception(facts, thrown)
    for complaint in facts.complaints.others:
        yield _own_errors(facts, complaint)


def _known(facts: Facts, complaint: Complaint) -> Iterator[Fault]:
    kind = complaint.sign.kind
    if kind == "credentials" and _RECEIVED.search(complaint.line):
        return
    if kind in _OF_THE_CLIENT:
        yield _client(facts, complaint, *_OF_THE_CLIENT[kind])
    elif kind in _OF_THE_SERVER:
        yield _server(facts, complaint, *_OF_THE_SERVER[kind])


def _answered(facts: Facts, complaint: Complaint) -> Iterator[Fault]:
    """What an answer of a callee says is believed of that callee, unless its own log says it; who logs it is a victim."""
    source = answering(facts, complaint)
    if source is None:
        for fault in _known(facts, complaint):
            blames = fault.blames | beyond(facts, complaint.workload)
            sure = min(fault.confidence, _TOLD)
            yield replace(fault, tier=Tier.EMITTED, confidence=sure, blames=blames, generic=True)
    elif not any(each.sign.kind == complaint.sign.kind for each in facts.complaints.of(source.ref)):
        for fault in _known(facts, replace(complaint, workload=source.ref)):
            blames = fault.blames | (beyond(facts, source.ref) - fault.names)
            victims = (complaint.workload, *fault.victims)
            yield replace(fault, tier=Tier.NAMED, blames=blames, victims=victims)


def _client(facts: Facts, complaint: Complaint, cause: str, sure: float, why: str) -> Fault:
    found = facts.world.workloads.get(complaint.workload)
    broken = facts.is_of_broken(complaint)
    if cause == "port_conflict" and not broken:
        sure = 0.5
    if broken:
        sure = max(sure, 0.9)  # what it says of its end is nearer to the cause than its exit code
    return Fault(
        object=complaint.workload,
        cause=cause,
        confidence=sure,
        why=why,
        evidence=evidence(complaint.line),
        tier=Tier.OWN_STATE,
        about=facts.concerned(found) if found else frozenset(),
        blames=facts.calls.edges.get(complaint.workload, frozenset()) & _stores(facts)
        if cause == "connection_pool_exhausted"
        else frozenset(),
        since=complaint.first,
    )


def _stores(facts: Facts) -> frozenset[str]:
    """Services of databases: a pool also runs dry when its database is away."""
    return frozenset(
        name
        for name, service in facts.world.services.items()
        if any(word in name for word in _DATABASES)
        or any(_is_store(facts, each.ref) for each in facts.world.behind(service))
    )


def _server(facts: Facts, complaint: Complaint, cause: str, sure: float, why: str) -> Fault:
    """The other side is to blame: the host that the line names, else the one database that the client calls."""
    service = facts.calls.service(complaint.sign.host) if complaint.sign.host else None
    called = facts.calls.edges.get(complaint.workload, frozenset())
    stores = [name for name in sorted(called) if _could_say(facts, name, complaint.line)]
    name = (
        service.name
        if service
        else stores[0]
        if len(stores) == 1 and complaint.sign.kind.startswith(("db_", "store_"))
        else ""
    )
    own = _is_store(facts, complaint.workload)
    behind = facts.world.behind(facts.world.services[name]) if name in facts.world.services else []
    blamed = behind[0].ref if behind and not own else complaint.workload
    if cause == "database_read_only":
        said = {each.sign.kind for each in facts.complaints.of(blamed)}
        reasons = [_UNWRITABLE[kind] for kind in _UNWRITABLE if kind in said]
        cause, why = reasons[0] if reasons else (cause, why)
    return Fault(
        object=blamed,
        cause=cause,
        confidence=sure,
        why=why,
        evidence=evidence(f"{complaint.pod}: {complaint.line}"),
        tier=Tier.OWN_STATE,
        about=frozenset({blamed.partition("/")[2], *([name] if name else [])}),
        related=(complaint.workload,) if blamed != complaint.workload else (),
        since=complaint.first,
        victims=(complaint.workload,) if blamed != complaint.workload else (),
    )


def _could_say(facts: Facts, name: str, line: str) -> bool:
    """Whether a service is a database, and of the kind that the line is of where it says so."""
    behind = facts.world.behind(facts.world.services[name])
    images = [text(each, "image") for one in behind for each in entries(one.spec, "containers")]
    known = " ".join([name, *images]).lower()
    kinds = [words for said, words in _OF_KIND if said.search(line)]
    wanted = kinds[0] if kinds else [each for each in _DATABASES if each not in _SAY_THEIR_NAMES]
    return any(word in known for word in wanted)


def _is_store(facts: Facts, workload: str) -> bool:
    found = facts.world.workloads.get(workload)
    images = [text(each, "image") for each in entries(found.spec, "containers")] if found else []
    return any(word in image for image in images for word in _DATABASES[:-1])


def _exception(facts: Facts, thrown: Thrown) -> Fault:
    found = facts.world.workloads.get(thrown.workload)
    frame = thrown.trace.frame
    where = f" at {frame}" if frame else ""
    located = bool(frame and frame.line)
    return Fault(
        object=thrown.workload,
        cause="code_exception",
        confidence=(0.8 if located else 0.6) - (0.2 if thrown.count == 1 else 0.0),
        why=f"Its own code throws {thrown.trace.exception or 'an exception'}{where} ({thrown.count} times in the last minutes).",
        evidence=evidence(thrown.line, str(frame) if frame else ""),
        tier=Tier.OWN_CODE,
        about=facts.concerned(found) if found else frozenset(),
        since=thrown.first,
    )


def _own_errors(facts: Facts, complaint: Complaint) -> Fault:
    found = facts.world.workloads.get(complaint.workload)
    return Fault(
        object=complaint.workload,
        cause="application_errors",
        confidence=0.5 if complaint.count > 2 else 0.2,
        why=f"It logs errors of its own ({complaint.count} of this kind in the last minutes).",
        evidence=evidence(complaint.line),
        tier=Tier.EMITTED,
        about=facts.concerned(found) if found else frozenset(),
        blames=facts.calls.edges.get(complaint.workload, frozenset()),
        generic=True,
        since=complaint.first,
    )
