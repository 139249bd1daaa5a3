"""All runbooks there are, wherever they lie: which files count, how one is read, and what could not be."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from .runbook import BrokenFrontMatter, Runbook, parse

MOST_FILES = 1000
LARGEST_FILE = 256 * 1024
TOO_LARGE = f"larger than {LARGEST_FILE // 1024} KiB; not read"
SKIPPED_FOLDERS = frozenset({"node_modules", "vendor", "__pycache__"})
_SUFFIXES = (".md", ".markdown")
_NO_RUNBOOKS = frozenset(
    {"readme", "changelog", "contributing", "code_of_conduct", "license", "security"}
)


@dataclass(frozen=True, slots=True)
class Shelf:
    """All readable runbooks by name, and what could not be read with the reason, by file."""

    runbooks: tuple[Runbook, ...]
    problems: tuple[str, ...]


class Library(Protocol):
    """Somewhere runbooks lie."""

    async def shelf(self) -> Shelf:
        """What is there now. Raises MissingSetting, Unavailable or NotFound when nothing can be read."""


class Several:
    """Libraries side by side; of runbooks of the same name the earlier library's counts."""

    def __init__(self, libraries: Sequence[Library]) -> None:
        self._libraries = libraries

    async def shelf(self) -> Shelf:
        """What is in all of them. Raises as the libraries do."""
        shelves = await asyncio.gather(*(each.shelf() for each in self._libraries))
        runbooks = [book for each in shelves for book in each.runbooks]
        problems = tuple(problem for each in shelves for problem in each.problems)
        return Shelf(tuple(_unique(runbooks)), problems)


@dataclass(frozen=True, slots=True)
class Read:
    """What a file is: `runbook` is None for one that is none, `problem` says why it cannot be used."""

    runbook: Runbook | None
    problem: str = ""


def is_runbook_file(name: str) -> bool:
    """Whether a file of that name is read."""
    return name.lower().endswith(_SUFFIXES) and not name.startswith(".")


def is_runbook_path(path: str) -> bool:
    """The same for a path: hidden folders, and those of other people's code, are not entered."""
    *folders, name = path.split("/")
    entered = not any(each.startswith(".") or each in SKIPPED_FOLDERS for each in folders)
    return entered and is_runbook_file(name)


def read_text(path: str, data: bytes) -> Read:
    """A file's content as a runbook named after its path."""
    name = path.rpartition(".")[0]
    try:
        runbook = parse(name, data.decode("utf-8"))
    except UnicodeDecodeError:
        return Read(None, "not UTF-8; skipped")
    except BrokenFrontMatter as error:
        return Read(None, f"{error}; skipped")
    if not runbook.has_front and name.rpartition("/")[2].lower() in _NO_RUNBOOKS:
        return Read(None)
    return Read(runbook)


def shelved(read: Mapping[str, Read], problems: Sequence[str] = ()) -> Shelf:
    """The files of a place, by path, as a shelf."""
    found = [each.runbook for each in read.values() if each.runbook]
    broken = [f"{name}: {each.problem}" for name, each in read.items() if each.problem]
    return Shelf(tuple(_unique(found)), (*broken, *problems))


def _unique(runbooks: list[Runbook]) -> list[Runbook]:
    """`a.md` and `a.markdown` are one name: the first stays."""
    return list({book.name: book for book in reversed(runbooks)}.values())[::-1]
