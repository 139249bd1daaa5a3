"""Which services there are, and which of them a name in an alarm means.

An empty catalog works: labels, dimensions and pod names are then taken at their word. The shape in `tocsin.toml`:

    [catalog]
    namespaces = ["boutique", "payments"]           # known namespaces, for names that appear as bare words

    [catalog.environments]                          # words in alarm names, and the namespace they mean
    prod = "boutique"

    [catalog.severities]                            # this team's own words
    gold = "critical"

    [catalog.clusters]                              # values of an alarm's label `cluster`, and the kubeconfig's context they mean
    prod-eu = "eu"

    [[catalog.services]]
    name = "cartservice"                            # as the workload is called in Kubernetes
    aliases = ["cart", "cart-svc"]
    patterns = ["^boutique-.*-cart-"]               # regular expressions over alarm names and label values
    team = "checkout"
    repository = "acme/boutique"
    namespace = "boutique"
    cluster = "eu"                                  # where there are several: the kubeconfig's context; goes before a label
    depends_on = ["redis-cart"]                     # what it calls: alarms of both at once are one incident
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Annotated, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from bot.alarms.alarm import Severity

MAX_PATTERN: Final = 200
MAX_SUBJECT: Final = 300
"""Characters of a name or a value that patterns are tried on."""

_NESTED = re.compile(r"[+*}]\s*\)\s*[+*{]|\([^()]*[+*}][^()]*\|[^()]*\)[+*{]")
_CLUSTER_LABELS: Final = (
    "cluster",
    "cluster_name",
    "clustername",
    "k8s_cluster",
    "k8s_cluster_name",
    "kube_cluster_name",
    "kubernetes_cluster",
)
_SEPARATORS = re.compile(r"[\s._/:-]+")
_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def _bounded(pattern: str) -> str:
    """A pattern that compiles and has no repetition inside a repetition, which could take exponential time."""
    if _NESTED.search(pattern):
        raise ValueError(
            f"the pattern {pattern!r} repeats a repetition; write it without nested + or *"
        )
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"{pattern!r} is no regular expression: {error}") from error
    return pattern


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=253)]
Pattern = Annotated[
    str, StringConstraints(min_length=1, max_length=MAX_PATTERN), AfterValidator(_bounded)
]


class Service(BaseModel):
    """One service: what it is called, where it runs, whose it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    aliases: tuple[Name, ...] = ()
    """Other names for it; upper or lower case, `-`, `_`, `.` and spaces make no difference."""
    patterns: tuple[Pattern, ...] = ()
    """Regular expressions, found anywhere in an alarm's name or a label's value, without regard to case."""
    team: str = ""
    repository: str = ""
    """`owner/name` at GitHub."""
    namespace: str = ""
    """The Kubernetes namespace it runs in."""
    cluster: str = ""
    """The context of the kubeconfig it runs in; empty where there is only one, or alarms say which."""
    depends_on: tuple[Name, ...] = ()
    """Services it calls, by name or alias; unknown names count as they are."""


