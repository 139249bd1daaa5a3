"""A recorded history as a real git repository, for the tests of local checkouts."""

from __future__ import annotations

import subprocess
from pathlib import Path

from bot.simulators.github.repository import Repository


def git(folder: Path, *arguments: str, stdin: bytes = b"") -> str:
    """Run git as a user would, for setting a test up."""
    ran = subprocess.run(
        ["git", "-C", str(folder), "-c", "user.name=T", "-c", "user.email=t@x", *arguments],
        input=stdin,
        capture_output=True,
        check=True,
        timeout=30,
    )
    return ran.stdout.decode()


def bare_clone(repository: Repository, folder: Path) -> dict[str, str]:
    """Make a bare repository of the recorded commits in `folder`; recorded sha to the one that git gave it."""
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--bare", "--initial-branch=main")
    marks = folder / "marks"
    git(folder, "fast-import", "--quiet", f"--export-marks={marks}", stdin=_stream(repository))
    given = dict(line.split(" ") for line in marks.read_text().splitlines())
    return {
        commit.sha: given[f":{number}"]
        for number, commit in enumerate(reversed(repository.commits), 1)
    }


def _stream(repository: Repository) -> bytes:
    parts: list[bytes] = []
    for number, commit in enumerate(reversed(repository.commits), 1):
        seconds = int(commit.time.timestamp())
        person = f"{commit.name} <{commit.email}> {seconds} +0000"
        message = commit.message.encode()
        parts.append(f"commit refs/heads/main\nmark :{number}\n".encode())
        parts.append(f"author {person}\ncommitter {person}\n".encode())
        parts.append(b"data %d\n%s\n" % (len(message), message))
        for path, (_, after) in repository.changed(commit).items():
            if after is None:
                parts.append(f"D {path}\n".encode())
            else:
                parts.append(f"M 100644 inline {path}\n".encode())
                parts.append(b"data %d\n%s\n" % (len(after), after))
    return b"".join(parts)
