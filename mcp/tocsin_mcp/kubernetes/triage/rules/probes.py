"""Probes: whether the probe is wrong (port, protocol, path, timing) or the program that it asks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from tocsin_mcp.kubernetes.triage.facts import Facts, evidence
from tocsin_mcp.kubernetes.triage.fault import Fault
from tocsin_mcp.kubernetes.triage.happenings import Happening
from tocsin_mcp.kubernetes.triage.history import latest_change, previous_spec
from tocsin_mcp.kubernetes.triage.objects import Json, dig, entries, number, text, words
from tocsin_mcp.kubernetes.triage.pods import ContainerFacts, PodFacts

_PROBES = {"liveness": "livenessProbe", "readiness": "readinessProbe", "startup": "startupProbe"}
_PROTOCOL = re.compile(
    r"malformed HTTP|HTTP/1\.x|server preface|http2: f|frame too large|unexpected HTTP|gave HTTP response to HTTPS|not look like a TLS"
    r"|\\x00|\\x15|Unimplemented|transport received|PROTOCOL_ERROR|parse error|wrong version number",
    re.IGNORECASE,
)
_NO_COMMAND = re.compile(r"failed to (?:start )?exec\b|exec failed|executable file not found")
_OF_MESH = re.compile(r"HTTP probe failed with status ?code: 500")
"""What the mesh's agent answers when it could not reach the program at all."""

_CUT_OFF = re.compile(r"\bEOF\b|connection reset by peer")
_PATH = re.compile(r"status ?code:? (?:404|405|401|403|301|400)")
_SERVER_ERROR = re.compile(r"status ?code:? 5\d\d")
_REFUSED = re.compile(
    r"connection refused|connect: |failed to connect|no route to host", re.IGNORECASE
)
_NOBODY = re.compile(r"connection refused", re.IGNORECASE)
"""Nobody listens: then it does not matter in which words, or for what, the probe would ask."""

_SLOW = re.compile(r"deadline exceeded|timeout|timed out|did not complete within", re.IGNORECASE)
_AS_PROBE = re.compile(r"\b(?:liveness|startup) probe", re.IGNORECASE)
_TOLD_TO_END = (137, 143)
_GRACE = timedelta(minutes=2)
_IN_COMMAND = re.compile(
    r"(?:-addr[= ]\S*?|https?://[\w.-]+|\blocalhost|\b127\.0\.0\.1):(\d{2,5})\b|\s-p[ =]?(\d{2,5})\b"
)
_FIELDS = {"failureThreshold", "initialDelaySeconds", "periodSeconds", "timeoutSeconds"}


def find(facts: Facts) -> Iterator[Fault]:
    """Signals: containers that run and are not ready, or that were killed by a failed liveness or startup probe (exit 137
    or 143 and the event Killing); Unhealthy events; the probe against declared ports and the other probes; what the
    current revision changed."""
    for pod in facts.live_pods:
        events = [each for each in facts.events_of(pod) if each.reason == "Unhealthy"]
        for container in pod.containers:
            for kind, key in _PROBES.items():
                probe = container.spec.get(key)
                if isinstance(probe, dict) and _fails(facts, pod, container, kind, events):
                    yield _fault(facts, pod, container, kind, probe, _told(events, kind))


def _told(events: list[Happening], kind: str) -> Happening | None:
    return next((each for each in events if each.message.lower().startswith(f"{kind} probe")), None)


def _fails(
    facts: Facts, pod: PodFacts, container: ContainerFacts, kind: str, events: list[Happening]
) -> bool:
    """Whether this probe fails now: an event alone proves nothing."""
    told = _told(events, kind)
    fresh = told is not None and facts.world.is_recent(told.last)
    if not facts.snapshot.knows("events"):
        return _fails_unsaid(facts, pod, container, kind)
    if kind == "readiness":
        return container.running and not container.ready and (fresh or not events)
    restarting = not container.ready or container.restarts >= 2
    return restarting and killed_by_probe(facts, pod, container, kind)


def _fails_unsaid(facts: Facts, pod: PodFacts, container: ContainerFacts, kind: str) -> bool:
    """Without events: a probe that is wrong as written, and a container that behaves as it would under that."""
    ending = container.ending
    ended = bool(ending and ending.reason != "OOMKilled" and facts.world.is_recent(ending.finished))
    if kind == "readiness":
        return container.running and not container.ready and not ended
    if not ended or container.restarts < 2:
        return False
    probe = container.spec[_PROBES[kind]]
    return _judged(facts, pod, container, kind, probe, "")[0] != "failing"


