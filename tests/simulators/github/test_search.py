"""Code search finds whole words in files of the default branch."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from bot.simulators.github import GitHubSimulator

Get = Callable[..., Awaitable[Any]]

REPO = "repo:acme/online-boutique"


async def paths(get: Get, query: str) -> list[str]:
    got = await get("/search/code", params={"q": query}, root=True)
    assert got.status == 200, got.text
    assert got.body["total_count"] == len(got.body["items"])
    return [item["path"] for item in got.body["items"]]


async def test_finds_a_phrase(get: Get) -> None:
    """A quoted phrase finds the files that hold it, whatever the case."""
    found = await paths(get, f'"FAILED to add to cart" {REPO}')
    assert found == ["src/frontend/handlers.go"]


async def test_matches_whole_words_only(get: Get) -> None:
    """Half a word finds nothing: that is how the real index works."""
    assert await paths(get, f"RecalledLoafers {REPO}")
    assert await paths(get, f"RecalledLoaf {REPO}") == []


async def test_path_and_extension_narrow(get: Get) -> None:
    """Qualifiers narrow by folder and by kind of file."""
    assert "src/loadgenerator/locustfile.py" not in await paths(
        get, f"L9ECAV7KIM {REPO} path:src/cartservice"
    )
    assert set(await paths(get, f"REDIS_ADDR {REPO} extension:yaml")) == {
        "kubernetes-manifests/cartservice.yaml"
    }


async def test_fragments_are_given_when_asked_for(get: Get) -> None:
    """The text-match media type adds the matching text."""
    got = await get(
        "/search/code",
        params={"q": f'"is recalled and cannot" {REPO}'},
        headers={"Accept": "application/vnd.github.text-match+json"},
        root=True,
    )
    [match] = got.body["items"][0]["text_matches"]
    assert "is recalled and cannot be added" in match["fragment"]


async def test_other_repositories_are_refused(get: Get) -> None:
    """A repository that is not there cannot be searched: 422, in GitHub's words."""
    got = await get("/search/code", params={"q": "x repo:acme/secret"}, root=True)
    assert got.status == 422
    assert "cannot be searched" in got.body["errors"][0]["message"]


async def test_search_needs_words_and_a_token(get: Get) -> None:
    """No words is a 422, no token a 401."""
    assert (await get("/search/code", params={"q": REPO}, root=True)).status == 422
    got = await get("/search/code", params={"q": f"cart {REPO}"}, root=True, token="")
    assert (got.status, got.body["message"]) == (401, "Requires authentication")


async def test_unindexed_repository_finds_nothing(get: Get, github: GitHubSimulator) -> None:
    """A repository that GitHub has not indexed answers with nothing, not with an error."""
    github.faults.unindexed = True
    assert await paths(get, f"RecalledLoafers {REPO}") == []


async def test_search_has_its_own_quota(get: Get, github: GitHubSimulator) -> None:
    """Ten searches a minute; the rest of the API goes on."""
    for _ in range(10):
        await paths(get, f"cart {REPO}")
    refused = await get("/search/code", params={"q": f"cart {REPO}"}, root=True)
    assert refused.status == 403
    assert refused.headers["x-ratelimit-resource"] == "code_search"
    assert refused.headers["x-ratelimit-remaining"] == "0"
    assert (await get("")).status == 200
