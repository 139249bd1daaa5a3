"""The simulator as a whole: starts and stops the server, and shows tests what happened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Self

from aiohttp import web

from bot.simulators.messages_api.api import MessagesApi
from bot.simulators.messages_api.brain import Brain, Scripted, ScriptedBrain, ScriptFunction
from bot.simulators.messages_api.cache import PromptCache
from bot.simulators.messages_api.clock import Clock, ShiftedClock, SystemClock
from bot.simulators.messages_api.control import add_routes
from bot.simulators.messages_api.delivery import Chunking
from bot.simulators.messages_api.endpoints import Endpoints
from bot.simulators.messages_api.faults import FaultQueue
from bot.simulators.messages_api.ledger import Entry
from bot.simulators.messages_api.quirks import Quirks
from bot.simulators.messages_api.rate_limits import RateLimiter, RateLimits
from bot.simulators.messages_api.records import RecordedRequest
from bot.simulators.messages_api.stand_in import StandIn
from bot.simulators.messages_api.state import State
from bot.simulators.messages_api.workspaces import DEFAULT_KEY, Workspace

MAX_BODY_BYTES = 32 * 1024 * 1024
_SHUTDOWN_SECONDS = 1.0


class MessagesApiSimulator:
    """Listens while entered.

    Without a `brain` the stand-in investigator answers. `keys` maps API keys to workspaces; the default is the one key
    `api_key`. `chunking="split"` sends bodies in pieces of seven bytes. `quirks` makes it another server that speaks
    the API in its own way: names from the module `quirks`. Rate limits are told in headers and enforced
    only with `enforce_rate_limits`.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        brain: Brain | None = None,
        clock: Clock | None = None,
        keys: Mapping[str, Workspace] | None = None,
        cache: PromptCache | None = None,
        chunking: Chunking = "event",
        quirks: Iterable[str] = (),
        rate_limits: RateLimits | None = None,
        enforce_rate_limits: bool = False,
    ) -> None:
        first = brain or StandIn()
        limiter = RateLimiter(rate_limits or RateLimits(), enforce_rate_limits)
        self._state = State(
            clock=ShiftedClock(clock or SystemClock()),
            keys=dict(keys) if keys is not None else {DEFAULT_KEY: Workspace()},
            limiter=limiter,
            api=MessagesApi(cache or PromptCache(), limiter),
            brain=first,
            first_brain=first,
            chunking=chunking,
            quirks=Quirks(quirks),
        )
        self._host = host
        self._port = port
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """The base URL for clients, without a path. Raises RuntimeError while not listening."""
        if self._runner is None:
            raise RuntimeError("the simulator is not listening: enter it with `async with`")
        host, port = self._runner.addresses[0][:2]
        return f"http://{host}:{port}"

    @property
    def api_key(self) -> str:
        """The first key that is accepted."""
        return next(iter(self._state.keys))

    @property
    def requests(self) -> list[RecordedRequest]:
        """Requests in the order of arrival, refused ones included."""
        return self._state.requests

    @property
    def ledger(self) -> list[Entry]:
        """One entry per answered request, in the order in which the answers began."""
        return self._state.api.ledger

    @property
    def faults(self) -> FaultQueue:
        """Faults for coming requests."""
        return self._state.faults

    @property
    def clock(self) -> ShiftedClock:
        """The simulator's time; raising `offset` (seconds) moves it on."""
        return self._state.clock

    @property
    def quirks(self) -> Quirks:
        """Where it differs from the API; may be set at any time, to any names of the module `quirks`."""
        return self._state.quirks

    @quirks.setter
    def quirks(self, names: Iterable[str]) -> None:
        self._state.quirks = Quirks(names)

    def script(self, script: Iterable[Scripted] | ScriptFunction) -> ScriptedBrain:
        """Answer with these replies in order, or with what a function of the request returns."""
        scripted = ScriptedBrain(script)
        self._state.use(scripted)
        return scripted

    def use(self, brain: Brain | None) -> None:
        """Let another brain answer from now on; None for the one given at the start."""
        self._state.use(brain)

    def release(self) -> None:
        """Let answers that are stalled now go on."""
        self._state.let_go()

    def reset(self) -> None:
        """Forget cache, ledger, requests, faults, script and what was used of rate limits. Clock and quirks stay."""
        self._state.reset()

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=MAX_BODY_BYTES)
        endpoints = Endpoints(self._state)
        endpoints.add_routes(app)
        add_routes(app, self._state)
        endpoints.add_fallback(app)
        runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=_SHUTDOWN_SECONDS)
        await runner.setup()
        await web.TCPSite(runner, self._host, self._port).start()
        self._runner = runner
        return self

    async def __aexit__(self, *_: object) -> None:
        self._state.let_go()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
