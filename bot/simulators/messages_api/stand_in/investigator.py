"""placeholder while part A is built"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.simulators.messages_api.brain import Reply, text


class StandIn:
    display_name = "Stand-in (not Claude)"
    headers: Mapping[str, str] = {"x-tocsin-stand-in": "1"}

    async def reply(self, request: dict[str, Any]) -> Reply:
        return Reply([text("[stand-in model] nothing yet")])
