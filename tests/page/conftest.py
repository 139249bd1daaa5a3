"""The page in a real browser, with the whole bot or only the workspace behind it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Protocol

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from bot.demo.play import sender
from bot.demo.world import open_world
from bot.scenario import named
from bot.simulators.slack import GalleryItem, SlackSimulator
from tests.page.chromium import HOW_TO_GET_IT, executable, open_browser
from tests.page.visitor import WAIT_SECONDS, Scheme, Visitor, arrive
from tests.stories.conftest import FAST, OnCall

SCENARIO = "cartservice-guard"
Desk = Callable[..., contextlib.AbstractAsyncContextManager[OnCall]]


class Visit(Protocol):
    """Opens the page."""

    async def __call__(
        self, url: str, *, scheme: Scheme = "light", width: int = 1440
    ) -> Visitor: ...


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Several waits stand in one test, so it may take as long as several."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.timeout(4 * WAIT_SECONDS))


def pytest_runtest_setup() -> None:
    """Skip in this one place, so that the summary says once what is missing."""
    if executable() is None:
        pytest.skip(HOW_TO_GET_IT)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One for all tests of this process."""
    async with open_browser() as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browser: Browser) -> AsyncIterator[Visit]:
    """`visitor = await visit(url, scheme="dark", width=980)`. Fails the test that made the browser complain."""
    visitors: list[Visitor] = []

    async def arrived(url: str, *, scheme: Scheme = "light", width: int = 1440) -> Visitor:
        visitors.append(await arrive(browser, url, scheme=scheme, width=width))
        return visitors[-1]

    yield arrived
    for visitor in visitors:
        await visitor.close()
    complaints = [line for visitor in visitors for line in visitor.complaints]
    assert not complaints, complaints


@pytest_asyncio.fixture(loop_scope="session")
async def slack() -> AsyncIterator[SlackSimulator]:
    """A workspace without a bot."""
    async with SlackSimulator() as simulator:
        yield simulator


@pytest.fixture
def desk(redis_url: str, tmp_path: Path) -> Desk:
    """`async with desk() as story:` opens the recorded incident with the bot in it, its alarm in the gallery.

    Without `worker` the bot hears and answers, and investigates nothing.
    """

    @contextlib.asynccontextmanager
    async def opened(*, worker: bool = True) -> AsyncIterator[OnCall]:
        scenario = named(SCENARIO)
        post = scenario.alarm.post
        assert post is not None
        gallery = [GalleryItem(scenario.title, sender(post), post)]
        async with open_world(scenario, tmp_path, FAST, gallery=gallery) as world:
            story = OnCall(world, redis_url, seconds=3 * WAIT_SECONDS)
            story.environment |= FAST
            async with story.front(), story.worker() if worker else contextlib.nullcontext():
                # These tests are about the page: a slow machine must not expire what a person has just pressed.
                story.slack.configure(ack_seconds=WAIT_SECONDS, trigger_seconds=WAIT_SECONDS)
                await story.until(lambda: story.slack.connections() > 0)
                yield story

    return opened
