"""The wheel works in a clean environment, outside the checkout."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def _run(*command: str | Path, cwd: Path, env: Mapping[str, str] | None = None) -> str:
    ran = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert ran.returncode == 0, f"{command}\n{ran.stdout}\n{ran.stderr}"
    return ran.stdout


@pytest.mark.timeout(480)
def test_a_wheel_in_a_clean_environment_plays_the_demo(tmp_path: Path) -> None:
    """Built, installed beside nothing but the locked dependencies, and run from an empty folder."""
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if uv is None:
        pytest.skip("uv is not installed: run `make test`, which installs it")
    clean = {
        "PATH": "/usr/bin:/bin",
        "HOME": os.environ.get("HOME", str(tmp_path)),
        "UV_PYTHON_DOWNLOADS": "never",
    }
    keep = {
        name: value
        for name, value in os.environ.items()
        if name.startswith(("UV_", "PIP_", "SSL_"))
    }
    environment = {**keep, **clean}
    empty = tmp_path / "elsewhere"
    empty.mkdir()

    _run(
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        tmp_path,
        ROOT,
        cwd=tmp_path,
    )
    (wheel,) = tmp_path.glob("tocsin-*.whl")
    _run(
        uv,
        "venv",
        "--quiet",
        "--python",
        sys.executable,
        tmp_path / "venv",
        cwd=empty,
        env=environment,
    )
    python = tmp_path / "venv" / "bin" / "python"
    install = (uv, "pip", "install", "--quiet", "--python", python)
    _run(*install, "--require-hashes", "-r", ROOT / "requirements.lock", cwd=empty, env=environment)
    _run(*install, "--no-deps", wheel, cwd=empty, env=environment)
    tocsin = tmp_path / "venv" / "bin" / "tocsin"

    assert _run(tocsin, "--version", cwd=empty, env=environment).startswith("tocsin ")
    played = json.loads(
        _run(
            tocsin,
            "demo",
            "--once",
            "--scenario",
            "cartservice-guard",
            "--json",
            cwd=empty,
            env=environment,
        )
    )
    assert played["verdict"] == "fault"
