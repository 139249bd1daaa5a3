"""A folder of this machine as a source: the same answers as from GitHub, and nothing in it is ever run."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tocsin_mcp.github.api.blaming import blame as blame_of
from tocsin_mcp.github.api.client import GitHub
from tocsin_mcp.github.checkout.git import Git
from tocsin_mcp.github.checkout.local import Local
from tocsin_mcp.github.repository import Window
from tocsin_mcp.kit.environment import Environment
from tocsin_mcp.kit.errors import Unavailable

from bot.simulators.github import GitHubSimulator
from tests.mcp.github.checkouts import bare_clone, git

Call = Callable[..., Awaitable[Any]]
Serving = Callable[..., AbstractAsyncContextManager[Call]]

NAME = "acme/online-boutique"
STORE = "src/cartservice/src/cartstore/RedisCartStore.cs"
GUARD = "a65e65621925a8ecc4e40dd4d25ac15cbe309198"
START = datetime(2026, 1, 1, tzinfo=UTC)
WHERE = str(Path(shutil.which("git") or "git").parent)
PLACE = {"PATH": WHERE, "TOCSIN_NOW": "2026-11-18T14:28:30Z"}

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git on the PATH")


@pytest.fixture
def clone(github: GitHubSimulator, tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """A bare clone of what GitHub has, and the shas that git gave the recorded commits."""
    folder = tmp_path / "online-boutique.git"
    return folder, bare_clone(github.repository, folder)


@pytest.fixture
async def local(serving: Serving, clone: tuple[Path, dict[str, str]]) -> AsyncIterator[Call]:
    """`await local("read_file", path=…)` against the clone, with no GitHub anywhere."""
    async with serving(**PLACE, TOCSIN_GIT_CHECKOUT=f"{NAME}={clone[0]}") as made:
        yield made


SAME: list[tuple[str, dict[str, Any]]] = [
    ("list_tree", {"path": "src/cartservice"}),
    ("read_file", {"path": STORE, "start_line": 30, "ref": "x/cartservice:main-{guard:.7}-1"}),
    ("blame", {"path": STORE, "start_line": 36, "end_line": 40, "ref": "{guard}"}),
    ("search_code", {"query": "is recalled and cannot"}),
    ("list_commits", {"path": STORE, "since": "3d"}),
    ("list_commits", {"until": "2026-11-18T13:00:00Z", "limit": 2}),
    ("show_commit", {"sha": "main"}),
    ("compare", {"base": "{guard}", "head": "main"}),
    ("list_pull_requests", {"since": "3d"}),
    ("suspect_changes", {"file": "/app/cartstore/RedisCartStore.cs:38", "onset": "15m"}),
]


async def test_the_same_answers_as_from_github(
    call: Call, local: Call, clone: tuple[Path, dict[str, str]]
) -> None:
    """But for how they were found, and for logins, which git does not know."""
    shas = clone[1]
    for tool, arguments in SAME:
        theirs = await call(tool, **_with(arguments, GUARD))
        ours = await local(tool, **_with(arguments, shas[GUARD]))
        assert not ours.is_error
        expected = theirs.text
        for recorded, given in shas.items():
            for length in (40, 12, 7):
                expected = expected.replace(recorded[:length], given[:length])
        assert _comparable(tool, ours.text) == _comparable(tool, expected)


def _with(arguments: dict[str, Any], guard: str) -> dict[str, Any]:
    return {
        name: value.format(guard=guard) if isinstance(value, str) else value
        for name, value in arguments.items()
    }


def _comparable(tool: str, text: str) -> list[str]:
    lines = [
        line.partition(" (found by")[0].partition(" (by g")[0].partition(" (by G")[0]
        for line in text.splitlines()
    ]
    if tool == "list_pull_requests":
        lines = [" ".join(line.split()[:4]) if line.startswith("#") else line for line in lines]
        lines = [line for line in lines if not line.startswith("Read from commit messages")]
    return lines


async def test_tags_stand_for_deployments(local: Call, clone: tuple[Path, dict[str, str]]) -> None:
    """Annotated and plain ones; a version names its tag however the image writes it."""
    folder, shas = clone
    git(folder, "tag", "cartservice/v1.4.2", shas[GUARD])
    got = await local("list_deployments", since="1d")
    assert (
        "1 deployment, newest first\n2026-11-18T12:58:09Z (1h30m ago)  tag cartservice/v1.4.2"
        in got.text
    )
    assert "These are tags: a checkout knows no deployments." in got.text
    read = await local("read_file", path=STORE, ref="registry.example/shop/cartservice:1.4.2")
    assert (
        f"at {shas[GUARD][:12]} (registry.example/shop/cartservice:1.4.2): lines 1-114" in read.text
    )


async def test_github_is_asked_for_what_git_does_not_know(
    serving: Serving, github: GitHubSimulator, clone: tuple[Path, dict[str, str]]
) -> None:
    """With a token for the same repository; files are still read here. Without GitHub, git's own answer."""
    settings = {
        **PLACE,
        "TOCSIN_GIT_CHECKOUT": str(clone[0]),
        "TOCSIN_GITHUB_REPOSITORY": NAME,
        "GITHUB_TOKEN": "t0ken",
        "GITHUB_API_URL": github.url,
    }
    async with serving(**settings) as call:
        assert "lines 1-114" in (await call("read_file", path=STORE)).text
        assert github.requests == []
        assert (
            "production cartservice  success" in (await call("list_deployments", since="2h")).text
        )
        github.faults.down = True
        assert (
            "Read from commit messages: Cannot reach GitHub"
            in (await call("list_pull_requests", since="2h")).text
        )


