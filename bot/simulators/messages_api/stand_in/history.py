"""Which change brought the fault: the commit whose diff holds the failing line or what the error speaks of.

Being the newest is no reason. A commit after the errors began, or one that touches something else, is rejected.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.simulators.messages_api.stand_in.blame import Suspect
from bot.simulators.messages_api.stand_in.case import Case
from bot.simulators.messages_api.stand_in.evidence import Finding, quote
from bot.simulators.messages_api.stand_in.log_errors import literal_in, message_of
from bot.simulators.messages_api.stand_in.repository import (
    Change,
    Commit,
    Shown,
    known_paths,
    listed_commits,
    match_path,
    shown_commits,
    source_line,
)

MOST_COMMITS = 4
"""Diffs to read for one hypothesis."""
CONVINCING = 5
"""Score from which on a commit explains the fault and no other needs to be read."""
_DATA = re.compile(
    r"[\w./-]*\w\.(?:json|ya?ml|toml|ini|conf|cfg|properties|xml|csv|html?|tmpl|j2|sql|pem|crt)\b"
)
_BULK = re.compile(r"\b[1-9]\d+ more files\b")
_NEAR = 4
"""Lines."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the repository. `code` is the text of the line, empty until the file was read."""

    path: str
    line: int
    code: str = ""


@dataclass(frozen=True, slots=True)
class Blamed:
    """A commit that fits, how well, and the changed line that shows it."""

    shown: Shown
    score: int
    change: Change


def place_of(case: Case, blamed: Suspect) -> Place | None:
    """The failing line in the repository, None when there is no trace or the file was not found."""
    if blamed.trace is not None:
        frame = blamed.trace.frame
        path = match_path(frame.path, known_paths(case.transcript), blamed.name)
        return _read(case, path, frame.line) if path else None
    data = data_file(blamed)
    path = match_path(data, known_paths(case.transcript), blamed.name) if data else ""
    if path:
        return Place(path, 0)
    hit = _literal_hit(case, blamed)
    return _read(case, *hit) if hit else None


def data_file(blamed: Suspect) -> str:
    """A data or configuration file that the error message names, empty when it names none."""
    found = _DATA.search(message_of(blamed.literal)) if blamed.trace is None else None
    return found[0] if found else ""


def candidates(case: Case, blamed: Suspect, place: Place | None) -> list[Commit]:
    """Commits worth reading: those of the failing file, or those that name the object; newest first.

    A commit that brought whole folders at once is no change of one thing, and costs much to read.
    """
    commits = [
        commit for commit in listed_commits(case.transcript) if not _BULK.search(commit.text)
    ]
    if place is not None:
        ours = [c for c in commits if c.call.arguments.get("path") == place.path]
        return ours[:MOST_COMMITS]
    stem = re.sub(r"[-_]?(?:service|svc)$", "", blamed.name)
    return [commit for commit in commits if stem in commit.text.lower()][:MOST_COMMITS]


def best_commit(case: Case, blamed: Suspect, place: Place | None) -> Blamed | None:
    """The commit whose diff explains the fault, None when none does."""
    began = _began(case, blamed)
    scored = [
        found
        for shown in shown_commits(case.transcript)
        if not shown.root
        and not _later(shown.time, began)
        and (found := _score(shown, blamed, place)) is not None
    ]
    return max(scored, key=lambda found: (found.score, found.shown.time), default=None)


def commit_finding(found: Blamed) -> Finding:
    """What backs the blame."""
    quotes = [quote(found.shown.call, found.change.raw)]
    if found.shown.subject_line:
        quotes.insert(0, quote(found.shown.call, found.shown.subject_line))
    return Finding(
        f"Commit {found.shown.sha[:10]} changed {found.change.path} there", tuple(quotes)
    )


def source_finding(case: Case, place: Place) -> Finding | None:
    """The failing line as the repository has it."""
    found = source_line(case.transcript, place.path, place.line)
    if found is None or not found[0].strip():
        return None
    return Finding(f"{place.path}:{place.line} is the failing line", (quote(found[2], found[1]),))


def search_words(blamed: Suspect) -> str:
    """What to search the source for, empty when there is nothing to go by."""
    if blamed.trace is not None:
        return ""
    if blamed.literal:
        return literal_in(blamed.literal)
    return blamed.words[0] if blamed.cause == "wrong_address" else ""


def _began(case: Case, blamed: Suspect) -> str:
    """When this error was first read in a log, empty when the log does not say."""
    told = blamed.trace.message if blamed.trace is not None else literal_in(blamed.literal)
    times = [
        error.since
        for view in case.logs_of(blamed.name)
        for error in view.errors
        if told and told in error.line and error.since
    ]
    return min(times, default="")


def _later(time: str, began: str) -> bool:
    """Whether a commit came after the errors that it would have to explain. Both in UTC, to the second."""
    return bool(time and began) and time[:19].replace(" ", "T") > began[:19].replace(" ", "T")


def _read(case: Case, path: str, line: int) -> Place:
    found = source_line(case.transcript, path, line)
    return Place(path, line, found[0].strip() if found else "")


def _literal_hit(case: Case, blamed: Suspect) -> tuple[str, int] | None:
    """The first search hit with a line number for the words that were searched for."""
    wanted = search_words(blamed)
    for call in reversed(case.transcript.results("search_code")):
        if not wanted or call.arguments.get("query") != wanted:
            continue
        path = ""
        for line in call.lines:
            found = re.match(r"\s*[-*]?\s*(?P<path>[\w./@-]+\.\w+):?(?P<line>\d+)?", line)
            if found and "/" in found["path"]:
                path = found["path"]
                if found["line"]:
                    return path, int(found["line"])
            numbered = re.match(r"\s*(\d+)\s*[|:│]", line)
            if numbered and path and wanted.lower() in line.lower():
                return path, int(numbered[1])
        if path:
            return path, 0
    return None


def _score(shown: Shown, blamed: Suspect, place: Place | None) -> Blamed | None:
    scored = [
        (points, change)
        for change in shown.changes
        if (points := _points(change, blamed, place)) > 0
    ]
    if not scored:
        return None
    points, change = max(scored, key=lambda entry: entry[0])
    return Blamed(shown, points, change)


def _points(change: Change, blamed: Suspect, place: Place | None) -> int:
    """How strongly one changed line explains the fault; 0 when it does not."""
    text = change.text.strip()
    if place is not None:
        if change.path != place.path:
            return 0
        if change.added and place.code and text == place.code:
            return 10
        if not place.line:
            return 3
        near = change.added and place.line and abs(change.number - place.line) <= _NEAR
        spoken = _speaks_of(text, blamed)
        return (4 if near else 0) + (5 if spoken else 0)
    return 6 if _has_word(change, blamed) else 0


def _speaks_of(text: str, blamed: Suspect) -> bool:
    """Whether a line holds a rare word of the error message: a quoted value, or a piece of the sentence."""
    if blamed.trace is None:
        literal = literal_in(blamed.literal)
        return bool(literal) and literal.lower() in text.lower()
    quoted = re.findall(r"['\"“‘]([^'\"”’]{4,60})['\"”’]", blamed.trace.message)
    return any(value in text for value in quoted)


def _has_word(change: Change, blamed: Suspect) -> bool:
    """For faults of objects: the change sets what the fault is about, in a file of the object."""
    stem = re.sub(r"[-_]?(?:service|svc)$", "", blamed.name).split("-")[0]
    mine = stem in change.path.lower() or blamed.cause == "wrong_address"
    return mine and change.added and any(word in change.text for word in blamed.words)
