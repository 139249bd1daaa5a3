"""GitHub's GraphQL API as far as blame goes: repositories, commits, files, who wrote which line, and the rate limit."""

from .server import answer

__all__ = ["answer"]
