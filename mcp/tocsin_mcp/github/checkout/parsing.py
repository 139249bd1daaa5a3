"""What git writes, read: logs, trees, diffs, blame, matches, tags. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tocsin_mcp.github.repository import ChangedFile, Commit, Entry, Hit, Rollout
from tocsin_mcp.kit.output import one_line, plain
from tocsin_mcp.kit.times import parse_rfc3339

LOG_FORMAT = "--format=%H%x00%an%x00%cI%x00%P%x00%B"
"""One commit of `git log -z`: five fields, each ended by NUL."""
TAG_FORMAT = (
    "--format=%(refname:strip=2)%00%(objectname)%00%(*objectname)%00%(creatordate:iso8601-strict)%00"
    "%(taggername)%00%(subject)%00%(*subject)"
)
_FIELDS, _TAG_FIELDS = 5, 7
_MERGED = re.compile(r"Merge pull request #(?P<number>\d{1,9}) from \S+")
_SQUASHED = re.compile(r"(?P<title>.*\S)\s+\(#(?P<number>\d{1,9})\)")


def commits(output: str) -> list[Commit]:
    """`git log -z` in LOG_FORMAT."""
    fields = output.split("\0")
    return [
        Commit(sha, author, parse_rfc3339(time), message.strip("\n"), tuple(parents.split()))
        for sha, author, time, parents, message in _groups(fields[:-1], _FIELDS)
    ]


def entries(output: str) -> list[tuple[str, Entry]]:
    """`git ls-tree -z -l`: the kind (`blob`, `tree`, `commit`) of each entry, and the entry."""
    found = []
    for record in output.split("\0")[:-1]:
        head, _, path = record.partition("\t")
        _, kind, sha, size = head.split()
        found.append((kind, Entry(path, sha, int(size) if size.isdigit() else 0)))
    return found


@dataclass(frozen=True, slots=True)
class _Status:
    letter: str
    path: str
    before: str


def changed_files(summary: str, patch: bytes, cut: bool) -> tuple[ChangedFile, ...]:
    """`git diff-tree --raw --numstat -z`, and the same diff as a patch; `cut` when the patch is not all there."""
    fields = summary.split("\0")
    statuses: list[_Status] = []
    while fields and fields[0].startswith(":"):
        letter = fields.pop(0).rpartition(" ")[2][:1]
        renamed = letter in "RC"
        before = fields.pop(0) if renamed else ""
        statuses.append(_Status(letter, fields.pop(0), before))
    counts = list(_counts(fields))
    patches = _patches(patch, cut)
    found: list[ChangedFile] = []
    for status, (added, removed) in zip(statuses, counts, strict=True):
        text = next(patches, None)
        if status.letter == "T":  # Another kind of file: shown as deleted and made anew.
            text = next(patches, None)
        letter = "M" if status.letter == "T" else status.letter
        found.append(ChangedFile(status.path, letter, added, removed, status.before, text))
    return tuple(found)


def _counts(fields: list[str]) -> Iterator[tuple[int, int]]:
    """Added and removed lines of each file; 0 for a binary one. A renamed file takes two more fields."""
    while fields and fields[0]:
        added, removed, path = fields.pop(0).split("\t", 2)
        if not path:
            del fields[:2]
        yield int(added) if added.isdigit() else 0, int(removed) if removed.isdigit() else 0


def _patches(patch: bytes, cut: bool) -> Iterator[str | None]:
    """The hunks of each file, None for a file without; the last one of a patch that was cut is left out."""
    sections = re.split(rb"^diff --git .*\n", patch, flags=re.MULTILINE)[1:]
    for section in sections[:-1] if cut else sections:
        start = re.search(rb"^@@ ", section, re.MULTILINE)
        text = section[start.start() :].decode("utf-8", "replace") if start else ""
        yield text.removesuffix("\n") or None


def blamed(output: str) -> dict[int, Commit]:
    """`git blame --porcelain`: line number to commit."""
    known: dict[str, dict[str, str]] = {}
    found: dict[int, str] = {}
    sha = ""
    for line in output.split("\n"):
        header = re.match(r"([0-9a-f]{40}) \d+ (\d+)", line)
        if line.startswith("\t"):
            sha = ""
        elif header and not sha:
            sha = header[1]
            found[int(header[2])] = sha
            known.setdefault(sha, {})
        elif sha:
            name, _, value = line.partition(" ")
            known[sha][name] = value
    return {line: _blame_commit(sha, known[sha]) for line, sha in found.items()}


def _blame_commit(sha: str, facts: dict[str, str]) -> Commit:
    seconds = facts.get("committer-time", "")
    time = datetime.fromtimestamp(int(seconds), UTC) if seconds.isdigit() else None
    return Commit(sha, facts.get("author", "unknown"), time, facts.get("summary", ""))


def hits(output: str) -> tuple[Hit, ...]:
    """`git grep -n -z` on one commit: the lines of each file."""
    found: dict[str, list[tuple[int, str]]] = {}
    for record in output.split("\n"):
        place, _, rest = record.partition("\0")
        number, _, text = rest.partition("\0")
        path = place.partition(":")[2]
        if path and number.isdigit():
            found.setdefault(path, []).append((int(number), plain(text)))
    return tuple(Hit(path, tuple(lines)) for path, lines in found.items())


def tags(output: str) -> list[Rollout]:
    """`git for-each-ref` in TAG_FORMAT: what each tag names, made when the tag was."""
    found = []
    for record in output.split("\n"):
        fields = record.split("\0")
        time = parse_rfc3339(fields[3]) if len(fields) == _TAG_FIELDS else None
        if time:
            name, sha, target, _, tagger, subject, other = fields
            found.append(
                Rollout(
                    time,
                    target or sha,
                    f"tag {one_line(name)}",
                    "tagged",
                    one_line(tagger),
                    subject=other or subject,
                )
            )
    return found


def pull_request(message: str) -> tuple[int, str] | None:
    """Number and title of the pull request that a commit of the main line merged, as GitHub words it; None for others."""
    subject, _, rest = message.partition("\n")
    merge = _MERGED.fullmatch(subject)
    if merge:
        return int(merge["number"]), rest.strip().partition("\n")[0] or subject
    squash = _SQUASHED.fullmatch(subject)
    return (int(squash["number"]), squash["title"]) if squash else None


def _groups(fields: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(fields) - size + 1, size):
        yield fields[start : start + size]
