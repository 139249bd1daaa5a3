"""The tools that look into files, as a model sees them."""

from __future__ import annotations

from collections.abc import Sequence

from tocsin_mcp.kit.server import ReadTool

from . import arguments as a
from . import blame as blaming
from . import files, search
from .repositories import Repositories


def file_tools(repositories: Repositories) -> Sequence[ReadTool]:
    """The tools for a server on these repositories."""
    chosen, now = repositories.choose, repositories.now

    async def list_tree(path: a.Folder = "", ref: a.Ref = "", repository: a.Repository = "") -> str:
        """List the files below a folder with their sizes; when there are many, its folders with counts."""
        return await files.list_tree(chosen(repository), path, ref)

    async def read_file(
        path: a.FilePath,
        start_line: a.Line = None,
        end_line: a.Line = None,
        ref: a.Ref = "",
        repository: a.Repository = "",
    ) -> str:
        """Read a text file with line numbers, at most 400 lines at once; `ref` reads it as it was at a commit."""
        return await files.read_file(chosen(repository), path, (start_line, end_line), ref)

    async def blame(
        path: a.FilePath,
        start_line: a.FirstLine,
        end_line: a.Line = None,
        ref: a.Ref = "",
        repository: a.Repository = "",
    ) -> str:
        """Show which commit last changed each line of a range (at most 200 lines; without `end_line` a few around the
        first). Line numbers of a stack trace are those of the revision that runs: give its image as `ref`."""
        return await blaming.blame(chosen(repository), path, (start_line, end_line), ref, now())

    async def search_code(
        query: a.Query, path: a.OptionalPath = "", repository: a.Repository = ""
    ) -> str:
        """Find a literal text in the default branch: file, line number and line of each match. Best with the constant
        part of an error message, a function or a configuration key."""
        return await search.search_code(chosen(repository), query, path)

    return list_tree, read_file, blame, search_code
