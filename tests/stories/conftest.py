"""The whole bot between simulators, in this process: what a story tells happens on real wires."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.conversations.conversation import Conversation
from bot.conversations.store import ConversationStore
from bot.demo.play import FINAL, key, trigger
from bot.demo.world import CHANNEL, World, open_world
from bot.front import open_front
from bot.redis_client import connect
from bot.scenario import named
from bot.settings import Settings
from bot.simulators.messages_api import tool_use
from bot.worker import serve

Message = dict[str, Any]
STORY_SECONDS = 240
"""How long a story may take on an overloaded machine: each of its waits has what is left of it, and pytest ends it a
little later, so that a wait that is in vain says what it waited for."""
FAST = {"TOCSIN_REDELIVERY_SECONDS": "4", "TOCSIN_CHARTS": "false"}


class OnCall:
    """A workspace with the bot in it. Root `ts` values name threads."""

    def __init__(self, world: World, redis_url: str, *, seconds: float = STORY_SECONDS) -> None:
        self._ends_at = time.monotonic() + seconds
        self.world = world
        self.slack = world.slack
        assert world.messages_api is not None
        self.model = world.messages_api
        self.environment = {**world.environment, "REDIS_URL": redis_url}

    @property
    def settings(self) -> Settings:
        """What the bot would read from its environment."""
        return Settings.model_validate(self.environment)

    @contextlib.asynccontextmanager
    async def front(self) -> AsyncIterator[None]:
        """Slack in, queue out."""
        async with open_front(self.settings, self.environment["REDIS_URL"]) as slack:
            running = asyncio.create_task(slack.run())
            try:
                yield
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)

    @contextlib.asynccontextmanager
    async def worker(self) -> AsyncIterator[None]:
        """Queue in, diagnosis out."""
        stop = asyncio.Event()
        working = asyncio.create_task(serve(self.settings, self.environment, stop))
        try:
            yield
        finally:
            stop.set()
            await working

    async def alarm(self) -> str:
        """Post the scenario's alarm; its `ts`."""
        return await trigger(self.world)

    def thread(self, root: str) -> list[Message]:
        """The thread, root first."""
        return self.slack.thread(CHANNEL, root)

    def finals(self, root: str) -> list[Message]:
        """Terminal messages of a thread, one per investigation or answer (its first part, when it is long)."""
        return [message for message in self.thread(root) if key(message).endswith(f"{FINAL}1")]

    async def final(self, root: str, count: int = 1) -> Message:
        """Wait for the n-th terminal message of a thread."""
        await self.until(lambda: len(self.finals(root)) >= count)
        return self.finals(root)[count - 1]

    def card(self, root: str, slot: str = "run:1") -> Message | None:
        """The progress card of a run."""
        cards = [message for message in self.thread(root) if key(message).endswith(f"{slot}/card")]
        return cards[0] if cards else None

    def tasks(self, root: str, slot: str = "run:1") -> list[Message]:
        """The steps that the card shows."""
        blocks = (self.card(root, slot) or {}).get("blocks", [])
        return [task for block in blocks if block["type"] == "plan" for task in block["tasks"]]

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until the workspace shows it."""
        await self.slack.wait_for(condition, timeout=self.left)

    @property
    def left(self) -> float:
        """Seconds that are left of the story's time."""
        return max(self._ends_at - time.monotonic(), 1.0)

    async def conversation(self, root: str) -> Conversation:
        """What the model saw in a thread."""
        incident = key(self.finals(root)[0]).partition("/")[0]
        redis = connect(self.environment["REDIS_URL"])
        try:
            found = await ConversationStore(redis).load(incident)
        finally:
            await redis.aclose()
        assert found is not None
        return found


def said(message: Message) -> str:
    """Everything a message says, as one text."""
    return str([message.get("text"), message.get("blocks"), message.get("attachments")])


def looks_and_thinks(times: int) -> Callable[[dict[str, Any]], Awaitable[Any]]:
    """A model that looks at the pods so many times and then thinks for ever."""
    left = iter(range(times))

    async def answer(request: dict[str, Any]) -> Any:
        if next(left, None) is None:
            await asyncio.Event().wait()
        return tool_use("kubernetes_list_pods", {})

    return answer


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """No story is cut off before its waits have said what they waited for."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(STORY_SECONDS + 60))


Open = Callable[..., contextlib.AbstractAsyncContextManager[OnCall]]


@pytest.fixture
def oncall(redis: object, redis_url: str, tmp_path: Path) -> Open:
    """`async with oncall("cartservice-guard") as story:` opens the world and the bot in it.

    `changes` are settings by variable name; `front` and `worker` say which halves run.
    """

    @contextlib.asynccontextmanager
    async def opened(
        scenario: str = "cartservice-guard",
        changes: Mapping[str, str] | None = None,
        *,
        front: bool = True,
        worker: bool = True,
    ) -> AsyncIterator[OnCall]:
        nothing = contextlib.nullcontext
        async with open_world(named(scenario), tmp_path, FAST, redelivery_speedup=10) as world:
            story = OnCall(world, redis_url)
            story.environment |= {**FAST, **(changes or {})}
            async with (
                story.front() if front else nothing(),
                story.worker() if worker else nothing(),
            ):
                yield story

    return opened
