"""`tocsin triage`: the rules of our Kubernetes MCP server from the command line, without a model.

Bot and servers meet only over a protocol or, as here, over a command line: the rules run in a process of their own.
"""

from __future__ import annotations

import argparse
import subprocess
import sys


def run(arguments: argparse.Namespace) -> int:
    """Pass everything on; the exit code is the rules' own."""
    command = [sys.executable, "-m", "tocsin_mcp.triage_command", *arguments.rest]
    return subprocess.run(command, check=False).returncode
