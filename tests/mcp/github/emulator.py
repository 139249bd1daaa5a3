"""The GitHub emulator that others wrote (npm `emulate`), holding a recorded history.

The package of that name had another owner before: 1.0.2, which npm calls the latest, is something else. 0.11.2 is the last
one that runs on Node 20.
"""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.simulators.github.repository import Commit, Repository
from tests.npm_packages import npm_package

NAME, OWNER, TOKEN = "acme/online-boutique", "acme", "owners-token"
APP_ID, INSTALLATION = 4711, 7001
_VERSION = "0.11.2"
_GRANTS = {
    "actions": "read",
    "contents": "write",
    "deployments": "read",
    "metadata": "read",
    "pull_requests": "write",
}


@dataclass(frozen=True)
class Emulator:
    """`shas` are recorded sha to the one that the emulator gave the commit."""

    url: str
    shas: dict[str, str]

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """One request as the repository's owner, below the repository unless `path` begins with two slashes."""
        url = self.url + (path[1:] if path.startswith("//") else f"/repos/{NAME}{path}")
        request = urllib.request.Request(
            url,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)


@contextlib.contextmanager
def emulator(folder: Path, repository: Repository, key: str) -> Iterator[Emulator]:
    """Started, filled, ended. `key` is the private key (PEM) of an App that is installed. Skips without Node or npm."""
    package = npm_package("emulate", _VERSION)
    seed = folder / "seed.yaml"
    seed.write_text(yaml.safe_dump(_seed(key)))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = ["node", str(package / "dist" / "index.js"), "start", "-p", str(port)]
    with subprocess.Popen(
        [*command, "-s", "github", "--seed", str(seed)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            assert process.stdout
            said = next((line for line in process.stdout if f":{port}" in line), "nothing")
            assert "github" in said, said
            found = Emulator(f"http://localhost:{port}", {})
            _fill(found, repository)
            yield found
        finally:
            process.kill()


def _seed(key: str) -> dict[str, Any]:
    owner, _, short = NAME.partition("/")
    installed = {
        "installation_id": INSTALLATION,
        "account": owner,
        "repository_selection": "selected",
        "repositories": [short],
        "permissions": _GRANTS,
    }
    app = {
        "app_id": APP_ID,
        "slug": "tocsin",
        "name": "Tocsin",
        "private_key": key,
        "permissions": _GRANTS,
        "installations": [installed],
    }
    return {
        "tokens": {TOKEN: {"login": OWNER, "scopes": ["repo"]}},
        "github": {
            "users": [{"login": OWNER, "name": "Acme"}],
            "repos": [{"owner": owner, "name": short, "private": True, "auto_init": False}],
            "apps": [app],
        },
    }


def _fill(emulator: Emulator, repository: Repository) -> None:
    """Commit by commit through the git data API, which takes authors and times as they were."""
    parent, tree = None, None
    for commit in reversed(repository.commits):
        entries = [
            {
                "path": path,
                "mode": "100644",
                "type": "blob",
                **({"sha": None} if after is None else {"content": after.decode()}),
            }
            for path, (_, after) in repository.changed(commit).items()
        ]
        below = {"tree": entries, **({"base_tree": tree} if tree else {})}
        tree = emulator.ask("POST", "/git/trees", below)["sha"]
        made = emulator.ask("POST", "/git/commits", _commit(commit, tree, parent))
        emulator.shas[commit.sha] = parent = made["sha"]
        if len(emulator.shas) == 1:
            emulator.ask("POST", "/git/refs", {"ref": "refs/heads/main", "sha": parent})
    emulator.ask("PATCH", "/git/refs/heads/main", {"sha": parent, "force": True})


def _commit(commit: Commit, tree: str, parent: str | None) -> dict[str, Any]:
    person = {"name": commit.name, "email": commit.email, "date": commit.time.isoformat()}
    return {
        "message": commit.message,
        "tree": tree,
        "parents": [parent] if parent else [],
        "author": person,
        "committer": person,
    }
