"""The simulator gives a token what it was granted: of its own accord, or to an App that signed for it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.simulators.github import App, GitHubSimulator
from bot.simulators.github.apps import Apps
from bot.simulators.github.refusals import Refusal

Get = Callable[..., Awaitable[Any]]
REPOSITORY = "acme/online-boutique"
SCENARIOS = Path(__file__).parents[3] / "bot" / "evals" / "scenarios"


@pytest.mark.parametrize(
    ("path", "permission"),
    [
        ("/commits", "contents"),
        ("/contents/README.md", "contents"),
        ("/pulls", "pull_requests"),
        ("/deployments", "deployments"),
        ("/actions/runs", "actions"),
    ],
)
async def test_each_endpoint_takes_a_permission(
    get: Get, github: GitHubSimulator, path: str, permission: str
) -> None:
    """Without it the answer is 403, and a header names it; with it the header is there too."""
    allowed = await get(path)
    assert allowed.status == 200
    github.faults.lacking = frozenset({permission})
    refused = await get(path)
    assert refused.body["message"] == "Resource not accessible by personal access token"
    assert refused.headers["x-accepted-github-permissions"] == f"{permission}=read"
    assert allowed.headers["x-accepted-github-permissions"] == f"{permission}=read"
    assert (await get("")).status == 200


async def test_runs_of_workflows(get: Get, github: GitHubSimulator) -> None:
    """One that deploys for each rollout, one that checks for each commit; narrowed by time, commit and outcome."""
    since = {"created": "2026-11-18T00:00:00Z..2026-11-18T23:59:59Z"}
    day = (await get("/actions/runs", params=since)).body
    assert [(run["name"], run["head_sha"][:7]) for run in day["workflow_runs"]] == [
        ("Deploy", "6eb5203"),
        ("CI", "6eb5203"),
        ("Deploy", "a65e656"),
        ("CI", "a65e656"),
    ]
    head = github.repository.head.sha
    of_head = (await get("/actions/runs", params={"head_sha": head, "status": "success"})).body
    assert of_head["total_count"] == 2
    newer = (await get("/actions/runs", params={"created": ">2026-11-18T14:00:00Z"})).body
    assert [run["name"] for run in newer["workflow_runs"]] == ["Deploy"]
    one = await get(f"/actions/runs/{newer['workflow_runs'][0]['id']}")
    assert one.body["conclusion"] == "success"
    assert (await get("/actions/runs", params={"created": ">soon"})).status == 422
    assert (await get("/actions/runs/1")).status == 404


async def test_a_deployment_names_its_run(get: Get) -> None:
    """As deployments that Actions made do."""
    [newest, *_] = (await get("/deployments")).body
    [status] = (await get(f"/deployments/{newest['id']}/statuses")).body
    run = status["log_url"].partition("/runs/")[2].partition("/")[0]
    assert (await get(f"/actions/runs/{run}")).body["head_sha"] == newest["sha"]


@pytest.mark.parametrize(("token", "used"), [("any", "1"), ("", "2")])
async def test_unchanged_answers_are_free_for_signed_in_callers_only(token: str, used: str) -> None:
    """A 304 costs whoever shows no token as much as an answer."""
    sent = {"Authorization": f"Bearer {token}"} if token else {}
    async with (
        GitHubSimulator(SCENARIOS / "cartservice-guard", token="") as github,
        aiohttp.ClientSession(headers=sent) as session,
    ):
        url = f"{github.url}/repos/{REPOSITORY}"
        async with session.get(url) as first:
            etag = first.headers["ETag"]
        async with session.get(url, headers={"If-None-Match": etag}) as again:
            assert again.status == 304
            assert again.headers["X-RateLimit-Used"] == used


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    """An App's key."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def apps(key: rsa.RSAPrivateKey) -> Apps:
    """The endpoints for an App that may read contents."""
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return Apps(App(id=7, public_key=public.decode()), clock=lambda: 1_800_000_000.0)


def signed(key: rsa.RSAPrivateKey, **claims: Any) -> str:
    now = int(time.time())
    return "bearer " + jwt.encode(
        {"iat": now - 60, "exp": now + 480, "iss": "7", **claims}, key, algorithm="RS256"
    )


def test_a_signed_request_buys_a_narrowed_token(apps: Apps, key: rsa.RSAPrivateKey) -> None:
    """For what was asked, within what the installation has."""
    answer = apps.grant(signed(key), 7001, {"permissions": {"contents": "read"}})
    assert (answer.status, answer.body["expires_at"]) == (201, "2027-01-15T09:00:00Z")
    granted = apps.granted(answer.body["token"])
    assert granted
    assert granted.permissions == {"contents", "metadata"}
    apps.clock = lambda: 1_800_003_601.0
    assert apps.granted(answer.body["token"]) is None


@pytest.mark.parametrize(
    ("claims", "number", "wanted", "status"),
    [
        ({"iss": "8"}, 7001, {}, 401),
        ({"exp": 1}, 7001, {}, 401),
        ({"exp": 4_000_000_000}, 7001, {}, 401),
        ({}, 7002, {}, 404),
        ({}, 7001, {"permissions": {"contents": "write"}}, 422),
        ({}, 7001, {"permissions": {"issues": "read"}}, 422),
        ({}, 7001, {"repositories": ["secret"]}, 422),
    ],
)
def test_what_an_app_may_not(
    apps: Apps,
    key: rsa.RSAPrivateKey,
    claims: dict[str, Any],
    number: int,
    wanted: dict[str, Any],
    status: int,
) -> None:
    """Another App, a JWT that has ended or lasts too long, another installation, more than was granted."""
    with pytest.raises(Refusal) as refused:
        apps.grant(signed(key, **claims), number, wanted)
    assert refused.value.status == status
    assert apps.tokens == {}


def test_another_key_signs_nothing(apps: Apps) -> None:
    """The signature is verified."""
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    with pytest.raises(Refusal, match="could not be decoded"):
        apps.installation(signed(other), REPOSITORY, "http://x")
