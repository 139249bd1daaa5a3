"""What every server has in common, over a real MCP session."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from fastmcp import Client, FastMCP
from tocsin_mcp.kit.errors import (
    NotFound,
    Unavailable,
    rate_limited,
    refused_credentials,
    timed_out,
    unreachable,
)
from tocsin_mcp.kit.server import add_read_tools, new_server
from tocsin_mcp.kit.tasks import together


async def broken(fails: bool = False) -> str:
    """Half of a surrogate pair, as JSON may hold it."""
    if fails:
        raise Unavailable("\ud83d")
    return "\x1b[31msmile\u200b \ud83d"


def sample(closed: list[str]) -> FastMCP[Any]:
    """A server with a tool that works, one that says why it does not, and one with a bug."""

    async def read(path: str, count: int = 1) -> str:
        """Read it."""
        return f"{path} x{count}"

    async def missing() -> str:
        """Never there."""
        raise NotFound("no such file; list_tree shows all")

    async def buggy() -> str:
        """Broken."""
        raise RuntimeError("token=letmein at 10.0.0.1")

    async def close() -> None:
        closed.append("closed")

    async def endless(fails: bool = False) -> str:
        """Says too much."""
        if fails:
            raise Unavailable("no " * 100_000)
        return "line\n" * 100_000

    server = new_server("sample", "Samples.", close=close)
    add_read_tools(server, read, missing, buggy, endless, broken)
    return server


async def call(tool: str, **arguments: object) -> tuple[bool, str]:
    """Whether the call failed, and its text."""
    async with Client(sample([])) as client:
        result = await client.call_tool(tool, dict(arguments), raise_on_error=False)
        (block,) = result.content
        assert block.type == "text"
        return bool(result.is_error), block.text


async def test_every_answer_and_every_error_is_bounded() -> None:
    """Even when a tool forgets to."""
    failed, text = await call("endless")
    assert not failed
    assert len(text) <= 64 * 1024
    assert "cut here; to see less at once: ask for less" in text
    failed, text = await call("endless", fails=True)
    assert failed
    assert len(text) <= 4 * 1024 + 100


async def test_what_utf8_cannot_carry_is_replaced() -> None:
    """The protocol's writer would die of it, and all servers of the process with it."""
    assert await call("broken") == (False, "smile \ufffd")
    assert await call("broken", fails=True) == (True, "\ufffd")


async def test_result_is_one_text_block() -> None:
    """Text is not repeated as structured content."""
    async with Client(sample([])) as client:
        result = await client.call_tool("read", {"path": "a", "count": 2})
    assert [block.type for block in result.content] == ["text"]
    assert result.structured_content is None


async def test_tools_declare_themselves_read_only() -> None:
    """A client can see that a tool changes nothing and may be repeated."""
    async with Client(sample([])) as client:
        tools = {tool.name: tool for tool in await client.list_tools()}
    hints = tools["read"].annotations
    assert hints
    assert (hints.read_only_hint, hints.destructive_hint) == (True, False)
    assert (hints.idempotent_hint, hints.open_world_hint) == (True, False)
    assert tools["read"].description == "Read it."
    assert tools["read"].output_schema is None


async def test_known_errors_are_shown() -> None:
    """An error made for the caller arrives word for word."""
    assert await call("missing") == (True, "no such file; list_tree shows all")


async def test_bugs_are_masked() -> None:
    """An unexpected exception's text, which may hold secrets, does not leave the server."""
    failed, text = await call("buggy")
    assert failed
    assert "letmein" not in text
    assert "10.0.0.1" not in text
    assert text.startswith("buggy met an answer that it cannot read, or a fault of its own")


async def test_invalid_arguments_are_named_in_one_line() -> None:
    """The caller learns which argument is wrong and why; the value and links are not echoed."""
    failed, text = await call("read", path="a", count="many", extra=1)
    assert failed
    assert text.startswith("Invalid arguments. ")
    assert "`count`" in text
    assert "`extra`" in text
    assert "https://" not in text
    assert "\n" not in text


async def test_close_is_called_when_the_server_ends() -> None:
    """Connections can be closed with the session that used them."""
    closed: list[str] = []
    async with Client(sample(closed)) as client:
        await client.list_tools()
        assert closed == []
    assert closed == ["closed"]


def test_error_texts_say_what_to_do() -> None:
    """Each translated error names the service and the next step."""
    assert "KUBECONFIG" in str(unreachable("the API", "host:1", "KUBECONFIG"))
    assert "host:1" in str(unreachable("the API", "host:1", "KUBECONFIG"))
    assert "within 15 s" in str(timed_out("the API", "host", 15.0))
    assert "GITHUB_TOKEN" in str(refused_credentials("GitHub", "GITHUB_TOKEN"))
    assert "again in 30 s" in str(rate_limited("GitHub", 30.0))
    assert "again later" in str(rate_limited("GitHub", None))


async def test_together_raises_the_first_error_itself() -> None:
    """A failing request is not hidden in an ExceptionGroup, and the others are cancelled."""
    waiting: list[asyncio.Task[bool]] = []

    async def fail() -> None:
        raise Unavailable("down")

    async def ask() -> None:
        async with together() as group:
            waiting.append(group.create_task(asyncio.Event().wait()))
            group.create_task(fail())

    with pytest.raises(Unavailable, match="down"):
        await ask()
    assert waiting[0].cancelled()
