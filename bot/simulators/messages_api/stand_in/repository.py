"""What the repository's tools have shown: paths, source lines, commits and their diffs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from bot.simulators.messages_api.stand_in.transcript import Call, Transcript

_PATH = re.compile(r"(?<![\w/.@:-])((?:[\w.@-]+/)*[\w@-][\w.@-]*\.[A-Za-z]\w{0,9})(?![\w/-])")
_SHA = re.compile(r"\b(?=[0-9a-f]*\d)[0-9a-f]{7,40}\b")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?")
_SHA_COLUMN = 12
"""A commit's line begins with its sha, after at most a word and a bullet."""
_FILE = re.compile(r"^[AMDRC] (?:\S+ -> )?(?P<path>\S+) \(\+\d+ -\d+\)$")
_ROOT = re.compile(r"(?i)parents?:\s*(?:none\b|$)")
_LABEL = re.compile(r"(?i)\s*(?:[a-z]+:\s|commit [0-9a-f]{7}|[0-9a-f]{7,40}\b|\[c\d+\])")
_HUNK = re.compile(r"^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@")


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit in a list. `text` is all that the list says of it: author, subject, files."""

    sha: str
    time: str
    text: str
    call: Call


@dataclass(frozen=True, slots=True)
class Change:
    """One changed line of a diff; `number` is its place in the file after the commit, for an added line."""

    path: str
    added: bool
    number: int
    text: str
    raw: str


@dataclass(slots=True)
class Shown:
    """A commit with its diff."""

    sha: str
    call: Call
    subject: str
    subject_line: str
    time: str
    root: bool
    """The first commit: it brought everything, so it changed nothing."""
    changes: list[Change] = field(default_factory=list)

    @property
    def paths(self) -> list[str]:
        """The files it touches."""
        return list(dict.fromkeys(change.path for change in self.changes))


def known_paths(transcript: Transcript) -> list[str]:
    """Every path that listings and searches have shown."""
    found: dict[str, None] = {}
    for call in transcript.calls:
        if call.failed or call.action not in ("list_tree", "search_code", "show_commit"):
            continue
        base = str(call.arguments.get("path", "")).strip("/") if call.action == "list_tree" else ""
        for line in call.lines:
            for path in _PATH.findall(line):
                found[path if not base or path.startswith(base) else f"{base}/{path}"] = None
    return list(found)


def match_path(container_path: str, paths: Sequence[str], service: str) -> str:
    """The repository path that fits a path in a container best: the longest common end, the service's folder first.

    Empty when no path has the same file name.
    """
    wanted = [part for part in container_path.split("/") if part not in ("", ".", "..")]
    scored = [
        (_common_end(wanted, path.split("/")), _belongs(path, service), -len(path), path)
        for path in paths
    ]
    fitting = [entry for entry in scored if entry[0] > 0]
    if not fitting:
        return ""
    own = [entry for entry in fitting if entry[1]]
    return max(own or fitting)[3]


def _common_end(left: Sequence[str], right: Sequence[str]) -> int:
    count = 0
    for one, other in zip(reversed(left), reversed(right), strict=False):
        if one != other:
            break
        count += 1
    return count


def _belongs(path: str, service: str) -> bool:
    stem = re.sub(r"[-_]?(?:service|svc)$", "", service)
    parts = [re.sub(r"[-_]", "", part) for part in path.lower().split("/")]
    return bool(service) and any(
        part in (service.replace("-", ""), stem.replace("-", "")) for part in parts
    )


def source_line(transcript: Transcript, path: str, number: int) -> tuple[str, str, Call] | None:
    """A line of a file that was read: the code, the line as the tool printed it, and the call."""
    for call in reversed(transcript.results("read_file")):
        if call.arguments.get("path") != path:
            continue
        for line in call.lines:
            found = re.match(rf"^\s*[>*]?\s*{number}\s*[|:│\t ]\s?(.*)$", line)
            if found:
                return found[1], line.strip(), call
    return None


def listed_commits(transcript: Transcript) -> list[Commit]:
    """The commits of all lists, in their order, each once per list."""
    found: list[Commit] = []
    for call in transcript.results("list_commits"):
        own: list[Commit] = []
        for line in call.lines:
            sha, stamp = _SHA.search(line), _TIME.search(line)
            if sha and stamp and sha.start() < _SHA_COLUMN:
                own.append(Commit(sha[0], stamp[0], line.strip(), call))
            elif own and line.startswith((" ", "\t")):
                own[-1] = replace(own[-1], text=f"{own[-1].text}\n{line.strip()}")
        found += own
    return found


def shown_commits(transcript: Transcript) -> list[Shown]:
    """The commits whose diffs were read."""
    return [
        shown for call in transcript.results("show_commit") if (shown := _shown(call)) is not None
    ]


def _shown(call: Call) -> Shown | None:
    asked = str(call.arguments.get("sha", ""))
    lines = call.lines
    start = next(
        (
            n
            for n, line in enumerate(lines)
            if _FILE.match(line) or re.match(r"diff --git |@@ ", line)
        ),
        len(lines),
    )
    head = lines[:start]
    full = next(
        (sha for line in head for sha in _SHA.findall(line) if sha.startswith(asked[:7])), asked
    )
    stamp = next((found[0] for line in head if (found := _TIME.search(line))), "")
    subject = _subject(head)
    root = any(_ROOT.match(line) for line in head)
    shown = Shown(full, call, subject.strip(), subject, stamp, root)
    shown.changes = list(_changes(lines[start:]))
    return shown


def _subject(head: Sequence[str]) -> str:
    """The message's first line: the first indented one, else the first that is no label and no sha."""
    indented = [line for line in head if line.startswith("    ") and line.strip()]
    plain = [line for line in head if line.strip() and not _LABEL.match(line)]
    return next(iter([*indented, *plain]), "")


def _changes(lines: Sequence[str]) -> Iterator[Change]:
    path, number = "", 0
    for line in lines:
        header = _FILE.match(line) or re.match(
            r"(?:diff --git a/\S+ b/|\+\+\+ b/)(?P<path>\S+)", line
        )
        hunk = _HUNK.match(line)
        if header and not line.startswith("+++ /dev/null"):
            path, number = header["path"], 0
        elif hunk:
            number = int(hunk[1])
        elif number and line.startswith("+") and not line.startswith("+++"):
            yield Change(path, True, number, line[1:], line)
            number += 1
        elif number and line.startswith("-") and not line.startswith("---"):
            yield Change(path, False, number, line[1:], line)
        elif number:
            number += 1


def known_folders(transcript: Transcript, service: str) -> list[str]:
    """Folders of the service that listings have shown."""
    found: dict[str, None] = {}
    for call in transcript.results("list_tree"):
        base = str(call.arguments.get("path", "")).strip("/")
        for line in call.lines:
            for folder in re.findall(r"(?<![\w/.-])((?:[\w.@-]+/)+)(?!\w)", line):
                path = folder.strip("/")
                full = path if not base or path.startswith(base) else f"{base}/{path}"
                if _belongs(full, service):
                    found[full] = None
    return sorted(found, key=len)
