"""The conversation so far as an investigator reads it: what is asked, which tools there are, what each call returned."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.simulators.messages_api.validation.messages import blocks_of

ACTIONS = (
    "list_workloads",
    "describe_workload",
    "list_pods",
    "describe_pod",
    "list_events",
    "read_logs",
    "rollout_history",
    "list_tree",
    "read_file",
    "search_code",
    "list_commits",
    "show_commit",
    "compare",
    "read_thread",
    "read_channel",
)
"""What the investigator knows how to use, by name without a server's prefix."""
SUBMIT = "submit_diagnosis"

_SHORT_ID = re.compile(r"^\[(c\d+)\]")
_LAST_WORDS = re.compile(
    r"(?i)\bonly\s+[`'\"*]*submit_diagnosis[`'\"*]*\s+(?:is|will|can|may|counts|works)\b"
    r"|submit_diagnosis\b[^.\n]{0,60}\bhonou?red"
)


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call and what it returned. `ref` is the short id that evidence refers to."""

    action: str
    arguments: Mapping[str, Any]
    text: str
    failed: bool
    ref: str
    fresh: bool
    """Made since the latest question."""

    @property
    def lines(self) -> list[str]:
        """The result, line by line, without the line that names the call."""
        lines = self.text.splitlines()
        return lines[1:] if lines and _SHORT_ID.match(lines[0]) else lines

    def about(self, name: str) -> bool:
        """Whether an argument names this object."""
        return any(
            str(value).rpartition("/")[2] == name or str(value).startswith(f"{name}-")
            for value in self.arguments.values()
        )


@dataclass(frozen=True, slots=True)
class Transcript:
    """Everything that the request says."""

    tools: Mapping[str, str]
    """Names of the offered tools by action, `submit_diagnosis` included."""
    opening: str
    """The first user message: the alarm, or the first question."""
    question: str
    """The latest question; the same as `opening` until a diagnosis was given."""
    calls: tuple[Call, ...]
    last_words: bool
    """Only `submit_diagnosis` counts now."""
    diagnosis: Mapping[str, Any] | None
    """The latest diagnosis that was submitted."""
    answered: bool
    """That diagnosis was accepted and nothing was asked since."""
    complaint: str
    """Why the latest diagnosis was refused; empty when it was not."""
    refusals: int
    """How many diagnoses were refused."""
    said: str = ""
    """The investigator's own words so far."""

    @property
    def follow_up(self) -> bool:
        """Whether the question came after a diagnosis."""
        return self.question != self.opening

    def made(self, action: str, arguments: Mapping[str, Any], *, ever: bool = False) -> bool:
        """Whether this call was already made for this question, or `ever`."""
        return any(
            (call.fresh or ever)
            and call.action == action
            and dict(call.arguments) == dict(arguments)
            for call in self.calls
        )

    def results(self, action: str) -> list[Call]:
        """Successful calls of an action, oldest first."""
        return [call for call in self.calls if call.action == action and not call.failed]


def read_transcript(request: Mapping[str, Any]) -> Transcript:
    """The transcript of a request to the Messages API."""
    reader = _Reader()
    for message in request["messages"]:
        reader.take(message["role"], blocks_of(message["content"]))
    return Transcript(
        tools=_offered(request.get("tools") or ()),
        opening="\n".join(reader.opening),
        question="\n".join(reader.question),
        calls=tuple(reader.calls()),
        last_words=bool(reader.results)
        and bool(_LAST_WORDS.search(reader.newest + reader.refused)),
        diagnosis=reader.diagnosis,
        answered=reader.diagnosis is not None and not reader.asked and not reader.complaint,
        complaint=reader.complaint,
        refusals=reader.refusals,
        said="\n".join(reader.said),
    )


def _offered(tools: Any) -> dict[str, str]:
    offered: dict[str, str] = {}
    for tool in tools:
        action = canonical(tool["name"])
        if action and action not in offered:
            offered[action] = tool["name"]
    return offered


def canonical(name: str) -> str:
    """The action behind a tool's name, whatever prefix its server has; empty for an unknown tool."""
    for action in (SUBMIT, *ACTIONS):
        if name == action or name.endswith((f"_{action}", f"-{action}", f".{action}")):
            return action
    return ""


def _text_of(content: Any) -> str:
    parts = [block["text"] for block in blocks_of(content) if block.get("type") == "text"]
    return "\n".join(parts)


class _Reader:
    """Walks over the messages once."""

    def __init__(self) -> None:
        self.opening: list[str] = []
        self.question: list[str] = []
        self.newest = ""
        self.refused = ""
        self.diagnosis: Mapping[str, Any] | None = None
        self.complaint = ""
        self.refusals = 0
        self.asked = True
        self.said: list[str] = []
        self.results: list[tuple[str, str, bool, int]] = []
        self._uses: dict[str, Mapping[str, Any]] = {}
        self._round = 0

    def take(self, role: str, blocks: list[dict[str, Any]]) -> None:
        """Take in a message."""
        if role == "assistant":
            self._uses.update({b["id"]: b for b in blocks if b["type"] == "tool_use"})
            self.said += [b["text"] for b in blocks if b["type"] == "text"]
            return
        work = [self._result(block) for block in blocks if block["type"] == "tool_result"]
        self.refused = "\n".join(_text_of(b.get("content")) for b in blocks if b.get("is_error"))
        self.newest = "\n".join(b["text"] for b in blocks if b["type"] == "text" and b["text"])
        if self.newest and not any(work):
            self._ask(self.newest)

    def _result(self, block: dict[str, Any]) -> bool:
        """Keep a result; true when it belongs to a tool of the investigation, not to the diagnosis."""
        use = self._uses.get(block["tool_use_id"])
        text, failed = _text_of(block.get("content")), bool(block.get("is_error"))
        if use is None:
            return False
        if canonical(use["name"]) == SUBMIT:
            self.diagnosis = use["input"]
            self.complaint = text if failed else ""
            self.refusals += failed
            self.asked = False
            return False
        self.results.append((block["tool_use_id"], text, failed, self._round))
        return True

    def _ask(self, text: str) -> None:
        if self.diagnosis is not None and not self.complaint:
            self._round += 1
            self.question = [text]
        else:
            self.question.append(text)
            if self._round == 0:
                self.opening.append(text)
        self.asked = True

    def calls(self) -> Iterator[Call]:
        """The calls with their results, in order."""
        for call_id, text, failed, asked_in in self.results:
            use = self._uses[call_id]
            short = _SHORT_ID.match(text)
            yield Call(
                action=canonical(use["name"]),
                arguments=use["input"],
                text=text,
                failed=failed,
                ref=short[1] if short else call_id,
                fresh=asked_in == self._round,
            )
