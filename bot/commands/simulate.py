"""`tocsin simulate`: one of the simulators alone, for trying other people's programs against it."""

from __future__ import annotations

import argparse
import asyncio
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from rich.console import Console

from bot.demo.world import GITHUB_TOKEN, REPOSITORY
from bot.scenario import named
from bot.signals import stop_on_signals
from bot.simulators.github import GitHubSimulator
from bot.simulators.kubernetes import KubernetesSimulator
from bot.simulators.messages_api import MessagesApiSimulator
from bot.simulators.slack import SlackSimulator


class _Server(Protocol):
    @property
    def url(self) -> str: ...


def run(arguments: argparse.Namespace) -> int:
    """Serve until Ctrl-C."""
    asyncio.run(_serve(arguments))
    return 0


async def _serve(arguments: argparse.Namespace) -> None:
    console = Console(highlight=False, soft_wrap=True)
    stop = stop_on_signals()
    async with _simulator(arguments) as server:
        console.print(f"{arguments.what} at {server.url}")
        for line in _hints(server):
            console.print(line, markup=False)
        console.print("Ctrl-C ends it.")
        await stop.wait()


def _simulator(arguments: argparse.Namespace) -> AbstractAsyncContextManager[_Server]:
    host, port = arguments.host, arguments.port
    match arguments.what:
        case "slack":
            return SlackSimulator(host=host, port=port)
        case "messages-api":
            return MessagesApiSimulator(host=host, port=port)
        case "kubernetes":
            return KubernetesSimulator(named(arguments.scenario).folder, host=host, port=port)
        case _:
            return GitHubSimulator(
                named(arguments.scenario).folder,
                repository=REPOSITORY,
                token=GITHUB_TOKEN,
                host=host,
                port=port,
            )


def _hints(server: _Server) -> list[str]:
    """What a program needs to use it."""
    match server:
        case SlackSimulator():
            return [
                f"SLACK_API_URL={server.api_url}",
                f"SLACK_BOT_TOKEN={server.bot_token}",
                f"SLACK_APP_TOKEN={server.app_token}",
                f"Open {server.page_url} in a browser.",
            ]
        case MessagesApiSimulator():
            return [f"ANTHROPIC_BASE_URL={server.url}", f"ANTHROPIC_API_KEY={server.api_key}"]
        case GitHubSimulator():
            return [
                f"GITHUB_API_URL={server.url}",
                f"GITHUB_TOKEN={GITHUB_TOKEN}",
                f"TOCSIN_GITHUB_REPOSITORY={REPOSITORY}",
            ]
        case _:
            return [f"kubectl --server {server.url} get pods -A"]
