"""Which change caused it: changes before the onset, ranked by what they touch; nobody when nothing fits.

The latest change is often innocent, so recency only breaks ties, and a change after the onset is ruled out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from .symptoms import is_elsewhere, is_shared, kind_of
from .traces.paths import in_folder_of

SUSPICIOUS = 0.3
"""Below this score nobody is accused."""

_FILE, _LINE, _SYMBOL, _WORD, _SERVICE, _KIND = 0.5, 0.2, 0.3, 0.2, 0.1, 0.25
_IDLE = 0.2
_MANIFEST = re.compile(
    r"\.(?:ya?ml|json|tf|tfvars|properties|env|toml|hcl|tpl)$|(?:^|/)Dockerfile", re.IGNORECASE
)
_COMMENT = re.compile(r"^\s*(?://|#(?!\s*(?:include|define|if))|\*|/\*|--|<!--|\"\"\"|;)")
_HARMLESS = re.compile(
    r"(?:^|/)(?:docs?|tests?|spec|__tests__|\.github|examples?)/|\.(?:md|rst|txt|png|svg)$|(?:_test\.go|\.test\.[jt]sx?|Tests?\.(?:cs|java|kt))$"
    r"|(?:^|/)(?:test_[^/]*\.py|CHANGELOG|LICENSE|README)[^/]*$",
    re.IGNORECASE,
)
_HUNK = re.compile(r"^@@ -\d+(?:,\d+)? \+(?P<start>\d+)(?:,(?P<count>\d+))? @@(?P<where>.*)$")
_PART = re.compile(r"[\w$]+")


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """One file of a change. `patch` is its unified diff without file headers, empty when it is not known."""

    path: str
    patch: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A commit, a rollout or a flag. `time` is when it took effect or was made."""

    id: str
    time: datetime | None
    title: str
    files: tuple[ChangedFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Clues:
    """What is known of the failure; everything may be empty.

    `file` is a repository path, `line` a line of it, `symbol` a function, class, variable or configuration key, `words`
    are literal parts of the error message, `service` the workload's name, `cause` the class of the failure as
    `tocsin triage` names it. A change after `onset` is ruled out.
    """

    file: str = ""
    line: int = 0
    symbol: str = ""
    words: tuple[str, ...] = ()
    service: str = ""
    cause: str = ""
    onset: datetime | None = None


@dataclass(frozen=True, slots=True)
class Suspect:
    """A change with its score (0..1) and what speaks against it."""

    change: Change
    score: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """`suspects`, the likeliest first; `later` were made after the onset; `innocent` touch nothing that failed."""

    suspects: tuple[Suspect, ...]
    later: tuple[Change, ...]
    innocent: tuple[Change, ...]


def judge(changes: Iterable[Change], clues: Clues) -> Verdict:
    """Rank changes by the clues. Without any clue nobody is accused."""
    later: list[Change] = []
    innocent: list[Change] = []
    found: list[Suspect] = []
    for change in changes:
        if clues.onset and change.time and change.time > clues.onset:
            later.append(change)
            continue
        suspect = _scored(change, clues)
        if suspect.score >= SUSPICIOUS:
            found.append(suspect)
        else:
            innocent.append(change)
    return Verdict(tuple(sorted(found, key=_order)), tuple(later), tuple(innocent))


def _order(suspect: Suspect) -> tuple[float, float]:
    when = suspect.change.time
    return -suspect.score, -(when.timestamp() if when else 0.0)


def _scored(change: Change, clues: Clues) -> Suspect:
    best = Suspect(change, 0.0, ())
    for file in change.files:
        score, reasons = _file(file, clues)
        if score > best.score:
            best = Suspect(change, score, reasons)
    return Suspect(change, round(min(best.score, 1.0), 2), best.reasons)


def _file(file: ChangedFile, clues: Clues) -> tuple[float, tuple[str, ...]]:
    same = bool(clues.file) and _is_file(file.path, clues.file)
    of_service = _of_service(file, clues.service)
    found = [
        (_FILE, f"changes {file.path}") if same else None,
        (_LINE, f"around line {clues.line}") if same and _covers(file.patch, clues.line) else None,
        *_symbol(file.patch, clues.symbol),
        *(
            (_WORD, f"its diff holds {word!r}")
            for word in clues.words[:2]
            if _in_changed(file.patch, word)
        ),
        _service(file, clues) if of_service else None,
        _kind(file, clues, nearby=of_service or same),
    ]
    reasons = [each for each in found if each]
    score = sum(weight for weight, _ in reasons)
    if _HARMLESS.search(file.path) and not same:
        score *= 0.3
    if file.patch and score and _is_idle(file.patch):
        return score * _IDLE, (f"changes only comments or white space of {file.path}",)
    return score, tuple(text for _, text in reasons)


def _of_service(file: ChangedFile, service: str) -> bool:
    """A service's folder, its manifest, or a part of a manifest of many that names it."""
    if not service:
        return False
    stem = file.path.rpartition("/")[2].partition(".")[0]
    if in_folder_of(service, file.path) or in_folder_of(service, f"{stem}/"):
        return True
    return bool(_MANIFEST.search(file.path)) and _named(file.patch, service)


def _service(file: ChangedFile, clues: Clues) -> tuple[float, str]:
    """Enough for suspicion only when nothing more precise is known, and a change could have done it at all."""
    precise = clues.file or clues.symbol or clues.words or kind_of(clues.cause)
    alone = not precise and not is_elsewhere(clues.cause)
    return (SUSPICIOUS if alone else _SERVICE), f"is part of {clues.service} ({file.path})"


def _kind(file: ChangedFile, clues: Clues, *, nearby: bool) -> tuple[float, str] | None:
    """Whether the changed lines are of the kind that brings about such a failure; far from the service that is enough
    only for what a whole namespace shares, and where no service is known."""
    if not (nearby or is_shared(clues.cause) or not clues.service):
        return None
    kind = kind_of(clues.cause)
    changed = [line[1:] for line in file.patch.splitlines() if line.startswith(("+", "-"))]
    found = next((match[0] for line in changed if kind and (match := kind.search(line))), "")
    weight = _KIND if nearby else SUSPICIOUS
    return (weight, f"fits {clues.cause}: changes {found!r}") if found else None


def _is_idle(patch: str) -> bool:
    """Whether only comments, blank lines and white space differ."""
    sides: dict[str, list[str]] = {"+": [], "-": []}
    for line in patch.splitlines():
        if line[:1] in sides and line[1:].strip() and not _COMMENT.match(line[1:]):
            sides[line[0]].append("".join(line[1:].split()))
    return "".join(sides["+"]) == "".join(sides["-"])


def _is_file(path: str, wanted: str) -> bool:
    one, other = path.strip("/"), wanted.strip("/")
    return one == other or one.endswith(f"/{other}") or other.endswith(f"/{one}")


def _symbol(patch: str, symbol: str) -> list[tuple[float, str]]:
    """A hunk inside a function changes it as much as one that names it, say in a log line."""
    name = _PART.findall(symbol)[-1] if _PART.search(symbol) else ""
    if not name:
        return []
    if _in_changed(patch, name):
        return [(_SYMBOL, f"its changed lines name {name}")]
    inside = any(
        _named(line, name) for line in patch.splitlines() if not line.startswith(("+", "-"))
    )
    return [(_SYMBOL, f"changes lines near {name}")] if inside else []


def _in_changed(patch: str, word: str) -> bool:
    return bool(word.strip()) and any(
        _named(line[1:], word) for line in patch.splitlines() if line.startswith(("+", "-"))
    )


def _named(line: str, word: str) -> bool:
    if _PART.fullmatch(word):
        return re.search(rf"(?<![\w$]){re.escape(word)}(?![\w$])", line) is not None
    return word in line


def _covers(patch: str, line: int) -> bool:
    for text in patch.splitlines():
        hunk = _HUNK.match(text)
        if hunk and line:
            start = int(hunk["start"])
            if start <= line < start + int(hunk["count"] or 1):
                return True
    return False
