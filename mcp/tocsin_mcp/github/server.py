"""The tools, as a model sees them: names, descriptions, checked arguments. The texts are made elsewhere."""

from __future__ import annotations

from typing import Any

from fastmcp import FastMCP

from tocsin_mcp.kit.environment import Environment
from tocsin_mcp.kit.server import add_read_tools, new_server

from . import arguments as a
from . import commits, files, search
from .client import GitHub
from .repositories import choose
from .suspicion_tool import suspect_changes_tool

_INSTRUCTIONS = (
    "Read-only view of the source repositories behind the running services. From a stack trace: read_file around the "
    "line, then list_commits(path=that file) and show_commit. Without one: search_code for the constant part of the "
    "error message. What changed before the alarm: list_commits(since=…, path=the service's folder)."
)


def build(environment: Environment | None = None) -> FastMCP[Any]:
    """The GitHub server. Cheap: no connection is opened before the first call."""
    github = GitHub(environment or Environment.of_process())

    def chosen(repository: str | None) -> str:
        return choose(github.environment, repository)

    async def list_tree(
        path: a.Folder = "", ref: a.Ref = None, repository: a.Repository = None
    ) -> str:
        """List the files below a folder with their sizes; when there are many, its folders with counts."""
        return await files.list_tree(github, chosen(repository), path, ref)

    async def read_file(
        path: a.FilePath,
        start_line: a.Line = None,
        end_line: a.Line = None,
        ref: a.Ref = None,
        repository: a.Repository = None,
    ) -> str:
        """Read a text file with line numbers, at most 400 lines at once; `ref` reads it as it was at a commit."""
        return await files.read_file(github, chosen(repository), path, (start_line, end_line), ref)

    async def search_code(
        query: a.Query, path: a.OptionalPath = "", repository: a.Repository = None
    ) -> str:
        """Find a literal text in the default branch: file, line number and line of each match. Best with the constant
        part of an error message, a function or a configuration key."""
        return await search.search_code(github, chosen(repository), query, path)

    async def list_commits(
        path: a.OptionalPath = "",
        since: a.Since = None,
        until: a.Until = None,
        limit: a.Limit = 20,
        ref: a.Ref = None,
        repository: a.Repository = None,
    ) -> str:
        """List commits newest first: sha, time, author, subject and changed files. Narrow by `path`, `since`, `until`."""
        return await commits.list_commits(
            github, chosen(repository), path, (since, until), limit, ref
        )

    async def show_commit(sha: a.Commitish, repository: a.Repository = None) -> str:
        """Show one commit: author, time, message and the diff of each file."""
        return await commits.show_commit(github, chosen(repository), sha)

    async def compare(base: a.Commitish, head: a.Commitish, repository: a.Repository = None) -> str:
        """Show what differs between two commits, tags or branches, such as the images of two rollouts: the commits
        between them and the net diff."""
        return await commits.compare(github, chosen(repository), base, head)

    server = new_server("github", _INSTRUCTIONS, close=github.close)
    add_read_tools(
        server,
        list_tree,
        read_file,
        search_code,
        list_commits,
        show_commit,
        compare,
        suspect_changes_tool(github),
        open_world=True,
    )
    return server
