"""A cheap model first, a better one when there is doubt: one thread, one report, one budget."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from bot.conversations.conversation import stage_id
from bot.conversations.store import ConversationStore
from bot.demo.play import PERSON, key
from bot.demo.world import CHANNEL
from bot.redis_client import connect
from bot.simulators.messages_api import Reply, tool_use
from tests.stories.conftest import OnCall, Open, said
from tests.stories.test_prompt_prefix import moved

CHEAP, BETTER = "claude-haiku-5-5", "claude-sonnet-5-5"
CASCADE = {"TOCSIN_CASCADE": f"{CHEAP}, {BETTER}"}
SEEN = "cartservice"
"""Occurs in every list of the scenario's pods."""


def submit(label: str, quote: str = SEEN, **changes: Any) -> dict[str, Any]:
    """A diagnosis with one quote."""
    diagnosis: dict[str, Any] = {
        "verdict": "fault",
        "summary": "The cart is broken.",
        "cause": "Somebody changed it.",
        "confidence": 0.9,
        "findings": [
            {"claim": "It is there.", "evidence": [{"tool_call_id": label, "quote": quote}]}
        ],
        "culprit": {"object": "", "file": "", "line": 0, "commit": ""},
        "actions": [],
        "unknowns": ["the database"],
    }
    return tool_use("submit_diagnosis", {**diagnosis, **changes})


def pods_label(body: Mapping[str, Any]) -> str:
    """Short id of the latest list of pods in a request."""
    text = json.dumps(body["messages"])
    head, found, _ = text.rpartition("] kubernetes_list_pods")
    return head.rpartition("[")[2] if found else ""


class Models:
    """Two models: the cheap one looks at the pods and submits `doubtful`; what the better one does is `better`."""

    def __init__(self, **doubtful: Any) -> None:
        self._doubtful = {"quote": SEEN, **doubtful}

    def __call__(self, body: dict[str, Any]) -> Any:
        if body["model"] == BETTER:
            return self.better(body)
        label = pods_label(body)
        if not label:
            return tool_use("kubernetes_list_pods", {})
        return submit(label, **self._doubtful)

    def better(self, body: dict[str, Any]) -> Any:
        """Cites what the cheap model looked up."""
        return submit(pods_label(body), summary="The guard clause is to blame.")


def models_asked(story: OnCall) -> list[str]:
    """The models of all requests, in order, neighbours once."""
    asked = [str(request.body["model"]) for request in story.model.requests]
    return [model for number, model in enumerate(asked) if asked[number - 1 : number] != [model]]


async def test_a_doubtful_diagnosis_goes_to_the_next_model(oncall: Open) -> None:
    """It begins with the same opening and the notes, cites kept results, and the report says what both cost."""
    async with oncall("cartservice-guard", CASCADE) as story:
        story.model.script(Models(confidence=0.4))
        root = await story.alarm()

        final = await story.final(root)

        assert "The guard clause is to blame." in said(final)
        assert "not found" not in said(final)
        assert f"{CHEAP} + {BETTER}" in said(final)
        assert len(story.finals(root)) == 1
        assert models_asked(story) == [CHEAP, BETTER]
        first, second = (
            next(r.body for r in story.model.requests if r.body["model"] == model)
            for model in (CHEAP, BETTER)
        )
        opening = first["messages"][0]["content"]
        begins = second["messages"][0]["content"]
        stripped = [{k: v for k, v in block.items() if k != "cache_control"} for block in opening]
        assert begins[: len(opening)] == stripped
        assert "it was only 40% sure" in begins[-1]["text"]
        assert '<untrusted source=\\"earlier model\\">' in json.dumps(begins[-1])
        assert "Not checked: the database" in begins[-1]["text"]
        assert [tool["name"] for tool in first["tools"]] == [
            tool["name"] for tool in second["tools"]
        ]
        assert "thinking" not in [block["type"] for block in begins]
        await story.until(lambda: f"Handed over to {BETTER}" in str(story.tasks(root)))


async def test_the_dollars_are_the_sum(oncall: Open) -> None:
    """The report's cost is what the API billed for both models."""
    async with oncall("cartservice-guard", CASCADE) as story:
        story.model.script(Models(confidence=0.1))
        root = await story.alarm()
        final = await story.final(root)

        billed = sum(entry.usd for entry in story.model.ledger)
        dearest = max(entry.usd for entry in story.model.ledger)
        assert f"${billed:.2f}" in said(final) or "<$0.01" in said(final)
        saved = (await conversation(story, root, 2)).spend["spend"]
        assert saved["usd"] == pytest.approx(billed)
        assert saved["usd"] > dearest
        assert saved["turns"] == len(story.model.ledger)


async def conversation(story: OnCall, root: str, number: int) -> Any:
    """The n-th conversation of a thread, as saved."""
    incident = key(story.thread(root)[-1]).partition("/")[0]
    redis = connect(story.environment["REDIS_URL"])
    try:
        return await ConversationStore(redis).load(stage_id(incident, number))
    finally:
        await redis.aclose()


