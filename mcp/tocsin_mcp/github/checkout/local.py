"""A repository in a folder of this machine: a checkout or a bare clone, as fresh as its last fetch."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tocsin_mcp.github.repository import (
    Blame,
    Change,
    ChangedFile,
    Commit,
    Comparison,
    Entry,
    Found,
    Merged,
    Repository,
    Rollout,
    Tree,
    Wanted,
    Window,
)
from tocsin_mcp.kit.errors import NotFound, Unavailable
from tocsin_mcp.kit.times import rfc3339

from . import parsing
from .git import PLAIN, Git

_LARGEST_FILE = 8 * 1024 * 1024
_COMMITS_COMPARED = 250
_COMMITS_SCANNED = 500
_SHA = re.compile(r"[0-9a-f]{4,64}")
_LOG = ("log", "-z", "--no-show-signature", "--encoding=UTF-8", parsing.LOG_FORMAT)
_DIFF = ("diff-tree", "-r", "-M", "--root", "--no-commit-id", "--submodule=short")
_PATCH = (*_DIFF, "-p", "-U3", "--src-prefix=a/", "--dst-prefix=b/", *PLAIN)


def git_folder(folder: Path) -> Path | None:
    """What `--git-dir` must be for a checkout or a bare clone; None for a folder that is neither."""
    if (folder / ".git").exists():
        return folder / ".git"
    return folder if (folder / "HEAD").is_file() and (folder / "objects").is_dir() else None


class Local:
    """The repository that `git` reads, under the name that the operator gave it.

    Its default branch is that of `origin` where there is one: a fetch moves it, while the branch that is checked out stays.
    """

    def __init__(self, name: str, git: Git, github: Repository | None = None) -> None:
        """`github` is the same repository there, asked for what git does not know."""
        self.name = name
        self._git, self._github = git, github

    async def resolve(self, ref: str) -> str | None:
        """The full sha of the commit that a ref names; None when there is none."""
        for name in _names(ref):
            found = await self._git.run(
                "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"
            )
            if not found.problem:
                return found.text.decode().strip()
            if found.problem.startswith("fatal:"):
                raise Unavailable(f"The local checkout cannot be read: {found.problem}")
        return None

    async def tree(self, ref: str | None) -> Tree:
        """All files at a ref."""
        sha = await self._sha(ref)
        output = await self._git.run("ls-tree", "-r", "-z", "-l", "--full-tree", sha)
        if output.problem:
            raise Unavailable(f"The tree of {self.name} cannot be read: {output.problem}")
        text = output.text.decode("utf-8", "replace")
        found = parsing.entries(text[: text.rfind("\0") + 1])
        return Tree(tuple(entry for kind, entry in found if kind == "blob"), not output.cut)

    async def content(self, path: str, ref: str | None) -> bytes:
        """The bytes of a file. Raises NotFound for a folder, Unavailable for what has no content here."""
        sha = await self._sha(ref)
        found = parsing.entries(
            await self._git.text("ls-tree", "-z", "-l", "--full-tree", sha, "--", path)
        )
        where = f"{path} in {self.name} at {ref or 'the default branch'}"
        if not found:
            raise NotFound(
                f"{where} was not found. Check the spelling; list_tree shows what there is."
            )
        kind, entry = found[0]
        if kind == "tree":
            raise NotFound(f'{path} is a folder; list_tree(path="{path}") shows what is in it.')
        if kind != "blob":
            raise Unavailable(f"{path} cannot be read: a submodule.")
        return await self.blob(entry)

    async def blob(self, entry: Entry) -> bytes:
        """The bytes of a file by its object id."""
        if entry.size > _LARGEST_FILE:
            raise Unavailable(
                f"{entry.path} cannot be read: {entry.size} bytes. search_code can look inside files."
            )
        output = await self._git.run("cat-file", "blob", entry.sha)
        if output.problem or output.cut:
            raise Unavailable(f"{entry.path} cannot be read: {output.problem or 'too large'}")
        return output.text

    async def commits(self, wanted: Wanted) -> list[Commit]:
        """Newest first, without their files."""
        options = [f"--max-count={wanted.limit}"]
        if wanted.since:
            options.append(f"--since={rfc3339(wanted.since)}")
        if wanted.until:
            options.append(f"--until={rfc3339(wanted.until)}")
        below = ["--", wanted.path] if wanted.path else ["--"]
        return await self._log(*options, await self._sha(wanted.ref), *below)

    async def change(self, ref: str) -> Change:
        """One commit with its files and patches."""
        [commit] = await self._log("--max-count=1", await self._sha(ref), "--")
        parent = commit.parents[0] if commit.parents else None
        return Change(commit, await self._files(parent, commit.sha))

    async def compare(self, base: str, head: str) -> Comparison:
        """What `head` has and `base` lacks."""
        old, new = await self._sha(base), await self._sha(head)
        counts = await self._git.text("rev-list", "--left-right", "--count", f"{old}...{new}", "--")
        behind, ahead = map(int, counts.split())
        found = await self._git.run("merge-base", old, new)
        if found.problem:
            raise NotFound(f"{base} and {head} have no commit of {self.name} in common.")
        commits = await self._log(f"--max-count={_COMMITS_COMPARED}", f"{old}..{new}", "--")
        files = await self._files(found.text.decode().strip(), new) if ahead else ()
        return Comparison(ahead, behind, ahead, tuple(reversed(commits)), files)

    async def blame(self, path: str, ref: str | None, lines: tuple[int, int]) -> Blame:
        """By `git blame`."""
        output = await self._git.text(
            "blame",
            "--porcelain",
            "--encoding=UTF-8",
            "--no-progress",
            "--no-textconv",
            f"-L{lines[0]},{lines[1]}",
            await self._sha(ref),
            "--",
            path,
        )
        return Blame(parsing.blamed(output), "by git in the local checkout")

    async def search(self, query: str, path: str) -> Found:
        """By `git grep` at the default branch."""
        sha = await self._sha(None)
        below = ["--", path] if path else ["--"]
        if path and not (await self._git.run("ls-tree", sha, *below)).text:
            raise NotFound(
                f"There is nothing at {path} in {self.name}; list_tree shows what there is."
            )
        output = await self._git.run(
            *("grep", "-n", "-z", "-I", "-i", "-F", "--full-name", "--no-color", "--no-textconv"),
            *("--no-recurse-submodules", "-e", query, sha, *below),
        )
        if output.problem and not output.problem.startswith("exit code 1"):
            raise Unavailable(f"git grep failed in the local checkout: {output.problem}")
        more = "; there are more than are read" if output.cut else ""
        found = parsing.hits(output.text.decode("utf-8", "replace"))
        return Found(found, f"found by git in the local checkout{more}")

    async def merged(self, window: Window) -> tuple[list[Merged], list[str]]:
        """As GitHub knows them, else as the commits of the main line name them, newest first."""
        reason = "a checkout knows no pull requests"
        if self._github:
            try:
                return await self._github.merged(window)
            except (NotFound, Unavailable) as error:
                reason = str(error)
        return await self._merged(window), [f"Read from commit messages: {reason.rstrip('.')}."]

    async def rollouts(self, window: Window) -> tuple[list[Rollout], list[str]]:
        """As GitHub knows them, else the tags that were made in the window, newest first."""
        reason = "a checkout knows no deployments"
        if self._github:
            try:
                return await self._github.rollouts(window)
            except (NotFound, Unavailable) as error:
                reason = str(error)
        output = await self._git.text(
            "for-each-ref", "--sort=-creatordate", parsing.TAG_FORMAT, "refs/tags"
        )
        found = [tag for tag in parsing.tags(output) if window.holds(tag.time)]
        return found[: window.limit], [f"These are tags: {reason.rstrip('.')}."]

    async def _merged(self, window: Window) -> list[Merged]:
        commits = await self._log(
            "--first-parent",
            f"--max-count={_COMMITS_SCANNED}",
            f"--since={rfc3339(window.since)}",
            f"--until={rfc3339(window.until)}",
            await self._sha(None),
            "--",
        )
        named = [
            (commit, found)
            for commit in commits
            if commit.time and (found := parsing.pull_request(commit.message))
        ]
        return [
            Merged(
                number,
                title,
                commit.author,
                commit.time,
                commit.sha,
                await self._files(commit.parents[0] if commit.parents else None, commit.sha),
            )
            for commit, (number, title) in named[: window.limit]
            if commit.time
        ]

    async def _sha(self, ref: str | None) -> str:
        named = ref if ref != "HEAD" else None
        for name in [named] if named else ["refs/remotes/origin/HEAD", "HEAD"]:
            sha = await self.resolve(name)
            if sha:
                return sha
        if named:
            raise NotFound(f"No commit found for the ref {ref} in {self.name}.")
        raise NotFound("The repository is empty: there is no commit yet.")

    async def _log(self, *arguments: str) -> list[Commit]:
        return parsing.commits(await self._git.text(*_LOG, *arguments))

    async def _files(self, parent: str | None, sha: str) -> tuple[ChangedFile, ...]:
        sides = [parent, sha] if parent else [sha]
        summary = await self._git.text(*_DIFF, "--raw", "--numstat", "-z", *sides)
        patch = await self._git.run(*_PATCH, *sides)
        if patch.problem:
            raise Unavailable(f"git diff-tree failed in the local checkout: {patch.problem}")
        return parsing.changed_files(summary, patch.text, patch.cut)


def _names(ref: str) -> Iterator[str]:
    """The full names that a ref may stand for; a plain word is never handed to git, which would read syntax in it."""
    if ref == "HEAD" or ref.startswith("refs/"):
        yield ref
        return
    for place in ("tags", "remotes/origin", "heads", "remotes"):
        yield f"refs/{place}/{ref}"
    if _SHA.fullmatch(ref):
        yield ref
