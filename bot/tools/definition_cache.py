"""Tool definitions in Redis, so that a worker's first prompt needs no server.

One key per server: its definitions, under a version that is the hash of their content. A changed description or
schema is a new version; running conversations keep the definitions they were created with.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.tools.servers import ServerSpec
from bot.tools.toolset import Tool

if TYPE_CHECKING:
    from redis.asyncio import Redis

TTL_SECONDS = 14 * 24 * 3600
PIN_TTL_SECONDS = 400 * 24 * 3600


class Definitions(BaseModel):
    """What one server offered when it was last asked."""

    model_config = ConfigDict(frozen=True)

    version: str
    tools: tuple[Tool, ...]

    @classmethod
    def of(cls, tools: Sequence[Tool]) -> Definitions:
        """The definitions in canonical order, versioned by their content."""
        ordered = tuple(sorted(tools, key=lambda tool: tool.name))
        content = json.dumps([tool.model_dump() for tool in ordered], sort_keys=True)
        return cls(version=hashlib.sha256(content.encode()).hexdigest()[:16], tools=ordered)


Pins = dict[str, str]
"""Tool name to the fingerprint that was accepted."""


class DefinitionCache(Protocol):
    """Where definitions, and what was accepted of them, are kept between processes."""

    async def pins(self, spec: ServerSpec) -> Pins:
        """What was accepted of this server; empty before it was ever seen."""

    async def accept(self, spec: ServerSpec, tools: Sequence[Tool]) -> None:
        """From now on these tools, as they are, are the accepted ones."""

    async def load(self, spec: ServerSpec) -> Definitions | None:
        """The last known definitions of this server, or None."""

    async def save(self, spec: ServerSpec, definitions: Definitions) -> None:
        """Keep them for two weeks from now."""


class RedisDefinitionCache:
    """The cache that all workers share."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    @staticmethod
    def key(spec: ServerSpec) -> str:
        """The one builder of this key: by the server's name and identity."""
        return f"tocsin:tools:{spec.name}:{spec.identity}"

    @staticmethod
    def pins_key(spec: ServerSpec) -> str:
        """The one builder of this key: by name only, so that a moved server is still checked."""
        return f"tocsin:pins:{spec.name}"

    async def pins(self, spec: ServerSpec) -> Pins:
        found = await self._redis.hgetall(self.pins_key(spec))
        return {str(name): str(value) for name, value in found.items()}

    async def accept(self, spec: ServerSpec, tools: Sequence[Tool]) -> None:
        key = self.pins_key(spec)
        async with self._redis.pipeline(transaction=True) as pipe:
            await pipe.delete(key)
            if tools:
                await pipe.hset(key, mapping={tool.name: tool.fingerprint for tool in tools})
                await pipe.expire(key, PIN_TTL_SECONDS)
            await pipe.execute()

    async def load(self, spec: ServerSpec) -> Definitions | None:
        raw = await self._redis.get(self.key(spec))
        if raw is None:
            return None
        try:
            return Definitions.model_validate_json(raw)
        except ValidationError:
            return None  # written by another version of Tocsin: ask the server again

    async def save(self, spec: ServerSpec, definitions: Definitions) -> None:
        await self._redis.set(self.key(spec), definitions.model_dump_json(), ex=TTL_SECONDS)


class MemoryDefinitionCache:
    """For a single process without Redis, such as `tocsin diagnose`."""

    def __init__(self) -> None:
        self._kept: dict[str, Definitions] = {}
        self._pins: dict[str, Pins] = {}

    async def pins(self, spec: ServerSpec) -> Pins:
        return self._pins.get(spec.name, {})

    async def accept(self, spec: ServerSpec, tools: Sequence[Tool]) -> None:
        self._pins[spec.name] = {tool.name: tool.fingerprint for tool in tools}

    async def load(self, spec: ServerSpec) -> Definitions | None:
        return self._kept.get(spec.name)

    async def save(self, spec: ServerSpec, definitions: Definitions) -> None:
        self._kept[spec.name] = definitions