async def test_a_sure_and_proven_diagnosis_stays_with_the_cheap_model(oncall: Open) -> None:
    """Nobody else is asked, or paid."""
    async with oncall("cartservice-guard", CASCADE) as story:
        story.model.script(Models(confidence=0.6))
        root = await story.alarm()

        assert "The cart is broken." in said(await story.final(root))
        assert models_asked(story) == [CHEAP]


@pytest.mark.parametrize(
    ("doubtful", "why"),
    [
        ({"verdict": "inconclusive"}, "its verdict was inconclusive"),
        ({"quote": "never seen anywhere"}, "some of its evidence was not found"),
        ({"confidence": 0.59}, "it was only 59% sure"),
    ],
)
async def test_every_kind_of_doubt_is_named(
    oncall: Open, doubtful: dict[str, Any], why: str
) -> None:
    """In the notes to the next model and on the progress card."""
    async with oncall("cartservice-guard", CASCADE) as story:
        story.model.script(Models(**doubtful))
        root = await story.alarm()
        await story.final(root)

        assert models_asked(story) == [CHEAP, BETTER]
        assert why in json.dumps(story.model.requests[-1].body["messages"][0])
        await story.until(lambda: why in str(story.tasks(root)))


async def test_a_model_that_refuses_is_followed_by_the_next(oncall: Open) -> None:
    """What one model will not look at, another may."""

    class Refusing(Models):
        def __call__(self, body: dict[str, Any]) -> Any:
            if body["model"] == CHEAP and pods_label(body):
                return Reply([], stop_reason="refusal")
            return super().__call__(body)

    async with oncall("cartservice-guard", CASCADE) as story:
        story.model.script(Refusing())
        root = await story.alarm()

        assert "The guard clause is to blame." in said(await story.final(root))


async def test_the_budget_is_shared(oncall: Open) -> None:
    """The cheap model gets its half, the better one what is left; both are asked to conclude once."""

    class Lost(Models):
        def __call__(self, body: dict[str, Any]) -> Any:
            number = len(body["messages"])
            return tool_use("kubernetes_list_pods", {"selector": f"app=x{number}{body['model']}"})

    budget = {"TOCSIN_BUDGET": json.dumps({"turns": 6})}
    async with oncall("cartservice-guard", {**CASCADE, **budget}) as story:
        story.model.script(Lost())
        root = await story.alarm()
        final = await story.final(root)

        asked = [request.body["model"] for request in story.model.requests]
        assert "all the steps it may take" in said(final)
        assert asked == [CHEAP] * (3 + 1) + [BETTER] * (2 + 1)


async def test_the_diagnosis_in_doubt_is_kept_when_the_better_model_gives_none(
    oncall: Open,
) -> None:
    """Something is better than nothing."""

    class Silent(Models):
        def better(self, body: dict[str, Any]) -> Any:
            return "I do not know."

    async with oncall("cartservice-guard", CASCADE) as story:
        story.model.script(Silent(confidence=0.4))
        root = await story.alarm()

        assert "The cart is broken." in said(await story.final(root))


async def test_questions_go_to_the_model_that_took_over(oncall: Open) -> None:
    """In its conversation, whose prefix only grows; the footer names only who answered."""
    async with oncall("cartservice-guard", CASCADE) as story:
        story.model.script(Models(confidence=0.4))
        root = await story.alarm()
        await story.final(root)
        await story.slack.post_as_user(CHANNEL, "are you sure?", thread_ts=root, user=PERSON)
        answer = await story.final(root, count=2)

        assert models_asked(story) == [CHEAP, BETTER]
        assert f"{CHEAP} + {BETTER}" not in said(answer)
        assert BETTER in said(answer)
        bodies = [r.body for r in story.model.requests if r.body["model"] == BETTER]
        assert len(bodies) == 2
        assert moved(bodies) == []


@contextlib.asynccontextmanager
async def worker_process(story: OnCall) -> AsyncIterator[asyncio.subprocess.Process]:
    """A worker that can be killed; it is gone afterwards."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "worker"),
        env=story.environment,
        cwd=story.environment["TOCSIN_STATE"],
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


async def test_a_worker_that_dies_after_the_handover_is_replaced_there(oncall: Open) -> None:
    """The second worker asks only the better model, once; one diagnosis is posted."""

    class Thinking(Models):
        awake = False

        async def better(self, body: dict[str, Any]) -> Any:
            if not self.awake:
                await asyncio.Event().wait()
            return super().better(body)

    models = Thinking(confidence=0.4)
    async with oncall("cartservice-guard", CASCADE, worker=False) as story:
        story.settings.state_folder.mkdir(exist_ok=True)
        story.model.script(models)
        async with worker_process(story) as first:
            root = await story.alarm()
            await story.until(lambda: BETTER in models_asked(story))
            first.kill()
            await first.wait()
        models.awake = True
        asked = len(story.model.requests)
        async with worker_process(story):
            final = await story.final(root)

        assert "The guard clause is to blame." in said(final)
        assert len(story.finals(root)) == 1
        assert {r.body["model"] for r in story.model.requests[asked:]} == {BETTER}
