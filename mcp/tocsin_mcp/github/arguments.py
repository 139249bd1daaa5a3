"""What callers may pass: paths, refs, words and counts, checked before anything reaches the API.

Checks are validators in code, not JSON Schema patterns: the error can say what would be right, and strict clients
accept the schema.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from tocsin_mcp.kit.arguments import BLANK, between

_REF = re.compile(r"[A-Za-z0-9][\w./+@-]{0,199}", re.ASCII)
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


def clean_ref(text: str) -> str:
    """A branch, tag or sha; like git, without empty segments or such that begin with a dot. Raises ValueError."""
    ref = text.strip()
    hidden = any(not part or part.startswith(".") for part in ref.split("/"))
    if not _REF.fullmatch(ref) or ".." in ref or hidden:
        raise ValueError("must be a branch, a tag or a commit sha (at least 4 digits)")
    return ref


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


def _optional_ref(text: str | None) -> str | None:
    return None if text is None else clean_ref(text)


def _from_one(value: int | None) -> int | None:
    if value is not None and value < 1:
        raise ValueError("must be 1 or more; lines are counted from 1")
    return value


def _none_to_root(value: object) -> object:
    return "" if value is None else value


_Root = BeforeValidator(_none_to_root)

Folder = Annotated[
    str,
    AfterValidator(clean_path),
    _Root,
    Field(description="Folder in the repository; leave out for the root."),
]
FilePath = Annotated[
    str, AfterValidator(_file_path), Field(description="Path of the file in the repository.")
]
OptionalPath = Annotated[
    str,
    AfterValidator(clean_path),
    _Root,
    Field(description="Only this file or what lies in this folder."),
]
Ref = Annotated[
    str | None,
    AfterValidator(_optional_ref),
    BLANK,
    Field(description="Branch, tag or sha; leave out for the default branch."),
]
Commitish = Annotated[
    str, AfterValidator(clean_ref), Field(description="Sha (full or short), branch or tag.")
]
Repository = Annotated[
    str | None,
    BLANK,
    Field(description="One of the configured repositories; leave out for the first."),
]
Line = Annotated[int | None, AfterValidator(_from_one)]
Query = Annotated[
    str,
    AfterValidator(_query),
    Field(description="Text to find, taken literally, whatever its case."),
]
Limit = Annotated[int, between(1, 100), Field(description="Most commits, 1 to 100.")]
Since = Annotated[
    str | None,
    BLANK,
    Field(description="Only what is newer: a duration back from now (2h, 1d) or RFC 3339."),
]
Until = Annotated[
    str | None,
    BLANK,
    Field(description="Only what is older: a duration back from now (2h, 1d) or RFC 3339."),
]
SuspectFile = Annotated[
    str,
    AfterValidator(_suspect_file),
    _Root,
    Field(
        description="The file where it fails: a path of the repository, or as a stack trace prints it, `/app/store.py:40`."
    ),
]
Symbol = Annotated[
    str,
    AfterValidator(_short_word),
    _Root,
    Field(description="Function, class, variable or configuration key that fails."),
]
ServiceName = Annotated[
    str, AfterValidator(_short_word), _Root, Field(description="The workload that fails.")
]
Onset = Annotated[
    str | None,
    BLANK,
    Field(description="When the trouble began: a duration back from now (40m) or RFC 3339."),
]
