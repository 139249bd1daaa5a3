"""Everything known about the matter at hand, read anew from the request at every turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from bot.simulators.messages_api.stand_in.cluster import ClusterView, read_cluster, resolve
from bot.simulators.messages_api.stand_in.log_errors import message_of, words_in
from bot.simulators.messages_api.stand_in.logs import LogView, read_logs
from bot.simulators.messages_api.stand_in.question import (
    labelled_service,
    mentioned,
    namespace_in,
    said_by_person,
)
from bot.simulators.messages_api.stand_in.state_faults import StateFault, state_faults
from bot.simulators.messages_api.stand_in.transcript import Call, Transcript

_MOST_DEPENDENCIES = 8
_LASTING = ("list_tree", "read_file", "search_code", "list_commits", "show_commit")
"""What these return does not change while people talk."""


@dataclass(frozen=True)
class Case:
    """Facts of the transcript, and plain conclusions from them."""

    transcript: Transcript

    @cached_property
    def cluster(self) -> ClusterView:
        """State of the cluster."""
        return read_cluster(self.transcript)

    @cached_property
    def logs(self) -> list[LogView]:
        """Logs that were read."""
        return read_logs(self.transcript, self.cluster)

    @cached_property
    def place(self) -> dict[str, str]:
        """The namespace argument for calls; empty where the server's default applies."""
        named = namespace_in(self.transcript.question) or namespace_in(self.transcript.opening)
        return {"namespace": named} if named else {}

    @cached_property
    def alerted(self) -> str:
        """The service that the alarm is about, empty when it names none."""
        return self._service_of(self.transcript.opening)

    @cached_property
    def subjects(self) -> list[str]:
        """What the latest question is about; the alerted service when it names nothing else."""
        if self.transcript.follow_up:
            named = mentioned(said_by_person(self.transcript.question), self.cluster.names())
            if named:
                return named[:3]
        return [self.alerted] if self.alerted else []

    @cached_property
    def faults(self) -> list[StateFault]:
        """Faults that objects show, the gravest first."""
        return state_faults(self.cluster)

    @property
    def looked_at_cluster(self) -> bool:
        """Whether at least one list of pods or workloads arrived."""
        return bool(
            self.transcript.results("list_pods") or self.transcript.results("list_workloads")
        )

    @property
    def gaps(self) -> list[Call]:
        """Calls that failed."""
        return [call for call in self.transcript.calls if call.failed]

    def wants(self, action: str, arguments: Mapping[str, Any]) -> bool:
        """Whether a call is possible and was not made yet: state is looked at anew for every question, code once."""
        if action not in self.transcript.tools:
            return False
        return not self.transcript.made(action, arguments, ever=action in _LASTING)

    def logs_of(self, name: str) -> list[LogView]:
        """Logs of a workload, the newest first."""
        return [view for view in reversed(self.logs) if view.subject == name]

    def chain(self) -> list[str]:
        """Subjects, then the workloads that their errors accuse, and so on down, each once."""
        order = list(self.subjects)
        for name in order:
            for view in self.logs_of(name):
                found = resolve(self.cluster, view.accused)
                order += [host for host in found if host not in order]
        return order

    def dependencies(self, name: str) -> list[str]:
        """Workloads that a workload's settings name; those first whose names occur in its error messages.

        Where the settings are not known, those that its error messages allude to.
        """
        hosts = [host for host, _, _ in self.cluster.addresses.get(name, [])]
        known = [host for host in resolve(self.cluster, hosts) if host != name]
        words = {
            word
            for view in self.logs_of(name)
            for error in view.errors
            for word in words_in(message_of(error.line))
        }
        if not hosts:
            others = [other for other in self.cluster.names() if other != name]
            known = [other for other in others if _overlap(other, words)]
        return sorted(known, key=lambda host: -_overlap(host, words))[:_MOST_DEPENDENCIES]

    def absent(self) -> list[tuple[str, LogView]]:
        """Hosts that errors in the chain accuse although nothing of that name runs, with the log that says so."""
        present = {self.cluster.owner(pod) for pod in self.cluster.pods}
        return [
            (host, view)
            for name in self.chain()
            for view in self.logs_of(name)
            for host in view.accused
            if self.cluster.pods and host not in present
        ]

    def missing_hosts(self, name: str) -> list[str]:
        """Hosts that a workload's errors accuse and its settings name, but that nothing in the namespace is called."""
        configured = {host for host, _, _ in self.cluster.addresses.get(name, [])}
        accused = [host for view in self.logs_of(name) for host in view.accused]
        known = set(self.cluster.names())
        return [host for host in dict.fromkeys(accused) if host in configured - known]

    def _service_of(self, text: str) -> str:
        known = self.cluster.names()
        labelled = labelled_service(text)
        if labelled and (not known or labelled in known):
            return labelled
        named = mentioned(text, known)
        return named[0] if named else labelled


def _overlap(name: str, words: set[str]) -> int:
    """How much of a name occurs in the words: `cart` in `redis-cart` and `cartservice`."""
    return sum(len(word) for word in words if len(word) > 3 and word in name.replace("-", ""))
