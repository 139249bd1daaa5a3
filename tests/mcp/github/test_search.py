"""Search finds lines by GitHub's index, and by reading the tree when the index cannot help."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.simulators.github import GitHubSimulator

Call = Callable[..., Awaitable[Any]]

GUARD = "   38 |                 throw new InvalidOperationException("


async def test_message_literal_leads_to_its_line(call: Call, github: GitHubSimulator) -> None:
    """The constant part of an error message gives file and line, and few files are read for it."""
    got = await call("search_code", query="is recalled and cannot be added")
    assert got.text.splitlines() == [
        '"is recalled and cannot be added" in acme/online-boutique, default branch: '
        "1 line in 1 file (found by code search)",
        "src/cartservice/src/cartstore/RedisCartStore.cs",
        "   39 |                     $\"Product '{productId}' is recalled and cannot be added to a cart.\");",
    ]
    assert len(github.requests) == 2


async def test_case_does_not_matter_and_path_narrows(call: Call) -> None:
    """The text is taken literally but for its case; `path` leaves other folders out."""
    everywhere = await call("search_code", query="l9ecav7kim")
    assert "products.json" in everywhere.text
    one = await call("search_code", query="l9ecav7kim", path="src/cartservice")
    assert "products.json" not in one.text
    assert "RecalledLoafers" in one.text


async def test_part_of_a_word_is_found_by_reading(call: Call) -> None:
    """The index knows whole words only; then all files are read, and the answer says so."""
    got = await call("search_code", query="RecalledLoaf")
    assert "55 of 55 files read, since code search, which knows only whole words" in got.text
    assert "   36 |             if (productId == RecalledLoafers)" in got.text


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("search_down", "GitHub failed (503)"),
        ("search_exhausted", "quota for code search of this token is used up"),
        ("unindexed", "found nothing"),
    ],
)
async def test_without_the_index_the_tree_is_read(
    call: Call, github: GitHubSimulator, fault: str, reason: str
) -> None:
    """Whatever ails code search, the line is found, and the reason is named."""
    setattr(github.faults, fault, True)
    got = await call("search_code", query="RecalledLoafers", path="src/cartservice")
    assert not got.is_error
    assert reason in got.text
    assert '   17 |         private const string RecalledLoafers = "L9ECAV7KIM";' in got.text


async def test_used_up_search_quota_is_not_asked_again(call: Call, github: GitHubSimulator) -> None:
    """Once the quota is known to be used up, no further request is wasted on it."""
    github.faults.search_exhausted = True
    for _ in range(3):
        await call("search_code", query="RecalledLoafers", path="src/cartservice")
    assert sum("/search/code" in request for request in github.requests) == 1


async def test_without_a_token_a_public_repository_is_read(
    serving: Callable[..., Any], settings: dict[str, str]
) -> None:
    """Code search wants a signed-in caller; reading the tree does not, and spares half of the small quota."""
    from_settings = {**settings, "GITHUB_TOKEN": ""}
    scenario = Path(__file__).parents[3] / "bot/evals/scenarios/cartservice-guard"
    async with (
        GitHubSimulator(scenario, token="") as github,
        serving(**from_settings, GITHUB_API_URL=github.url) as call,
    ):
        got = await call("search_code", query="RecalledLoafers")
        assert "GITHUB_TOKEN is not set" in got.text
        assert "29 of 55 files read" in got.text
        assert "narrow with `path`" in got.text
        assert len(github.requests) <= 32


async def test_query_cannot_name_another_repository(call: Call, github: GitHubSimulator) -> None:
    """Qualifiers inside a query are text, not qualifiers."""
    await call("search_code", query='x" repo:acme/secret "y')
    [asked] = [request for request in github.requests if "/search/code" in request]
    [query] = parse_qs(urlsplit(asked.partition(" ")[2]).query)["q"]
    assert query == '"x  repo:acme/secret  y" repo:acme/online-boutique'


async def test_nothing_found_is_said(call: Call) -> None:
    """No match is an answer, not an error."""
    got = await call("search_code", query="no such text anywhere")
    assert not got.is_error
    assert "0 lines in 0 files (55 of 55 files read" in got.text


async def test_many_matches_are_bounded(recorded: Callable[..., Any]) -> None:
    """A word that is everywhere gives a bounded answer that says what was left out."""
    files = {f"f{n}.txt": (f"needle {'y' * 400}\n" * 40).encode() for n in range(80)}
    call = await recorded({**files, "a": b"1\n"}, {"a": "1\n"})
    got = await call("search_code", query="needle")
    assert len(got.text.encode()) <= 25 * 1024
    assert "32 more lines in this file" in got.text


async def test_unreadable_and_oversized_files_are_left_out(recorded: Callable[..., Any]) -> None:
    """Binary and very large files are not searched."""
    files = {"a.bin": b"\0needle", "large.txt": b"needle " * 60_000, "a": b"needle\n"}
    call = await recorded(files, {"a": "needle\n"})
    got = await call("search_code", query="needl")
    assert "1 line in 1 file (2 of 2 files read" in got.text


@pytest.mark.parametrize("query", ["", "x", "y" * 201, "two\nlines"])
async def test_unusable_queries_are_refused(call: Call, query: str) -> None:
    """Too short, too long or several lines: the answer says what would do."""
    got = await call("search_code", query=query)
    assert got.is_error
    assert "must be one line of 2 to 200 characters" in got.text


async def test_unknown_folder_is_said(call: Call) -> None:
    """A `path` that is not there is an error, not an empty result."""
    got = await call("search_code", query="cart", path="lib")
    assert got.is_error
    assert "There is nothing at lib" in got.text
