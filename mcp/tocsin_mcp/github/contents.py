"""The bytes of files as text with numbered lines. Pure."""

from __future__ import annotations

from tocsin_mcp.kit.errors import Unavailable
from tocsin_mcp.kit.output import plain

_BINARY_PROBE = 8000


def is_binary(data: bytes) -> bool:
    """Git's own rule: a NUL byte near the beginning."""
    return b"\0" in data[:_BINARY_PROBE]


def lines_of(data: bytes, path: str) -> list[str]:
    """The lines of a text file, without control characters. Raises Unavailable for a binary one."""
    if is_binary(data):
        raise Unavailable(f"{path} is a binary file ({len(data)} bytes); there is no text to read.")
    lines = plain(data.decode("utf-8-sig", "replace")).split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def numbered(number: int, line: str) -> str:
    """A line as every tool shows it: its number, then its text."""
    return f"{number:>5} | {line}"


def shown(path: str) -> str:
    """A path on one line: git allows line ends and control characters in names."""
    return plain(path).replace("\n", "␤").replace("\t", " ")
