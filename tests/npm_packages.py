"""Other people's programs from npm, pinned and installed once per working copy, for tests that run beside them.

They live under `.venv/npm/`, which git ignores and `make clean` removes. Where there is no Node, or the registry cannot
be reached, the tests that need one are skipped, and the summary says why.
"""

from __future__ import annotations

import fcntl
import json
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

HOME = Path(__file__).parent.parent / ".venv" / "npm"
_INSTALL_SECONDS = 180
_REMEMBERED_SECONDS = 600
"""A failed installation is not tried again by every test process of a run."""
_QUIETLY = (
    *("--no-audit", "--no-fund", "--no-package-lock", "--no-update-notifier", "--loglevel=error"),
    *("--ignore-scripts", "--omit=dev", "--fetch-retries=1", "--fetch-timeout=30000"),
)


def npm_package(name: str, version: str) -> Path:
    """The folder of package `name` in exactly that version (its dependencies beside it), installed when it is not there.

    No script of any package is run. Skips the test, with the reason, where that is not possible.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        pytest.skip(f"{name} needs node and npm on the PATH")
    HOME.mkdir(parents=True, exist_ok=True)
    home = HOME / f"{name.replace('/', '+')}@{version}"
    with home.with_name(f"{home.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not home.is_dir():
            _install(npm, f"{name}@{version}", home)
    package = home / "node_modules" / name
    found = json.loads((package / "package.json").read_text("utf-8"))["version"]
    assert found == version, f"{package} holds {found}, not {version}"
    return package


def _install(npm: str, wanted: str, home: Path) -> None:
    failed = home.with_name(f"{home.name}.failed")
    if failed.is_file() and time.time() - failed.stat().st_mtime < _REMEMBERED_SECONDS:
        pytest.skip(failed.read_text("utf-8"))
    with tempfile.TemporaryDirectory(dir=HOME, ignore_cleanup_errors=True) as folder:
        new = Path(folder, "new")
        problem = _problem([npm, "install", "--prefix", str(new), *_QUIETLY, wanted])
        if problem:
            failed.write_text(f"npm could not install {wanted}: {problem}", "utf-8")
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
    said = [line for line in ran.stderr.splitlines() if line.startswith("npm error")]
    return " ".join(said)[:300] or f"exit code {ran.returncode}" if ran.returncode else ""
