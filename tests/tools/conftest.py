"""A server whose tools change, one process for all tests of this folder in a test process."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator

import pytest

from tests.tools.changing import CHANGING, Server


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server's process, perhaps not listening yet."""
    file = tmp_path_factory.mktemp("server") / "tools.json"
    file.write_text("[]")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, str(CHANGING), str(file), "http", str(port)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        yield Server(file, port)
        process.kill()


@pytest.fixture
async def server(running: Server, wait_until: Callable[..., Awaitable[None]]) -> Server:
    """The server, listening."""

    async def listening() -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", running.port)
        except OSError:
            return False
        writer.close()
        return True

    await wait_until(listening, within=20)
    return running
