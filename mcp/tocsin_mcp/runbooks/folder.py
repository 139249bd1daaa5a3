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

from .shelf import (
    LARGEST_FILE,
    MOST_FILES,
    SKIPPED_FOLDERS,
    TOO_LARGE,
    Read,
    Shelf,
    is_runbook_file,
    read_text,
    shelved,
)

SETTING = "TOCSIN_RUNBOOKS"
_MOST_FOLDERS = 2000


@dataclass(frozen=True, slots=True)
class _Known:
    """A file as it was when it was read."""

    changed: tuple[int, int]
    read: Read


class Folder:
    """The folder that TOCSIN_RUNBOOKS names. Nothing is read before the first call."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._known: dict[str, _Known] = {}
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
        known: dict[str, _Known] = {}
        problems: list[str] = []
        for path in _walk(root):
            if len(known) == MOST_FILES:
                problems.append(f"only the first {MOST_FILES} files were read")
                break
            relative = path.relative_to(root).as_posix()
            known[relative] = self._file(root, path, relative)
        self._known = known
        return shelved({name: each.read for name, each in known.items()}, problems)

    def _file(self, root: Path, path: Path, relative: str) -> _Known:
        """The file's runbook, the known one when nothing changed."""
        try:
            real = path.resolve(strict=True)
            if not real.is_relative_to(root):
                return _Known((0, 0), Read(None, "a link that leads out of the folder; not read"))
            status = real.stat()
            changed = (status.st_mtime_ns, status.st_size)
            known = self._known.get(relative)
            if known and known.changed == changed:
                return known
            return _Known(changed, _read(real, relative, status))
        except (OSError, RuntimeError) as error:
            reason = getattr(error, "strerror", None) or "a link to itself"
            return _Known((0, 0), Read(None, f"cannot be read ({reason})"))


def _read(path: Path, relative: str, status: os.stat_result) -> Read:
    """Raises OSError."""
    if not stat.S_ISREG(status.st_mode):
        return Read(None, "not a regular file; not read")
    if status.st_size > LARGEST_FILE:
        return Read(None, TOO_LARGE)
    with path.open("rb") as file:
        return read_text(relative, file.read(LARGEST_FILE + 1))


def _walk(root: Path) -> Iterator[Path]:
    """Markdown files in order of their path; hidden folders, and links to folders, are not entered."""
    for place, below, files in itertools.islice(os.walk(root, followlinks=False), _MOST_FOLDERS):
        below[:] = sorted(
            name for name in below if not name.startswith(".") and name not in SKIPPED_FOLDERS
        )
        for name in sorted(files):
            if is_runbook_file(name):
                yield Path(place) / name
