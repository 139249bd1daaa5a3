"""The simulator treats tokens, quotas, caching and faults as GitHub does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from gidgethub.aiohttp import GitHubAPI

from bot.simulators.github import GitHubSimulator
from bot.simulators.github.repository import BadRecording, load

Get = Callable[..., Awaitable[Any]]


async def test_wrong_token_is_401(get: Get) -> None:
    """An unknown token is refused everywhere."""
    got = await get("/commits", token="wrong")
    assert (got.status, got.body["message"]) == (401, "Bad credentials")


async def test_private_repository_hides_without_a_token(get: Get) -> None:
    """Without a token the repository looks as if it did not exist, and the quota is small."""
    got = await get("", token="")
    assert (got.status, got.body["message"]) == (404, "Not Found")
    assert got.headers["x-ratelimit-limit"] == "60"


async def test_other_repositories_do_not_exist(get: Get) -> None:
    """Only the recorded repository is there."""
    assert (await get("/repos/acme/secret", root=True)).status == 404


async def test_unchanged_answers_are_304_and_free(get: Get) -> None:
    """A conditional request that finds nothing new has no body and costs no quota."""
    first = await get("/commits")
    again = await get("/commits", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status, again.text) == (304, "")
    assert again.headers["x-ratelimit-used"] == first.headers["x-ratelimit-used"]
    third = await get("/commits", headers={"If-None-Match": '"other"'})
    assert third.status == 200


async def test_quota_is_counted_and_ends(get: Get, github: GitHubSimulator) -> None:
    """Every answer says what is left; a used-up quota is a 403 that says so."""
    one = await get("")
    two = await get("")
    left = [int(got.headers["x-ratelimit-remaining"]) for got in (one, two)]
    assert left[0] - left[1] == 1
    github.faults.exhausted = True
    refused = await get("")
    assert refused.status == 403
    assert refused.body["message"].startswith("API rate limit exceeded")
    assert refused.headers["x-ratelimit-remaining"] == "0"
    overview = await get("/rate_limit", root=True)
    assert overview.body["resources"]["core"]["remaining"] == 0


async def test_quota_comes_back_after_its_window() -> None:
    """The window is an hour of the given clock."""
    now = 1_800_000_000.0
    scenario = Path(__file__).parents[3] / "bot/evals/scenarios/cartservice-guard"
    async with GitHubSimulator(scenario, token="", clock=lambda: now) as github:
        github.faults.exhausted = True
        async with aiohttp.ClientSession() as session:
            url = f"{github.url}/repos/acme/online-boutique"
            async with session.get(url) as refused:
                assert refused.status == 403
                assert refused.headers["x-ratelimit-reset"] == str(int(now) + 3600)
            github.faults.exhausted = False
            now += 3601
            async with session.get(url) as answered:
                assert answered.status == 200


async def test_secondary_limit_names_a_pause(get: Get, github: GitHubSimulator) -> None:
    """A secondary limit is a 403 with Retry-After while quota is left."""
    github.faults.secondary = 42
    got = await get("")
    assert (got.status, got.headers["retry-after"]) == (403, "42")
    assert "secondary rate limit" in got.body["message"]
    assert int(got.headers["x-ratelimit-remaining"]) > 0


@pytest.mark.parametrize(("fault", "status"), [("forbidden", 403), ("broken", 502)])
async def test_faults_answer_as_github_does(
    get: Get, github: GitHubSimulator, fault: str, status: int
) -> None:
    """A missing permission is JSON, a broken gateway is HTML."""
    setattr(github.faults, fault, True)
    got = await get("")
    assert got.status == status
    assert ("html" in got.text) == (fault == "broken")


async def test_down_cuts_the_connection(get: Get, github: GitHubSimulator) -> None:
    """When it is down there is no answer at all."""
    github.faults.down = True
    with pytest.raises(aiohttp.ClientError):
        await get("")


async def test_only_the_issues_token_writes_and_it_only_writes_issues(
    get: Get, github: GitHubSimulator
) -> None:
    """The reading token opens nothing, the writing one reads no code; an issue is numbered after the pull requests."""
    url = f"{github.url}/repos/acme/online-boutique/issues"
    async with aiohttp.ClientSession() as session:

        async def post(token: str, body: bytes) -> tuple[int, dict[str, Any]]:
            headers = {"Authorization": f"Bearer {token}"}
            async with session.post(url, data=body, headers=headers) as got:
                return got.status, await got.json()

        assert (await post("t0ken", b'{"title": "x"}'))[0] == 403
        assert github.issues.opened == []
        assert (await post("wr1te", b'{"title": " "}'))[1]["errors"][0]["code"] == "missing_field"
        assert (await post("wr1te", b"[]"))[0] == 400
        status, issue = await post("wr1te", b'{"title": "Cart is down", "body": "<b>why</b>"}')
    assert (status, issue["number"]) == (201, 238)
    assert (await get("/contents/README.md", token="wr1te")).status == 403
    assert (await get("/issues/238", token="wr1te")).body["title"] == "Cart is down"
    page = issue["html_url"].removeprefix(github.url)
    assert "&lt;b&gt;why&lt;/b&gt;" in (await get(page, root=True, token="")).text


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        (
            "blob/a65e656/src/cartservice/src/cartstore/RedisCartStore.cs",
            '<span id="L38"><b>38</b>',
        ),
        (
            "blame/HEAD/src/cartservice/src/cartstore/RedisCartStore.cs",
            '<span id="L38"><b>a65e656</b>',
        ),
        ("pull/236", '<span class="add">+'),
        ("commit/a65e656", '<span class="add">+'),
        ("commits/HEAD/src/cartservice/src/cartstore/RedisCartStore.cs", "do not sell recalled"),
    ],
)
async def test_links_lead_to_pages(get: Get, page: str, shown: str) -> None:
    """What a diagnosis links to can be looked at in a browser."""
    got = await get(f"/acme/online-boutique/{page}", root=True, token="")
    assert got.status == 200
    assert shown in got.text


async def test_enterprise_has_the_same_api_elsewhere(get: Get) -> None:
    """Below /api/v3 answers carry URLs of that base and the server's version."""
    got = await get("/api/v3/repos/acme/online-boutique/commits?per_page=1", root=True)
    assert got.headers["x-github-enterprise-version"]
    assert "/api/v3/repos/acme/online-boutique/commits/" in got.body[0]["url"]
    assert "/api/v3/" in got.headers["link"]


