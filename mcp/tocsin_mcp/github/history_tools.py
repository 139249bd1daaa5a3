"""The tools that look into the past, as a model sees them."""

from __future__ import annotations

from collections.abc import Sequence

from tocsin_mcp.kit.server import ReadTool
from tocsin_mcp.kit.suspects import Clues

from . import arguments as a
from . import commits, delivery, suspicion
from .repositories import Repositories


def history_tools(repositories: Repositories) -> Sequence[ReadTool]:
    """The tools for a server on these repositories."""
    chosen, now = repositories.choose, repositories.now

    async def list_commits(
        path: a.OptionalPath = "",
        since: a.Since = "",
        until: a.Until = "",
        limit: a.Limit = 20,
        ref: a.Ref = "",
        repository: a.Repository = "",
    ) -> str:
        """List commits newest first: sha, time, author, subject and changed files. Narrow by `path`, `since`, `until`."""
        return await commits.list_commits(
            chosen(repository), path, (since, until), limit, ref, now()
        )

    async def show_commit(sha: a.Commitish, repository: a.Repository = "") -> str:
        """Show one commit: author, time, message and the diff of each file."""
        return await commits.show_commit(chosen(repository), sha, now())

    async def compare(base: a.Commitish, head: a.Commitish, repository: a.Repository = "") -> str:
        """Show what differs between two commits, tags, branches or images of two rollouts: the commits between them
        and the net diff."""
        return await commits.compare(chosen(repository), base, head, now())

    async def list_pull_requests(
        since: a.Start,
        until: a.Until = "",
        path: a.OptionalPath = "",
        limit: a.FewLimit = 20,
        repository: a.Repository = "",
    ) -> str:
        """List pull requests merged in a window, newest first, with the files each touched."""
        span = (since, until)
        return await delivery.list_pull_requests(chosen(repository), span, path, limit, now())

    async def list_deployments(
        since: a.Start,
        until: a.Until = "",
        limit: a.FewLimit = 20,
        repository: a.Repository = "",
    ) -> str:
        """List what went out in a window, newest first: deployments and runs of workflows that deploy, each with time,
        environment, outcome and commit."""
        return await delivery.list_deployments(chosen(repository), (since, until), limit, now())

    async def suspect_changes(
        file: a.SuspectFile = "",
        symbol: a.Symbol = "",
        since: a.Since = "",
        service: a.ServiceName = "",
        onset: a.Onset = "",
        cause: a.Cause = "",
        repository: a.Repository = "",
    ) -> str:
        """Rank the commits that may have caused a failure by what they touch: the blamed `file` (a path from a stack trace
        will do), the `symbol` or configuration key, the `service`, lines of the kind that the `cause` asks for. Looks two weeks back unless `since` says otherwise.
        Commits after `onset` are ruled out. Says so when none fits, which is common: the latest commit is often innocent."""
        path, line = a.split_line(file)
        clues = Clues(file=path, line=line, symbol=symbol, service=service, cause=cause)
        return await suspicion.suspect_changes(chosen(repository), clues, (since, onset), now())

    return (
        list_commits,
        show_commit,
        compare,
        list_pull_requests,
        list_deployments,
        suspect_changes,
    )
