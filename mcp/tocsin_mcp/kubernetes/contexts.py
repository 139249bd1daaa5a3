"""Which cluster a call means, where there are several: configuration says, never a model.

The bot puts the cluster of an incident into `_meta` of each call, as its service catalog names it; a model's arguments
cannot reach it. The server answers for its own context and for those that TOCSIN_KUBE_CONTEXTS lists, and for no other of
the kubeconfig. A client that sends no such `_meta` gets the server's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from fastmcp.server.middleware import CallNext, Middleware, MiddlewareContext
from fastmcp.tools.base import ToolResult
from mcp_types import CallToolRequestParams, TextContent

from tocsin_mcp.kit.environment import Environment, MissingSetting

META = "tocsin/cluster"
CONTEXT, CONTEXTS = "TOCSIN_KUBE_CONTEXT", "TOCSIN_KUBE_CONTEXTS"
_LONGEST = 200

_chosen: ContextVar[str] = ContextVar("chosen_context", default="")


def chosen(environment: Environment) -> str:
    """The context of the present call; empty for the kubeconfig's current one."""
    return _chosen.get() or environment.get(CONTEXT)


@contextmanager
def choose(name: str) -> Iterator[None]:
    """Within the block `chosen` answers this context; empty text for the server's own."""
    token = _chosen.set(name)
    try:
        yield
    finally:
        _chosen.reset(token)


def context_of(meta: Mapping[str, Any] | None, environment: Environment) -> str:
    """The context that `_meta` names, empty when it names none.

    Raises MissingSetting for one that is not configured.
    """
    name = (meta or {}).get(META) or ""
    if name and name not in (environment.get(CONTEXT), *environment.names(CONTEXTS)):
        raise MissingSetting(
            f"The cluster {str(name)[:_LONGEST]!r} is none of {CONTEXT} and {CONTEXTS}. This is a matter of the "
            "configuration of server and service catalog; calling again will not help."
        )
    return str(name)


class ChosenCluster(Middleware):
    """Sets the context for the time of a call; where there are several, each answer begins with its cluster's name."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    async def on_call_tool(
        self,
        context: MiddlewareContext[CallToolRequestParams],
        call_next: CallNext[CallToolRequestParams, ToolResult],
    ) -> ToolResult:
        request = context.fastmcp_context and context.fastmcp_context.request_context
        name = context_of(request.meta if request else None, self._environment)
        with choose(name):
            result = await call_next(context)
        if self._environment.names(CONTEXTS):
            own = self._environment.get(CONTEXT) or "(the current context)"
            _titled(result, f"Cluster {name or own}.")
        return result


def _titled(result: ToolResult, title: str) -> None:
    for block in result.content:
        if isinstance(block, TextContent):
            block.text = f"{title} {block.text}"
            return
