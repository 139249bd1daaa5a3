"""Logs Insights: one query at a time, a bounded wait, and nothing left running."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tocsin_mcp.cloudwatch.client import Aws
from tocsin_mcp.cloudwatch.insights import Insights, Wanted
from tocsin_mcp.kit.environment import Environment
from tocsin_mcp.kit.errors import Unavailable

QUERY = "fields @timestamp, @message | sort @timestamp desc"
WANTED = Wanted(["/ecs/cart"], QUERY, "1h", None, 10)
DONE = {
    "status": "Complete",
    "results": [
        [
            {"field": "bin(1m)", "value": "2026-11-22 07:00:00.000"},
            {"field": "failures", "value": "42"},
            {"field": "@ptr", "value": "opaque"},
        ]
    ],
    "statistics": {"recordsMatched": 42.0, "recordsScanned": 1000.0, "bytesScanned": 2_500_000.0},
}


@pytest.fixture
async def aws(stand_in: Any, keys: dict[str, str]) -> Any:
    """The client below the server, for what needs a short wait."""
    made = Aws(Environment({**keys, "AWS_ENDPOINT_URL": stand_in.address}))
    yield made
    await made.close()


async def test_rows_of_a_query(account: Any, call: Any) -> None:
    """A query over a group answers its rows as fields with values."""
    account.logs.create_log_group(logGroupName="/ecs/cart")
    account.logs.create_log_stream(logGroupName="/ecs/cart", logStreamName="s")
    account.logs.put_log_events(
        logGroupName="/ecs/cart",
        logStreamName="s",
        logEvents=[
            {"timestamp": account.milliseconds(60), "message": "ERROR no such cart"},
            {"timestamp": account.milliseconds(30), "message": "ok"},
        ],
    )
    got = await call("query_logs", groups=["/ecs/cart"], query=QUERY)
    assert not got.is_error, got.text
    lines = got.text.splitlines()
    assert lines[0].startswith("/ecs/cart, ")
    assert "2 rows" in lines[0]
    assert "@message=ok" in lines[1]
    assert "@message=ERROR no such cart" in lines[2]
    assert "@ptr" not in got.text


async def test_missing_group(account: Any, call: Any) -> None:
    """A group that is not there is an error in AWS's words."""
    got = await call("query_logs", groups=["/ecs/none"], query=QUERY)
    assert got.is_error
    assert "log group does not exist" in got.text


async def test_a_query_is_waited_for(stand_in: Any, ask: Any) -> None:
    """Running is asked again until complete; the answer says what was scanned. A finished query is not stopped."""
    states = iter([{"status": "Scheduled"}, {"status": "Running"}, DONE])
    stand_in.answers["StartQuery"] = {"queryId": "q1"}
    stand_in.answers["GetQueryResults"] = lambda _: next(states)
    got = await ask(
        "query_logs", groups=["/a", "/b"], query="stats count(*) as failures by bin(1m)"
    )
    assert "1 row (42 of 1000 events matched, 2.5 MB scanned)" in got.text
    assert got.text.endswith("bin(1m)=2026-11-22 07:00:00.000 | failures=42")
    assert stand_in.operations() == ["StartQuery", *["GetQueryResults"] * 3]
    _, asked = stand_in.asked[0]
    assert asked["logGroupNames"] == ["/a", "/b"]
    assert asked["endTime"] - asked["startTime"] == 3600


async def test_a_slow_query_is_stopped(stand_in: Any, aws: Aws, wait_until: Any) -> None:
    """When the wait is over the caller learns it, and the query is stopped."""
    stand_in.answers["StartQuery"] = {"queryId": "q1"}
    stand_in.answers["GetQueryResults"] = {"status": "Running"}
    stand_in.answers["StopQuery"] = {"success": True}
    with pytest.raises(Unavailable, match="not done within 1 s and was stopped"):
        await Insights(aws, wait_seconds=1).query_logs(WANTED)
    await wait_until(lambda: stand_in.asked[-1:] == [("StopQuery", {"queryId": "q1"})])


