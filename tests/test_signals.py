"""Being told to stop: a child ends with its owner, however the owner ends."""

from __future__ import annotations

import asyncio
import sys

_CHILD = """
import asyncio
from bot.signals import stop_on_signals, stop_without_owner

async def main():
    stop = stop_on_signals()
    stop_without_owner(stop)
    print("ready", flush=True)
    await stop.wait()
    print("stopped in order", flush=True)

asyncio.run(main())
"""
_OWNER = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdin=subprocess.PIPE, start_new_session=True)
child.wait()
"""


async def test_a_child_whose_owner_was_killed_stops_in_order() -> None:
    """A killed owner closes nothing itself: the end of the pipe is what its child sees."""
    owner = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _OWNER, _CHILD, stdout=asyncio.subprocess.PIPE
    )
    assert owner.stdout is not None
    assert await owner.stdout.readline() == b"ready\n"
    owner.kill()
    assert await owner.stdout.read() == b"stopped in order\n"
    await owner.wait()
