"""What callers may pass: paths, refs, words and counts, checked before anything reaches the API.

Checks are validators in code, not JSON Schema patterns: the error can say what would be right, and strict clients
accept the schema.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from tocsin_mcp.kit.arguments import between

from .revisions import clean_revision

_WITH_LINE = re.compile(r"(?P<path>.+?):(?:line )?(?P<line>\d{1,7})(?::\d+)?", re.ASCII)
_LONGEST_PATH = 500
_SHORTEST_QUERY, _LONGEST_QUERY = 2, 200


def clean_path(text: str) -> str:
    """A path inside the repository without `./`, leading or trailing slashes; empty for its root. Raises ValueError."""
    path = text.strip().removeprefix("./").strip("/")
    if path == ".":
        return ""
    if len(path) > _LONGEST_PATH or not path.isprintable() or "\\" in path:
        raise ValueError("must be a path inside the repository, like src/cart/store.py")
    if any(part in ("", ".", "..") for part in path.split("/")) and path:
        raise ValueError("must not contain empty, `.` or `..` segments")
    return path


def _file_path(text: str) -> str:
    path = clean_path(text)
    if not path:
        raise ValueError("must name a file; list_tree shows what there is")
    return path


def _suspect_file(text: str) -> str:
    """A path as a stack trace prints it: absolute or not, perhaps with a line. Raises ValueError."""
    path = text.strip().replace("\\", "/").strip("/")
    if len(path) > _LONGEST_PATH or not path.isprintable():
        raise ValueError("must be a path, like /app/cart/store.py or src/cart/store.py:40")
    return path


def split_line(path: str) -> tuple[str, int]:
    """`src/store.py:40:7` → (`src/store.py`, 40); 0 for a path without a line."""
    found = _WITH_LINE.fullmatch(path)
    return (found["path"], int(found["line"])) if found else (path, 0)


def _short_word(text: str) -> str:
    word = text.strip()
    if len(word) > _LONGEST_QUERY or not word.isprintable():
        raise ValueError(f"must be one line of at most {_LONGEST_QUERY} characters")
    return word


def _query(text: str) -> str:
    query = text.strip()
    if not _SHORTEST_QUERY <= len(query) <= _LONGEST_QUERY or not query.isprintable():
        raise ValueError(
            f"must be one line of {_SHORTEST_QUERY} to {_LONGEST_QUERY} characters, taken literally"
        )
    return query


def _optional_ref(text: str) -> str:
    return clean_revision(text) if text.strip() else ""


def _from_one(value: int | None) -> int | None:
    if value is not None and value < 1:
        raise ValueError("must be 1 or more; lines are counted from 1")
    return value


def _none_to_empty(value: object) -> object:
    return "" if value is None else value


_Empty = BeforeValidator(_none_to_empty)

Folder = Annotated[
    str,
    AfterValidator(clean_path),
    _Empty,
    Field(description="Folder in the repository; leave out for the root."),
]
FilePath = Annotated[
    str, AfterValidator(_file_path), Field(description="Path of the file in the repository.")
]
OptionalPath = Annotated[
    str,
    AfterValidator(clean_path),
    _Empty,
    Field(description="Only this file or what lies in this folder."),
]
Ref = Annotated[
    str,
    AfterValidator(_optional_ref),
    _Empty,
    Field(description="Branch, tag, sha or image; the default branch when left out."),
]
Commitish = Annotated[
    str, AfterValidator(clean_revision), Field(description="Sha, branch, tag or image.")
]
Repository = Annotated[
    str,
    _Empty,
    Field(description="The first configured one when left out."),
]
Line = Annotated[int | None, AfterValidator(_from_one)]
FirstLine = Annotated[int, AfterValidator(_from_one)]
Query = Annotated[
    str,
    AfterValidator(_query),
    Field(description="Text to find, taken literally, whatever its case."),
]
Limit = Annotated[int, between(1, 100), Field(description="1 to 100.")]
FewLimit = Annotated[int, between(1, 50), Field(description="1 to 50.")]
Start = Annotated[str, Field(description="From: a duration back from now (2h, 1d) or RFC 3339.")]
Since = Annotated[
    str,
    _Empty,
    Field(description="From: a duration back from now (2h, 1d) or RFC 3339."),
]
Until = Annotated[str, _Empty, Field(description="To, written like `since`.")]
SuspectFile = Annotated[
    str,
    AfterValidator(_suspect_file),
    _Empty,
    Field(
        description="The file where it fails: a path of the repository, or as a stack trace prints it, `/app/store.py:40`."
    ),
]
Symbol = Annotated[
    str,
    AfterValidator(_short_word),
    _Empty,
    Field(description="Function, class, variable or configuration key that fails."),
]
ServiceName = Annotated[
    str, AfterValidator(_short_word), _Empty, Field(description="The workload that fails.")
]
Cause = Annotated[
    str,
    AfterValidator(_short_word),
    _Empty,
    Field(description="The class of the failure as triage names it, like `oom_killed`."),
]
Onset = Annotated[
    str,
    _Empty,
    Field(description="When the trouble began, written like `since`."),
]