async def test_a_caller_that_goes_away_leaves_nothing_running(
    stand_in: Any, aws: Aws, wait_until: Any
) -> None:
    """Cancelled while AWS has not even told the query's id, the query is stopped all the same."""
    accepted, answer = asyncio.Event(), asyncio.Event()

    async def start(_: dict[str, Any]) -> dict[str, str]:
        accepted.set()
        await answer.wait()
        return {"queryId": "q1"}

    stand_in.answers.update(StartQuery=start, GetQueryResults={"status": "Running"}, StopQuery={})
    asking = asyncio.create_task(Insights(aws).query_logs(WANTED))
    await accepted.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    answer.set()
    await wait_until(lambda: "StopQuery" in stand_in.operations())


async def test_closing_stops_what_runs(stand_in: Any, aws: Aws, wait_until: Any) -> None:
    """A server that ends stops its query first."""
    stand_in.answers.update(
        StartQuery={"queryId": "q1"}, GetQueryResults={"status": "Running"}, StopQuery={}
    )
    insights = Insights(aws)
    asking = asyncio.create_task(insights.query_logs(WANTED))
    await wait_until(lambda: "GetQueryResults" in stand_in.operations())
    await insights.close()
    assert stand_in.operations()[-1] == "StopQuery"
    with pytest.raises(Unavailable, match="ended as Running"):
        await asking


async def test_one_query_at_a_time(stand_in: Any, aws: Aws, wait_until: Any) -> None:
    """A second caller's query starts when the first one's has ended."""
    finish = asyncio.Event()
    numbers = iter(["q1", "q2"])
    stand_in.answers["StartQuery"] = lambda _: {"queryId": next(numbers)}
    stand_in.answers["GetQueryResults"] = lambda _: (
        DONE if finish.is_set() else {"status": "Running"}
    )
    insights = Insights(aws)
    async with asyncio.TaskGroup() as group:
        group.create_task(insights.query_logs(WANTED))
        group.create_task(insights.query_logs(WANTED))
        await wait_until(lambda: stand_in.operations().count("GetQueryResults") >= 2)
        assert stand_in.operations().count("StartQuery") == 1
        finish.set()
    assert stand_in.operations().count("StartQuery") == 2


async def test_a_failed_query(stand_in: Any, ask: Any) -> None:
    """A query that AWS ends is told as AWS calls it."""
    stand_in.answers["StartQuery"] = {"queryId": "q1"}
    stand_in.answers["GetQueryResults"] = {"status": "Failed"}
    got = await ask("query_logs", groups=["/a"], query=QUERY)
    assert got.is_error
    assert "ended as Failed" in got.text


async def test_a_malformed_query(stand_in: Any, ask: Any) -> None:
    """A syntax error comes back with AWS's explanation."""
    stand_in.answers["StartQuery"] = (
        400,
        {"__type": "MalformedQueryException", "message": "unexpected symbol found foo at line 1"},
    )
    got = await ask("query_logs", groups=["/a"], query="foo")
    assert got.is_error
    assert "refused StartQuery: unexpected symbol found foo at line 1" in got.text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"since": "7h"}, "the range may be at most 6 h"),
        ({"groups": []}, "must name 1 to 10 log groups"),
        ({"groups": ["/a b"]}, "must be the name of a log group"),
        ({"query": " "}, "must be 1 to 4000 characters"),
        (
            {"query": "SOURCE logGroups(namePrefix: ['/']) | fields @message"},
            "must not contain SOURCE",
        ),
        (
            {"query": "# all\nSOURCE '/other' | fields @message"},
            "must not contain SOURCE",
        ),
        (
            {"query": "fields @message like 'a#' | /* x */ source/**/ '/other'"},
            "must not contain SOURCE",
        ),
        (
            {"query": "fields @id | join (SOURCE '/other' | fields @id) on @id"},
            "must not contain SOURCE",
        ),
        ({"query": "fields unmask(@message)"}, "nor unmask()"),
        ({"limit": 501}, "must be between 1 and 500"),
    ],
)
async def test_arguments_are_checked(
    stand_in: Any, ask: Any, arguments: dict[str, Any], words: str
) -> None:
    """Too wide a range, other groups by the back door and unmasking are refused before AWS is asked."""
    got = await ask("query_logs", **{"groups": ["/a"], "query": QUERY, **arguments})
    assert got.is_error
    assert words in got.text
    assert stand_in.asked == []
