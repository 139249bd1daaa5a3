"""`submit_diagnosis`: the tool that ends an investigation, and the check of its quotes.

A diagnosis whose quotes are not found goes back to the model once, with what is wrong; the second is taken as it is,
with the unproven claims marked and the confidence lowered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from bot.investigation.abstention import incomplete
from bot.investigation.culprit import unseen, without
from bot.investigation.diagnosis import Culprit, Diagnosis
from bot.investigation.evidence import Source, check, failures
from bot.investigation.existence import Existence
from bot.tools.toolset import Tool, ToolCall, ToolResult, Toolset

NAME = "submit_diagnosis"


def _object(properties: Mapping[str, Any], description: str = "") -> dict[str, Any]:
    schema: dict[str, Any] = {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }
    return {**schema, "description": description} if description else schema


def _text(description: str) -> dict[str, Any]:
    return {"type": "string", "description": description}


def _list(items: Mapping[str, Any], description: str) -> dict[str, Any]:
    return {"type": "array", "items": dict(items), "description": description}


TOOL = Tool(
    name=NAME,
    description=(
        "End the investigation with its result. Call it once, when the cause is proven or when further calls will not "
        "help. Every finding needs evidence: the short id of a tool result ([c7] → c7) and a quote copied exactly from it."
    ),
    input_schema=_object(
        {
            "verdict": {
                "type": "string",
                "enum": ["fault", "healthy", "inconclusive"],
                "description": "fault: something is broken and named; healthy: nothing is wrong now; inconclusive: not decided.",
            },
            "summary": _text("One or two sentences for somebody who was just woken up."),
            "cause": _text(
                "The mechanism from root cause to symptom. Empty when healthy or unknown."
            ),
            "confidence": {
                "type": "number",
                "description": "Probability from 0 to 1 that this is right.",
            },
            "findings": _list(
                _object(
                    {
                        "claim": _text("One fact."),
                        "evidence": _list(
                            _object(
                                {
                                    "tool_call_id": _text("Short id of the result, like c7."),
                                    "quote": _text("Copied exactly from that result."),
                                }
                            ),
                            "What proves the claim.",
                        ),
                    }
                ),
                "The facts that carry the verdict, most important first.",
            ),
            "culprit": _object(
                {
                    "object": _text("kind/name, like deployment/cartservice. Empty if unknown."),
                    "file": _text("Path in the repository. Empty if unknown."),
                    "line": {"type": "integer", "description": "Line in that file, 0 if unknown."},
                    "commit": _text("Sha of the guilty commit. Empty if unknown or none."),
                },
                "What is to blame.",
            ),
            "actions": _list(
                _object(
                    {
                        "description": _text("What to do."),
                        "patch": _text("A small unified diff or an exact command. Empty if none."),
                    }
                ),
                "Recommended steps, the safest and quickest first. If inconclusive: the one check that a person should make.",
            ),
            "unknowns": _list(_text("One gap."), "What could not be seen or was not checked."),
        }
    ),
    read_only=True,
    strict=True,
)


class Submission:
    """Adds `submit_diagnosis` to a toolset. `sources` gives the results so far by short call id; `existence`, where
    there is one, looks up what is blamed."""

    def __init__(
        self,
        inner: Toolset,
        sources: Callable[[], Mapping[str, Source]],
        existence: Existence | None = None,
    ) -> None:
        self._inner = inner
        self._sources = sources
        self._existence = existence
        self._sent_back = False
        self.diagnosis: Diagnosis | None = None
        """The last one submitted, checked; None until there is one."""
        self.accepted = False

    def resume(self, diagnosis: Diagnosis | None) -> None:
        """Go on where another process was: `diagnosis` is what this run had submitted and got back."""
        self.diagnosis = diagnosis
        self._sent_back = diagnosis is not None

    async def tools(self) -> Sequence[Tool]:
        return [*await self._inner.tools(), TOOL]

    async def call(self, call: ToolCall, *, within: float) -> ToolResult:
        if call.name != NAME:
            return await self._inner.call(call, within=within)
        try:
            submitted = read(call.arguments)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            text = f"Not accepted: {where}: {first['msg']}. Submit again with every field of the schema."
            return ToolResult(call=call, text=text, is_error=True)
        quoted = check(submitted, self._sources())
        invented = unseen(quoted.culprit, self._sources())
        seen = without(quoted, invented)
        missing = await self._refuted(seen.culprit, within)
        self.diagnosis = without(seen, missing)
        faults = [
            *failures(quoted),
            *incomplete(quoted),
            *invented.values(),
            *missing.values(),
        ]
        if faults and not self._sent_back:
            self._sent_back = True
            text = "\n".join(
                ["Not accepted yet. Quotes must be copied exactly, and what is blamed must exist and have been seen:",
                 *faults[:12],
                 "Correct the quotes, look the fact up again, or drop the claim; then submit once more."]
            )  # fmt: skip
            return ToolResult(call=call, text=text, is_error=True)
        self.accepted = True
        return ToolResult(call=call, text="Accepted. The diagnosis was posted.", ends=True)

    async def _refuted(self, culprit: Culprit, within: float) -> dict[str, str]:
        if self._existence is None:
            return {}
        return await self._existence.refuted(culprit, within=within)


def read(arguments: Mapping[str, Any]) -> Diagnosis:
    """A submitted diagnosis. Confidence is clamped to 0..1. Raises ValidationError for anything else out of shape."""
    fields = dict(arguments)
    confidence = fields.get("confidence")
    if isinstance(confidence, int | float):
        fields["confidence"] = min(max(float(confidence), 0.0), 1.0)
    fields["findings"] = [
        {**item, "evidence": [_claimed(evidence) for evidence in _items(item.get("evidence"))]}
        for item in _items(fields.get("findings"))
    ]
    return Diagnosis.model_validate(fields)


def _claimed(evidence: Mapping[str, Any]) -> dict[str, Any]:
    """Only what the model may say; the rest of an Evidence is set by code."""
    return {key: evidence[key] for key in ("tool_call_id", "quote") if key in evidence}


def _items(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
