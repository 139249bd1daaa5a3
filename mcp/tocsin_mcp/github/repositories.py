"""Which repositories may be read, and from where: those that the operator configured, whatever a caller says.

TOCSIN_GITHUB_REPOSITORY names repositories on GitHub, TOCSIN_GIT_CHECKOUT folders of this machine. A repository that has
a folder is read from it; GitHub is asked only for what git does not know, and only with credentials.
"""

from __future__ import annotations

import re
from pathlib import Path

from tocsin_mcp.kit.environment import Environment, MissingSetting
from tocsin_mcp.kit.errors import BadArgument
from tocsin_mcp.kit.times import Clock, clock_of

from .api.client import GitHub
from .api.credentials import APP_ID
from .api.remote import Remote
from .checkout.git import Git
from .checkout.local import Local, git_folder
from .repository import Repository

SETTING, CHECKOUT = "TOCSIN_GITHUB_REPOSITORY", "TOCSIN_GIT_CHECKOUT"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,99}/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}", re.ASCII)
_CONFIGURED = "This is a matter of the server's configuration; calling again will not help."
_LOCAL_OWNER = "local"


class Repositories:
    """Opens nothing before a repository is asked. `now` is the present of the incident."""

    def __init__(self, environment: Environment) -> None:
        self.now: Clock = clock_of(environment)
        self._environment = environment
        self._githubs: dict[str, GitHub] = {}
        self._gits: dict[Path, Git] = {}

    def choose(self, name: str) -> Repository:
        """The configured repository of that name ("owner/name", or just "name" when it is unambiguous); the first for "".

        Raises MissingSetting when none is configured or one wrongly, BadArgument for one that is not configured.
        """
        remote = self._environment.names(SETTING)
        for entry in remote:
            _check(entry, SETTING)
        folders = self._folders(remote)
        allowed = tuple(dict.fromkeys([*remote, *folders]))
        if not allowed:
            self._environment.require(
                SETTING,
                f"names the repositories that may be read, as owner/name ({CHECKOUT}: folders)",
            )
        chosen = _named(name, allowed) if name.strip() else allowed[0]
        if chosen not in folders:
            return Remote(self._github(chosen, remote), chosen)
        git = self._git(chosen, folders[chosen])
        github = self._github(chosen, remote) if chosen in remote else None
        signed_in = github is not None and github.signed_in
        return Local(chosen, git, Remote(github, chosen) if github and signed_in else None)

    async def close(self) -> None:
        """Close all connections; the next call opens new ones."""
        for github in self._githubs.values():
            await github.close()

    def _folders(self, remote: tuple[str, ...]) -> dict[str, Path]:
        """`owner/name=folder`, or a folder alone, which is then the repository of that name."""
        found: dict[str, Path] = {}
        for entry in self._environment.names(CHECKOUT):
            name, equals, folder = entry.rpartition("=")
            path = Path(folder.strip() if equals else entry)
            if not equals:
                short = path.name.removesuffix(".git")
                same = [each for each in remote if each.lower().endswith(f"/{short.lower()}")]
                name = same[0] if same else f"{_LOCAL_OWNER}/{short}"
            _check(name.strip(), CHECKOUT)
            found[name.strip()] = path
        return found

    def _git(self, name: str, path: Path) -> Git:
        folder = git_folder(path) if path.is_absolute() else None
        if folder is None:
            raise MissingSetting(
                f"{CHECKOUT} gives {name} a folder that is no git checkout or bare clone (an absolute path is needed). "
                f"{_CONFIGURED}"
            )
        return self._gits.setdefault(folder, Git(folder, self._environment.get("PATH")))

    def _github(self, name: str, remote: tuple[str, ...]) -> GitHub:
        """One for all; with an App one for each owner, since each has an installation of its own."""
        owner = name.partition("/")[0].lower() if self._environment.get(APP_ID) else ""
        same = [each for each in remote if not owner or each.lower().startswith(f"{owner}/")]
        if owner not in self._githubs:
            self._githubs[owner] = GitHub(self._environment, same)
        return self._githubs[owner]


def _named(name: str, allowed: tuple[str, ...]) -> str:
    wanted = name.strip().lower()
    found = [entry for entry in allowed if wanted in (entry.lower(), entry.lower().split("/")[1])]
    if len(found) != 1:
        raise BadArgument("repository", f"must be one of {', '.join(allowed)}, or left out.")
    return found[0]


def _check(name: str, setting: str) -> None:
    if not _NAME.fullmatch(name):
        raise MissingSetting(f"{setting} holds {name!r}, which is not owner/name. {_CONFIGURED}")
