"""The simulator shows the recorded history: commits, patches, comparisons, pull requests, deployments."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bot.simulators.github import GitHubSimulator

Get = Callable[..., Awaitable[Any]]

STORE = "src/cartservice/src/cartstore/RedisCartStore.cs"


async def test_commits_are_newest_first(get: Get, github: GitHubSimulator) -> None:
    """The list runs from the newest commit to the oldest, with author and time."""
    got = await get("/commits")
    assert [commit["sha"] for commit in got.body] == [c.sha for c in github.repository.commits]
    assert got.body[0]["commit"]["author"] == {
        "name": "Jonas Weber",
        "email": "jonas@acme.example",
        "date": "2026-11-18T13:51:46Z",
    }
    assert got.body[-1]["parents"] == []
    assert "files" not in got.body[0]


async def test_commits_of_a_file_only(get: Get) -> None:
    """With `path`, only commits that changed that file or folder are listed."""
    of_file = await get("/commits", params={"path": STORE})
    assert [commit["commit"]["message"].partition("\n")[0] for commit in of_file.body] == [
        "cartservice: do not sell recalled loafers (#236)",
        "cartservice: log the quantity of added items (#231)",
        "Start from the shop's last release",
    ]
    of_folder = await get("/commits", params={"path": "src/frontend"})
    assert len(of_folder.body) == 3


async def test_commits_in_a_range_of_time(get: Get) -> None:
    """`since` and `until` bound the list, both ends included."""
    got = await get(
        "/commits", params={"since": "2026-11-16T10:12:37Z", "until": "2026-11-18T12:58:09Z"}
    )
    assert [commit["commit"]["author"]["date"] for commit in got.body] == [
        "2026-11-18T12:58:09Z",
        "2026-11-16T10:12:37Z",
    ]


async def test_commits_from_an_older_start(get: Get, github: GitHubSimulator) -> None:
    """`sha` starts the list at that commit."""
    third = github.repository.commits[2].sha
    got = await get("/commits", params={"sha": third})
    assert got.body[0]["sha"] == third
    assert (await get("/commits", params={"sha": "feature/none"})).status == 404


async def test_pages_are_linked(get: Get) -> None:
    """Pages carry `Link` headers that lead through the whole list."""
    first = await get("/commits", params={"per_page": "3"})
    assert len(first.body) == 3
    assert 'page=2>; rel="next"' in first.headers["link"]
    assert 'page=3>; rel="last"' in first.headers["link"]
    last = await get("/commits", params={"per_page": "3", "page": "3"})
    assert len(last.body) == 2
    assert 'rel="next"' not in last.headers["link"]
    assert 'rel="prev"' in last.headers["link"]


async def test_commit_has_files_patches_and_counts(get: Get, github: GitHubSimulator) -> None:
    """One commit tells what it changed, as a patch and in numbers; short shas work."""
    guilty = next(c for c in github.repository.commits if "recalled" in c.message)
    got = await get(f"/commits/{guilty.sha[:7]}")
    assert got.body["sha"] == guilty.sha
    assert got.body["stats"] == {"total": 9, "additions": 9, "deletions": 0}
    [file] = got.body["files"]
    assert (file["filename"], file["status"], file["additions"]) == (STORE, "modified", 9)
    assert file["patch"].startswith("@@ -13,6 +13,9 @@")
    assert '+        private const string RecalledLoafers = "L9ECAV7KIM";\n' in file["patch"]


async def test_commit_as_diff_and_as_sha(get: Get, github: GitHubSimulator) -> None:
    """Other media types give the diff as git prints it, or the bare sha."""
    head = github.repository.head.sha
    diff = await get("/commits/main", headers={"Accept": "application/vnd.github.diff"})
    assert diff.text.startswith(
        "diff --git a/src/frontend/main.go b/src/frontend/main.go\nindex f87f8ca..524fb6c 100644\n"
    )
    assert (
        await get("/commits/main", headers={"Accept": "application/vnd.github.sha"})
    ).text == head


async def test_unknown_commit_is_422(get: Get) -> None:
    """An unknown sha is named in a 422, as GitHub does."""
    got = await get("/commits/ffffffffffffffffffffffffffffffffffffffff")
    assert got.status == 422
    assert got.body["message"] == "No commit found for SHA: " + "f" * 40


async def test_compare_lists_commits_and_net_changes(get: Get, github: GitHubSimulator) -> None:
    """A comparison counts and lists the commits between, oldest first, with the net change of each file."""
    commits = github.repository.commits
    got = await get(f"/compare/{commits[3].sha[:10]}...main")
    assert (got.body["status"], got.body["ahead_by"], got.body["behind_by"]) == ("ahead", 3, 0)
    assert [c["sha"] for c in got.body["commits"]] == [c.sha for c in reversed(commits[:3])]
    assert {file["filename"] for file in got.body["files"]} == {STORE, "src/frontend/main.go"}
    back = await get(f"/compare/main...{commits[1].sha}")
    assert (back.body["status"], back.body["behind_by"], back.body["files"]) == ("behind", 1, [])
    same = await get("/compare/main...main")
    assert same.body["status"] == "identical"
    assert (await get("/compare/main...nope")).status == 404


async def test_pull_requests_of_commits(get: Get, github: GitHubSimulator) -> None:
    """Each commit that names its pull request can be traced to it, and back."""
    guilty = next(c for c in github.repository.commits if "recalled" in c.message)
    [pull] = (await get(f"/commits/{guilty.sha}/pulls")).body
    assert (pull["number"], pull["title"]) == (236, "cartservice: do not sell recalled loafers")
    one = await get("/pulls/236")
    assert one.body["merge_commit_sha"] == guilty.sha
    assert one.body["additions"] == 9
    assert [file["filename"] for file in (await get("/pulls/236/files")).body] == [STORE]
    closed = await get("/pulls", params={"state": "closed"})
    assert [p["number"] for p in closed.body][:2] == [237, 236]
    assert (await get("/pulls")).body == []
    assert (await get("/pulls/1")).status == 404


async def test_deployments_are_newest_first_with_their_outcome(
    get: Get, github: GitHubSimulator
) -> None:
    """Rollouts are deployments, each with a status."""
    got = await get("/deployments")
    assert got.body[0]["sha"] == github.repository.head.sha
    assert got.body[0]["payload"] == {"service": "frontend"}
    [status] = (await get(f"/deployments/{got.body[0]['id']}/statuses")).body
    assert status["state"] == "success"
    guilty = next(c for c in github.repository.commits if "recalled" in c.message)
    assert len((await get("/deployments", params={"sha": guilty.sha})).body) == 1
    assert (await get("/deployments/1/statuses")).status == 404


@pytest.mark.parametrize("since", ["yesterday", "2026-13-01"])
async def test_unreadable_time_is_refused(get: Get, since: str) -> None:
    """A `since` that is no time is a validation error."""
    assert (await get("/commits", params={"since": since})).status == 422
