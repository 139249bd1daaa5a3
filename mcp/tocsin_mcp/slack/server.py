"""The tools, as a model sees them: no argument names a channel, so none can name another one."""

from __future__ import annotations

from typing import Annotated, Any

from fastmcp import Context, FastMCP
from pydantic import Field

from tocsin_mcp.kit.arguments import BLANK, between
from tocsin_mcp.kit.environment import Environment
from tocsin_mcp.kit.server import add_read_tools, new_server

from .client import Slack
from .reading import Reader
from .scope import Scope, scope_of

_INSTRUCTIONS = (
    "Read-only view of the Slack thread of this incident and of its channel: what people said, other alarms, deploy "
    "notes. Nothing can be posted here."
)


Limit = Annotated[
    int, between(1, 200), Field(description="Most messages, 1 to 200; the newest count.")
]
Since = Annotated[
    str | None,
    BLANK,
    Field(description="Only what is newer: a duration back from now (15m, 2h, 1d) or RFC 3339."),
]


def build(environment: Environment | None = None) -> FastMCP[Any]:
    """The Slack server. Cheap: no connection is opened before the first call."""
    slack = Slack(environment or Environment.of_process())
    reader = Reader(slack)

    def scope(context: Context) -> Scope:
        request = context.request_context
        return scope_of(request.meta if request else None, slack.environment)

    async def read_thread(context: Context, limit: Limit = 50) -> str:
        """Read this incident's thread: the alarm and what people and apps wrote below it, newest last."""
        return await reader.thread(scope(context), limit)

    async def read_channel(context: Context, limit: Limit = 30, since: Since = None) -> str:
        """Read the newest messages of this incident's channel, newest last: other alarms, deploy notes, remarks."""
        return await reader.channel(scope(context), limit, since)

    server = new_server("slack", _INSTRUCTIONS, close=slack.close)
    add_read_tools(server, read_thread, read_channel, open_world=True)
    return server
