"""Tool definitions in Redis, so that a worker's first prompt needs no server; and what was accepted of them.

One key per server holds what it offered last, under a version that is the hash of the content; another one holds a pin
per tool. Running conversations keep the definitions they were created with.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.redis_client import translated
from bot.tools.pinning import Pin, Pins, pin
from bot.tools.servers import ServerSpec
from bot.tools.toolset import Tool

if TYPE_CHECKING:
    from redis.asyncio import Redis

TTL_SECONDS = 14 * 24 * 3600
PIN_TTL_SECONDS = 400 * 24 * 3600
"""From when they were last looked at, so that only a server that is not used any more is forgotten."""


class Definitions(BaseModel):
    """What one server offered when it was last asked."""

    model_config = ConfigDict(frozen=True)

    version: str
    tools: tuple[Tool, ...]

    @classmethod
    def of(cls, tools: Sequence[Tool]) -> Definitions:
        """The definitions in canonical order, versioned by their content."""
        ordered = tuple(sorted(tools, key=lambda tool: (tool.name, tool.remote_name, tool.said)))
        content = json.dumps([tool.model_dump() for tool in ordered], sort_keys=True)
        return cls(version=hashlib.sha256(content.encode()).hexdigest()[:16], tools=ordered)


class DefinitionCache(Protocol):
    """Where definitions, and what was accepted of them, are kept between processes. Raises TemporaryError."""

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

    @translated
    async def pins(self, spec: ServerSpec) -> Pins:
        key = self.pins_key(spec)
        async with self._redis.pipeline(transaction=True) as pipe:
            await pipe.hgetall(key)
            await pipe.expire(key, PIN_TTL_SECONDS)
            found, _ = await pipe.execute()
        return {str(name): _pin(str(value)) for name, value in found.items()}

    @translated
    async def accept(self, spec: ServerSpec, tools: Sequence[Tool]) -> None:
        key = self.pins_key(spec)
        pins = {tool.remote_name: pin(tool).model_dump_json() for tool in tools}
        async with self._redis.pipeline(transaction=True) as pipe:
            await pipe.delete(key)
            for name, accepted in pins.items():
                await pipe.hset(key, name, accepted)
            await pipe.expire(key, PIN_TTL_SECONDS)
            await pipe.execute()

    @translated
    async def load(self, spec: ServerSpec) -> Definitions | None:
        raw = await self._redis.get(self.key(spec))
        if raw is None:
            return None
        try:
            return Definitions.model_validate_json(raw)
        except ValidationError:
            return None  # written by another version of Tocsin: ask the server again

    @translated
    async def save(self, spec: ServerSpec, definitions: Definitions) -> None:
        await self._redis.set(self.key(spec), definitions.model_dump_json(), ex=TTL_SECONDS)


def _pin(raw: str) -> Pin:
    try:
        return Pin.model_validate_json(raw)
    except ValidationError:  # written by another version of Tocsin: to be accepted anew
        return Pin(fingerprint=raw, said="")


class MemoryDefinitionCache:
    """For a single process without Redis."""

    def __init__(self) -> None:
        self._kept: dict[str, Definitions] = {}
        self._pins: dict[str, Pins] = {}

    async def pins(self, spec: ServerSpec) -> Pins:
        return self._pins.get(spec.name, {})

    async def accept(self, spec: ServerSpec, tools: Sequence[Tool]) -> None:
        self._pins[spec.name] = {tool.remote_name: pin(tool) for tool in tools}

    async def load(self, spec: ServerSpec) -> Definitions | None:
        return self._kept.get(spec.name)

    async def save(self, spec: ServerSpec, definitions: Definitions) -> None:
        self._kept[spec.name] = definitions


class Unsaved:
    """Another cache in which definitions are not replaced: a command's environment may differ from the workers'."""

    def __init__(self, inner: DefinitionCache) -> None:
        self._inner = inner

    async def pins(self, spec: ServerSpec) -> Pins:
        return await self._inner.pins(spec)

    async def accept(self, spec: ServerSpec, tools: Sequence[Tool]) -> None:
        await self._inner.accept(spec, tools)

    async def load(self, spec: ServerSpec) -> Definitions | None:
        return await self._inner.load(spec)

    async def save(self, spec: ServerSpec, definitions: Definitions) -> None:
        return None


class Tentative(Unsaved):
    """Another cache that is only looked at: what is accepted at first sight is forgotten with the command."""

    def __init__(self, inner: DefinitionCache) -> None:
        super().__init__(inner)
        self._seen = MemoryDefinitionCache()

    async def pins(self, spec: ServerSpec) -> Pins:
        return await super().pins(spec) or await self._seen.pins(spec)

    async def accept(self, spec: ServerSpec, tools: Sequence[Tool]) -> None:
        await self._seen.accept(spec, tools)
