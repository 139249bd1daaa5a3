"""What the endpoints share: settings, queued faults, received requests, and the API behind them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.simulators.messages_api.api import MessagesApi
from bot.simulators.messages_api.brain import Brain, ScriptedBrain
from bot.simulators.messages_api.clock import ShiftedClock
from bot.simulators.messages_api.delivery import Chunking
from bot.simulators.messages_api.faults import FaultQueue
from bot.simulators.messages_api.quirks import Quirks
from bot.simulators.messages_api.rate_limits import RateLimiter
from bot.simulators.messages_api.records import RecordedRequest
from bot.simulators.messages_api.workspaces import Workspace


@dataclass(slots=True)
class State:
    """The simulator's state. `brain` answers; `first_brain` does again after a script."""

    clock: ShiftedClock
    keys: Mapping[str, Workspace]
    limiter: RateLimiter
    api: MessagesApi
    brain: Brain
    first_brain: Brain
    chunking: Chunking = "event"
    quirks: Quirks = field(default_factory=Quirks)
    faults: FaultQueue = field(default_factory=FaultQueue)
    requests: list[RecordedRequest] = field(default_factory=list)
    release: asyncio.Event = field(default_factory=asyncio.Event)
    """Set to let stalled answers go on."""

    def use(self, brain: Brain | None) -> None:
        """Let another brain answer from now on; None for the first one."""
        self.brain = brain or self.first_brain
        if brain is None and isinstance(self.first_brain, ScriptedBrain):
            self.first_brain.rewind()

    def let_go(self) -> None:
        """Let answers that are stalled now go on."""
        self.release.set()
        self.release = asyncio.Event()

    def reset(self) -> None:
        """Forget cache, ledger, requests, faults, script and what was used of rate limits. Clock and quirks stay."""
        self.api.reset()
        self.limiter.reset()
        self.requests.clear()
        self.faults.clear()
        self.use(None)
