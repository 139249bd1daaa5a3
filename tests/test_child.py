"""A child process is started again when it dies, unless its configuration is why."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import pytest
from structlog.testing import capture_logs

from bot.child import CONFIGURATION_EXIT, Child
from bot.errors import ConfigurationError

WaitUntil = Callable[..., Awaitable[None]]
WRONG = ["no-such-command"]
"""Ends at once, with the exit code of a wrong configuration."""


async def test_a_wrong_configuration_is_not_tried_again() -> None:
    """The first start fails: it would fail for ever."""
    async with Child(WRONG, {}) as child:
        with pytest.raises(ConfigurationError, match="no-such-command cannot run as configured"):
            await child.keep_running()


async def test_what_ran_before_is_started_again(wait_until: WaitUntil) -> None:
    """Its configuration was good, so what it cannot reach now, such as Redis, may come back."""
    with capture_logs() as logs:
        async with Child(WRONG, {}, settled_seconds=0) as child:
            keeping = asyncio.create_task(child.keep_running())
            await wait_until(lambda: len(logs) >= 2)
            assert not keeping.done()
            keeping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeping
    assert {entry["exit_code"] for entry in logs} == {CONFIGURATION_EXIT}
