"""What the edge may not drag in: bolt into a worker, the agent into the front."""

from __future__ import annotations

import subprocess
import sys

import pytest

LOADED = "import sys; import {module}; print(*sorted(sys.modules))"


def modules_after(module: str) -> set[str]:
    """Names of everything that is loaded when a fresh process has imported this module."""
    command = [sys.executable, "-c", LOADED.format(module=module)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=50)
    return set(done.stdout.split())


def test_a_worker_loads_no_bolt() -> None:
    """Posting needs slack_sdk alone."""
    assert "slack_bolt" not in modules_after("bot.slack.thread")


@pytest.mark.parametrize(
    "forbidden", ["anthropic", "fastmcp", "bot.settings", "bot.jobs", "bot.agent"]
)
def test_the_front_stays_light(forbidden: str) -> None:
    """An ack must not wait for imports, and the edge knows neither settings nor the agent."""
    loaded = modules_after("bot.slack.app")
    assert "slack_bolt" in loaded
    assert forbidden not in loaded
