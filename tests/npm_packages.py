"""Other people's programs from npm, pinned, for tests that run beside them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.installed import installed

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
    wanted = f"{name}@{version}"
    home = installed(
        "npm", wanted, lambda new: [[npm, "install", "--prefix", str(new), *_QUIETLY, wanted]]
    )
    package = home / "node_modules" / name
    found = json.loads((package / "package.json").read_text("utf-8"))["version"]
    assert found == version, f"{package} holds {found}, not {version}"
    return package