def killed_by_probe(facts: Facts, pod: PodFacts, container: ContainerFacts, kind: str = "") -> bool:
    """Whether the container's last end was the kubelet's doing, for the probe of this kind or for any.

    Programs may end with a code of their own when they are told to.
    """
    ending = container.ending
    if ending is None or ending.reason == "OOMKilled" or not facts.world.is_recent(ending.finished):
        return False
    said = [
        each
        for each in facts.events_of(pod)
        if _AS_PROBE.search(each.message) and f"{kind} probe".strip() in each.message.lower()
    ]
    killings = [each for each in said if each.reason == "Killing"]
    if ending.code in _TOLD_TO_END:
        return bool(killings) or any(each.reason == "Unhealthy" for each in said)
    return any(_together(each.last, ending.finished) for each in killings)


def _together(killing: datetime | None, ended: datetime | None) -> bool:
    return killing is None or ended is None or abs(killing - ended) <= _GRACE


def _fault(
    facts: Facts,
    pod: PodFacts,
    container: ContainerFacts,
    kind: str,
    probe: Json,
    told: Happening | None,
) -> Fault:
    said = told.message if told else ""
    cause, why, sure = _judged(facts, pod, container, kind, probe, _answer(container, kind, said))
    full = f"{kind}_probe_{cause}" if cause != "failing" else "probe_failing"
    state = f"pod/{pod.name} {container.name}: running {container.running}, ready {container.ready}, {container.restarts} restarts"
    return Fault(
        object=facts.world.owner(pod),
        cause=full,
        confidence=sure,
        why=f"The {kind} probe of container {container.name} ({described(probe)}) fails. {why}",
        evidence=evidence(said, state),
        about=facts.about(pod),
        related=(pod.ref,),
        generic=full == "probe_failing",
        since=told.first if told else None,
    )


def _judged(
    facts: Facts, pod: PodFacts, container: ContainerFacts, kind: str, probe: Json, said: str
) -> tuple[str, str, float]:
    port = port_of(probe)
    changed = _changed_fields(facts, pod, container, kind)
    if _NO_COMMAND.search(said):
        return "failing", "Its command cannot be run in the container.", 0.75
    if port and not _declares(pod, container, port) and not _SERVER_ERROR.search(said):
        return "wrong_port", f"No container declares port {port}.", 0.94
    if _PROTOCOL.search(said) or _other_protocol(facts, pod, container, kind, probe):
        return "wrong_protocol", "The port speaks another protocol.", 0.93
    if _CUT_OFF.search(said) and ("httpGet" in probe or "grpc" in probe):
        return "wrong_protocol", "The port closes the connection as soon as the probe speaks.", 0.72
    if _PATH.search(said):
        return "wrong_path", "The path is not one that the program serves.", 0.85
    if (by_change := _by_change(facts, pod, container, kind, probe, said)) is not None:
        return by_change
    answers = kind == "readiness" and _SERVER_ERROR.search(said)
    if (changed & _FIELDS and not answers) or _too_early(container, kind, probe, said):
        return "timing", "It gives the program too little time.", 0.88
    slow = (
        _SLOW.search(said)
        and number(probe, "timeoutSeconds", default=1) <= 1
        and kind == "readiness"
    )
    return (
        "failing",
        "The program does not answer it well" + (", or too slowly." if slow else "."),
        0.62,
    )


def _by_change(
    facts: Facts, pod: PodFacts, container: ContainerFacts, kind: str, probe: Json, said: str
) -> tuple[str, str, float] | None:
    """What the current revision changed in what the probe asks; None when that is the same as before."""
    before = _before(facts, pod, container, kind)
    if not before or _SERVER_ERROR.search(said):
        return None
    if "exec" in probe and "exec" not in before:
        return None
    if port_of(before) != port_of(probe):
        return (
            "wrong_port",
            f"The current revision changed it from port {port_of(before) or 'none'}.",
            0.85,
        )
    if _NOBODY.search(said):
        return None
    if _speaks(before) != _speaks(probe):
        return (
            "wrong_protocol",
            f"The current revision changed it from {_speaks(before)} to {_speaks(probe)}.",
            0.85,
        )
    if not _SLOW.search(said) and text(before, "httpGet", "path") != text(probe, "httpGet", "path"):
        return "wrong_path", "The current revision changed its path.", 0.8
    return None


