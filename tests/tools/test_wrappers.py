"""Results are redacted, then shortened; the whole text stays for checking quotes."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from bot.tools.compressed import Compressed, shorten
from bot.tools.guarded import Guarded
from bot.tools.toolset import Tool, ToolCall, ToolResult

CALL = ToolCall(id="t", label="c1", name="logs")


class Fixed:
    """A toolset whose one tool answers with a fixed text."""

    def __init__(self, text: str) -> None:
        self._text = text

    async def tools(self) -> Sequence[Tool]:
        return [Tool(name="logs", description="", input_schema={"type": "object"})]

    async def call(self, call: ToolCall, *, within: float) -> ToolResult:
        return ToolResult(call=call, text=self._text)


async def test_secrets_and_escapes_never_leave_the_guard() -> None:
    """Short and long results alike."""
    for padding in ("", "x\n" * 20_000):
        result = await Guarded(Fixed(f"\x1b[1mpassword=hunter22\x1b[0m\n{padding}")).call(
            CALL, within=1
        )

        assert "hunter22" not in result.whole
        assert "\x1b" not in result.whole


async def test_a_long_result_keeps_head_and_tail_and_is_kept_whole_beside() -> None:
    """The note says how much is missing and how to see it."""
    text = "\n".join(f"line {number}" for number in range(5_000))

    result = await Compressed(Fixed(text), max_chars=1_000).call(CALL, within=1)

    assert result.text.startswith("line 0\n")
    assert result.text.endswith("line 4999")
    assert "read_result(call_id='c1'" in result.text
    assert result.whole.startswith(text)


@given(st.text(max_size=2_000), st.integers(50, 500))
def test_shortening_is_bounded_and_leaves_short_texts_alone(text: str, limit: int) -> None:
    """Never more than the limit and a note of fixed size."""
    short = shorten(text, limit, "c1")

    assert len(short) <= limit + 200
    if len(text) <= limit:
        assert short == text
