"""How every server here is made: masked errors, bounded plain-text results, tools that declare themselves read-only."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastmcp import FastMCP
from fastmcp.exceptions import ToolError, ValidationError
from fastmcp.server.middleware import CallNext, Middleware, MiddlewareContext
from fastmcp.tools.base import ToolResult
from mcp_types import CallToolRequestParams, TextContent, ToolAnnotations
from pydantic import ValidationError as PydanticValidationError

from .output import bounded, clip, encodable, plain

_LONGEST_TEXT = 64 * 1024
_LONGEST_ERROR = 4 * 1024
_MASKED = "Error calling tool "
"""How fastmcp's text begins when a tool raised what nobody foresaw."""

Close = Callable[[], Awaitable[None]]
ReadTool = Callable[..., Awaitable[str | ToolResult]]
"""Answers text; a ToolResult where there is a picture beside it."""


def new_server(name: str, instructions: str, *, close: Close | None = None) -> FastMCP[Any]:
    """A server that masks foreign errors and calls `close` once when it ends."""

    @asynccontextmanager
    async def lifespan(_: FastMCP[Any]) -> AsyncIterator[dict[str, Any]]:
        try:
            yield {}
        finally:
            if close:
                await close()

    return FastMCP(
        name,
        instructions,
        lifespan=lifespan,
        mask_error_details=True,
        middleware=[Bounded(), ShortValidation()],
    )


def add_read_tools(server: FastMCP[Any], *tools: ReadTool, open_world: bool = False) -> None:
    """Register functions as read-only, repeatable tools that answer one text block.

    Name and description come from the function and its docstring. `open_world` is for text that anybody in the
    world may have written (the hint `openWorldHint`).
    """
    for tool in tools:
        server.tool(
            tool,
            output_schema=None,
            annotations=ToolAnnotations(
                title=getattr(tool, "__name__", "tool").replace("_", " "),
                read_only_hint=True,
                destructive_hint=False,
                idempotent_hint=True,
                open_world_hint=open_world,
            ),
        )


class Bounded(Middleware):
    """The last bound of every answer and every error, whatever a tool did about it itself; no hidden characters leave.

    Half of a surrogate pair, which JSON may hold and UTF-8 may not, would end the session and with it the process.
    """

    async def on_call_tool(
        self,
        context: MiddlewareContext[CallToolRequestParams],
        call_next: CallNext[CallToolRequestParams, ToolResult],
    ) -> ToolResult:
        try:
            result = await call_next(context)
        except ToolError as error:
            raise ToolError(
                _told(error, context.message.name), log_level=error.log_level
            ) from error
        for block in result.content:
            if isinstance(block, TextContent):
                block.text = bounded(
                    encodable(plain(block.text)), _LONGEST_TEXT, narrow="ask for less"
                )
        return result


def _told(error: ToolError, tool: str) -> str:
    text = str(error)
    if text.startswith(_MASKED):
        text = (
            f"{tool} met an answer that it cannot read, or a fault of its own; its log tells which. The same call will "
            "fail again: go on with the other tools and say that this could not be checked."
        )
    return clip(encodable(plain(text)), _LONGEST_ERROR)


class ShortValidation(Middleware):
    """Says which argument is wrong and why in one line, without echoing the value or linking to documentation."""

    async def on_call_tool(
        self,
        context: MiddlewareContext[CallToolRequestParams],
        call_next: CallNext[CallToolRequestParams, ToolResult],
    ) -> ToolResult:
        try:
            return await call_next(context)
        except ValidationError as error:
            cause = error.__cause__
            if not isinstance(cause, PydanticValidationError):
                raise
            raise ToolError(_sentence(cause), log_level=logging.DEBUG) from None


def _sentence(error: PydanticValidationError) -> str:
    problems = [
        f"`{'.'.join(str(part) for part in problem['loc']) or 'arguments'}`: {problem['msg'].removeprefix('Value error, ')}"
        for problem in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    return f"Invalid arguments. {'; '.join(problems)[:1000]}"
