"""A hundred alarms at once: a handful of incidents, each with its one terminal message, at Slack's pace."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from bot.clock import utc_now
from bot.demo.play import FINAL, key
from bot.demo.world import CHANNEL
from bot.incidents.incident import Incident
from bot.incidents.store import IncidentStore
from bot.redis_client import connect
from bot.simulators.messages_api import tool_use
from tests.conftest import wait_until
from tests.stories.conftest import OnCall, Open, said

CONCURRENCY = 2
CONCLUSION = {
    "verdict": "inconclusive",
    "summary": "Nothing can be said about this one.",
    "cause": "",
    "confidence": 0.1,
    "findings": [],
    "culprit": {"object": "", "file": "", "line": 0, "commit": ""},
    "actions": [],
    "unknowns": [],
}


def alarm(number: int) -> dict[str, Any]:
    """One of forty conditions of unrelated services; every tenth is critical."""
    severity = "critical" if number % 40 % 10 == 0 else "warning"
    title = f"[FIRING:1] Alarm{number % 40} service-{number % 40} ({severity})"
    color = "danger" if severity == "critical" else "warning"
    return {"text": "", "attachments": [{"color": color, "title": title, "fallback": title}]}


class Model:
    """Looks once, thinks a moment, concludes; remembers how many conversations it had at the same time."""

    def __init__(self) -> None:
        self.now: set[str] = set()
        self.most = 0

    async def answer(self, request: dict[str, Any]) -> Any:
        first = str(request["messages"][0])
        if len(request["messages"]) == 1:
            self.now.add(first)
            self.most = max(self.most, len(self.now))
            return tool_use("kubernetes_list_pods", {})
        self.now.discard(first)
        return tool_use("submit_diagnosis", CONCLUSION)


def finals(story: OnCall) -> dict[str, list[str]]:
    """Keys of the terminal messages by the thread they are in."""
    found: dict[str, list[str]] = {}
    for root in story.slack.messages(CHANNEL):
        keys = [key(message) for message in story.thread(root["ts"])[1:]]
        found[root["ts"]] = [each for each in keys if each.endswith(f"{FINAL}1")]
    return {root: keys for root, keys in found.items() if keys}


async def incidents(story: OnCall) -> list[Incident]:
    """What the bot holds open."""
    redis = connect(story.environment["REDIS_URL"])
    try:
        return await IncidentStore(redis, utc_now).list_open()
    finally:
        await redis.aclose()


def listed(story: OnCall, root: str) -> int:
    """How many related alarms a thread lists."""
    return sum(
        len(block["elements"][0]["elements"])
        for message in story.thread(root)
        if "/standing:" in key(message)
        for block in message["blocks"]
        if block["type"] == "rich_text" and block["elements"][0]["type"] == "rich_text_list"
    )


async def test_a_hundred_alarms_of_forty_conditions(oncall: Open) -> None:
    """No terminal message is lost, none comes twice, no more runs at a time than a worker may have, and never more
    than Slack's pace."""
    changes = {"TOCSIN_CONCURRENCY": str(CONCURRENCY)}
    async with oncall("cartservice-guard", changes) as story:
        model = Model()
        story.model.script(model.answer)
        posted = [
            await story.slack.post_as_app(CHANNEL, alarm(number), app="Alertmanager")
            for number in range(100)
        ]
        await wait_until(partial(_all_counted, story, len(posted)), within=story.left)
        threads = {each.origin.thread_ts: len(each.members) for each in await incidents(story)}
        await story.until(lambda: finals(story).keys() == threads.keys())
        await story.until(
            lambda: all(listed(story, root) == count for root, count in threads.items())
        )

        assert len(threads) <= 10
        assert len(threads) + sum(threads.values()) == 40
        assert all(len(keys) == 1 for keys in finals(story).values())
        assert threads.keys() <= set(posted)
        assert model.most <= CONCURRENCY
        ours = [m for m in story.slack.duplicate_posts() if m["bot_id"] == story.slack.bot_id]
        assert ours == []
        assert _fastest(story) <= 1.3


async def _all_counted(story: OnCall, posts: int) -> bool:
    held = await incidents(story)
    return posts == sum(
        each.occurrences + sum(member.occurrences for member in each.members) for each in held
    )


def _fastest(story: OnCall) -> float:
    """Posts per second over the busiest ten seconds of the channel."""
    times = sorted(
        float(message["ts"])
        for root in story.slack.messages(CHANNEL)
        for message in story.thread(root["ts"])[1:]
    )
    return max(sum(start <= at < start + 10 for at in times) / 10 for start in times)


CALLS = {
    "services": [
        {"name": "frontend", "depends_on": ["cart"]},
        {"name": "cartservice", "aliases": ["cart"], "depends_on": ["redis-cart"]},
        {"name": "redis-cart"},
        {"name": "adservice"},
    ]
}


async def test_who_calls_whom_makes_one_incident(oncall: Open) -> None:
    """Alarms of three services of one chain of calls, in one second, no label in common: one thread works, and lists the
    other two with the reason; a service outside of the chain has a thread of its own."""
    async with oncall("recovered", {"TOCSIN_CATALOG": json.dumps(CALLS)}) as story:
        posts = []
        for name in (
            "CartErrors cartservice",
            "Latency frontend",
            "Gone redis-cart",
            "Slow adservice",
        ):
            alert, service = name.split()
            title = f'[FIRING:1] {alert} (service="{service}")'
            post = {
                "text": "",
                "attachments": [{"color": "warning", "title": title, "fallback": title}],
            }
            posts.append(await story.slack.post_as_app(CHANNEL, post, app="Alertmanager"))
        await story.until(lambda: all(story.slack.reactions(CHANNEL, root) for root in posts))
        await story.until(lambda: len(finals(story)) == 2)
        (leading,) = [root for root in posts[:3] if story.finals(root)]
        await story.until(lambda: _lists(story, leading))

        assert story.finals(posts[3])
        assert all(len(story.thread(root)) == 1 for root in posts[:3] if root != leading)


def _lists(story: OnCall, root: str) -> bool:
    shown = [said(message) for message in story.thread(root) if "/standing:" in key(message)]
    return any(
        "2 related alarms" in text and text.count("depends on it, or it on this") == 2
        for text in shown
    )
