"""The stand-in model between a real client, real MCP servers and a recorded world."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from anthropic import AsyncAnthropic
from fastmcp import Client, FastMCP
from mcp_types import TextContent
from tocsin_mcp.github.server import build as build_github
from tocsin_mcp.kit.environment import Environment
from tocsin_mcp.kubernetes.server import build as build_kubernetes

import bot.evals
from bot.simulators.github import GitHubSimulator
from bot.simulators.kubernetes import KubernetesSimulator
from bot.simulators.messages_api import MessagesApiSimulator

SCENARIOS = Path(bot.evals.__file__).parent / "scenarios"
MOST_TURNS = 20
_TEXT = {"type": "string"}


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    """A strict object schema."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


SUBMIT: dict[str, Any] = {
    "name": "submit_diagnosis",
    "description": "End the investigation.",
    "strict": True,
    "input_schema": _closed(
        {
            "verdict": {"type": "string", "enum": ["fault", "healthy", "inconclusive"]},
            "summary": _TEXT,
            "cause": _TEXT,
            "confidence": {"type": "number"},
            "findings": {
                "type": "array",
                "items": _closed(
                    {
                        "claim": _TEXT,
                        "evidence": {
                            "type": "array",
                            "items": _closed({"tool_call_id": _TEXT, "quote": _TEXT}),
                        },
                    }
                ),
            },
            "culprit": _closed(
                {"object": _TEXT, "file": _TEXT, "line": {"type": "integer"}, "commit": _TEXT}
            ),
            "actions": {
                "type": "array",
                "items": _closed({"description": _TEXT, "patch": _TEXT}),
            },
            "unknowns": {"type": "array", "items": _TEXT},
        }
    ),
}

Tool = Callable[[str, dict[str, Any]], Awaitable[tuple[str, bool]]]


@dataclass
class Conversation:
    """A client that does what the model asks until it submits a diagnosis."""

    client: AsyncAnthropic
    tools: list[dict[str, Any]]
    call: Tool
    messages: list[dict[str, Any]] = field(default_factory=list)
    results: dict[str, str] = field(default_factory=dict)
    """What each call returned, by short id."""
    called: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    _answer: list[dict[str, Any]] = field(default_factory=list)

    async def ask(self, question: str, *, turns: int = MOST_TURNS) -> dict[str, Any]:
        """Ask and run until the diagnosis; after `turns` turns only `submit_diagnosis` is honoured."""
        content = [*self._answer, {"type": "text", "text": question}]
        for turn in range(turns + 2):
            if turn == turns:
                content.append({"type": "text", "text": "Only submit_diagnosis is honoured now."})
            diagnosis = await self._turn(content)
            if diagnosis is not None:
                return diagnosis
            content = list(self._answer)
        raise AssertionError("no diagnosis")

    async def _turn(self, content: list[dict[str, Any]]) -> dict[str, Any] | None:
        self.messages.append({"role": "user", "content": content})
        tools: Any = sorted([*self.tools, SUBMIT], key=lambda tool: str(tool["name"]))
        history: Any = self.messages
        async with self.client.messages.stream(
            model="claude-sonnet-5-5",
            max_tokens=16_000,
            system="You find out why production breaks.",
            tools=tools,
            messages=history,
            cache_control={"type": "ephemeral"},
        ) as stream:
            message = await stream.get_final_message()
        said = [block.model_dump(exclude_none=True) for block in message.content]
        self.messages.append({"role": "assistant", "content": said})
        self.said += [block["text"] for block in said if block["type"] == "text"]
        self._answer, diagnosis = [], None
        for use in (block for block in said if block["type"] == "tool_use"):
            if use["name"] == "submit_diagnosis":
                diagnosis = dict(use["input"])
            self._answer.append(await self._result(use))
        return diagnosis

    async def _result(self, use: dict[str, Any]) -> dict[str, Any]:
        result: dict[str, Any] = {"type": "tool_result", "tool_use_id": use["id"]}
        if use["name"] == "submit_diagnosis":
            return {**result, "content": "recorded"}
        self.called.append((use["name"], use["input"]))
        short = f"c{len(self.called)}"
        text, failed = await self.call(use["name"], use["input"])
        self.results[short] = text
        return {**result, "content": f"[{short}] {use['name']}\n{text}", "is_error": failed}


@dataclass
class World:
    """A recorded scenario behind the real servers, and what is expected of it."""

    scenario: dict[str, Any]
    talk: Conversation

    @property
    def alarm(self) -> str:
        """The alarm as the first user message tells it."""
        alarm = self.scenario["alarm"]
        if "question" in alarm:
            return str(alarm["question"])
        told: list[str] = [alarm["post"].get("text", "")]
        for attachment in alarm["post"].get("attachments", []):
            told += [attachment.get("title", ""), attachment.get("text", "")]
            told += [f"{f['title']}: {f['value']}" for f in attachment.get("fields", [])]
        return "\n".join(line for line in told if line)


@asynccontextmanager
async def opened(folder: Path, place: Path) -> AsyncIterator[World]:
    """The scenario's world, its servers in memory, and a conversation with the stand-in."""
    scenario = yaml.safe_load((folder / "scenario.yaml").read_text("utf-8"))
    async with AsyncExitStack() as stack:
        cluster = await stack.enter_async_context(KubernetesSimulator(folder))
        github = await stack.enter_async_context(GitHubSimulator(folder))
        api = await stack.enter_async_context(MessagesApiSimulator())
        environment = Environment(
            {
                "KUBECONFIG": str(cluster.write_kubeconfig(place / "kubeconfig")),
                "GITHUB_TOKEN": "simulator-token",
                "GITHUB_API_URL": github.url,
                "TOCSIN_GITHUB_REPOSITORY": github.name,
                "TOCSIN_NOW": str(scenario["now"]),
            }
        )
        server: FastMCP[Any] = FastMCP("tocsin")
        server.mount(build_kubernetes(environment), namespace="kubernetes")
        server.mount(build_github(environment), namespace="github")
        mcp = await stack.enter_async_context(Client(server))

        async def call(name: str, arguments: dict[str, Any]) -> tuple[str, bool]:
            result = await mcp.call_tool(name, arguments, raise_on_error=False)
            parts = [part.text for part in result.content if isinstance(part, TextContent)]
            return "\n".join(parts), result.is_error

        tools = [
            {
                "name": tool.name,
                "description": tool.description or "",
                "input_schema": tool.input_schema,
            }
            for tool in await mcp.list_tools()
        ]
        client = await stack.enter_async_context(
            AsyncAnthropic(base_url=api.url, api_key=api.api_key, max_retries=0, timeout=20.0)
        )
        yield World(scenario, Conversation(client, tools, call))


@pytest.fixture
def world(tmp_path: Path) -> Callable[[str], Any]:
    """Opens a scenario by its id."""
    return lambda name: opened(SCENARIOS / name, tmp_path)
