"""A simulated workspace with Tocsin's own manifest, the real front connected to it, and the stores behind it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml
from docket import Docket
from redis.asyncio import Redis

from bot.alarms.catalog import Service, ServiceCatalog
from bot.clock import utc_now
from bot.conversations.store import ConversationStore
from bot.costs.caps import Caps
from bot.costs.store import DailyLedger
from bot.incidents.intake import Intake
from bot.incidents.store import IncidentStore
from bot.queue import Queue
from bot.simulators.slack import SlackSimulator
from bot.simulators.slack.clock import ManualClock
from bot.slack.api import Api, open_api
from bot.slack.app import SlackFront, SlackOptions
from bot.slack.assembly import Behind
from bot.slack.clock import SystemClock
from bot.slack.inbox import Inbox
from bot.slack.issues import Issues
from bot.slack.repository import Repository
from tests.slack.stage import Stage

MANIFEST = Path(__file__).parents[2] / "manifest.yml"


@pytest.fixture
def manifest() -> dict[str, Any]:
    """`manifest.yml`, parsed."""
    parsed: dict[str, Any] = yaml.safe_load(MANIFEST.read_text())
    return parsed


@pytest.fixture
async def slack(manifest: dict[str, Any]) -> AsyncIterator[SlackSimulator]:
    """A workspace that grants the app exactly what its manifest asks for."""
    async with SlackSimulator(manifest=manifest, redelivery_speedup=10) as simulator:
        yield simulator


@pytest.fixture
async def api(slack: SlackSimulator) -> AsyncIterator[Api]:
    """The Web API as the bot."""
    async with open_api(slack.bot_token, slack.api_url) as opened:
        yield opened


class Bot:
    """A front with everything behind it, except workers: what was asked for waits in the stores."""

    def __init__(
        self,
        slack: SlackSimulator,
        redis: Redis,
        docket: Docket,
        wait_until: Callable[..., Awaitable[None]],
    ) -> None:
        self.slack = slack
        self.wait_until = wait_until
        self.redis = redis
        self.docket = docket
        self.store = IncidentStore(redis, utc_now)
        self.issues: Issues | None = None
        self.catalog = ServiceCatalog(
            services=(Service(name="cartservice", aliases=("cart",)), Service(name="checkout"))
        )

    def front(self, **options: Any) -> SlackFront:
        """A front that is not connected yet."""
        given: dict[str, Any] = {
            "bot_token": self.slack.bot_token,
            "app_token": self.slack.app_token,
            "api_url": self.slack.api_url,
            "channels": ("incidents",),
            **options,
        }
        behind = Behind(
            redis=self.redis,
            intake=Intake(self.store, utc_now),
            store=self.store,
            queue=Queue(self.docket),
            conversations=ConversationStore(self.redis),
            ledger=DailyLedger(self.redis, utc_now, Caps(day_usd=25)),
            catalog=self.catalog,
            tools=self._tools,
            repository=Repository(url="https://github.com/acme/boutique"),
            issues=self.issues,
            admins=(self.slack.users["grace"].id,),
        )
        return SlackFront(SlackOptions(**given), behind)

    async def jobs(self) -> list[str]:
        """Keys of the jobs that wait for a worker."""
        snapshot = await self.docket.snapshot()
        return sorted(each.key for each in [*snapshot.future, *snapshot.running])

    async def jobs_count(self, count: int) -> bool:
        """Whether exactly so many jobs wait."""
        return len(await self.jobs()) == count

    async def settled(self) -> None:
        """Wait until every delivery was acknowledged and acted on."""
        await self.slack.wait_for(lambda: all(each.acked_at for each in self.slack.envelopes()))
        await self.wait_until(self._nothing_left)

    async def waiting(self) -> int:
        """How many requests are kept and not acted on."""
        return int(await self.redis.zcard("tocsin:{inbox}:waiting"))

    async def make_due(self) -> None:
        """Let the time pass that listeners have."""
        for event_id in await self.redis.zrange("tocsin:{inbox}:waiting", 0, -1):
            await self.redis.zadd("tocsin:{inbox}:waiting", {str(event_id): 0})

    async def store_in_inbox(self, event_id: str, body: dict[str, Any]) -> None:
        """What a front leaves that crashed right after the ack."""
        await Inbox(self.redis, SystemClock()).insert_once(event_id, body)
        await self.make_due()

    async def post_as_bot(self, channel: str, thread_ts: str, text: str) -> None:
        """A reply of the bot's own."""
        async with open_api(self.slack.bot_token, self.slack.api_url) as api:
            await api.call("chat.postMessage", channel=channel, thread_ts=thread_ts, text=text)

    async def _nothing_left(self) -> bool:
        return await self.waiting() == 0

    @staticmethod
    async def _tools() -> list[str]:
        return ["kubernetes_list_pods", "github_read_file"]


@pytest.fixture
async def bot(
    slack: SlackSimulator,
    redis: Redis,
    redis_url: str,
    wait_until: Callable[..., Awaitable[None]],
) -> AsyncIterator[Bot]:
    """The bot's front half, ready to connect."""
    async with Docket(name="tocsin-jobs", url=redis_url) as docket:
        yield Bot(slack, redis, docket, wait_until)


@pytest.fixture
async def connected(bot: Bot) -> AsyncIterator[Bot]:
    """The same, connected to the workspace."""
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(bot.front())
        yield bot


async def others_run() -> None:
    """Let everything run that can run now, once."""
    loop = asyncio.get_running_loop()
    turn = loop.create_future()
    loop.call_soon(turn.set_result, None)
    await turn


class QuickClock:
    """Real time, except that sleeping takes none: it moves the clock on and remembers what was slept."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self.slept: list[float] = []

    def time(self) -> float:
        return time.time() + self._ahead

    async def sleep(self, seconds: float) -> None:
        if seconds > 0:
            self.slept.append(seconds)
            self._ahead += seconds
        await others_run()


@pytest.fixture
def quick() -> QuickClock:
    """A clock for code that waits now and then."""
    return QuickClock()


@pytest.fixture
def manual() -> ManualClock:
    """A clock for code that waits in a loop: it moves when the test advances it."""
    return ManualClock(start=time.time())


@pytest.fixture(name="others_run")
def others_run_fixture() -> Callable[[], Awaitable[None]]:
    """`await others_run()`."""
    return others_run


@pytest.fixture
async def stage(
    slack: SlackSimulator, redis: Redis, api: Api, manual: ManualClock
) -> AsyncIterator[Stage]:
    root = await slack.post_as_app("#incidents", {"text": "it is down"}, app="Alertmanager")
    made = Stage(slack, redis, api, manual, root)
    async with made.stack:
        yield made
