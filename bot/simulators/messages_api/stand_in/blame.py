"""Who is to blame: the deepest thing with a fault of its own that the alerted service's trouble leads to."""

from __future__ import annotations

from dataclasses import dataclass

from bot.simulators.messages_api.stand_in.case import Case
from bot.simulators.messages_api.stand_in.evidence import Finding, Quote, quote
from bot.simulators.messages_api.stand_in.log_errors import LoggedError, classify, message_of
from bot.simulators.messages_api.stand_in.logs import LogView
from bot.simulators.messages_api.stand_in.stack_traces import Trace
from bot.simulators.messages_api.stand_in.state_faults import StateFault
from bot.simulators.messages_api.stand_in.surroundings import down_nodes, related


@dataclass(frozen=True, slots=True)
class Suspect:
    """A hypothesis: an object, why it fails, and what a change that caused it would touch."""

    name: str
    ref: str
    cause: str
    sentence: str
    findings: tuple[Finding, ...]
    confidence: float
    fault: StateFault | None = None
    trace: Trace | None = None
    words: tuple[str, ...] = ()
    literal: str = ""
    """A constant piece of the error message, to find its place in the source when there is no trace."""


def suspect(case: Case) -> Suspect | None:
    """The best hypothesis that the facts allow, None when nothing is wrong or nothing fits."""
    node = _node(case)
    if node is not None:
        return node
    fault = _linked_fault(case)
    if fault is not None:
        return _from_fault(case, fault)
    thrown = _thrown(case)
    if thrown is not None:
        return _from_trace(case, *thrown)
    return _wrong_address(case) or _absent(case) or _from_message(case) or _unlinked(case)


def victims(case: Case, culprit: str) -> list[Finding]:
    """What the alerted service suffers, when somebody else is to blame."""
    found: list[Finding] = []
    for name in case.subjects:
        if name == culprit:
            continue
        for view in case.logs_of(name):
            if view.errors:
                error = view.errors[0]
                claim = f"{name} is a victim: it logs errors ({error.count} of this kind in what was read)"
                found.append(Finding(claim, (quote(view.call, error.line),)))
                break
    return found


def _node(case: Case) -> Suspect | None:
    """A node that is down explains everything on it."""
    for trouble, sick in down_nodes(case.transcript, case.cluster):
        names = ", ".join(sorted({case.cluster.owner(pod.name) for pod in sick}))
        return Suspect(
            name=trouble.name,
            ref=trouble.ref,
            cause="node_not_ready",
            sentence=f"{trouble.ref} is in trouble, and with it {names}",
            findings=(
                Finding(f"{trouble.ref} is not healthy", (quote(trouble.call, trouble.line),)),
                Finding(
                    f"A pod on it is not ready: {sick[0].name}",
                    (quote(sick[0].call, sick[0].line),),
                ),
            ),
            confidence=0.75,
        )
    return None


def _linked_fault(case: Case) -> StateFault | None:
    """The gravest fault with a link to the question: accused by errors, a dependency, or the alerted service."""
    scored = [(_link(case, fault), fault.severity, fault) for fault in case.faults]
    linked = [entry for entry in scored if entry[0] > 0]
    return max(linked, key=lambda entry: entry[:2])[2] if linked else None


def _link(case: Case, fault: StateFault) -> int:
    accused = fault.name in case.chain()[len(case.subjects) :]
    asked = fault.name in case.subjects
    depended = any(fault.name in case.dependencies(name) for name in case.chain())
    if fault.cause == "scaled_to_zero" and not (accused or asked or fault.recent_scale_down):
        return 0
    ranks = ((accused, 4), (depended, 3), (asked, 2))
    return next((rank for holds, rank in ranks if holds), 0)


def _from_fault(case: Case, fault: StateFault) -> Suspect:
    findings = [Finding(fault.sentence, fault.quotes)]
    findings += [
        Finding(f"{trouble.ref} stands in its way", (quote(trouble.call, trouble.line),))
        for trouble in related(case.transcript, fault.cause)
    ]
    view = _telling_log(case, fault.name)
    trace = view.own_trace if view is not None else None
    error = _last_words(view)
    if view is not None and trace is not None:
        findings += _trace_findings(view, trace)
    elif view is not None and error is not None:
        findings.append(Finding(f"{fault.name} last said", (quote(view.call, error.line),)))
    told = f": {_thrown_text(trace)}" if trace else ""
    return Suspect(
        name=fault.name,
        ref=case.cluster.ref(fault.name),
        cause=fault.cause,
        sentence=fault.sentence + told,
        findings=tuple(findings),
        confidence=0.75,
        fault=fault,
        trace=trace,
        words=fault.words,
        literal=error.line if error is not None and trace is None and fault.crashed else "",
    )


