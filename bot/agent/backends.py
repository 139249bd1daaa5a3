"""Which parts of the Messages API a server leaves out, and requests without them.

Many servers speak the API and each leaves something out. Whatever is optional in our requests is a `Feature` here. A
server known by name starts without what it is known to lack; any server that refuses a request and names a feature is
asked without it from then on, for as long as the process lives.

Nothing else is relied on: no token counting, no list of models, no forced tool choice, no sampling parameters.
Sources: the servers' own documentation and code, read 2026-11-22 (`docs/backends.md` lists them).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from bot.agent.messages import Block, Message
from bot.agent.window import merged

Body = dict[str, Any]
SHORT_REPLY = 4096
"""Output tokens that every server grants."""


class Feature(NamedTuple):
    """Something a request may do without."""

    name: str
    signs: re.Pattern[str]
    """How a refusal names it."""
    without: Callable[[Body], Body]


def _no_field(*names: str) -> Callable[[Body], Body]:
    return lambda body: {key: value for key, value in body.items() if key not in names}


def _blocks(body: Body, change: Callable[[Block], Block | None]) -> Body:
    """The body with every block of the messages changed, or left out where the change gives None."""
    messages = [_message(message, change) for message in body["messages"]]
    return {**body, "messages": merged([message for message in messages if message["content"]])}


def _message(message: Message, change: Callable[[Block], Block | None]) -> Message:
    changed = [change(block) for block in message["content"]]
    return {**message, "content": [block for block in changed if block is not None]}


def _marked(body: Body, change: Callable[[Block], Block]) -> Body:
    """The body with every part that may carry a cache marker changed."""
    changed = {**body, "tools": [change(tool) for tool in body.get("tools", [])]}
    if isinstance(body.get("system"), list):
        changed["system"] = [change(block) for block in body["system"]]
    return _blocks(changed, change)


def _unmarked(block: Block) -> Block:
    return {key: value for key, value in block.items() if key != "cache_control"}


def _five_minutes(block: Block) -> Block:
    control = block.get("cache_control")
    return {**block, "cache_control": {"type": "ephemeral"}} if control else block


def _without_kinds(*kinds: str) -> Callable[[Body], Body]:
    return lambda body: _blocks(body, lambda block: None if block["type"] in kinds else block)


def _without_strict(body: Body) -> Body:
    tools = [
        {key: value for key, value in tool.items() if key != "strict"} for tool in body["tools"]
    ]
    return {**body, "tools": tools}


def _without_error_marks(body: Body) -> Body:
    return _blocks(
        body, lambda block: {key: value for key, value in block.items() if key != "is_error"}
    )


def _plain_system(body: Body) -> Body:
    system = body["system"]
    if isinstance(system, list):
        system = "\n\n".join(block["text"] for block in system)
    return {**body, "system": system}


def _plain_results(body: Body) -> Body:
    def plain(block: Block) -> Block:
        content = block.get("content")
        if block["type"] != "tool_result" or not isinstance(content, list):
            return block
        return {**block, "content": "\n".join(part["text"] for part in content)}

    return _blocks(body, plain)


def _short(body: Body) -> Body:
    return {**body, "max_tokens": min(body["max_tokens"], SHORT_REPLY)}


def _feature(name: str, signs: str, without: Callable[[Body], Body]) -> Feature:
    return Feature(name, re.compile(signs, re.IGNORECASE | re.DOTALL), without)


FEATURES = (
    _feature("redacted_thinking", r"redacted_thinking", _without_kinds("redacted_thinking")),
    _feature(
        "thinking_history",
        r"signature|messages.{0,80}thinking|thinking.{0,40}blocks?\b|tag '(redacted_)?thinking'",
        _without_kinds("thinking", "redacted_thinking"),
    ),
    _feature("thinking", r"thinking", _no_field("thinking")),
    _feature("effort", r"output_config|effort", _no_field("output_config")),
    _feature("cache_ttl", r"\bttl\b", lambda body: _marked(body, _five_minutes)),
    _feature(
        "cache_control", r"cache_control|prompt caching", lambda body: _marked(body, _unmarked)
    ),
    _feature("strict", r"\bstrict\b", _without_strict),
    _feature("error_marks", r"is_error", _without_error_marks),
    _feature("system_blocks", r"\bsystem\b.{0,80}\bstr(ing)?\b", _plain_system),
    _feature("result_blocks", r"tool_result.{0,80}\bstr(ing)?\b", _plain_results),
    _feature("long_replies", r"max_(completion_)?tokens", _short),
)
"""The most telling signs first: a refusal gives up the first feature that it names and the request uses."""

_OPEN = frozenset({"thinking", "effort", "cache_ttl", "cache_control", "strict"})
BACKENDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "auto": frozenset(),
        "anthropic": frozenset(),
        "bedrock": frozenset(),
        "vertex": frozenset(),
        "litellm": frozenset(),
        "vllm": _OPEN,
        "sglang": _OPEN | {"redacted_thinking"},
        "llamacpp": _OPEN | {"redacted_thinking"},
        "ollama": _OPEN | {"redacted_thinking"},
        "lmstudio": _OPEN | {"redacted_thinking"},
    }
)
"""What each kind of server is known to lack. `auto`: nothing is known, refusals teach."""

_learned: dict[tuple[str, str], frozenset[str]] = {}
"""What servers refused, by base URL and model; as long as the process lives."""


class Dialect:
    """The Messages API as one server speaks it for one model. Raises KeyError for an unknown backend."""

    def __init__(self, base_url: str, model: str, backend: str = "auto") -> None:
        self._key = (base_url, model)
        self._lacks = BACKENDS[backend]

    @property
    def lacks(self) -> frozenset[str]:
        """Names of the features that are left out."""
        return self._lacks | _learned.get(self._key, frozenset())

    def spoken(self, body: Body) -> Body:
        """The request as this server takes it."""
        for feature in FEATURES:
            if feature.name in self.lacks:
                body = feature.without(body)
        return body

    def learn(self, refusal: str, body: Body) -> str:
        """Give up the feature that a refusal of `body` names; its name, empty when it names none in use."""
        for feature in FEATURES:
            if (
                feature.name not in self.lacks
                and feature.signs.search(refusal)
                and feature.without(body) != body
            ):
                _learned[self._key] = _learned.get(self._key, frozenset()) | {feature.name}
                return feature.name
        return ""
