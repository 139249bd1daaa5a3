"""What a model wrote is made fit to be sent back."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.agent.messages import Message, user
from bot.agent.tidy import tidied

_VALID = re.compile(r"^[a-zA-Z0-9_-]+$")


def call(call_id: Any, name: Any = "look", arguments: Any = None) -> dict[str, Any]:
    """A tool_use block."""
    return {"type": "tool_use", "id": call_id, "name": name, "input": arguments or {}}


def history(*ids: str) -> list[Message]:
    """A conversation in which these calls were made."""
    return [user(), {"role": "assistant", "content": [call(each) for each in ids]}]


def ids(content: list[dict[str, Any]]) -> list[str]:
    """Ids of the calls."""
    return [block["id"] for block in content]


def test_good_ids_stay() -> None:
    """Whatever they look like, as long as the API takes them."""
    content, unreadable = tidied([call("toolu_1"), call("chatcmpl-tool-9f")], history("other"))
    assert ids(content) == ["toolu_1", "chatcmpl-tool-9f"]
    assert unreadable == ()


def test_ids_used_before_are_replaced() -> None:
    """In the same reply or in an earlier one; every call keeps an id of its own."""
    content, _ = tidied([call("call_0"), call("call_0"), call("")], history("call_0"))
    assert ids(content) == ["call_0_1", "call_0_2", "call_1"]


def test_foreign_ids_and_names_lose_what_the_api_refuses() -> None:
    """A namespace in the name leads to an unknown tool, not to a refused request."""
    content, _ = tidied([call("functions.look:0", "functions.look"), call("b", None)], [])
    assert [(block["id"], block["name"]) for block in content] == [
        ("functions_look_0", "functions_look"),
        ("b", "unnamed"),
    ]


def test_arguments_that_are_no_object_are_emptied_and_named() -> None:
    """The echo must be valid; the loop must know."""
    broken = {**call("a"), "input": "text"}
    content, unreadable = tidied([broken, call("b")], [])
    assert content[0]["input"] == {}
    assert unreadable == ("a",)


def test_empty_texts_are_left_out_and_thinking_is_untouched() -> None:
    """No API takes an empty text back; thinking must come back as it was."""
    thought = {"type": "thinking", "thinking": "", "signature": "s"}
    assert tidied([thought, {"type": "text", "text": " \n"}], []).content == [thought]


def test_halves_of_a_character_are_joined_or_replaced() -> None:
    """A smile that came in two pieces, half a smile, and what is whole."""
    arguments = {"at": ["\ud83d\ude00", "\ud83d", {"k\ude00": "é"}]}
    call = {"type": "tool_use", "id": "a", "name": "look", "input": arguments}

    said, called = tidied(
        [{"type": "text", "text": "caf\u00e9 \ud83d\ude00\ud83d"}, call], []
    ).content

    assert said["text"] == "café 😀\ufffd"
    assert called["input"] == {"at": ["😀", "\ufffd", {"k\ufffd": "é"}]}


@given(st.lists(st.text(max_size=6) | st.none() | st.integers(), max_size=12), st.text(max_size=3))
def test_ids_are_always_valid_and_unique(wanted: list[Any], earlier: str) -> None:
    """For anything a server may call an id."""
    known = history(earlier) if _VALID.match(earlier) else []
    given_ids = ids(tidied([call(each) for each in wanted], known).content)
    assert all(_VALID.match(each) for each in given_ids)
    assert len({*given_ids, earlier}) == len(given_ids) + 1
