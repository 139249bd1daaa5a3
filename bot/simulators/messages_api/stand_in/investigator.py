"""The stand-in model: decides from the request alone which tools to call next, or what the diagnosis is.

It keeps nothing between requests. Every reply is derived anew from the conversation, so it can go on after a restart,
like a model. It is rule-driven: it follows what tools show (state, then logs, then source, then changes) and knows no
service, file, message or commit by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.simulators.messages_api.brain import Reply, text, tool_use
from bot.simulators.messages_api.stand_in.case import Case
from bot.simulators.messages_api.stand_in.follow_up import answer
from bot.simulators.messages_api.stand_in.hypotheses import hypotheses
from bot.simulators.messages_api.stand_in.obliging import obliged
from bot.simulators.messages_api.stand_in.report import LABEL, diagnose
from bot.simulators.messages_api.stand_in.steps import Step, next_step
from bot.simulators.messages_api.stand_in.transcript import SUBMIT, Transcript, read_transcript

_MOST_SUBMISSIONS = 3
"""After so many refusals it says its diagnosis as text."""


class StandIn:
    """A brain for the simulator when there is no key for a real model."""

    display_name = "Stand-in (not Claude)"
    headers: Mapping[str, str] = {"x-tocsin-stand-in": "1"}

    async def reply(self, request: dict[str, Any]) -> Reply:
        """The next calls, a diagnosis, or a closing sentence."""
        transcript = read_transcript(request)
        return obliged(request, transcript, _reply(transcript))


def _reply(transcript: Transcript) -> Reply:
    if transcript.answered:
        return Reply([text(f"{LABEL}The diagnosis is given.")])
    case = Case(transcript)
    step = None if transcript.last_words or transcript.complaint else next_step(case)
    return _conclude(case) if step is None else _act(step, case)


def _act(step: Step, case: Case) -> Reply:
    tools = case.transcript.tools
    calls = [tool_use(tools[call.action], call.arguments) for call in step.calls]
    return Reply([text("\n".join([*hypotheses(case), step.thought])), *calls])


def _conclude(case: Case) -> Reply:
    diagnosis = answer(case) if case.transcript.follow_up else diagnose(case)
    name = case.transcript.tools.get(SUBMIT)
    if name is None or case.transcript.refusals >= _MOST_SUBMISSIONS:
        return Reply([text(_spoken(diagnosis))])
    words = [*hypotheses(case), "That is what the evidence allows to say."]
    return Reply([text("\n".join(words)), tool_use(name, diagnosis)])


def _spoken(diagnosis: Mapping[str, Any]) -> str:
    """The diagnosis as text, where there is no tool to submit it with."""
    lines = [diagnosis["summary"], ""]
    lines += [f"- {finding['claim']}" for finding in diagnosis["findings"]]
    lines += [f"- Not known: {unknown}" for unknown in diagnosis["unknowns"]]
    return "\n".join(lines)