def _before(facts: Facts, pod: PodFacts, container: ContainerFacts, kind: str) -> Json:
    """The same probe in the revision before."""
    spec = previous_spec(facts.workload(pod))
    found = (
        dig(each, _PROBES[kind])
        for each in entries(spec, "containers")
        if text(each, "name") == container.name
    )
    probe = next(found, None)
    return probe if isinstance(probe, dict) else {}


def _speaks(probe: Json) -> str:
    """`http`, `https`, `grpc`, `tcp` or `a command`."""
    if "httpGet" in probe:
        return text(probe, "httpGet", "scheme").lower() or "http"
    command = " ".join(words(probe, "exec", "command"))
    if "grpc" in probe or "grpc_health_probe" in command or "grpc-health-probe" in command:
        return "grpc"
    if re.search(r"\b(?:curl|wget)\b", command):
        return "http"
    return "tcp" if "tcpSocket" in probe else "a command"


def _too_early(container: ContainerFacts, kind: str, probe: Json, said: str) -> bool:
    """Killed as soon as the probe allows, before a program could have started."""
    if kind == "readiness" or _SERVER_ERROR.search(said):
        return False
    delay = number(probe, "initialDelaySeconds")
    tries = number(probe, "failureThreshold", default=3)
    period = number(probe, "periodSeconds", default=10)
    if delay <= 1 and tries <= 1:
        return True
    window = delay + tries * period
    lived = container.ending.lived if container.ending else None
    refused = bool(_REFUSED.search(said) or _SLOW.search(said))
    return refused and window <= 15 and (lived is None or lived <= 4 * window + 30)


def port_of(probe: Json) -> str:
    """The port that a probe asks, as a number or name; empty for a command that names none."""
    for how in ("httpGet", "tcpSocket", "grpc"):
        found = dig(probe, how, "port")
        if found is not None:
            return str(found)
    named = _IN_COMMAND.search(" ".join(words(probe, "exec", "command")))
    return next(filter(None, named.groups()), "") if named else ""


def _answer(container: ContainerFacts, kind: str, said: str) -> str:
    """What the program answered, without what a mesh's agent said in its place."""
    return _OF_MESH.sub("", said) if _PROBES[kind] in container.rewritten else said


def described(probe: Json) -> str:
    """`http :8080/healthz, delay 1s, every 10s, 3 failures`."""
    how = next(
        (each for each in ("httpGet", "tcpSocket", "grpc", "exec") if each in probe), "nothing"
    )
    path = text(probe, "httpGet", "path")
    return (
        f"{how.removesuffix('Get').removesuffix('Socket')} :{port_of(probe)}{path}, delay {number(probe, 'initialDelaySeconds')}s, "
        f"every {number(probe, 'periodSeconds', default=10)}s, {number(probe, 'failureThreshold', default=3)} failures"
    )


def _declares(pod: PodFacts, container: ContainerFacts, port: str) -> bool:
    """A container that declares no port cannot be judged; containers of a pod share their ports."""
    if not port:
        return True
    if not port.isdigit():
        return any(text(each, "name") == port for each in container.ports)
    declared = [each for one in pod.containers for each in one.ports]
    return not container.ports or any(text(each, "containerPort") == port for each in declared)


def _other_protocol(
    facts: Facts, pod: PodFacts, container: ContainerFacts, kind: str, probe: Json
) -> bool:
    """HTTP where the other probe of the same port speaks gRPC or the reverse, or HTTP/2 confusion in the log."""
    if any(entries_of_log for entries_of_log in facts.said_by(pod, "protocol")):
        return True
    mine = _speaks(probe)
    for other, key in _PROBES.items():
        sibling = container.spec.get(key)
        if other == kind or not isinstance(sibling, dict) or port_of(sibling) != port_of(probe):
            continue
        if {mine, _speaks(sibling)} in ({"grpc", "http"}, {"grpc", "https"}, {"http", "https"}):
            return True
    udp = [each for each in container.ports if text(each, "containerPort") == port_of(probe)]
    return any(text(each, "protocol") == "UDP" for each in udp)


def _changed_fields(facts: Facts, pod: PodFacts, container: ContainerFacts, kind: str) -> set[str]:
    workload = facts.workload(pod)
    change = latest_change(workload) if workload else None
    prefix = f"{container.name} {_PROBES[kind]} "
    return {
        key.removeprefix(prefix)
        for key in (change.keys if change else ())
        if key.startswith(prefix)
    }