async def test_a_real_client_library_works(github: GitHubSimulator) -> None:
    """gidgethub follows pages and reads the quota."""
    async with aiohttp.ClientSession() as session:
        client = GitHubAPI(session, "test", oauth_token="t0ken", base_url=github.url)
        pages = client.getiter("/repos/acme/online-boutique/commits{?per_page}", {"per_page": "2"})
        shas = [commit["sha"] async for commit in pages]
        assert shas == [commit.sha for commit in github.repository.commits]
        assert client.rate_limit is not None
        assert client.rate_limit.limit == 5000


async def test_requests_are_remembered(get: Get, github: GitHubSimulator) -> None:
    """Tests can see what was asked."""
    await get("/commits", params={"path": "docs"})
    assert github.requests == ["GET /repos/acme/online-boutique/commits?path=docs"]


def test_history_by_files_and_by_diffs(tmp_path: Path) -> None:
    """A history may give whole files instead of diffs, and a file may be binary, new or deleted."""
    (tmp_path / "repo").mkdir()
    (tmp_path / "repo" / "a.txt").write_text("three\n")
    (tmp_path / "repo" / "logo.png").write_bytes(b"\x89PNG\0\xff")
    (tmp_path / "history.yaml").write_text(
        f"""
commits:
  - sha: "{"a" * 40}"
    author: A <a@x.example>
    time: "2026-01-01T00:00:00Z"
    message: one
    files: {{a.txt: "one\\n", b.txt: "b\\n"}}
  - sha: "{"b" * 40}"
    author: A <a@x.example>
    time: "2026-01-02T00:00:00Z"
    message: two
    files: {{a.txt: "two\\n", b.txt: null}}
  - sha: "{"c" * 40}"
    author: A <a@x.example>
    time: "2026-01-03T00:00:00Z"
    message: three
    diff: |
      diff --git a/a.txt b/a.txt
      --- a/a.txt
      +++ b/a.txt
      @@ -1 +1 @@
      -two
      +three
"""
    )
    repository = load(tmp_path)
    trees = [dict(commit.tree) for commit in repository.commits]
    assert trees[0]["a.txt"] == b"three\n"
    assert trees[1]["a.txt"] == b"two\n"
    assert "b.txt" not in trees[1]
    assert (trees[2]["a.txt"], trees[2]["b.txt"]) == (b"one\n", b"b\n")
    assert trees[2]["logo.png"] == b"\x89PNG\0\xff"


@pytest.mark.parametrize("hunk", ["@@ -1 +1 @@\n-x\n+not there", "@@ -1,2 +1,2 @@\n-x\n+y"])
def test_history_that_does_not_fit_is_refused(tmp_path: Path, hunk: str) -> None:
    """A diff that cannot be undone is an error at the start, not a wrong answer later."""
    (tmp_path / "repo").mkdir()
    (tmp_path / "repo" / "a.txt").write_text("y\n")
    indented = hunk.replace("\n", "\n      ")
    (tmp_path / "history.yaml").write_text(
        f"""
commits:
  - {{sha: "{"a" * 40}", author: A, time: "2026-01-01T00:00:00Z", message: one}}
  - sha: "{"b" * 40}"
    author: A
    time: "2026-01-02T00:00:00Z"
    message: two
    diff: |
      diff --git a/a.txt b/a.txt
      --- a/a.txt
      +++ b/a.txt
      {indented}
"""
    )
    with pytest.raises(BadRecording):
        load(tmp_path)
