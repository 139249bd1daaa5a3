"""Lists: shape, selectors, pages and watches."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest

from bot.simulators.kubernetes import KubernetesSimulator

from .conftest import TOKEN, Ask

PODS = "/api/v1/namespaces/shop/pods"


def names(body: dict[str, list[dict[str, dict[str, str]]]]) -> list[str]:
    """The names of a list's items."""
    return [item["metadata"]["name"] for item in body["items"]]


async def test_lists_have_a_kind_and_items_have_none(ask: Ask) -> None:
    """As in the real server, the list says its kind and version, and its items do not repeat them."""
    body = (await ask(PODS)).body
    assert (body["kind"], body["apiVersion"]) == ("PodList", "v1")
    assert body["metadata"]["resourceVersion"].isdigit()
    assert len(body["items"]) == 8
    assert not any({"kind", "apiVersion"} & item.keys() for item in body["items"])


async def test_unknown_namespace_is_an_empty_list(ask: Ask) -> None:
    """Listing in a namespace that does not exist is no error."""
    assert (await ask("/api/v1/namespaces/nope/pods")).body["items"] == []


async def test_all_namespaces(ask: Ask) -> None:
    """Without a namespace in the path, all are listed."""
    assert len((await ask("/api/v1/pods")).body["items"]) == 8


@pytest.mark.parametrize(
    ("selector", "count"),
    [
        ("app=cartservice", 2),
        ("app==cartservice,pod-template-hash=6c9f8d7b5", 2),
        ("app!=cartservice", 6),
        ("app in (cartservice, frontend)", 4),
        ("app notin (cartservice,frontend)", 4),
        ("pod-template-hash", 6),
        ("!pod-template-hash", 2),
        ("app=cartservice,!pod-template-hash", 0),
        ("", 8),
    ],
)
async def test_label_selectors(ask: Ask, selector: str, count: int) -> None:
    """Every form of the label selector grammar chooses what it should."""
    assert len((await ask(PODS, labelSelector=selector)).body["items"]) == count


async def test_bad_label_selector_is_a_bad_request(ask: Ask) -> None:
    """Grammar errors are 400, not an empty list."""
    answer = await ask(PODS, labelSelector="app=(x")
    assert (answer.status, answer.body["reason"]) == (400, "BadRequest")


async def test_field_selectors(ask: Ask) -> None:
    """Fields of pods and of events can be selected by."""
    pending = await ask(PODS, fieldSelector="status.phase=Pending")
    assert names(pending.body) == ["checkoutservice-7d4b9c6f8-nnnnn", "redis-cart-0"]
    events = await ask(
        "/api/v1/namespaces/shop/events",
        fieldSelector="involvedObject.kind=Pod,involvedObject.name=redis-cart-0,type!=Normal",
    )
    assert [item["reason"] for item in events.body["items"]] == ["FailedScheduling"]


async def test_unsupported_field_is_refused(ask: Ask) -> None:
    """The real server knows few fields; the others are a 400 that names the field."""
    answer = await ask(PODS, fieldSelector="status.startTime=x")
    assert answer.status == 400
    assert "field label not supported: status.startTime" in answer.body["message"]


async def test_pages_cover_the_list_once(ask: Ask) -> None:
    """Following `continue` visits every item exactly once and says how many remain."""
    seen: list[str] = []
    token = ""
    remaining = []
    for _ in range(10):
        query = {"continue": token} if token else {}
        body = (await ask(PODS, limit="3", **query)).body
        seen += names(body)
        token = body["metadata"].get("continue", "")
        remaining.append(body["metadata"].get("remainingItemCount"))
        if not token:
            break
    assert seen == names((await ask(PODS)).body)
    assert remaining == [5, 2, None]


@pytest.mark.parametrize("query", [{"continue": "%%%"}, {"limit": "many"}])
async def test_bad_paging_is_a_bad_request(ask: Ask, query: dict[str, str]) -> None:
    """A token that is none and a limit that is no number are refused."""
    assert (await ask(PODS, **query)).status == 400


async def test_watch_sends_what_is_there_and_then_waits(simulator: KubernetesSimulator) -> None:
    """A watch frames each object as ADDED on a line of its own and ends after its timeout."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    url = f"{simulator.url}{PODS}?watch=true&labelSelector=app%3Dcartservice&timeoutSeconds=1"
    async with aiohttp.ClientSession(headers=headers) as session, session.get(url) as response:
        async with asyncio.timeout(10):
            lines = (await response.text()).splitlines()
    events = [json.loads(line) for line in lines]
    assert [event["type"] for event in events] == ["ADDED", "ADDED"]
    assert events[0]["object"]["kind"] == "Pod"
