"""Which repositories may be read: those of TOCSIN_GITHUB_REPOSITORY, and no other whatever a caller says."""

from __future__ import annotations

import re

from tocsin_mcp.kit.environment import Environment, MissingSetting
from tocsin_mcp.kit.errors import BadArgument

SETTING = "TOCSIN_GITHUB_REPOSITORY"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,99}/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}", re.ASCII)


def choose(environment: Environment, name: str | None) -> str:
    """The configured repository of that name ("owner/name", or just "name" when it is unambiguous), else the first.

    Raises MissingSetting when none is configured, BadArgument for one that is not.
    """
    environment.require(SETTING, "names the repositories that may be read, as owner/name")
    allowed = environment.names(SETTING)
    for entry in allowed:
        if not _NAME.fullmatch(entry):
            raise MissingSetting(
                f"{SETTING} holds {entry!r}, which is not owner/name. This is a matter of the server's "
                "configuration; calling again will not help."
            )
    if name is None:
        return allowed[0]
    wanted = name.strip().lower()
    found = [entry for entry in allowed if wanted in (entry.lower(), entry.lower().split("/")[1])]
    if len(found) != 1:
        raise BadArgument("repository", f"must be one of {', '.join(allowed)}, or left out.")
    return found[0]
