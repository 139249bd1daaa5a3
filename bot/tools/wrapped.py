"""The pool's tools as an investigation gets them: every wrapper that needs no conversation, in the one order in which they belong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.tools.allowed import Allowed
from bot.tools.fixed import Fixed
from bot.tools.guarded import Guarded
from bot.tools.mcp_pool import McpPool
from bot.tools.servers import ServerSpec
from bot.tools.toolset import Toolset


def wrapped(pool: McpPool, specs: Sequence[ServerSpec], meta: Mapping[str, Any]) -> Toolset:
    """Allowed tools without the fixed arguments; results redacted. `meta` goes along with every call.

    Made short they are by `Compressed`, around what a conversation has named: it knows which.
    """
    fixed = Fixed(pool.toolset(meta), {spec.name: spec.fixed for spec in specs})
    allowed = Allowed(fixed, {spec.name: spec.allow for spec in specs})
    return Guarded(allowed)
