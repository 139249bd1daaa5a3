"""What the servers offer, and which of it may be used: as it was accepted, and under a name of its own.

Definitions come from the cache, else from the server. A tool of a pinned server that is not as it was accepted is
withheld; a tool whose name another allowed one has already, or looks like, is refused, whoever offers it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import structlog

from bot.tools.allowed import permits
from bot.tools.definition_cache import DefinitionCache, Definitions
from bot.tools.pinning import Change, Pins, changes, stands
from bot.tools.servers import ServerSpec
from bot.tools.toolset import Tool

log = structlog.get_logger(__name__)


class Refused(NamedTuple):
    """A tool whose name is taken."""

    tool: Tool
    owner: str
    """Whose name it is, in words."""


class Catalogue:
    """The definitions of all servers, in the order of servers.json; the first to offer a name keeps it.

    `reserved` are names of the bot's own tools, which no server may offer.
    """

    def __init__(
        self, specs: Iterable[ServerSpec], cache: DefinitionCache, reserved: Iterable[str] = ()
    ) -> None:
        self._specs = {spec.name: spec for spec in specs}
        self._cache = cache
        self._reserved = tuple(reserved)
        self._offered: dict[str, Definitions] = {}
        self._pins: dict[str, Pins] = {}
        self._withheld: dict[str, list[Change]] = {}
        self._refused: list[Refused] = []
        self._usable: dict[str, Tool] = {}

    def knows(self, server: str) -> bool:
        """Whether anything is known of the server's tools."""
        return server in self._offered

    async def recall(self, spec: ServerSpec) -> bool:
        """Take the server's definitions from the cache; whether there were any. Raises TemporaryError."""
        cached = await self._cache.load(spec)
        if cached is None:
            return False
        await self._take(spec, cached)
        return True

    async def take(self, spec: ServerSpec, tools: Sequence[Tool]) -> None:
        """What the server says now. At first sight it is accepted as it is. Raises TemporaryError."""
        fresh, known = Definitions.of(tools), self._offered.get(spec.name)
        if known is None or known.version != fresh.version:
            log.info(
                "tool definitions", server=spec.name, version=fresh.version, tools=len(fresh.tools)
            )
        await self._take(spec, fresh)
        await self._cache.save(spec, fresh)

    async def accept(self, server: str) -> int:
        """Accept all tools of a server as they are now; how many. Raises TemporaryError."""
        spec, offered = self._specs[server], self._offered[server]
        await self._cache.accept(spec, offered.tools)
        await self._look_at_pins(spec)
        return len(offered.tools)

    async def refresh(self) -> None:
        """Look whether somebody has accepted what is withheld. Raises TemporaryError."""
        for name in [name for name, withheld in self._withheld.items() if withheld]:
            await self._look_at_pins(self._specs[name])

    def usable(self) -> Sequence[Tool]:
        """The tools that may be offered to the model, as far as known."""
        return list(self._usable.values())

    def may_be_called(self, tool: Tool) -> bool:
        """Whether this very definition still holds; with an unpinned server whether there is such a tool."""
        now = self._usable.get(tool.name)
        if now is None or now.server != tool.server:
            return False
        return now.said == tool.said or not self._specs[tool.server].pin

    def offered(self) -> list[Tool]:
        """Everything that the servers offer, usable or not."""
        return [tool for name in self._specs if name in self._offered for tool in self._tools(name)]

    def changes(self) -> list[Change]:
        """The tools that wait to be accepted."""
        return [change for withheld in self._withheld.values() for change in withheld]

    def refused(self) -> list[Refused]:
        """The tools whose names are taken."""
        return list(self._refused)

    def gaps(self) -> list[str]:
        """What the model cannot use although it is allowed, one sentence per server."""
        said = []
        for name, withheld in self._withheld.items():
            waiting = [change.summary for change in withheld if self._permits(change.tool)]
            if waiting:
                said.append(
                    f"MCP server {name!r} changed tools after they were accepted; they are not used before "
                    f"`tocsin tools --accept`: {', '.join(waiting)}"
                )
        said += [
            f"{tool.name} of MCP server {tool.server!r} is not used: the name belongs to {owner}"
            for tool, owner in self._refused
            if self._permits(tool)
        ]
        return said

    def count(self, server: str) -> int:
        """How many tools the server offers, as far as known."""
        return len(self._tools(server))

    def _tools(self, server: str) -> Sequence[Tool]:
        return self._offered[server].tools if server in self._offered else ()

    async def _take(self, spec: ServerSpec, definitions: Definitions) -> None:
        pins = await self._cache.pins(spec) if spec.pin else {}
        if spec.pin and not pins:
            await self._cache.accept(spec, definitions.tools)
            pins = await self._cache.pins(spec)
        self._offered[spec.name] = definitions
        self._judge(spec, pins)

    async def _look_at_pins(self, spec: ServerSpec) -> None:
        if spec.pin:
            self._judge(spec, await self._cache.pins(spec))

    def _judge(self, spec: ServerSpec, pins: Pins) -> None:
        self._pins[spec.name] = pins
        withheld = changes(pins, self._tools(spec.name)) if spec.pin else []
        if withheld and withheld != self._withheld.get(spec.name):
            names = [change.summary for change in withheld]
            log.warning("changed tools are not used", server=spec.name, tools=names)
        self._withheld[spec.name] = withheld
        self._name_all()

    def _name_all(self) -> None:
        """Give each name to the first allowed tool that has it; a withheld one keeps it from others."""
        owners = {_folded(name): "Tocsin itself" for name in self._reserved}
        refused: list[Refused] = []
        self._usable = {}
        for tool in sorted(self.offered(), key=self._permits, reverse=True):
            key = _folded(tool.name)
            if key in owners:
                refused.append(Refused(tool, owners[key]))
                continue
            owners[key] = f"{tool.remote_name} of server {tool.server!r}"
            if self._stands(tool):
                self._usable[tool.name] = tool
        if refused and refused != self._refused:
            log.warning("tool names taken", tools=[tool.name for tool, _ in refused])
        self._refused = refused

    def _permits(self, tool: Tool) -> bool:
        return permits(self._specs[tool.server].allow, tool)

    def _stands(self, tool: Tool) -> bool:
        return not self._specs[tool.server].pin or stands(self._pins[tool.server], tool)


def _folded(name: str) -> str:
    """The same for names that a reader could mix up."""
    return name.casefold().replace("-", "_")
