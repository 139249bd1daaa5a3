"""Other people's programs from PyPI, pinned and each in an environment of its own, for tests that run beside them."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from tests.installed import installed

LOCK = Path(__file__).parent.parent / "requirements-dev.lock"


def pypi_programs(name: str, version: str) -> Path:
    """The `bin` folder of an environment with package `name` in exactly that version, made when it is not there.

    What it depends on comes in the versions of our own lock, which are on this machine already. Nothing is built. Skips
    the test, with the reason, where that is not possible.
    """
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}"
    uv = shutil.which("uv", path=path) or shutil.which("uv")
    if uv is None:
        pytest.skip(f"{name} needs uv: run `make test`, which installs it")
    wanted = f"{name}=={version}"

    def commands(new: Path) -> list[list[str]]:
        options = ["--quiet", "--no-build", "--constraint", str(LOCK)]
        python = ["--python", str(new / "bin" / "python")]
        return [
            [uv, "venv", "--quiet", "--relocatable", "--python", sys.executable, str(new)],
            [uv, "pip", "install", *options, *python, wanted],
        ]

    return installed("pypi", wanted, commands) / "bin"
