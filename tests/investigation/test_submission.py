"""submit_diagnosis ends the run, once its quotes are right or have been sent back."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from jsonschema import Draft202012Validator

from bot.investigation.evidence import Source
from bot.investigation.submission import NAME, TOOL, Submission
from bot.tools.toolset import Tool, ToolCall, ToolResult

GOOD: dict[str, Any] = {
    "verdict": "fault",
    "summary": "The cart throws.",
    "cause": "A guard clause.",
    "confidence": 0.9,
    "findings": [
        {"claim": "It throws.", "evidence": [{"tool_call_id": "c1", "quote": "no loafers today"}]}
    ],
    "culprit": {"object": "deployment/cartservice", "file": "a.cs", "line": 4, "commit": "abc1234"},
    "actions": [{"description": "Revert.", "patch": ""}],
    "unknowns": [],
}


SEEN = "we have no loafers today: deployment/cartservice, a.cs:4, commit abc1234"


class Nothing:
    """A toolset without tools."""

    async def tools(self) -> Sequence[Tool]:
        return []

    async def call(self, call: ToolCall, *, within: float) -> ToolResult:
        return ToolResult(call=call, text="inner")


def _submission() -> Submission:
    return Submission(Nothing(), lambda: {"c1": Source("logs", SEEN)})


async def _submit(submission: Submission, **changes: Any) -> ToolResult:
    arguments = {**copy.deepcopy(GOOD), **changes}
    return await submission.call(
        ToolCall(id="t", label="c2", name=NAME, arguments=arguments), within=1
    )


def _with_quote(quote: str) -> list[dict[str, Any]]:
    return [{"claim": "It throws.", "evidence": [{"tool_call_id": "c1", "quote": quote}]}]


def test_the_schema_is_strict_and_takes_the_example() -> None:
    """Valid JSON Schema; every object closed and every field required, as strict tools demand."""
    Draft202012Validator.check_schema(TOOL.input_schema)
    assert not list(Draft202012Validator(TOOL.input_schema).iter_errors(GOOD))

    def objects(schema: Any) -> list[dict[str, Any]]:
        if isinstance(schema, list):
            return [found for item in schema for found in objects(item)]
        if not isinstance(schema, dict):
            return []
        nested = [found for value in schema.values() for found in objects(value)]
        return [*([schema] if schema.get("type") == "object" else []), *nested]

    for schema in objects(TOOL.input_schema):
        assert schema["additionalProperties"] is False
        assert sorted(schema["required"]) == sorted(schema["properties"])


async def test_a_proven_diagnosis_ends_the_run() -> None:
    """Accepted at the first attempt."""
    submission = _submission()

    result = await _submit(submission)

    assert result.ends
    assert submission.accepted
    assert submission.diagnosis is not None
    assert submission.diagnosis.findings[0].verified


async def test_a_wrong_quote_is_sent_back_once_and_then_taken_with_a_mark() -> None:
    """The second attempt ends the run whatever it holds, with the confidence lowered by code."""
    submission = _submission()

    first = await _submit(submission, findings=_with_quote("plenty of loafers"))
    second = await _submit(submission, findings=_with_quote("still plenty of loafers"))

    assert first.is_error
    assert not first.ends
    assert "Not found in [c1]: 'plenty of loafers'" in first.text
    assert second.ends
    assert submission.diagnosis is not None
    assert not submission.diagnosis.findings[0].verified
    assert submission.diagnosis.confidence == 0.45


async def test_a_corrected_quote_is_accepted() -> None:
    """What the check is for."""
    submission = _submission()
    await _submit(submission, findings=_with_quote("plenty of loafers"))

    assert (await _submit(submission)).ends
    assert submission.diagnosis is not None
    assert submission.diagnosis.confidence == 0.9


async def test_arguments_out_of_shape_are_an_error_with_the_field_named() -> None:
    """Other models than Claude write such things."""
    submission = _submission()

    result = await _submit(submission, verdict="broken")

    assert result.is_error
    assert "verdict" in result.text
    assert submission.diagnosis is None


async def test_being_out_of_shape_does_not_use_up_the_second_try() -> None:
    """Arguments that say nothing are not a diagnosis that was sent back."""
    submission = _submission()
    assert (await _submit(submission, verdict="maybe")).is_error

    assert not (await _submit(submission, findings=_with_quote("made up entirely"))).ends
    assert (await _submit(submission, findings=_with_quote("made up entirely"))).ends


async def test_a_resumed_run_has_had_its_second_try() -> None:
    """What was sent back before the worker died is not sent back again; what was not, is."""
    first, second = _submission(), _submission()
    first.resume(None)
    assert not (await _submit(first, findings=_with_quote("made up entirely"))).ends
    second.resume(first.diagnosis)

    assert (await _submit(second, findings=_with_quote("made up entirely"))).ends


async def test_an_inconclusive_verdict_owes_what_was_unseen_and_one_check() -> None:
    """It goes back once; then it is taken as it is, and code fills in the rest."""
    submission = _submission()
    nothing = {"verdict": "inconclusive", "findings": [], "culprit": {}, "actions": []}

    sent_back = await _submit(submission, **nothing)

    assert "`unknowns`" in sent_back.text
    assert "`actions`" in sent_back.text
    assert (await _submit(submission, **nothing)).ends


async def test_confidence_is_clamped_and_marks_by_the_model_are_ignored() -> None:
    """130 percent sure is sure; `verified` is not the model's to say. The arguments themselves stay untouched."""
    submission = _submission()
    findings = _with_quote("made up words")
    findings[0]["evidence"][0]["verified"] = True
    before = copy.deepcopy(findings)

    await _submit(submission, confidence=1.3, findings=findings)

    assert submission.diagnosis is not None
    assert submission.diagnosis.confidence == 0.5
    assert findings == before


async def test_other_tools_pass_through() -> None:
    """The wrapper adds one tool and hides none."""
    submission = _submission()

    result = await submission.call(ToolCall(id="t", label="c1", name="other"), within=1)

    assert result.text == "inner"
    assert [tool.name for tool in await submission.tools()] == [NAME]
