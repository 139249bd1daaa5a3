"""The whole bot on a server of one's own: what it lacks is found out once, and the diagnosis is the same."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import pytest

from bot.simulators.messages_api import Reply, thinking, tool_use
from bot.simulators.messages_api.quirks import NAMES
from bot.worker import serve
from tests.agent.test_backends import ANSWERING, NEVER_USED, REFUSING, SERVERS
from tests.agent.test_clouds import HAS_VERTEX
from tests.stories.conftest import OnCall, Open, said
from tests.stories.test_loop_guards import CONCLUSION, PODS, last
from tests.stories.test_prompt_prefix import moved


def refused(story: OnCall) -> int:
    """Requests that the server did not answer."""
    return len(story.model.requests) - len(story.model.ledger)


@pytest.mark.parametrize("quirk", [*REFUSING, *ANSWERING, *NEVER_USED])
async def test_the_bot_diagnoses_whatever_the_server_lacks(oncall: Open, quirk: str) -> None:
    """At most one request is refused, none is repeated, and the cause is named in the thread."""
    async with oncall("cartservice-guard") as story:
        story.model.quirks = [quirk]
        root = await story.alarm()

        final = await story.final(root)

        assert "RedisCartStore.cs" in said(final)
        assert refused(story) <= 1
        sent = [request.raw for request in story.model.requests]
        assert len(set(sent)) == len(sent)


def test_every_quirk_has_its_story() -> None:
    """A quirk without one would be a promise that nobody keeps."""
    told = {*REFUSING, *ANSWERING, *NEVER_USED, "no_cache_ttl"}
    assert told.union(*SERVERS.values()) == NAMES


async def test_a_server_that_takes_no_lifetimes(oncall: Open) -> None:
    """It is asked once with an hour, then without; the markers stay, and the cache works."""
    async with oncall("cartservice-guard", {"TOCSIN_SHARED_TTL": "1h"}) as story:
        story.model.quirks = ["no_cache_ttl"]
        root = await story.alarm()

        assert "RedisCartStore.cs" in said(await story.final(root))
        assert refused(story) == 1
        assert story.model.ledger[-1].read > 0


@pytest.mark.parametrize("backend", SERVERS)
async def test_an_open_model_behind_a_known_server(oncall: Open, backend: str) -> None:
    """Nothing is refused, the prefix stays, and the footer names the model with its tokens, at no price."""
    changes = {"TOCSIN_BACKEND": backend, "TOCSIN_MODEL": "deepseek-v3.2"}
    async with oncall("cartservice-guard", changes) as story:
        story.model.quirks = SERVERS[backend]
        root = await story.alarm()

        final = await story.final(root)

        assert "RedisCartStore.cs" in said(final)
        assert refused(story) == 0
        assert "deepseek-v3.2" in said(final)
        assert "k tokens" in said(final)
        assert not re.search(r"\$\d", said(final))
        assert moved([request.body for request in story.model.requests]) == []


async def test_hidden_thinking_that_a_server_refuses_is_left_out(oncall: Open) -> None:
    """It was in the history already, and the run goes on."""

    def answer(request: dict[str, Any]) -> Any:
        if "tool_result" in last(request):
            return tool_use("submit_diagnosis", CONCLUSION)
        hidden = {"type": "redacted_thinking", "data": "x"}
        return Reply([thinking("hm"), hidden, PODS])

    async with oncall("cartservice-guard") as story:
        story.model.quirks = ["no_redacted_thinking"]
        story.model.script(answer)
        root = await story.alarm()

        assert "Nothing was proven." in said(await story.final(root))
        assert refused(story) == 1
        assert "redacted_thinking" not in json.dumps(story.model.requests[-1].body)
        assert '"thinking": "hm"' in json.dumps(story.model.requests[-1].body)


@pytest.mark.skipif(HAS_VERTEX, reason="the extra is installed")
async def test_a_missing_extra_is_said_at_the_start(oncall: Open) -> None:
    """One line that names what to install; no traceback in a thread."""
    async with oncall("cartservice-guard", worker=False) as story:
        story.environment["TOCSIN_BACKEND"] = "vertex"
        with pytest.raises(Exception, match=r"tocsin\[vertex\]"):
            await serve(story.settings, story.environment, asyncio.Event())
