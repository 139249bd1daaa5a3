"""History is shown newest first, with files, diffs and times that can be compared with the alarm's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from bot.simulators.github import GitHubSimulator

Call = Callable[..., Awaitable[Any]]

STORE = "src/cartservice/src/cartstore/RedisCartStore.cs"


async def test_commits_of_a_file(call: Call) -> None:
    """Sha, time, age, author, subject and files of each commit that touched the file."""
    got = await call("list_commits", path=STORE, since="3d")
    assert got.text.splitlines() == [
        f"acme/online-boutique {STORE} at the default branch since 2026-11-15T14:28:30Z: "
        "2 commits, newest first",
        "a65e65621925  2026-11-18T12:58:09Z (1h30m ago)  Mara Okafor",
        "    cartservice: do not sell recalled loafers (#236)",
        f"    M {STORE} (+9 -0)",
        "e0336373feab  2026-11-16T10:12:37Z (2d4h ago)  Timo Lindqvist",
        "    cartservice: log the quantity of added items (#231)",
        f"    M {STORE} (+1 -1)",
    ]


async def test_commits_up_to_a_time(call: Call) -> None:
    """`until` leaves out what came after the alarm's onset; RFC 3339 works too."""
    got = await call("list_commits", until="2026-11-18T13:00:00Z", limit=1)
    assert "a65e65621925" in got.text
    assert "6eb520357131" not in got.text
    assert "There may be older ones" in got.text


async def test_commits_from_an_older_ref(call: Call, github: GitHubSimulator) -> None:
    """`ref` starts the list there."""
    start = github.repository.commits[3].sha
    got = await call("list_commits", ref=start, limit=1)
    assert got.text.splitlines()[1].startswith(start[:12])


async def test_no_commits_is_said(call: Call) -> None:
    """An empty window is an answer that says how to widen it."""
    got = await call("list_commits", path="src/emailservice", since="1h")
    assert not got.is_error
    assert got.text.startswith("No commits in acme/online-boutique src/emailservice")


async def test_unreadable_times_are_refused(call: Call) -> None:
    """What is neither a duration nor a time is refused with an example."""
    assert "like 15m, 2h or 1d" in (await call("list_commits", since="yesterday")).text
    swapped = await call("list_commits", since="1h", until="2h")
    assert "is not before `until`" in swapped.text
    assert "between 1 and 100" in (await call("list_commits", limit=0)).text


async def test_commit_is_shown_with_its_diff(call: Call) -> None:
    """The full sha, author, time, message and the changed lines."""
    got = await call("show_commit", sha="a65e656")
    assert got.text.startswith(
        "commit a65e65621925a8ecc4e40dd4d25ac15cbe309198 in acme/online-boutique\n"
        "author: Mara Okafor\ntime:   2026-11-18T12:58:09Z (1h30m ago)\nparent: e0336373feab\n"
    )
    assert "    The supplier recalled the batch of 9 November" in got.text
    assert "\n+            if (productId == RecalledLoafers)\n" in got.text
    assert "mara@" not in got.text


async def test_first_commit_has_no_parent(call: Call, github: GitHubSimulator) -> None:
    """The oldest commit brings everything: its diff is bounded, and it is said what was cut."""
    got = await call("show_commit", sha=github.repository.commits[-1].sha)
    assert "parent: none, this is the first commit" in got.text
    assert len(got.text.encode()) <= 24 * 1024
    assert "read_file" in got.text


async def test_unknown_commit_is_explained(call: Call) -> None:
    """A sha that is not there is named."""
    got = await call("show_commit", sha="ffffffff")
    assert got.is_error
    assert "Commit ffffffff in acme/online-boutique was not found" in got.text


async def test_comparison_of_two_rollouts(call: Call) -> None:
    """The images' tags are commits: what lies between them is listed with the net diff."""
    got = await call("compare", base="e033637", head="6eb5203")
    assert "6eb5203 is 2 commits ahead and 0 behind" in got.text
    assert got.text.index("6eb520357131") < got.text.index("a65e65621925")
    assert "2 files changed" in got.text
    assert "+\tcookieMaxAge    = 60 * 60 * 48" in got.text
    swapped = await call("compare", base="6eb5203", head="e033637")
    assert "0 commits ahead and 2 behind" in swapped.text
    assert "swap base and head" in swapped.text


async def test_new_and_deleted_files_are_marked(recorded: Callable[..., Any]) -> None:
    """The letter before a name says what became of the file."""
    call = await recorded({"new.txt": b"n\n", "b.bin": b"\0"}, {"new.txt": "n\n"})
    got = await call("show_commit", sha="main")
    assert "\nA new.txt (+1 -0)\n" in got.text
    first = await call("show_commit", sha="a" * 40)
    assert "A b.bin (+0 -0)\n(no diff: binary" in first.text


async def test_unchanged_commits_cost_no_quota(call: Call, github: GitHubSimulator) -> None:
    """The second time everything is asked conditionally, which GitHub does not count."""
    await call("list_commits", limit=5)
    before = github.quota_used()
    again = await call("list_commits", limit=5)
    assert "a65e65621925" in again.text
    assert github.quota_used() == before
