"""Files that hold secrets by convention: they may be listed, never read, searched or shown in a diff."""

from __future__ import annotations

from fnmatch import fnmatchcase

from tocsin_mcp.kit.errors import Unavailable

PATTERNS = (".env*", "*.pem", "*.key", "*credentials*", "*.tfstate", "*.tfstate.*")
WITHHELD = f"not shown: files like {', '.join(PATTERNS)} may hold secrets"


def is_denied(path: str) -> bool:
    """Whether any segment of `path` is of a kind that may hold secrets."""
    return any(
        fnmatchcase(segment, pattern) for segment in path.lower().split("/") for pattern in PATTERNS
    )


def refuse(path: str) -> None:
    """Raises Unavailable for a denied path."""
    if is_denied(path):
        raise Unavailable(
            f"{path} is not readable: files like {', '.join(PATTERNS)} may hold secrets. "
            "Look at the code that reads it instead."
        )
