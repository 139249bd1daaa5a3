"""Which log lines are errors, and whom they accuse."""

from __future__ import annotations

import pytest

from bot.simulators.messages_api.stand_in.log_errors import (
    find_errors,
    hosts_in,
    is_error,
    literal_in,
    newest_time,
)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("request failed: boom", True),
        ('{"severity":"error","message":"request error"}', True),
        (
            "info: Error status code 'FailedPrecondition', StackExchange.Redis.RedisConnectionException",
            True,
        ),
        ("dial tcp 10.0.0.1:6379: connect: connection refused", True),
        ("completed with 0 errors", False),
        ('{"level":"info","msg":"retry failed once, fine now"}', False),
        ("GET /errorpage", True),
        ("all good", False),
    ],
)
def test_tells_errors_from_the_rest(line: str, expected: bool) -> None:
    """Text counts more than level, since some frameworks log exceptions at level info."""
    assert is_error(line) is expected


@pytest.mark.parametrize(
    ("line", "hosts"),
    [
        ("UnableToConnect on cache-1:6379/Interactive", ("cache-1",)),
        ("dial tcp: lookup orders on 10.96.0.10:53: no such host", ("orders",)),
        ("getaddrinfo ENOTFOUND billing.shop.svc.cluster.local", ("billing",)),
        ("java.net.UnknownHostException: ads-db: Name or service not known", ("ads-db",)),
        ("dial tcp 10.1.2.3:7070: connect: connection refused", ()),
        ("could not connect to server queue:5672", ("queue",)),
        ("at Store.cs:1234", ()),
    ],
)
def test_names_the_hosts_that_are_accused(line: str, hosts: tuple[str, ...]) -> None:
    """Hosts are named by their first label; addresses are nobody's name."""
    assert hosts_in(line) == hosts


def test_groups_lines_of_the_same_kind() -> None:
    """Ids and times do not make a new kind of error."""
    lines = [f"2026-01-01T00:00:0{n}Z ERROR order {n}abcdef12{n} failed: timeout" for n in range(5)]
    found = find_errors([*lines, "ERROR disk full"])
    assert [error.count for error in found] == [5, 1]
    assert found[0].line == lines[-1]
    assert newest_time(lines) == "2026-01-01T00:00:04Z"


def test_takes_the_constant_part_of_a_message() -> None:
    """The part of a message that source code holds as a literal."""
    line = (
        '{"error":"failed to add to cart: rpc error: code = Unknown desc = x","severity":"error"}'
    )
    assert literal_in(line) == "failed to add to cart"


def test_counts_records_that_stand_for_many() -> None:
    """A record behind `12x until … |` counts twelve times."""
    lines = ["12x until 10:00:00 | 09:00:00 ERROR disk full", "ERROR other"]
    assert [(error.line, error.count) for error in find_errors(lines)] == [
        ("ERROR disk full", 12),
        ("ERROR other", 1),
    ]
