"""A streamed reply is put together whatever the server leaves out."""

from __future__ import annotations

from typing import Any

import pytest

from bot.agent.stream import Draft
from bot.costs.usage import Usage


def draft(*events: dict[str, Any]) -> Draft:
    """All events taken in order."""
    taken = Draft()
    for event in events:
        taken.take(event)
    return taken


def call(*fragments: str, given: Any = None) -> Draft:
    """A tool call whose arguments came in these fragments."""
    block = {"type": "tool_use", "id": "a", "name": "look", "input": given}
    deltas = [
        {
            "type": "content_block_delta",
            "index": 0,
            "delta": {"type": "input_json_delta", "partial_json": part},
        }
        for part in fragments
    ]
    return draft({"type": "content_block_start", "index": 0, "content_block": block}, *deltas)


@pytest.mark.parametrize(
    ("fragments", "given", "read"),
    [
        (("", '{"b": 1,', ' "a": [1]}'), {}, {"b": 1, "a": [1]}),
        ((), {"a": 1}, {"a": 1}),
        (("",), {}, {}),
        (('"{\\"a\\": 1}"',), {}, {"a": 1}),
        (('{"text": "two\nlines"}',), {}, {"text": "two\nlines"}),
        (("{,}",), {}, None),
        (('{"a": NaN}',), {}, None),
        (("[1]",), {}, None),
        (('{"a": "cut',), {}, None),
        ((), None, None),
        ((), "text", None),
    ],
)
def test_arguments_are_an_object_or_unreadable(
    fragments: tuple[str, ...], given: Any, read: dict[str, Any] | None
) -> None:
    """In fragments, at once, as a string once more; anything else is None, never a guess."""
    assert call(*fragments, given=given).content[0]["input"] == read


def test_the_order_of_keys_is_kept() -> None:
    """The echo must be what was written, byte for byte."""
    assert list(call('{"z": 1, "a": 2}').content[0]["input"]) == ["z", "a"]


def test_usage_may_be_missing_null_or_given_late() -> None:
    """What is not reported is 0; later totals replace earlier ones, nulls do not."""
    assert draft({"type": "message_start", "message": {}}).usage == Usage()
    assert draft({"type": "message_start", "message": {"usage": None}}).usage == Usage()
    late = draft(
        {"type": "message_start", "message": {"usage": {"input_tokens": 7, "output_tokens": 1}}},
        {"type": "message_delta", "delta": {}, "usage": {"input_tokens": None, "output_tokens": 9}},
    )
    assert late.usage == Usage(input=7, output=9)


def test_cache_writes_are_told_by_lifetime() -> None:
    """The detail says how many of the writes live for an hour."""
    usage = {
        "input_tokens": 1,
        "cache_creation_input_tokens": 10,
        "cache_creation": {"ephemeral_1h_input_tokens": 4},
        "cache_read_input_tokens": 5,
    }
    taken = draft({"type": "message_start", "message": {"usage": usage}})
    assert taken.usage == Usage(input=1, cache_write_5m=6, cache_write_1h=4, cache_read=5)


def test_a_stream_without_a_stop_reason_is_not_whole() -> None:
    """Only `message_delta` ends a message; what it leaves out counts as an ordinary end."""
    assert draft({"type": "message_stop"}).stop_reason == ""
    assert draft({"type": "message_delta"}).stop_reason == "end_turn"


def test_deltas_without_a_start_and_unknown_events_do_no_harm() -> None:
    """Some servers skip the start of a text block."""
    taken = draft(
        {"type": "mystery", "index": 3},
        {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "Hello"}},
        {"type": "content_block_delta", "index": 4, "delta": {"type": "signature_delta"}},
    )
    assert taken.content == [{"type": "text", "text": "Hello"}]
