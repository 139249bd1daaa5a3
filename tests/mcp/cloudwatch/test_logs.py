"""Log groups and the end of one, however much lies before it."""

from __future__ import annotations

import itertools
from typing import Any

import pytest


def group(account: Any, name: str, messages: list[str], seconds_apart: int = 60) -> None:
    """A group with one stream; the last message is one second old."""
    account.logs.create_log_group(logGroupName=name)
    account.logs.create_log_stream(logGroupName=name, logStreamName="cart/cart/0123456789abcdef")
    count = len(messages)
    account.logs.put_log_events(
        logGroupName=name,
        logStreamName="cart/cart/0123456789abcdef",
        logEvents=[
            {
                "timestamp": account.milliseconds(1 + seconds_apart * (count - 1 - index)),
                "message": message,
            }
            for index, message in enumerate(messages)
        ],
    )


async def test_groups_by_name(account: Any, call: Any) -> None:
    """Groups with size and retention, narrowed by a part of the name."""
    group(account, "/ecs/cart", ["a"])
    group(account, "/ecs/mail", ["a"])
    account.logs.put_retention_policy(logGroupName="/ecs/mail", retentionInDays=14)
    every = (await call("list_log_groups")).text
    assert every.startswith("2 log groups\n/ecs/cart  0.0 MB, kept for ever")
    assert "/ecs/mail  0.0 MB, kept 14 days" in every
    assert (await call("list_log_groups", contains="cart")).text.count("/ecs/") == 1
    assert "No log groups with 'x' in" in (await call("list_log_groups", contains="x")).text


async def test_the_last_lines_newest_last(account: Any, call: Any) -> None:
    """The end of the range, in order, with time and the end of the stream's name."""
    group(account, "/ecs/cart", [f"line {number}" for number in range(20)])
    got = await call("tail_logs", group="/ecs/cart", since="1h", lines=3)
    lines = got.text.splitlines()
    assert "last 3 events, newest last" in lines[0]
    assert lines[1].startswith("There are older ones in this range")
    assert [line.rpartition("] ")[2] for line in lines[2:]] == ["line 17", "line 18", "line 19"]
    assert "[456789abcdef] " in lines[2]


async def test_only_matching_lines(account: Any, call: Any) -> None:
    """A filter pattern is CloudWatch's to apply."""
    group(account, "/ecs/cart", ["ok", "ERROR no such cart", "ok"])
    text = (await call("tail_logs", group="/ecs/cart", filter="ERROR")).text
    assert "matching ERROR" in text
    assert text.endswith("ERROR no such cart")
    assert "no events" in (await call("tail_logs", group="/ecs/cart", filter="FATAL")).text


async def test_missing_group(account: Any, call: Any) -> None:
    """A group that is not there is named as AWS names it."""
    got = await call("tail_logs", group="/ecs/none")
    assert got.is_error
    assert "log group does not exist" in got.text


async def test_control_characters_and_long_lines_are_cut(account: Any, call: Any) -> None:
    """A message can neither colour the text nor fill it."""
    group(account, "/ecs/cart", ["\x1b[31mred\x1b[0m " + "x" * 5000])
    text = (await call("tail_logs", group="/ecs/cart")).text
    assert "red xxx" in text
    assert "\x1b" not in text
    assert len(text) < 2500


async def test_what_is_asked_of_aws(stand_in: Any, ask: Any) -> None:
    """Stream and filter go to AWS; the parts that are read make up the range, the newest first."""
    stand_in.answers["FilterLogEvents"] = {"events": []}
    await ask("tail_logs", group="/ecs/cart", stream="cart/", filter="ERROR", since="64m")
    asked = [given for _, given in stand_in.asked]
    assert all(given["logStreamNamePrefix"] == "cart/" for given in asked)
    assert all(given["filterPattern"] == "ERROR" for given in asked)
    assert all(
        older["endTime"] + 1 == newer["startTime"] for newer, older in itertools.pairwise(asked)
    )
    assert asked[0]["endTime"] - asked[-1]["startTime"] == 64 * 60_000
    lengths = [given["endTime"] - given["startTime"] for given in asked]
    assert lengths == sorted(lengths)


class Flood:
    """A group with an event every 10 ms for a day, served at most 100 to a page, oldest first."""

    def __init__(self, now: int) -> None:
        self.now = now

    def __call__(self, given: dict[str, Any]) -> dict[str, Any]:
        start = max(int(given.get("nextToken", given["startTime"])), self.now - 86_400_000)
        start += -start % 10
        end = min(given["endTime"], self.now)
        times = range(start, end + 1, 10)[:100]
        answer: dict[str, Any] = {
            "events": [{"timestamp": at, "message": f"at {at}", "eventId": str(at)} for at in times]
        }
        if times and times[-1] + 10 <= end:
            answer["nextToken"] = str(times[-1] + 10)
        return answer


async def test_the_end_of_a_flood_is_reached(stand_in: Any, serving: Any, keys: Any) -> None:
    """Of millions of events the very last come back, in few requests."""
    now = 1795330800000
    stand_in.answers["FilterLogEvents"] = Flood(now)
    settings = {**keys, "AWS_ENDPOINT_URL": stand_in.address, "TOCSIN_NOW": "2026-11-22T07:00:00Z"}
    async with serving(**settings) as call:
        got = await call("tail_logs", group="/ecs/cart", since="6h", lines=50)
    times = [int(line.rpartition(" ")[2]) for line in got.text.splitlines()[2:]]
    assert times == list(range(now - 490, now + 1, 10))
    assert len(stand_in.asked) <= 60


async def test_a_flood_that_cannot_be_reached_is_said(stand_in: Any, ask: Any) -> None:
    """When every slice holds more pages than are read, the answer says that, and does not go on for ever."""
    stand_in.answers["FilterLogEvents"] = {"events": [], "nextToken": "again"}
    got = await ask("tail_logs", group="/ecs/cart", since="1h")
    assert not got.is_error
    assert "no events among the newest that were read; the range holds more" in got.text
    assert len(stand_in.asked) <= 60


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"group": "a b"}, "must be the name of a log group"),
        ({"group": "https://example.com"}, "must be the name of a log group"),
        ({"lines": 0}, "must be between 1 and 500"),
        ({"filter": "a\nb"}, "must be one line"),
        ({"since": "40d"}, "at most 30 days"),
    ],
)
async def test_arguments_are_checked(
    stand_in: Any, ask: Any, arguments: dict[str, Any], words: str
) -> None:
    """Wrong arguments never reach AWS."""
    got = await ask("tail_logs", **{"group": "/ecs/cart", **arguments})
    assert got.is_error
    assert words in got.text
    assert stand_in.asked == []
