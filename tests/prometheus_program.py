"""A real Prometheus for tests: installed when that is possible without touching a real machine."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

_INSTALL = ("apt-get", "install", "-y", "--no-install-recommends", "prometheus")


def binary() -> str:
    """The program, installed when that is possible without touching a real machine; else the tests are skipped."""
    if found := _installed():
        return found
    booted = Path("/run/systemd/system").exists()  # there the package would start a service
    if os.geteuid() != 0 or booted or not shutil.which("apt-get"):
        pytest.skip(f"Prometheus is not installed: `{' '.join(_INSTALL)}`, or put it on the PATH")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}  # noqa: TID251  # for apt-get, not for us
    lock = Path(tempfile.gettempdir()) / "tocsin-install-prometheus.lock"
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # pytest runs in several processes
        for command in (_INSTALL, ("apt-get", "update"), _INSTALL):
            if found := _installed():
                return found
            subprocess.run(command, env=environment, capture_output=True, check=False, timeout=200)
    if not (found := _installed()):
        pytest.skip(f"Prometheus could not be installed by `{' '.join(_INSTALL)}`")
    return found


def _installed() -> str | None:
    """promtool comes with it, and makes the history."""
    return shutil.which("prometheus") if shutil.which("promtool") else None
