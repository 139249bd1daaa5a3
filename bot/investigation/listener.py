"""What happens in the loop, told as steps of the progress card; and the gaps that add up on the way."""

from __future__ import annotations

import time

from bot.agent.loop import Listener
from bot.guardrails.redaction import redact
from bot.investigation.progress import Reporter, Step
from bot.investigation.submission import NAME as SUBMIT
from bot.telemetry import TOOL_CALLS, TOOL_SECONDS
from bot.tools.toolset import ToolCall, ToolResult

_MAX_TITLE = 90
_MAX_DETAIL = 110
_MODEL_STEP = "model"
_SERVERS = {"github": "GitHub", "cloudwatch": "CloudWatch", "read": "Look again at"}
_SUBJECTS = (
    *(
        "workload",
        "pod",
        "deployment",
        "name",
        "path",
        "sha",
        "query",
        "head",
        "call_id",
        "alarm",
        "log_group",
    ),
    *("object", "selector", "service", "expression"),
)
"""Arguments that say what a call is about, the most telling first."""


class RunListener(Listener):
    """Forwards to a reporter."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter
        self._began: dict[str, float] = {}
        self._delayed = ""
        self.gaps: list[str] = []
        """What could not be seen, in order, nothing twice."""

    async def thought(self, words: str) -> None:
        await self._recovered()
        await self._reporter.thought(redact(words))

    async def calling(self, call: ToolCall) -> None:
        await self._recovered()
        self._began[call.label] = time.monotonic()
        await self._reporter.step(Step(id=call.label, title=title(call)))

    async def called(self, result: ToolResult) -> None:
        call = result.call
        TOOL_CALLS.labels(call.name, str(result.is_error).lower()).inc()
        TOOL_SECONDS.labels(call.name).observe(
            time.monotonic() - self._began.pop(call.label, time.monotonic())
        )
        self.gap(result.gap)
        status = "failed" if result.is_error and call.name != SUBMIT else "done"
        await self._reporter.step(
            Step(id=call.label, title=title(call), status=status, detail=_detail(result))
        )

    async def delayed(self, reason: str) -> None:
        self._delayed = reason
        await self._reporter.step(
            Step(id=_MODEL_STEP, title="Waiting for the model", detail=reason[:_MAX_DETAIL])
        )

    async def handed_over(self, number: int, model: str, why: str) -> None:
        """Another model takes over."""
        await self._reporter.step(
            Step(
                id=f"stage-{number}",
                title=f"Handed over to {model}"[:_MAX_TITLE],
                status="done",
                detail=why,
            )
        )

    def gap(self, words: str) -> None:
        """Note something that could not be seen."""
        if words and words not in self.gaps:
            self.gaps.append(words)

    @property
    def model_trouble(self) -> str:
        """Why the model is not answering; empty while it does."""
        return self._delayed

    async def _recovered(self) -> None:
        if self._delayed:
            self._delayed = ""
            await self._reporter.step(
                Step(id=_MODEL_STEP, title="The model answers again", status="done")
            )


def title(call: ToolCall) -> str:
    """A call in a person's words: `Kubernetes: read logs · cartservice`."""
    if call.name == SUBMIT:
        return "Conclude"
    server, _, verb = call.name.partition("_")
    name = _SERVERS.get(server, server.capitalize())
    words = f"{name}: {verb.replace('_', ' ')}" if verb else name
    about = next((str(call.arguments[key]) for key in _SUBJECTS if call.arguments.get(key)), "")
    text = redact(f"{words} · {about}" if about else words)
    return text if len(text) <= _MAX_TITLE else f"{text[: _MAX_TITLE - 1]}…"


def _detail(result: ToolResult) -> str:
    if result.call.name == SUBMIT:
        return "" if result.ends else "quotes are checked once more"
    first = next((line.strip() for line in result.text.splitlines() if line.strip()), "")
    return first if len(first) <= _MAX_DETAIL else f"{first[: _MAX_DETAIL - 1]}…"
