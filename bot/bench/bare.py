"""How the tables of all benchmarks look."""

from __future__ import annotations

from rich.table import Table


def bare_table(title: str) -> Table:
    """A table without lines."""
    return Table(title=title, title_justify="left", box=None, header_style="bold")
