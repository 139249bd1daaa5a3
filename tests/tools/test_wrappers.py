"""Results are redacted, then shortened; the whole text stays for checking quotes."""

from __future__ import annotations

from collections.abc import Sequence

from bot.tools.compressed import Compressed, without_shown
from bot.tools.guarded import Guarded
from bot.tools.shortening.clues import Remark
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


async def test_a_result_is_shortened_around_what_was_said_before_it() -> None:
    """The wrapper hears what was added to the conversation since its last call."""
    body = "\n".join(f"    step_{number}()" for number in range(60))
    text = "\n".join(f"def part_{name}():\n{body}\n" for name in "abc")
    call = CALL.model_copy(update={"arguments": {"path": "src/parts.py"}})
    said: list[Remark] = [Remark("Something is wrong.")]
    compressed = Compressed(Fixed(text), remarks=lambda: said)

    assert (await compressed.call(call, within=1)).text == text
    said.append(Remark("Traceback: error in part_b", "tool"))
    result = await compressed.call(call, within=1)

    assert "1-62: part_a (1)" in result.text
    assert result.text.count("step_1()") == 1
    assert without_shown(result.whole) == text
