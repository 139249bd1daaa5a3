"""What is asked: the service, the namespace and the kind of answer, from an alarm's text or from a person's words."""

from __future__ import annotations

import re
from collections.abc import Iterable

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAMESPACE = (
    re.compile(
        rf"(?i:kube_namespace|namespace)[\"'`*]*[ \t]*[:=][ \t]*[\"'`*]*({_LABEL})(?![\w/-])"
    ),
    re.compile(rf"\bnamespace\s+[`\"']?({_LABEL})(?![\w/-])"),
    re.compile(rf"\bin (?:the )?[`\"']?({_LABEL})[`\"']? namespace\b"),
)
_SERVICE = (
    re.compile(
        r"(?i:\b(?:kube_service|service(?:[_ ]?name)?))"
        rf"[\"'`*]*[ \t]*[:=][ \t]*[\"'`*]*({_LABEL})(?![\w.])"
    ),
    re.compile(
        r"(?i:\b(?:kube_deployment|deployment|statefulset|workload|app|job))"
        rf"[\"'`*]*[ \t]*[:=/][ \t]*[\"'`*]*({_LABEL})(?![\w.])"
    ),
    re.compile(rf"\b(?:service|deployment|workload)\s+[`\"']?({_LABEL})(?![\w.])"),
)
_NO_NAME = frozenset(
    [
        "is",
        "of",
        "the",
        "and",
        "in",
        "has",
        "where",
        "for",
        "with",
        "at",
        "on",
        "to",
        "a",
        "an",
        "that",
        "which",
        "this",
        "was",
        "its",
        "or",
        "by",
        "not",
        "from",
        "name",
        "unknown",
        "none",
        "null",
        "default-unknown",
        "prod",
        "staging",
    ]
)
_DATABASE = re.compile(
    r"(?i)redis|valkey|memcache|postgres|pgsql|mysql|maria|mongo|cassandra|cockroach|sqlite|elastic|(?:^|[-_])(?:db|sql|database|cache)(?:[-_\d]|$)"
)
_CATEGORIES = (
    (re.compile(r"(?i)\b(database|db|data store|datastore|storage backend)\b"), _DATABASE),
    (re.compile(r"(?i)\bcache\b"), re.compile(r"(?i)redis|valkey|memcache|cache")),
    (
        re.compile(r"(?i)\b(queue|broker|messaging)\b"),
        re.compile(r"(?i)kafka|rabbit|nats|queue|activemq|pulsar"),
    ),
)


def said_by_person(text: str) -> str:
    """What a person wrote, where the message fences it off from words around it; else the whole text."""
    fenced = re.findall(r"(?s)<untrusted[^>]*>\n?(.*?)\n?</untrusted>", text)
    return "\n".join(fenced) or text


def namespace_in(text: str) -> str:
    """The Kubernetes namespace that a text names, empty when it names none."""
    return _first(text, _NAMESPACE)


def labelled_service(text: str) -> str:
    """The service that a text names by a label (`service: x`, `Service=x`, `deployment/x`), empty when none."""
    return _first(text, _SERVICE)


def mentioned(text: str, names: Iterable[str]) -> list[str]:
    """The names that occur in a text, in the order in which they occur.

    `payment service`, `payment-service` and `payment` mean `paymentservice`; a short form counts only when it fits one
    name; a category such as `the database` means everything that is named like one.
    """
    known = list(dict.fromkeys(names))
    squeezed = _squeezed(text)
    found: dict[str, int] = {}
    for name in known:
        place = _place(squeezed, name)
        if place is not None:
            found[name] = place
    longest = [
        n for n in found if not any(n != m and n in m and found[n] == found[m] for m in found)
    ]
    exact = sorted(longest, key=lambda name: found[name])
    return exact or _by_short_form(text, known) or _by_category(text, known)


def _squeezed(text: str) -> str:
    """Lower case, `payment service` and `payment-service` written as one word too."""
    lower = text.lower()
    joined = re.sub(r"[\s_-]+(?=(?:service|svc|api|server)\b)", "", lower)
    return f"{lower}\n{joined}"


def _place(text: str, name: str) -> int | None:
    found = re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text)
    if found:
        return found.start()
    joined = name.replace("-", "")
    found = re.search(rf"(?<![\w-]){re.escape(joined)}(?![\w-])", text)
    return found.start() if found else None


def _stem(name: str) -> str:
    return re.sub(r"[-_]?(?:service|svc|api|server)$", "", name)


def _by_short_form(text: str, known: list[str]) -> list[str]:
    words = re.findall(r"[a-z0-9]+(?:-[a-z0-9]+)*", text.lower())
    hits: list[str] = []
    for word in words:
        fitting = [
            name for name in known if len(word) > 2 and _stem(name) in (word, word.rstrip("s"))
        ]
        hits += fitting if len(fitting) == 1 else []
    return list(dict.fromkeys(hits))


def _by_category(text: str, known: list[str]) -> list[str]:
    for asked, fitting in _CATEGORIES:
        if asked.search(text):
            return [name for name in known if fitting.search(name)]
    return []


def _first(text: str, patterns: Iterable[re.Pattern[str]]) -> str:
    for pattern in patterns:
        for found in pattern.finditer(text):
            if found[1].lower() not in _NO_NAME and found[1] == found[1].lower():
                return found[1]
    return ""
