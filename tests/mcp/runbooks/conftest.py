"""The runbook server between a real MCP client and a folder of files."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastmcp import Client
from mcp_types import TextContent
from tocsin_mcp.kit.environment import Environment
from tocsin_mcp.runbooks.server import build

CART = """\
---
title: Cart service fails
services: [cartservice, cart-*]
alarms:
  - CartErrorRate
  - "Cart*"
tags: redis
owner: shop team
---
# Cart service

It keeps carts in Redis.

## Check first

Is Redis up? `redis-cli ping`

```sh
# not a heading
```

## Fix

### Restart Redis

Roll the statefulset.

## Escalate

Ask the platform team.
"""
PLAIN = "# Disk full\n\nFind large files with `du`, then clean `/var/log`.\n"
GENERAL = "---\ntitle: Anything else\nalarms: '*'\n---\nLook around.\n"


@dataclass(frozen=True)
class Result:
    """One tool call's outcome: its single text and whether it is an error."""

    text: str
    is_error: bool


@dataclass(frozen=True)
class Shelf:
    """A folder of runbooks and a server for it."""

    folder: Path
    call: Callable[..., Awaitable[Result]]

    def put(self, name: str, content: str | bytes) -> Path:
        """Write a file, in a folder below if the name says so."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    async def text(self, tool: str, **arguments: Any) -> str:
        """The text of a call that must succeed."""
        got = await self.call(tool, **arguments)
        assert not got.is_error, got.text
        return got.text


@pytest.fixture
async def shelf(tmp_path: Path) -> AsyncIterator[Shelf]:
    """An empty folder."""
    folder = tmp_path / "runbooks"
    folder.mkdir()
    async with Client(build(Environment({"TOCSIN_RUNBOOKS": str(folder)}))) as client:

        async def call(tool: str, **arguments: Any) -> Result:
            answer = await client.call_tool(tool, arguments, raise_on_error=False)
            [block] = answer.content
            assert isinstance(block, TextContent)
            return Result(block.text, answer.is_error)

        yield Shelf(folder, call)


@pytest.fixture
def filled(shelf: Shelf) -> Shelf:
    """Three runbooks: one for the cart service, one for any alarm, one without front matter."""
    shelf.put("shop/cart.md", CART)
    shelf.put("disk.md", PLAIN)
    shelf.put("general.md", GENERAL)
    return shelf
