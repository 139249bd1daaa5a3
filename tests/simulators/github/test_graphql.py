"""The simulator answers the part of GitHub's GraphQL API that blame needs, and refuses the rest by name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from tocsin_mcp.github.api.blaming import QUERY

from bot.simulators.github import GitHubSimulator

STORE = "src/cartservice/src/cartstore/RedisCartStore.cs"
HERE = {"owner": "acme", "name": "online-boutique"}
Ask = Callable[..., Awaitable[tuple[int, Any]]]


@pytest.fixture
def ask(github: GitHubSimulator) -> Ask:
    """`status, body = await ask(query, variables)`."""

    async def post(
        query: str, variables: dict[str, str] | None = None, token: str = "t0ken"
    ) -> tuple[int, Any]:
        headers = {"Authorization": f"bearer {token}"} if token else {}
        body = {"query": query, "variables": variables or {}}
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.post(f"{github.url}/graphql", json=body) as response,
        ):
            return response.status, await response.json()

    return post


async def test_blame_of_a_file(ask: Ask) -> None:
    """Ranges cover every line once, in order, each with its commit."""
    status, body = await ask(QUERY, {**HERE, "expression": "HEAD", "path": STORE})
    assert status == 200
    ranges = body["data"]["repository"]["object"]["blame"]["ranges"]
    assert [each["startingLine"] for each in ranges] == [
        1,
        *(r["endingLine"] + 1 for r in ranges[:-1]),
    ]
    assert ranges[-1]["endingLine"] == 114
    [guard] = [each for each in ranges if each["startingLine"] <= 38 <= each["endingLine"]]
    assert guard["commit"] == {
        "oid": "a65e65621925a8ecc4e40dd4d25ac15cbe309198",
        "committedDate": "2026-11-18T12:58:09Z",
        "messageHeadline": "cartservice: do not sell recalled loafers (#236)",
        "author": {"name": "Mara Okafor"},
    }


async def test_literals_aliases_and_other_objects(ask: Ask) -> None:
    """Arguments may be literals, fields have other names, and an object is what it is."""
    query = """
    { shop: repository(owner: "acme", name: "online-boutique") {
        nameWithOwner defaultBranchRef { name target { oid } }
        file: object(expression: "main:README.md") { __typename ... on Blob { byteSize } ... on Commit { message } }
        gone: object(expression: "main:nothing") { oid }
      }
      rateLimit { limit cost remaining } }  # the quota, too
    """
    _, body = await ask(query)
    shop = body["data"]["shop"]
    assert (shop["nameWithOwner"], shop["defaultBranchRef"]["name"]) == (
        "acme/online-boutique",
        "main",
    )
    assert shop["file"]["__typename"] == "Blob"
    assert set(shop["file"]) == {"__typename", "byteSize"}
    assert shop["gone"] is None
    assert body["data"]["rateLimit"] == {"limit": 5000, "cost": 1, "remaining": 4999}


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("{ repository(owner: 1) { nameWithOwner } }", "missing required arguments: name"),
        ('{ repository(owner: "a", name: "b", x: 1) { nameWithOwner } }', "doesn't accept argument 'x'"),
        ("{ viewer { login } }", "Field 'viewer' doesn't exist on type 'Query'"),
        ('{ repository(owner: "a", name: "b") }', "has no selections"),
        ("{ rateLimit { cost { x } } }", "can't have selections"),
        ('{ repository(owner: "a", name: "b") { object(oid: "c") { ... on Nothing { oid } } } }', "No such type Nothing"),
        ("{ repository(owner: $o, name: $o) { nameWithOwner } }", "Variable $o is used by query but not declared"),
        ("query Q($path: String!) { rateLimit { cost } }", "Variable $path of type String! was provided invalid value"),
        ('{ repository(owner: "acme", name: "secret") { nameWithOwner } }', "Could not resolve to a Repository with the name 'acme/secret'."),
        ("{ repository(", "Parse error"),
        ("mutation { deleteRef { x } }", "Parse error"),
        ("{ a % b }", "Expected one of SCHEMA"),
    ],
)  # fmt: skip
async def test_what_is_wrong_with_a_query_is_said(ask: Ask, query: str, message: str) -> None:
    """In an answer of status 200, as the real API does."""
    status, body = await ask(query)
    assert status == 200
    assert message in body["errors"][0]["message"]


async def test_only_signed_in_callers_are_answered(ask: Ask) -> None:
    """Even about public repositories."""
    status, body = await ask("{ rateLimit { cost } }", token="")
    assert (status, body["message"]) == (401, "This endpoint requires you to be authenticated.")


async def test_graphql_has_its_own_quota(ask: Ask, github: GitHubSimulator) -> None:
    """REST goes on."""
    await ask("{ rateLimit { cost } }")
    assert github.quota_used("graphql") == 1
    assert github.quota_used() == 0
    github.faults.graphql_exhausted = True
    assert (await ask("{ rateLimit { cost } }"))[0] == 403
