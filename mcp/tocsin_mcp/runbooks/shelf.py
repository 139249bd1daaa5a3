"""The folder of runbooks: which files there are, read again only when they changed.

Only what a walk through the folder finds can be read. No name that a caller gives becomes a path, so none can lead out
of the folder; links that do are left out and reported.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tocsin_mcp.kit.environment import Environment, MissingSetting

from .runbook import BrokenFrontMatter, Runbook, parse

SETTING = "TOCSIN_RUNBOOKS"
_SUFFIXES = (".md", ".markdown")
_SKIPPED_FOLDERS = frozenset({"node_modules", "vendor", "__pycache__"})
_NO_RUNBOOKS = frozenset(
    {"readme", "changelog", "contributing", "code_of_conduct", "license", "security"}
)
_MOST_FILES = 1000
_MOST_FOLDERS = 2000
_LARGEST_FILE = 256 * 1024


@dataclass(frozen=True, slots=True)
class Shelf:
    """All readable runbooks by name, and what could not be read with the reason, by file."""

    runbooks: tuple[Runbook, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Read:
    """A file as it was when it was read. `runbook` is None for one that is no runbook."""

    changed: tuple[int, int]
    runbook: Runbook | None
    problem: str = ""


class Folder:
    """The folder that TOCSIN_RUNBOOKS names. Nothing is read before the first call."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._known: dict[str, _Read] = {}
        self._reading = asyncio.Lock()

    async def shelf(self) -> Shelf:
        """What is in the folder now. Raises MissingSetting when none is configured or it cannot be read."""
        text = self._environment.require(
            SETTING, "is the folder with the runbooks (Markdown files)"
        )
        async with self._reading:
            return await asyncio.to_thread(self._shelf, text)

    def _shelf(self, folder: str) -> Shelf:
        root = Path(folder).expanduser().resolve()
        if not root.is_dir():
            raise MissingSetting(
                f"{SETTING} names no folder that can be read ({root.name}). This is a matter of the server's "
                "configuration; calling again will not help."
            )
        read: dict[str, _Read] = {}
        problems: list[str] = []
        for path in _walk(root):
            if len(read) == _MOST_FILES:
                problems.append(f"only the first {_MOST_FILES} files were read")
                break
            relative = path.relative_to(root).as_posix()
            read[relative] = self._file(root, path, relative)
        self._known = read
        found = [each.runbook for each in read.values() if each.runbook]
        broken = [f"{name}: {each.problem}" for name, each in read.items() if each.problem]
        return Shelf(tuple(_unique(found)), (*broken, *problems))

    def _file(self, root: Path, path: Path, relative: str) -> _Read:
        """The file's runbook, the known one when nothing changed."""
        try:
            real = path.resolve(strict=True)
            if not real.is_relative_to(root):
                return _Read((0, 0), None, "a link that leads out of the folder; not read")
            status = real.stat()
            changed = (status.st_mtime_ns, status.st_size)
            known = self._known.get(relative)
            return known if known and known.changed == changed else _read(real, relative, status)
        except (OSError, RuntimeError) as error:
            reason = getattr(error, "strerror", None) or "a link to itself"
            return _Read((0, 0), None, f"cannot be read ({reason})")


def _read(path: Path, relative: str, status: os.stat_result) -> _Read:
    """Raises OSError."""
    changed = (status.st_mtime_ns, status.st_size)
    if not stat.S_ISREG(status.st_mode):
        return _Read(changed, None, "not a regular file; not read")
    if status.st_size > _LARGEST_FILE:
        return _Read(changed, None, f"larger than {_LARGEST_FILE // 1024} KiB; not read")
    with path.open("rb") as file:
        data = file.read(_LARGEST_FILE + 1)
    name = relative.rpartition(".")[0]
    try:
        runbook = parse(name, data.decode("utf-8"))
    except UnicodeDecodeError:
        return _Read(changed, None, "not UTF-8; skipped")
    except BrokenFrontMatter as error:
        return _Read(changed, None, f"{error}; skipped")
    if not runbook.has_front and Path(name).name.lower() in _NO_RUNBOOKS:
        return _Read(changed, None)
    return _Read(changed, runbook)


def _walk(root: Path) -> Iterator[Path]:
    """Markdown files in order of their path; hidden folders, and links to folders, are not entered."""
    for place, below, files in itertools.islice(os.walk(root, followlinks=False), _MOST_FOLDERS):
        below[:] = sorted(
            name for name in below if not name.startswith(".") and name not in _SKIPPED_FOLDERS
        )
        for name in sorted(files):
            if name.lower().endswith(_SUFFIXES) and not name.startswith("."):
                yield Path(place) / name


def _unique(runbooks: list[Runbook]) -> list[Runbook]:
    """`a.md` and `a.markdown` are one name: the first stays."""
    return list({book.name: book for book in reversed(runbooks)}.values())[::-1]