async def test_the_default_branch_is_that_of_the_last_fetch(
    serving: Serving, clone: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    """The branch that is checked out, and its files, may be old: what was fetched is what is read."""
    work = tmp_path / "work"
    git(tmp_path, "clone", "--quiet", str(clone[0]), str(work))
    git(work, "reset", "--quiet", "--hard", "HEAD~3")
    (work / "untracked.txt").write_text("here only")
    async with serving(**PLACE, TOCSIN_GIT_CHECKOUT=f"{NAME}={work}") as call:
        assert "frontend: keep the session" in (await call("list_commits", limit=1)).text
        assert (await call("read_file", path="untracked.txt")).is_error
        assert "lines 1-114" in (await call("read_file", path=STORE, ref="main")).text


@pytest.mark.parametrize(
    ("folder", "words"),
    [
        ("/nonexistent/shop", "no git checkout or bare clone"),
        ("relative/shop.git", "an absolute path is needed"),
        ("acme=/x", "'acme', which is not owner/name"),
        ("/x/we ird", "which is not owner/name"),
    ],
)
async def test_a_folder_that_cannot_be_read_is_told(
    serving: Serving, folder: str, words: str
) -> None:
    """By the setting's name, when a tool is called."""
    async with serving(**PLACE, TOCSIN_GIT_CHECKOUT=folder) as call:
        got = await call("list_tree")
    assert got.is_error
    assert words in got.text
    assert "TOCSIN_GIT_CHECKOUT" in got.text


SYNTAX: list[tuple[str, dict[str, str]]] = [
    ("read_file", {"path": STORE, "ref": "HEAD~1"}),
    ("read_file", {"path": STORE, "ref": "main@{yesterday}"}),
    ("read_file", {"path": STORE, "ref": "--upload-pack=x"}),
    ("show_commit", {"sha": ":/recalled"}),
    ("show_commit", {"sha": "main^{/recalled}"}),
    ("list_commits", {"path": ":(exclude)src"}),
    ("list_commits", {"path": "*.cs"}),
    ("read_file", {"path": "../../etc/passwd"}),
    ("search_code", {"query": "x", "path": "--open-files-in-pager=touch"}),
]


async def test_gits_own_syntax_means_nothing(local: Call) -> None:
    """Neither options, nor expressions, nor patterns: a ref is a name, a path is a path."""
    for tool, arguments in SYNTAX:
        got = await local(tool, **arguments)
        assert got.is_error or got.text.startswith("No commits"), got.text


async def test_nothing_that_a_repository_configures_is_run(
    serving: Serving, clone: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    """Diff and text converters, signature checkers, hooks, pagers, monitors: plain git would run them, the tools do not."""
    work, marks = tmp_path / "work", tmp_path / "marks"
    git(tmp_path, "clone", "--quiet", str(clone[0]), str(work))
    marks.mkdir()
    (work / ".gitattributes").write_text("*.cs diff=evil\n*.md diff=worse\n")
    git(work, "add", ".gitattributes")
    git(work, "commit", "--quiet", "-m", "attributes")
    git(work, "push", "--quiet", "origin", "HEAD:main")
    for name, kind in _PROGRAMS.items():
        program = tmp_path / f"run-{kind}"
        program.write_text(f"#!/bin/sh\ntouch {marks}/{kind}\ncat\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        git(work, "config", name, str(program))
    git(work, "config", "log.showSignature", "true")
    git(work, "diff", "HEAD~3", "HEAD", "--", STORE)
    git(work, "log", "-p", "HEAD", "--", "README.md")
    git(work, "status")
    assert {"command", "textconv", "fsmonitor"} <= {mark.name for mark in marks.iterdir()}
    for mark in marks.iterdir():
        mark.unlink()
    async with serving(**PLACE, TOCSIN_GIT_CHECKOUT=f"{NAME}={work}") as call:
        for tool, arguments in _EVERY_TOOL:
            got = await call(tool, **arguments)
            assert not got.is_error, got.text
    assert list(marks.iterdir()) == []


_PROGRAMS = {
    "diff.evil.command": "command",
    "diff.worse.textconv": "textconv",
    "diff.external": "external",
    "core.fsmonitor": "fsmonitor",
    "core.pager": "pager",
    "core.sshCommand": "ssh",
    "gpg.program": "gpg",
    "filter.evil.smudge": "smudge",
}
_EVERY_TOOL: list[tuple[str, dict[str, Any]]] = [
    ("list_tree", {}),
    ("read_file", {"path": STORE}),
    ("blame", {"path": "README.md", "start_line": 1}),
    ("blame", {"path": STORE, "start_line": 36}),
    ("search_code", {"query": "RecalledLoafers"}),
    ("list_commits", {"path": "src"}),
    ("show_commit", {"sha": "main"}),
    ("compare", {"base": "main", "head": "main"}),
    ("list_pull_requests", {"since": "30d"}),
    ("list_deployments", {"since": "30d"}),
    ("suspect_changes", {"file": STORE}),
]


async def test_lines_are_followed_through_renames_and_merges(tmp_path: Path) -> None:
    """As git blames them, but for what a merge brought: that is the merge's, whose pull request it names."""
    work = tmp_path / "work"
    work.mkdir()
    git(work, "init", "--quiet", "--initial-branch=main")

    def commit(name: str, line: int, text: str) -> None:
        lines = (work / name).read_text().split("\n")
        lines[line - 1] = text
        (work / name).write_text("\n".join(lines))
        git(work, "add", "--all")
        git(work, "commit", "--quiet", "-m", text)

    (work / "old.txt").write_text("\n".join(map(str, range(1, 21))) + "\n")
    commit("old.txt", 3, "before")
    git(work, "mv", "old.txt", "new.txt")
    commit("new.txt", 7, "renamed")
    git(work, "checkout", "--quiet", "-b", "side")
    commit("new.txt", 12, "side")
    git(work, "checkout", "--quiet", "main")
    commit("new.txt", 17, "main")
    merge = "Merge pull request #5 from acme/side"
    git(work, "merge", "--quiet", "--no-ff", "side", "-m", merge)
    commit("new.txt", 20, "last")
    local = Local("acme/work", Git(work / ".git", WHERE))
    truth = (await local.blame("new.txt", None, (1, 20))).lines
    traced = await blame_of(GitHub(Environment({})), local, "new.txt", None, (1, 20))
    expected = {line: commit.subject for line, commit in truth.items()} | {12: merge}
    assert {line: commit.subject for line, commit in traced.lines.items()} == expected
    pulls, _ = await local.merged(Window(START, datetime.now(UTC) + timedelta(days=1), 5))
    assert [(pull.number, pull.title) for pull in pulls] == [(5, merge)]


async def test_another_users_repository_may_be_read(
    serving: Serving, clone: tuple[Path, dict[str, str]]
) -> None:
    """The operator named it, so git's question whose it is does not arise."""
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    for path in [clone[0], *clone[0].rglob("*")]:
        os.chown(path, 12345, 12345)
    async with serving(**PLACE, TOCSIN_GIT_CHECKOUT=f"{NAME}={clone[0]}") as call:
        assert not (await call("list_commits", limit=1)).is_error


async def test_missing_objects_are_not_fetched(
    serving: Serving, clone: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    """A partial clone says what it lacks instead of running a transport for it."""
    partial, mark = tmp_path / "partial.git", tmp_path / "mark"
    git(clone[0], "config", "uploadpack.allowFilter", "true")
    origin = f"file://{clone[0]}"
    git(tmp_path, "clone", "--quiet", "--bare", "--filter=blob:none", origin, str(partial))
    git(partial, "config", "remote.origin.uploadpack", f"touch {mark}; git-upload-pack")
    async with serving(**PLACE, TOCSIN_GIT_CHECKOUT=f"{NAME}={partial}") as call:
        got = await call("read_file", path=STORE)
    assert got.is_error
    assert "from promisor remote" in got.text
    assert not mark.exists()
    git(partial, "cat-file", "blob", f"main:{STORE}")
    assert mark.exists()


async def test_a_slow_git_is_stopped(
    clone: tuple[Path, dict[str, str]],
    tmp_path: Path,
    wait_until: Callable[..., Awaitable[None]],
) -> None:
    """With all that it started; the answer says how to ask for less."""
    slow = tmp_path / "bin" / "git"
    slow.parent.mkdir()
    slow.write_text(f"#!/bin/sh\nsleep 600 & echo $! > {tmp_path}/child\nwait\n")
    slow.chmod(0o755)
    path = f"{slow.parent}:{os.defpath}"
    with pytest.raises(Unavailable, match=r"was not done within 0\.5 s and was stopped"):
        await Git(clone[0], path, seconds=0.5).run("log")
    child = (tmp_path / "child").read_text().strip()
    await wait_until(lambda: not _is_running(child))


def _is_running(process: str) -> bool:
    """Neither gone nor waiting to be collected by whoever is first of all processes."""
    try:
        state = Path("/proc", process, "stat").read_text("ascii").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


async def test_output_is_bounded(clone: tuple[Path, dict[str, str]]) -> None:
    """More than is read is never kept: lists are marked as cut, and the rest says how to ask for less."""
    small = Local(NAME, Git(clone[0], WHERE, most_bytes=400))
    assert not (await small.tree(None)).complete
    assert len((await small.tree(None)).entries) > 1
    with pytest.raises(Unavailable, match="gave more than 400 bytes"):
        await small.blame(STORE, None, (1, 114))
    with pytest.raises(Unavailable, match="too large"):
        await small.content(STORE, None)


async def test_without_git_it_is_told(clone: tuple[Path, dict[str, str]], tmp_path: Path) -> None:
    """A machine without git starts the server all the same."""
    with pytest.raises(Unavailable, match="git cannot be started"):
        await Git(clone[0], str(tmp_path)).run("log")
