"""A worker that dies in the middle of a run is taken over by another."""

from __future__ import annotations

import asyncio
import sys

from tests.stories.conftest import OnCall, Open, looks_and_thinks, said
from tests.stories.test_prompt_prefix import moved


async def _start_worker(story: OnCall) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "worker",
        env=story.environment,
        cwd=story.environment["TOCSIN_STATE"],
    )


async def test_a_killed_worker_is_replaced_and_one_diagnosis_is_posted(
    oncall: Open, tmp_path: object
) -> None:
    """The second worker goes on in the same conversation and the same card, after the lease has run out."""
    async with oncall("cartservice-guard", worker=False) as story:
        story.settings.state_folder.mkdir(exist_ok=True)
        story.model.script(looks_and_thinks(2))
        first = await _start_worker(story)
        root = await story.alarm()
        await story.until(lambda: len(story.tasks(root)) >= 2)
        first.kill()
        await first.wait()
        story.model.use(None)
        turns = len(story.model.requests)

        second = await _start_worker(story)
        try:
            final = await story.final(root)
        finally:
            second.terminate()
            await second.wait()

        assert "RedisCartStore.cs" in said(final)
        assert len(story.finals(root)) == 1
        assert story.slack.duplicate_posts() == []
        assert len(story.model.requests[turns].body["messages"]) >= 3
        assert moved([request.body for request in story.model.requests]) == []
