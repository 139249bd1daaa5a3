"""What a server costs before its first call."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[2] / "mcp"
HEAVY = ("boto3", "botocore", "matplotlib", "numpy")


@pytest.mark.parametrize("server", ["cloudwatch", "prometheus", "runbooks"])
def test_building_a_server_imports_no_heavy_library(server: str) -> None:
    """boto3 and matplotlib are imported by the first call that needs them, not by start-up."""
    code = f"""
import sys
from tocsin_mcp.{server}.server import build
build()
print(*(module for module in {HEAVY} if module in sys.modules))
"""
    ran = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={"PYTHONPATH": str(SOURCES), "PATH": "/usr/bin:/bin"},
    )
    assert ran.stdout.strip() == ""
