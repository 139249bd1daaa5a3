"""What rules see at once stands in the thread before any model has spoken, and is all there is when none can."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import yaml

from bot.demo.play import key
from bot.simulators.messages_api import tool_use
from tests.stories.conftest import Message, OnCall, Open, said


def _first_look(story: OnCall, root: str) -> Message | None:
    found = [message for message in story.thread(root) if key(message).endswith("/first_look")]
    return found[0] if found else None


async def test_the_culprit_is_named_before_the_model_has_answered(oncall: Open) -> None:
    """The model is still thinking when the thread says what is broken and what changed there."""
    thinking, looked = asyncio.Event(), asyncio.Event()

    async def thinks(request: dict[str, Any]) -> Any:
        thinking.set()
        await looked.wait()
        return tool_use("kubernetes_list_pods", {})

    async with oncall("cartservice-guard") as story:
        story.model.script(thinks)
        root = await story.alarm()
        await story.until(lambda: _first_look(story, root))
        await thinking.wait()

        message = _first_look(story, root)
        assert message is not None
        assert "deployment/cartservice" in said(message)
        assert "a65e65621925" in said(message)
        assert story.finals(root) == []
        story.model.use(None)
        looked.set()
        await story.final(root)


async def test_the_model_reads_it_as_its_first_turn(oncall: Open) -> None:
    """With ids that evidence can name."""
    async with oncall("redis-cart-down") as story:
        root = await story.alarm()
        await story.final(root)

        opening = str(story.model.requests[0].body["messages"][0])
        assert "[c1] kubernetes_triage" in opening
        assert "scaled_to_zero" in opening


async def test_without_a_model_the_first_look_is_what_the_thread_gets(oncall: Open) -> None:
    """Honestly labelled, with the reason."""
    async with oncall("cartservice-guard", {"ANTHROPIC_API_KEY": "wrong"}) as story:
        root = await story.alarm()

        final = await story.final(root)

        assert "ANTHROPIC_API_KEY" in said(final)
        assert "without a model" in said(final)
        assert "deployment/cartservice" in said(final)


async def test_a_source_that_hangs_is_named_and_the_others_are_told(
    oncall: Open, tmp_path: Path
) -> None:
    """What was changed and the team's own runbook are there in time, for people and for the model; the cluster is the one
    that the service catalog names, although the kubeconfig's current context is another."""
    books = tmp_path / "runbooks"
    books.mkdir()
    (books / "frontend.md").write_text(_RUNBOOK, encoding="utf-8")
    catalog = {"services": [{"name": "frontend", "cluster": "scenario"}]}
    changes = {
        "TOCSIN_RUNBOOKS": str(books),
        "TOCSIN_CATALOG": json.dumps(catalog),
        "TOCSIN_KUBE_CONTEXTS": "scenario",
    }
    async with oncall("cartservice-guard", changes, worker=False) as story:
        _look_elsewhere(Path(story.environment["KUBECONFIG"]))
        story.world.github.faults.latency = 30
        story.model.script(tool_use("kubernetes_list_pods", {}))
        async with story.worker():
            root = await story.alarm()
            await story.until(lambda: _first_look(story, root))
            story.world.github.faults.latency = 0

            shown = said(_first_look(story, root) or {})
            assert "Cluster scenario. Namespace boutique" in shown
            assert "deployment/cartservice" in shown
            assert "rolled out revision 6" in shown
            assert "When the frontend fails" in shown
            assert "github_suspect_changes did not answer" in shown
            await story.until(lambda: story.model.requests)
            opening = str(story.model.requests[0].body["messages"][0])
            assert "Ask the shop team before a rollback" in opening
            assert "github_suspect_changes did not answer" in opening
            story.model.use(None)
            await story.final(root)


def _look_elsewhere(kubeconfig: Path) -> None:
    """Make a cluster that nobody reaches the current one."""
    config = yaml.safe_load(kubeconfig.read_text("utf-8"))
    config["clusters"].append({"name": "nowhere", "cluster": {"server": "http://127.0.0.1:1"}})
    config["contexts"].append({"name": "nowhere", "context": {"cluster": "nowhere"}})
    kubeconfig.write_text(yaml.safe_dump({**config, "current-context": "nowhere"}), "utf-8")


_RUNBOOK = """\
---
title: When the frontend fails
alarms: ["boutique-frontend-*"]
---
# First
Ask the shop team before a rollback.
"""
