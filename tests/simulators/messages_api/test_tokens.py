"""The token estimate: near the counts of an open reconstruction of the tokenizer, deterministic, never zero."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.simulators.messages_api.blocks import build_blocks, prompt_tokens
from bot.simulators.messages_api.models import MODELS, Family
from bot.simulators.messages_api.tokens import count_block, count_text, fitting

MODEL = "claude-sonnet-4-5"
FAMILIES: tuple[Family, ...] = ("v3", "v4.8")
TRACE = (
    "fail: Grpc.AspNetCore.Server.ServerCallHandler[6]\n"
    "      Error when executing service method 'AddItem'.\n"
    "      System.Exception: could not add the item\n"
    "         at cartservice.cartstore.RedisCartStore.AddItemAsync(String userId, String productId, Int32 quantity) "
    "in /app/cartstore/RedisCartStore.cs:line 40\n"
)
PROSE = (
    "The bot hears an alarm, finds out why, and says so in the thread of the alarm. It reads logs, events and source "
    "code, quotes what it found word for word, and names the file, the line and the change that are to blame.\n"
)
DATA = (
    '{"time": "2026-11-22T08:31:27.123Z", "severity": "error", "message": "could not retrieve cart", '
    '"http.req.id": "5f1c9a7e-0b1d-4c7e", "http.resp.status": 500, "http.resp.took_ms": 12}\n'
)
# The numbers below are counts of an open reconstruction of the tokenizer, older and newer family.


@pytest.mark.parametrize(
    ("sample", "family", "real"),
    [
        pytest.param(TRACE, "v3", 88, id="trace, old"),
        pytest.param(TRACE, "v4.8", 127, id="trace, new"),
        pytest.param(PROSE, "v3", 53, id="prose, old"),
        pytest.param(PROSE, "v4.8", 65, id="prose, new"),
        pytest.param(DATA, "v3", 84, id="data, old"),
        pytest.param(DATA, "v4.8", 94, id="data, new"),
    ],
)
def test_is_near_the_real_count(sample: str, family: Family, real: int) -> None:
    """The estimate of a few lines is within a tenth of the real count."""
    assert count_text(sample, family) == pytest.approx(real, rel=0.1)


@given(st.text())
def test_counts_any_text(sample: str) -> None:
    """Any text has at least one token, and twice the text has about twice the tokens."""
    for family in FAMILIES:
        once = count_text(sample, family)
        assert (once > 0) == bool(sample)
        assert count_text(sample + "\n" + sample, family) <= 2 * once + 4


@given(st.text() | st.text("AaBb12.,\n é"), st.integers(1, 40))
def test_what_fits_fits(sample: str, limit: int) -> None:
    """The cut costs no more than the limit, and as much as pieces allow."""
    for family in FAMILIES:
        end = fitting(sample, family, limit)
        assert count_text(sample[:end], family) <= limit
        assert end == len(sample) or count_text(sample, family) > limit


def test_documented_counts() -> None:
    """The two examples of the token-counting page: a plain question, and one with a tool (within an eighth)."""
    weather = {
        "name": "get_weather",
        "description": "Get the current weather in a given location",
        "input_schema": {
            "type": "object",
            "properties": {
                "location": {
                    "type": "string",
                    "description": "The city and state, e.g. San Francisco, CA",
                }
            },
            "required": ["location"],
        },
    }
    plain = {"model": MODEL, "system": "You are a scientist", "messages": [said("Hello, Claude")]}
    armed = {
        "model": MODEL,
        "tools": [weather],
        "messages": [said("What's the weather like in San Francisco?")],
    }
    assert prompt_tokens(build_blocks(plain, MODELS[MODEL])) == 14
    assert prompt_tokens(build_blocks(armed, MODELS[MODEL])) == pytest.approx(403, rel=0.125)


def said(content: str) -> dict[str, str]:
    """A user message."""
    return {"role": "user", "content": content}


def test_results_count_their_text_and_their_frame() -> None:
    """A tool result costs its text, given as a string or as blocks, and a constant."""
    blocks = {
        "type": "tool_result",
        "tool_use_id": "t",
        "content": [{"type": "text", "text": TRACE}],
    }
    plain = {"type": "tool_result", "tool_use_id": "t", "content": TRACE}
    assert count_block(blocks, "v4.8") == count_block(plain, "v4.8") > count_text(TRACE, "v4.8")
