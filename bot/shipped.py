"""Files that come with Tocsin: beside the package in a wheel, in the checkout otherwise."""

from __future__ import annotations

from importlib import resources
from pathlib import Path


def shipped(name: str, in_checkout: str) -> Path:
    """Path of a shipped file by its name in the wheel, or by its path in a checkout."""
    package = Path(str(resources.files("bot")))
    packaged = package / name
    return packaged if packaged.is_file() else package.parent / in_checkout


def servers() -> Path:
    """The default servers.json."""
    return shipped("servers.json", "mcp/servers.json")


def manifest() -> Path:
    """The Slack app's manifest."""
    return shipped("manifest.yml", "manifest.yml")
