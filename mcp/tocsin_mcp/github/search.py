"""Lines that hold a text, by file, as text."""

from __future__ import annotations

from tocsin_mcp.kit.output import clip, counted, listed

from .contents import numbered, shown
from .denied import is_denied
from .repository import Hit, Repository

_LINES_PER_FILE = 8
_LONGEST_LINE = 300


async def search_code(repository: Repository, query: str, path: str) -> str:
    """Matching lines by file, numbered, and how they were found."""
    found = await repository.search(query, path)
    hits = [hit for hit in found.hits if not is_denied(hit.path)]
    where = f"{repository.name}{'/' + path if path else ''}, default branch"
    count = sum(len(hit.lines) for hit in hits)
    total = f"{counted(count, 'line')} in {counted(len(hits), 'file')}"
    lines = [f'"{query}" in {where}: {total} ({found.how})']
    if found.read < found.wanted:
        lines.append(
            f"Not all files were read ({found.read} of {found.wanted}): narrow with `path`."
        )
    for hit in hits:
        lines += _hit(hit)
    return listed(lines, narrow="use a longer `query` or a `path`")


def _hit(hit: Hit) -> list[str]:
    text = [numbered(number, clip(line, _LONGEST_LINE)) for number, line in hit.lines]
    more = len(text) - _LINES_PER_FILE
    rest = [f"      … {more} more lines in this file"] if more > 0 else []
    return [shown(hit.path), *text[:_LINES_PER_FILE], *rest]
