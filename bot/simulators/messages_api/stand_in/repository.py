"""What the repository's tools have shown: paths, source lines, commits and their diffs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bot.simulators.messages_api.stand_in.transcript import Call, Transcript

_PATH = re.compile(r"(?<![\w/.@:-])((?:[\w.@-]+/)*[\w@-][\w.@-]*\.[A-Za-z]\w{0,9})(?![\w/-])")
_SHA = re.compile(r"\b(?=[0-9a-f]*\d)[0-9a-f]{7,40}\b")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?")
_HUNK = re.compile(r"^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@")


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit in a list. `time` may be empty."""

    sha: str
    time: str
    line: str
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
    """The commits of all lists, in their order, each once."""
    found: dict[str, Commit] = {}
    for call in transcript.results("list_commits"):
        for line in call.lines:
            sha = _SHA.search(line)
            stamp = _TIME.search(line)
            if sha and stamp and sha.start() < 12 and sha[0][:7] not in found:
                found[sha[0][:7]] = Commit(sha[0], stamp[0], line.strip(), call)
    return list(found.values())


def shown_commits(transcript: Transcript) -> list[Shown]:
    """The commits whose diffs were read."""
    return [
        shown for call in transcript.results("show_commit") if (shown := _shown(call)) is not None
    ]


def _shown(call: Call) -> Shown | None:
    asked = str(call.arguments.get("sha", ""))
    lines = call.lines
    start = next(
        (number for number, line in enumerate(lines) if re.match(r"diff --git |--- |@@ ", line)),
        len(lines),
    )
    head = lines[:start]
    full = next(
        (sha for line in head for sha in _SHA.findall(line) if sha.startswith(asked[:7])), asked
    )
    stamp = next((found[0] for line in head if (found := _TIME.search(line))), "")
    subject = _subject(head)
    shown = Shown(full, call, subject.strip(), subject, stamp)
    shown.changes = list(_changes(lines[start:]))
    return shown


def _subject(head: Sequence[str]) -> str:
    """The first line that is prose: not a label, a sha or a path."""
    for line in head:
        text = line.strip()
        labelled = re.match(
            r"(?i)(commit|author|date|committed|files?|parents?|url|tree|pull)\b[^:]{0,20}:?", text
        )
        if text and not labelled and not _SHA.match(text) and " " in text:
            return line
    return head[0] if head else ""


def _changes(lines: Sequence[str]) -> Iterator[Change]:
    path, number = "", 0
    for line in lines:
        header = re.match(
            r"(?:diff --git a/\S+ b/|\+\+\+ b/|(?:--- )?(?:file|File):? )(?P<path>\S+)", line
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
