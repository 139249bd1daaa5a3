"""`tocsin simulate kubernetes` as its user starts it."""

from __future__ import annotations

import aiohttp

from bot.cli import parser
from bot.commands.simulate import simulator


async def test_the_kubectl_command_that_it_prints_is_let_in() -> None:
    """kubectl sends no token over plain HTTP."""
    async with (
        simulator(parser().parse_args(["simulate", "kubernetes"])) as cluster,
        aiohttp.ClientSession() as http,
        http.get(f"{cluster.url}/api/v1/pods") as answer,
    ):
        assert answer.status == 200
