"""How the stand-in answers single requests."""

from __future__ import annotations

from typing import Any

from bot.simulators.messages_api import StandIn

SUBMIT: dict[str, Any] = {"name": "submit_diagnosis", "input_schema": {"type": "object"}}
PODS: dict[str, Any] = {"name": "cluster_list_pods", "input_schema": {"type": "object"}}


def request(*messages: dict[str, Any], tools: list[dict[str, Any]]) -> dict[str, Any]:
    """A request with these messages and tools."""
    return {"model": "m", "max_tokens": 100, "messages": list(messages), "tools": tools}


def user(*blocks: Any) -> dict[str, Any]:
    """A user message."""
    return {"role": "user", "content": list(blocks)}


def text(content: str) -> dict[str, Any]:
    """A text block."""
    return {"type": "text", "text": content}


def submitted(call_id: str, **changes: Any) -> dict[str, Any]:
    """An assistant message that submits a diagnosis."""
    diagnosis: dict[str, Any] = {
        "verdict": "healthy",
        "summary": "s",
        "cause": "",
        "confidence": 0.5,
        "findings": [],
        "culprit": {"object": "", "file": "", "line": 0, "commit": ""},
        "actions": [],
        "unknowns": [],
        **changes,
    }
    use = {"type": "tool_use", "id": call_id, "name": "submit_diagnosis", "input": diagnosis}
    return {"role": "assistant", "content": [use]}


def said(content: str) -> dict[str, Any]:
    """An assistant message."""
    return {"role": "assistant", "content": [text(content)]}


def result(call_id: str, content: str, *, failed: bool = False) -> dict[str, Any]:
    """A tool result."""
    return {"type": "tool_result", "tool_use_id": call_id, "content": content, "is_error": failed}


async def test_without_a_way_to_submit_it_says_the_diagnosis() -> None:
    """Where `submit_diagnosis` is not offered, the diagnosis is the text of the reply."""
    reply = await StandIn().reply(request(user(text("alarm")), tools=[]))
    assert [block["type"] for block in reply.content] == ["text"]
    assert reply.content[0]["text"].startswith("[stand-in model] ")


async def test_uses_the_tools_that_are_offered() -> None:
    """Only offered tools are called, by the name under which they are offered."""
    asked = request(user(text("service: web, namespace: shop")), tools=[PODS, SUBMIT])
    reply = await StandIn().reply(asked)
    assert [(b["name"], b["input"]) for b in reply.content[1:]] == [
        ("cluster_list_pods", {"namespace": "shop"})
    ]


async def test_after_a_diagnosis_it_waits() -> None:
    """When the diagnosis was taken and nothing was asked, it only says that."""
    asked = request(user(text("alarm")), submitted("t1"), user(result("t1", "ok")), tools=[SUBMIT])
    reply = await StandIn().reply(asked)
    assert "The diagnosis is given" in reply.content[0]["text"]


async def test_a_refused_quote_is_left_out() -> None:
    """A refused diagnosis is submitted again without the quote that was complained about."""
    pods = "[c1] cluster_list_pods\nNamespace shop: 1 pods, 1 unhealthy\nPOD  READY  STATUS  RESTARTS\nweb-1  0/1  CrashLoopBackOff  4\n"
    call = {
        "type": "tool_use",
        "id": "t1",
        "name": "cluster_list_pods",
        "input": {"namespace": "shop"},
    }
    opening = [
        user(text("service: web, namespace: shop")),
        {"role": "assistant", "content": [call]},
        user(result("t1", pods)),
    ]
    first = await StandIn().reply(request(*opening, tools=[PODS, SUBMIT]))
    diagnosis = first.content[1]["input"]
    quotes = [e["quote"] for f in diagnosis["findings"] for e in f["evidence"]]
    assert quotes == ["web-1  0/1  CrashLoopBackOff  4"]
    use = {"type": "tool_use", "id": "t2", "name": "submit_diagnosis", "input": diagnosis}
    complaint = result("t2", f"not found word for word: {quotes[0]}", failed=True)
    again = await StandIn().reply(
        request(
            *opening, {"role": "assistant", "content": [use]}, user(complaint), tools=[PODS, SUBMIT]
        )
    )
    assert again.content[1]["name"] == "submit_diagnosis"
    assert again.content[1]["input"]["findings"] == []
    assert again.content[1]["input"]["culprit"] == diagnosis["culprit"]


async def test_a_nudge_is_not_the_last_word() -> None:
    """Being told to go on or to submit does not end an investigation that has calls left to make."""
    nudge = "Go on with tool calls. The investigation only ends with submit_diagnosis."
    asked = request(user(text("service: web")), said("hm"), user(text(nudge)), tools=[PODS, SUBMIT])
    reply = await StandIn().reply(asked)
    assert reply.content[1]["name"] == "cluster_list_pods"


async def test_gives_up_submitting_after_three_refusals() -> None:
    """It does not submit for ever: after three refusals it speaks."""
    messages = [user(text("alarm"))]
    for number in range(3):
        messages += [submitted(f"t{number}"), user(result(f"t{number}", "bad", failed=True))]
    reply = await StandIn().reply(request(*messages, tools=[SUBMIT]))
    assert [block["type"] for block in reply.content] == ["text"]


async def test_a_refused_call_that_says_so_is_the_last_word() -> None:
    """When tools answer that only `submit_diagnosis` is honoured, it submits."""
    call = {"type": "tool_use", "id": "t1", "name": "cluster_list_pods", "input": {}}
    refused = result(
        "t1", "[c1] x\nOut of time: only submit_diagnosis is honoured now.", failed=True
    )
    asked = request(
        user(text("the last reply was slow")),
        {"role": "assistant", "content": [call]},
        user(refused),
        tools=[PODS, SUBMIT],
    )
    reply = await StandIn().reply(asked)
    assert reply.content[1]["name"] == "submit_diagnosis"
