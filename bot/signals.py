"""Being told to stop."""

from __future__ import annotations

import asyncio
import os
import signal
import sys


def stop_on_signals() -> asyncio.Event:
    """An event that SIGTERM and SIGINT (Ctrl-C) set from now on, in the running loop."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


def stop_without_owner(stop: asyncio.Event) -> None:
    """Set `stop` when standard input ends: a pipe whose other end only the owner holds, however that one dies."""
    loop, pipe = asyncio.get_running_loop(), sys.stdin.fileno()

    def read() -> None:
        if not os.read(pipe, 1_024):
            loop.remove_reader(pipe)
            stop.set()

    loop.add_reader(pipe, read)
