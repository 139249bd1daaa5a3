"""suspect_changes over the recorded incident, and where it abstains."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

Call = Callable[..., Awaitable[Any]]
GUARD, LATEST = "a65e65621925", "6eb520357131"


@pytest.mark.parametrize(
    "file",
    ["src/cartservice/src/cartstore/RedisCartStore.cs", "/app/cartstore/RedisCartStore.cs:38"],
)
async def test_a_path_of_a_stack_trace_leads_to_the_commit(call: Call, file: str) -> None:
    """Repository path or container path; the frontend's later deploy is not accused."""
    text = (
        await call(
            "suspect_changes", file=file, symbol="AddItemAsync", service="cartservice", onset="15m"
        )
    ).text
    assert f"1. {GUARD}" in text
    assert ("around line 38" in text) == file.endswith(":38")
    assert "changes src/cartservice/src/cartstore/RedisCartStore.cs" in text
    accused = text.partition("Touch nothing that failed")[0]
    assert LATEST not in accused


async def test_commits_after_the_onset_are_ruled_out(call: Call) -> None:
    """The guard came after this onset."""
    text = (
        await call("suspect_changes", file="RedisCartStore.cs", onset="2026-11-18T12:00:00Z")
    ).text
    accused, _, later = text.partition("Ruled out, made after the onset:")
    assert GUARD not in accused
    assert GUARD in later


async def test_it_abstains_when_nothing_fits(call: Call) -> None:
    """No commit of these days touches the e-mail service."""
    text = (
        await call("suspect_changes", symbol="smtp_timeout", service="emailservice", since="7d")
    ).text
    assert "No commit fits" in text
    assert "1. " not in text


async def test_a_file_that_is_not_in_the_repository_is_said(call: Call) -> None:
    """Nothing is accused in its place."""
    text = (await call("suspect_changes", file="/srv/unknown/thing.py")).text
    assert "No file of the repository ends like srv/unknown/thing.py." in text
    assert "No commit fits" in text


async def test_a_service_alone_lists_the_changes_of_its_folder(call: Call) -> None:
    """Newest first."""
    text = (await call("suspect_changes", service="cartservice", since="30d")).text
    assert text.index(GUARD) < text.index("e0336373feab")


@pytest.mark.parametrize(
    ("argument", "value"),
    [("file", "a" * 600), ("symbol", "a\nb"), ("since", "yesterday"), ("onset", "soon")],
)
async def test_arguments_are_checked(call: Call, argument: str, value: str) -> None:
    """The error names the argument."""
    result = await call("suspect_changes", **{argument: value})
    assert result.is_error
    assert argument in result.text


async def test_a_diff_of_a_withheld_file_is_not_looked_into(recorded: Callable[..., Any]) -> None:
    """What may not be shown is no evidence either."""
    call = await recorded({"config/.env": b"TOKEN=changed\n"}, {"config/.env": "TOKEN=changed\n"})
    text = (await call("suspect_changes", symbol="TOKEN")).text
    assert "No commit fits" in text
