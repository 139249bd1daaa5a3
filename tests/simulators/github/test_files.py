"""The simulator shows the recorded tree as GitHub would, now and at older commits."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

from bot.simulators.github import GitHubSimulator

Get = Callable[..., Awaitable[Any]]

STORE = "src/cartservice/src/cartstore/RedisCartStore.cs"


async def test_repository_tells_its_default_branch(get: Get) -> None:
    """The repository's own document names branch, owner and visibility."""
    got = await get("")
    assert got.status == 200
    assert (got.body["full_name"], got.body["default_branch"]) == ("acme/online-boutique", "main")
    assert got.body["owner"]["login"] == "acme"


async def test_file_is_base64_with_git_blob_sha(get: Get) -> None:
    """A file comes as base64, with the size and object id that git would give it."""
    got = await get(f"/contents/{STORE}")
    data = base64.b64decode(got.body["content"])
    assert b"RecalledLoafers" in data
    assert got.body["size"] == len(data)
    expected = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
    assert got.body["sha"] == expected
    blob = await get(f"/git/blobs/{expected}")
    assert base64.b64decode(blob.body["content"]) == data


async def test_raw_media_type_gives_the_file_itself(get: Get) -> None:
    """With the raw media type the answer is the file."""
    got = await get(
        "/contents/docs/on-call.md", headers={"Accept": "application/vnd.github.raw+json"}
    )
    assert got.text.startswith("# On call for the shop")
    assert got.headers["content-type"].startswith("application/vnd.github.raw")


async def test_file_at_an_older_commit_lacks_later_changes(
    get: Get, github: GitHubSimulator
) -> None:
    """At the parent of the guilty commit the guard is not there yet, and the rest of the file is."""
    guilty = next(c for c in github.repository.commits if "recalled" in c.message)
    before = await get(f"/contents/{STORE}", params={"ref": str(guilty.parent)})
    after = await get(f"/contents/{STORE}", params={"ref": guilty.sha[:7]})
    texts = [base64.b64decode(got.body["content"]).decode() for got in (before, after)]
    assert "RecalledLoafers" not in texts[0]
    assert "AddItemAsync" in texts[0]
    assert "RecalledLoafers" in texts[1]


async def test_oldest_commit_has_the_tree_before_every_change(
    get: Get, github: GitHubSimulator
) -> None:
    """Undoing all diffs gives the first tree, with its older framework."""
    oldest = github.repository.commits[-1]
    got = await get(
        "/contents/src/cartservice/src/cartservice.csproj",
        params={"ref": oldest.sha},
        headers={"Accept": "application/vnd.github.raw"},
    )
    assert "<TargetFramework>net8.0</TargetFramework>" in got.text


async def test_folder_lists_files_and_folders(get: Get) -> None:
    """A folder is a list of entries with their kinds."""
    got = await get("/contents/src/cartservice/src")
    kinds = {entry["name"]: entry["type"] for entry in got.body}
    assert kinds["cartstore"] == "dir"
    assert kinds["Startup.cs"] == "file"


async def test_tree_lists_everything_below_recursively(get: Get) -> None:
    """The recursive tree holds every file with its size; a subtree can be asked for by its id."""
    got = await get("/git/trees/main", params={"recursive": "1"})
    assert got.body["truncated"] is False
    entries = {entry["path"]: entry for entry in got.body["tree"]}
    assert entries[STORE]["type"] == "blob"
    assert entries["src"]["mode"] == "040000"
    below = await get(f"/git/trees/{entries['src/frontend']['sha']}", params={"recursive": "1"})
    assert {"main.go", "money/money.go"} <= {entry["path"] for entry in below.body["tree"]}


async def test_flat_tree_lists_one_level(get: Get) -> None:
    """Without `recursive` only the root's own entries are listed."""
    got = await get("/git/trees/HEAD")
    assert [entry["path"] for entry in got.body["tree"]] == [
        "README.md",
        "docs",
        "kubernetes-manifests",
        "protos",
        "src",
    ]


async def test_unknown_file_and_unknown_ref_are_different_errors(get: Get) -> None:
    """A missing file is plain "Not Found"; an unknown ref is named."""
    missing = await get("/contents/src/nothing.cs")
    assert (missing.status, missing.body["message"]) == (404, "Not Found")
    unknown = await get("/contents/README.md", params={"ref": "feature/x"})
    assert unknown.body["message"] == "No commit found for the ref feature/x"


async def test_branches_and_refs_point_at_the_newest_commit(
    get: Get, github: GitHubSimulator
) -> None:
    """There is one branch, and its ref names the newest commit."""
    listed = await get("/branches")
    assert [branch["name"] for branch in listed.body] == ["main"]
    one = await get("/branches/main")
    ref = await get("/git/ref/heads/main")
    assert one.body["commit"]["sha"] == ref.body["object"]["sha"] == github.repository.head.sha
    assert (await get("/branches/nope")).status == 404