class ServiceCatalog(BaseModel):
    """All services known. Pure: it looks things up in what it was given and knows no other world."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    services: tuple[Service, ...] = ()
    namespaces: tuple[Name, ...] = ()
    environments: dict[str, str] = Field(default_factory=dict)
    """Word in an alarm's name (`prod`) to namespace."""
    clusters: dict[str, Name] = Field(default_factory=dict)
    """Value of an alarm's label for the cluster to the context of the kubeconfig."""
    severities: dict[str, Severity] = Field(default_factory=dict)
    """Value of a severity label to severity, beside the common words."""

    @model_validator(mode="after")
    def _distinct(self) -> ServiceCatalog:
        owners: dict[str, str] = {}
        for service in self.services:
            for name in (service.name, *service.aliases):
                owner = owners.setdefault(_key(name), service.name)
                if owner != service.name:
                    raise ValueError(f"{name!r} names two services: {owner} and {service.name}")
        return self

    def find(self, name: str) -> Service | None:
        """The service of exactly this name or alias."""
        return self._by_key().get(_key(name)) if name.strip() else None

    def graph(self) -> dict[str, frozenset[str]]:
        """Each service's name to the names of the services it calls; those that call none are left out."""
        return {
            service.name: frozenset(
                known.name if (known := self.find(name)) else name for name in service.depends_on
            )
            for service in self.services
            if service.depends_on
        }

    def matching(self, subjects: Iterable[str]) -> tuple[Service, str] | None:
        """The first service one of whose patterns is found in a subject, and that pattern."""
        texts = [subject[:MAX_SUBJECT] for subject in subjects]
        for service in self.services:
            for pattern in service.patterns:
                if any(_compiled(pattern).search(text) for text in texts):
                    return service, pattern
        return None

    def mentioned(self, text: str) -> Service | None:
        """The service whose name or alias stands in the text as a word of its own; of several, the longest name.

        `prod-checkout-5xx` and `CheckoutHighLatency` mention `checkout`; `checkouts` does not.
        """
        words = _words(text[:5_000])
        best: tuple[int, Service] | None = None
        for service in self.services:
            for name in (service.name, *service.aliases):
                wanted = _words(name)
                if _contains(words, wanted) and (best is None or len(name) > best[0]):
                    best = (len(name), service)
        return best[1] if best else None

    def nearest(self, name: str, count: int = 3) -> tuple[str, ...]:
        """Names of services that look like this one, best first: for `did you mean …`."""
        known = {key: service.name for key, service in self._by_key().items()}
        wanted = _key(name)
        close = difflib.get_close_matches(wanted, known, n=max(count * 3, 1), cutoff=0.6)
        inside = [key for key in known if len(wanted) >= 3 and (wanted in key or key in wanted)]
        return tuple(dict.fromkeys(known[key] for key in [*close, *inside]))[:count]

    def namespace_in(self, text: str) -> str:
        """The namespace that a word of the text means or is, empty when none does."""
        words = _words(text[:MAX_SUBJECT])
        for word, namespace in self.environments.items():
            if _contains(words, _words(word)):
                return namespace
        return next((name for name in self.namespaces if _contains(words, _words(name))), "")

    def cluster_of(self, service: str, labels: Mapping[str, str]) -> str:
        """The context of the kubeconfig in which a service runs, or that an alarm's labels mean; empty when nothing says.

        Only names that the catalog itself gives are answered: an alarm chooses among them and can name no other.
        """
        known = self.find(service)
        if known and known.cluster:
            return known.cluster
        said = (labels[name] for name in _CLUSTER_LABELS if labels.get(name))
        return next((self.clusters[value] for value in said if value in self.clusters), "")

    def severity_in(self, labels: Mapping[str, str]) -> tuple[Severity, str]:
        """What this team's own words say, with the label that said it; `unknown` when none does."""
        own = {word.casefold(): severity for word, severity in self.severities.items()}
        for name, value in labels.items():
            if value.casefold() in own and name in (
                "severity",
                "priority",
                "urgency",
                "level",
                "tier",
            ):
                return own[value.casefold()], name
        return "unknown", ""

    def _by_key(self) -> dict[str, Service]:
        return {
            _key(name): service
            for service in self.services
            for name in (service.name, *service.aliases)
        }


def _key(name: str) -> str:
    return _SEPARATORS.sub("", name.strip()).casefold()


def _words(text: str) -> list[str]:
    """`prod-checkoutHighLatency` as `prod checkout high latency`; digits stay with their word."""
    return re.findall(r"[a-z0-9]+", _HUMPS.sub(" ", text).lower())


def _contains(words: list[str], wanted: list[str]) -> bool:
    size = len(wanted)
    return bool(wanted) and any(words[i : i + size] == wanted for i in range(len(words) - size + 1))


@lru_cache(maxsize=1_000)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
