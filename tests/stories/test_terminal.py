"""`tocsin diagnose`, `tools` and `doctor`: the same investigation and its parts from a terminal."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from tests.stories.conftest import OnCall, Open


async def _tocsin(story: OnCall, *arguments: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *arguments,
        env={name: value for name, value in story.environment.items() if name != "REDIS_URL"},
        cwd=Path(story.environment["KUBECONFIG"]).parent,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(100):
        out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


async def test_diagnose_investigates_a_service_without_slack(oncall: Open) -> None:
    """The report is printed, and nothing is posted anywhere."""
    async with oncall("cartservice-guard", front=False, worker=False) as story:
        code, out, err = await _tocsin(story, "diagnose", "cartservice")

        assert code == 0, err
        assert "FAULT" in out
        assert "RedisCartStore.cs:38" in out
        assert story.slack.calls("chat.postMessage") == []


async def test_diagnose_prints_json_for_programs(oncall: Open) -> None:
    """Only the report is on standard output."""
    async with oncall("redis-cart-down", front=False, worker=False) as story:
        code, out, err = await _tocsin(story, "diagnose", "cartservice", "--json")

        assert code == 0, err
        assert json.loads(out)["diagnosis"]["culprit"]["object"] == "deployment/redis-cart"


async def test_tools_says_what_is_allowed_and_why(oncall: Open) -> None:
    """One line per tool, with what it costs the prompt."""
    async with oncall("recovered", front=False, worker=False) as story:
        code, out, _ = await _tocsin(story, "tools", "--json")

        rows = {row["tool"]: row for row in map(json.loads, out.splitlines())}
        assert code == 0
        assert rows["kubernetes_list_pods"]["allowed"]
        assert rows["kubernetes_list_pods"]["tokens"] > 20
        assert all(row["read_only"] for row in rows.values())


async def test_doctor_checks_every_part(oncall: Open) -> None:
    """All four parts of a world that works; one wrong part is named and the exit code says so."""
    async with oncall("recovered", front=False, worker=False) as story:
        code, out, _ = await _tocsin(story, "doctor")
        story.environment["ANTHROPIC_API_KEY"] = "wrong"
        wrong_code, wrong, _ = await _tocsin(story, "doctor")

        assert code == 0, out
        assert [line.split()[0] for line in out.splitlines()] == ["ok"] * 4
        assert wrong_code == 1
        assert "ANTHROPIC_API_KEY" in wrong
