"""The `suspect_changes` tool, as a model sees it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tocsin_mcp.kit.suspects import Clues

from . import arguments as a
from .client import GitHub
from .repositories import choose
from .suspicion import suspect_changes as suspects_text


def suspect_changes_tool(github: GitHub) -> Callable[..., Awaitable[str]]:
    """The tool for a server on this GitHub."""

    async def suspect_changes(
        file: a.SuspectFile = "",
        symbol: a.Symbol = "",
        since: a.Since = None,
        service: a.ServiceName = "",
        onset: a.Onset = None,
        repository: a.Repository = None,
    ) -> str:
        """Rank the commits that may have caused a failure by what they touch: the blamed `file` (a path from a stack trace
        will do), the `symbol` or configuration key, the `service`. Looks two weeks back unless `since` says otherwise.
        Commits after `onset` are ruled out. Says so when none fits, which is common: the latest commit is often innocent."""
        path, line = a.split_line(file)
        clues = Clues(file=path, line=line, symbol=symbol, service=service)
        chosen = choose(github.environment, repository)
        return await suspects_text(github, chosen, clues, (since, onset))

    return suspect_changes
