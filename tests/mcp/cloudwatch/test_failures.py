"""When AWS or the settings fail, the caller learns what failed and what to do; nothing leaks."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from tocsin_mcp.cloudwatch.client import Aws
from tocsin_mcp.kit.environment import Environment
from tocsin_mcp.kit.errors import Unavailable
from tocsin_mcp.kit.extras import Extra, MissingExtra


@pytest.mark.parametrize(
    ("code", "message", "words"),
    [
        ("AccessDeniedException", "User: u is not authorized", "must allow logs:DescribeLogGroups"),
        (
            "UnrecognizedClientException",
            "The security token is invalid",
            "AWS_ACCESS_KEY_ID or what",
        ),
        ("ExpiredTokenException", "expired", "does not accept the credentials (ExpiredToken"),
        ("ResourceNotFoundException", "no such group", "no such group (asked for by logs:"),
        (
            "InvalidParameterException",
            "1 validation error",
            "refused DescribeLogGroups: 1 validation",
        ),
    ],
)
async def test_refusals_say_what_to_do(
    stand_in: Any, ask: Any, code: str, message: str, words: str
) -> None:
    """Each kind of refusal names the action, the setting or the reason."""
    stand_in.answers["DescribeLogGroups"] = (400, {"__type": code, "message": message})
    got = await ask("list_log_groups")
    assert got.is_error
    assert words in got.text
    assert "s3cret" not in got.text
    assert len(stand_in.asked) == 1


async def test_throttling_is_tried_once_more(stand_in: Any, ask: Any) -> None:
    """A throttled request is repeated once; then the caller is told to go on without it."""
    stand_in.answers["DescribeLogGroups"] = (
        400,
        {"__type": "ThrottlingException", "message": "Rate exceeded"},
    )
    got = await ask("list_log_groups")
    assert got.is_error
    assert "rate limiting" in got.text
    assert len(stand_in.asked) == 2


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"AWS_REGION": ""}, "AWS_REGION is not set"),
        ({"AWS_SECRET_ACCESS_KEY": ""}, "must be set together"),
        ({"AWS_ENDPOINT_URL": "nonsense"}, "The AWS configuration cannot be used"),
        (
            {
                "AWS_ACCESS_KEY_ID": "",
                "AWS_SECRET_ACCESS_KEY": "",
                "AWS_PROFILE": "no-such-profile",
            },
            "(no-such-profile) could not be found",
        ),
    ],
)
async def test_unusable_settings_are_told_by_name(
    serving: Any, keys: dict[str, str], changed: dict[str, str], words: str
) -> None:
    """The server starts without settings; its tools say which one is missing or wrong."""
    async with serving(**{**keys, "AWS_ENDPOINT_URL": "http://127.0.0.1:1", **changed}) as call:
        got = await call("list_alarms")
    assert got.is_error
    assert words in got.text
    assert "calling again will not help" in got.text


async def test_no_credentials_anywhere(
    serving: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With neither keys nor files nor a role the text says what to set."""
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    async with serving(AWS_REGION="eu-west-1", AWS_ENDPOINT_URL="http://127.0.0.1:1") as call:
        got = await call("list_alarms")
    assert got.is_error
    assert "No AWS credentials were found: set AWS_ACCESS_KEY_ID" in got.text


async def test_nobody_at_the_address(serving: Any, keys: dict[str, str]) -> None:
    """An address where nobody listens is named with its setting, soon."""
    async with serving(**keys, AWS_ENDPOINT_URL="http://127.0.0.1:1") as call:
        got = await call("list_alarms")
    assert got.is_error
    assert "Cannot reach AWS at 127.0.0.1:1" in got.text
    assert "AWS_ENDPOINT_URL" in got.text


async def test_a_web_page_is_no_answer(keys: dict[str, str]) -> None:
    """A proxy that wants a login answers 200, which would read as an account without alarms."""

    async def login(_: web.Request) -> web.Response:
        return web.Response(text="<html>log in</html>", content_type="text/html")

    application = web.Application()
    application.router.add_post("/{path:.*}", login)
    async with TestServer(application) as proxy:
        aws = Aws(Environment({**keys, "AWS_ENDPOINT_URL": str(proxy.make_url(""))}))
        with pytest.raises(Unavailable, match="is not AWS but a web page"):
            await aws.call("DescribeAlarms")
        await aws.close()


async def test_a_slow_answer_is_not_waited_for(stand_in: Any, keys: dict[str, str]) -> None:
    """The time limit of a call holds although its thread cannot be ended."""
    release = asyncio.Event()

    async def never(_: dict[str, Any]) -> dict[str, Any]:
        await release.wait()
        return {}

    stand_in.answers["DescribeLogGroups"] = never
    aws = Aws(Environment({**keys, "AWS_ENDPOINT_URL": stand_in.address}), timeout_seconds=1)
    with pytest.raises(Unavailable, match="did not answer within 1 s"):
        await aws.call("DescribeLogGroups")
    release.set()
    await aws.close()


async def test_other_work_goes_on_meanwhile(stand_in: Any, keys: dict[str, str]) -> None:
    """A call that waits for its answer holds up no other."""
    asked, release = asyncio.Event(), asyncio.Event()

    async def when_told(_: dict[str, Any]) -> dict[str, Any]:
        asked.set()
        await release.wait()
        return {"logGroups": []}

    stand_in.answers["DescribeLogGroups"] = when_told
    stand_in.answers["ListMetrics"] = {"Metrics": []}
    aws = Aws(Environment({**keys, "AWS_ENDPOINT_URL": stand_in.address}))
    slow = asyncio.create_task(aws.call("DescribeLogGroups"))
    await asked.wait()
    assert (await aws.call("ListMetrics"))["Metrics"] == []
    assert not slow.done()
    release.set()
    assert (await slow)["logGroups"] == []
    await aws.close()


async def test_only_known_operations(keys: dict[str, str]) -> None:
    """Nothing but the listed reading operations can be asked."""
    with pytest.raises(KeyError):
        await Aws(Environment(keys)).call("DeleteAlarms", AlarmNames=["a"])


async def test_a_missing_extra_is_named(keys: dict[str, str]) -> None:
    """Without boto3 the tools say what to install."""
    extra = Extra("aws", "Reading CloudWatch needs", ("no_such_package.errors",))
    with pytest.raises(MissingExtra, match=r"package no_such_package, .*: install `tocsin\[aws\]`"):
        await Aws(Environment(keys), extra=extra).call("ListMetrics")


async def test_may_be_used_after_close(stand_in: Any, keys: dict[str, str]) -> None:
    """Closing ends the connections, not the client."""
    stand_in.answers["ListMetrics"] = {"Metrics": []}
    aws = Aws(Environment({**keys, "AWS_ENDPOINT_URL": stand_in.address}))
    for _ in range(2):
        assert (await aws.call("ListMetrics"))["Metrics"] == []
        await aws.close()
