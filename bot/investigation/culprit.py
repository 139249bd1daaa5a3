"""What is blamed must have been seen: in the repository, in its history, in the cluster. Pure.

It is read from what the tools returned in this conversation: a path, a sha or an object that no successful result names
was made up, or never looked at, and blaming it would send somebody the wrong way. `existence` looks up what passes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.investigation.diagnosis import Culprit, Diagnosis
from bot.investigation.evidence import Source

DOUBT = 0.8
"""What a diagnosis keeps of its confidence for each blamed thing that is taken out."""
_SHORTEST_SHA = 7


def unseen(culprit: Culprit, sources: Mapping[str, Source]) -> dict[str, str]:
    """What of the culprit no result supports: the field's name to one sentence."""
    seen = [source.text for source in sources.values() if not source.failed]
    told: dict[str, str] = {}
    if culprit.object and not _object(culprit.object, seen):
        told["object"] = f"The object {culprit.object!r} is in no tool result."
    if culprit.file and not _names(culprit.file, seen):
        told["file"] = f"The file {culprit.file!r} is in no tool result."
    elif culprit.line and not _shows_line(culprit, sources):
        told["line"] = f"Line {culprit.line} of {culprit.file!r} was not read."
    if culprit.commit and not _commit(culprit.commit, seen):
        told["commit"] = f"The commit {culprit.commit!r} is in no tool result."
    return told


def without(diagnosis: Diagnosis, told: Mapping[str, str]) -> Diagnosis:
    """The diagnosis without the blamed fields that `told` names; its confidence is lowered for each, and the sentences
    join its unknowns."""
    if not told:
        return diagnosis
    empty = Culprit()
    fields = [*told, "line"] if "file" in told else list(told)
    culprit = diagnosis.culprit.model_copy(update={name: getattr(empty, name) for name in fields})
    return diagnosis.model_copy(
        update={
            "culprit": culprit,
            "confidence": round(diagnosis.confidence * DOUBT ** len(told), 2),
            "unknowns": (*diagnosis.unknowns, *told.values()),
        }
    )


def _object(named: str, texts: list[str]) -> bool:
    """`kind/name` as written, or the bare name as a word of its own (in a path it would be a folder)."""
    name = re.escape(named.rpartition("/")[2])
    pattern = re.compile(rf"(?<![\w./-])(?:{name}|{re.escape(named)})(?![\w/-])", re.IGNORECASE)
    return any(pattern.search(text) for text in texts)


def _names(name: str, texts: list[str]) -> bool:
    pattern = re.compile(rf"(?<![\w.-]){re.escape(name.strip('/'))}(?![\w-])")
    return any(pattern.search(text) for text in texts)


def _commit(sha: str, texts: list[str]) -> bool:
    """Results name commits in full or abbreviated; either may be the shorter one."""
    sha = sha.lower()
    if not re.fullmatch(r"[0-9a-f]{7,40}", sha):
        return False
    for length in range(len(sha), _SHORTEST_SHA - 1, -1):
        if any(re.search(rf"\b{sha[:length]}", text) for text in texts):
            return length == len(sha) or _abbreviated(sha, length, texts)
    return False


def _abbreviated(sha: str, length: int, texts: list[str]) -> bool:
    """Whether that prefix stands alone, so that it abbreviates this sha instead of beginning another one."""
    alone = re.compile(rf"\b{sha[:length]}(?![0-9a-f])")
    return any(alone.search(text) for text in texts)


def _shows_line(culprit: Culprit, sources: Mapping[str, Source]) -> bool:
    """Whether a result shows this line of the file: a numbered listing, a stack frame, or a hunk that covers it."""
    name = culprit.file.rpartition("/")[2]
    line = culprit.line
    listed = re.compile(rf"^\s*[>*]?\s*{line}\s*[|:│\t]", re.MULTILINE)
    framed = re.compile(rf"{re.escape(name)}\"?(?::|:line |, line |\(|#L){line}\b")
    for source in sources.values():
        if source.failed or name not in source.text:
            continue
        if framed.search(source.text) or listed.search(source.text) or _in_hunk(line, source.text):
            return True
    return False


def _in_hunk(line: int, text: str) -> bool:
    for start, count in re.findall(r"^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@", text, re.MULTILINE):
        if int(start) <= line < int(start) + int(count or 1):
            return True
    return False
