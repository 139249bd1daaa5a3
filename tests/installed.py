"""Other people's programs, pinned and installed once per working copy below `.venv`, for tests that run beside them.

git ignores them and `make clean` removes them. Where a registry cannot be reached, the tests that need one are skipped,
and the summary says why.
"""

from __future__ import annotations

import fcntl
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

VENV = Path(__file__).parent.parent / ".venv"
_INSTALL_SECONDS = 180
_REMEMBERED_SECONDS = 600
"""A failed installation is not tried again by every test process of a run."""


def installed(kind: str, wanted: str, commands: Callable[[Path], Sequence[list[str]]]) -> Path:
    """The folder of `wanted` (a name that holds a version) below `.venv/<kind>/`.

    Made, when it is not there, by `commands` in a new folder that may be moved afterwards; by one test process at a time.
    Skips the test, with the reason, when a command fails.
    """
    shelf = VENV / kind
    shelf.mkdir(parents=True, exist_ok=True)
    home = shelf / wanted.replace("/", "+")
    with home.with_name(f"{home.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not home.is_dir():
            _install(kind, wanted, home, commands)
    return home


def _install(
    kind: str, wanted: str, home: Path, commands: Callable[[Path], Sequence[list[str]]]
) -> None:
    failed = home.with_name(f"{home.name}.failed")
    if failed.is_file() and time.time() - failed.stat().st_mtime < _REMEMBERED_SECONDS:
        pytest.skip(failed.read_text("utf-8"))
    with tempfile.TemporaryDirectory(dir=home.parent, ignore_cleanup_errors=True) as folder:
        new = Path(folder, "new")
        for command in commands(new):
            if problem := _problem(command):
                failed.write_text(f"{kind} could not install {wanted}: {problem}", "utf-8")
                pytest.skip(failed.read_text("utf-8"))
        new.rename(home)


def _problem(command: list[str]) -> str:
    try:
        ran = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=_INSTALL_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return f"no answer within {_INSTALL_SECONDS} s"
    said = [line.strip() for line in ran.stderr.splitlines() if "error" in line.lower()]
    return " ".join(said)[:300] or f"exit code {ran.returncode}" if ran.returncode else ""