def _telling_log(case: Case, name: str) -> LogView | None:
    """The log with a trace of its own, else the one of the crash, else the one with errors."""
    views = case.logs_of(name)
    ranked = sorted(views, key=lambda v: (v.own_trace is None, not v.of_crash, not v.errors))
    return ranked[0] if ranked else None


def _last_words(view: LogView | None) -> LoggedError | None:
    return view.errors[0] if view is not None and view.errors else None


def _thrown(case: Case) -> tuple[LogView, Trace] | None:
    """The exception of somebody's own code, of the one farthest down the chain."""
    order = case.chain()
    order += [view.subject for view in case.logs if view.subject not in order]
    for name in reversed(order):
        for view in case.logs_of(name):
            if view.own_trace is not None:
                return view, view.own_trace
    return None


def _from_trace(case: Case, view: LogView, trace: Trace) -> Suspect:
    for fault in case.faults:
        if fault.name == view.subject:
            return _from_fault(case, fault)
    ref = case.cluster.ref(view.subject)
    return Suspect(
        name=view.subject,
        ref=ref,
        cause="code_exception",
        sentence=f"{ref} runs, but its code fails: {_thrown_text(trace)}",
        findings=tuple(_trace_findings(view, trace)),
        confidence=0.7,
        trace=trace,
    )


def _trace_findings(view: LogView, trace: Trace) -> list[Finding]:
    place = f"{trace.frame.path}:{trace.frame.line}"
    quotes: list[Quote] = [quote(view.call, trace.head)] if trace.head else []
    return [
        Finding(
            f"{view.subject} fails with {trace.type or 'an error'} at {place}",
            (*quotes, quote(view.call, trace.frame.text)),
        )
    ]


def _thrown_text(trace: Trace) -> str:
    message = f" “{trace.message}”" if trace.message else ""
    return f"{trace.type or 'an error'}{message}"


def _wrong_address(case: Case) -> Suspect | None:
    """A host that errors and settings name, and that does not exist."""
    for name in case.chain():
        for host in case.missing_hosts(name):
            view = next(view for view in case.logs_of(name) if host in view.accused)
            error = next(error for error in view.errors if host in error.hosts)
            setting = next(item for item in case.cluster.addresses[name] if item[0] == host)
            return Suspect(
                name=name,
                ref=case.cluster.ref(name),
                cause="wrong_address",
                sentence=f"{name} is configured with the host {host}, which does not exist in its namespace",
                findings=(
                    Finding(f"{name} cannot reach {host}", (quote(view.call, error.line),)),
                    Finding(f"Its settings name {host}", (quote(setting[2], setting[1]),)),
                ),
                confidence=0.7,
                words=(host,),
            )
    return None


def _absent(case: Case) -> Suspect | None:
    """Somebody that errors accuse and that does not run at all."""
    for host, view in case.absent():
        error = next(error for error in view.errors if host in error.hosts)
        ref = case.cluster.ref(host)
        about = case.cluster.events_of(host)
        scaled = [(e, call) for e, call in about if "caled down" in e.text]
        since = f"; it was scaled down at {scaled[0][0].time}" if scaled else ""
        seen = tuple(quote(call, event.line) for event, call in (scaled or about)[:1])
        return Suspect(
            name=host,
            ref=ref,
            cause="scaled_to_zero" if scaled else "dependency_down",
            sentence=f"Nothing of {ref} runs{since}, and {view.subject} cannot reach it",
            findings=(
                Finding(f"{view.subject} cannot reach {host}", (quote(view.call, error.line),)),
                *([Finding(f"What the cluster says of {host}", seen)] if seen else []),
            ),
            confidence=0.7,
            words=("replicas: 0",),
        )
    return None


def _from_message(case: Case) -> Suspect | None:
    """Errors without a trace: the one farthest down the chain that does not accuse anybody."""
    for name in reversed(case.chain()):
        for view in case.logs_of(name):
            for error in view.errors:
                if not error.unreachable:
                    ref = case.cluster.ref(name)
                    claim = f"{name} logs errors ({error.count} of this kind in what was read)"
                    return Suspect(
                        name=name,
                        ref=ref,
                        cause=classify(error.line),
                        sentence=f"{ref} logs errors: “{message_of(error.line)[:200]}”",
                        findings=(Finding(claim, (quote(view.call, error.line),)),),
                        confidence=0.4,
                        literal=error.line,
                    )
    return None


def _unlinked(case: Case) -> Suspect | None:
    """No link is known, but something is clearly broken."""
    faults = [f for f in case.faults if f.cause != "scaled_to_zero" or f.recent_scale_down]
    if not faults:
        return None
    found = _from_fault(case, faults[0])
    return Suspect(
        name=found.name,
        ref=found.ref,
        cause=found.cause,
        sentence=found.sentence,
        findings=found.findings,
        confidence=0.5,
        fault=found.fault,
        trace=found.trace,
        words=found.words,
        literal=found.literal,
    )
