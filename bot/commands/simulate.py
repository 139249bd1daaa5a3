"""`tocsin simulate`: one of the simulators alone, for trying other people's programs against it."""

from __future__ import annotations

import argparse
import asyncio
import json
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Protocol

import yaml
from rich.console import Console

from bot.demo.world import GITHUB_TOKEN, REPOSITORY
from bot.errors import ConfigurationError
from bot.scenario import named
from bot.signals import stop_on_signals
from bot.simulators.github import GitHubSimulator
from bot.simulators.kubernetes import KubernetesSimulator
from bot.simulators.messages_api import Brain, MessagesApiSimulator, RateLimits, Workspace
from bot.simulators.messages_api.quirks import NAMES, Quirks
from bot.simulators.messages_api.scripts import brain_of
from bot.simulators.slack import SlackSimulator, common_senders
from bot.simulators.slack.manifest import read_manifest


class _Server(Protocol):
    @property
    def url(self) -> str: ...


def run(arguments: argparse.Namespace) -> int:
    """Serve until Ctrl-C. Raises ConfigurationError."""
    chosen = simulator(arguments)
    try:
        asyncio.run(_serve(chosen, arguments))
    except OverflowError as error:
        raise ConfigurationError(f"--port {arguments.port}: a port is 0 to 65535.") from error
    except OSError as error:
        place = f"{arguments.host}:{arguments.port}"
        raise ConfigurationError(f"Cannot listen on {place}: {error.strerror or error}.") from error
    return 0


async def _serve(
    simulator: AbstractAsyncContextManager[_Server], arguments: argparse.Namespace
) -> None:
    console = Console(highlight=False, soft_wrap=True)
    stop = stop_on_signals()
    async with simulator as server:
        if isinstance(server, SlackSimulator):
            for name in arguments.channel:
                server.add_channel(name.removeprefix("#"))
                server.invite_bot(name)
        console.print(f"{arguments.what} at {server.url}")
        for line in _hints(server):
            console.print(line, markup=False)
        console.print("Ctrl-C ends it.")
        await stop.wait()


def simulator(arguments: argparse.Namespace) -> AbstractAsyncContextManager[_Server]:
    """The simulator that the arguments ask for, not yet listening. Raises ConfigurationError."""
    host, port = arguments.host, arguments.port
    match arguments.what:
        case "slack":
            return SlackSimulator(
                host=host,
                port=port,
                strict_rate_limits=not arguments.no_rate_limits,
                redelivery_speedup=max(arguments.redelivery_speedup, 0.001),
                gallery=common_senders(),
                manifest=_manifest(arguments.manifest) if arguments.manifest else None,
            )
        case "messages-api":
            return messages_api(arguments)
        case "kubernetes":
            return KubernetesSimulator(
                named(arguments.scenario).folder,
                token="",  # kubectl sends none over plain HTTP
                host=host,
                port=port,
            )
        case _:
            return GitHubSimulator(
                named(arguments.scenario).folder,
                repository=REPOSITORY,
                token=GITHUB_TOKEN,
                host=host,
                port=port,
            )


def messages_api(arguments: argparse.Namespace) -> MessagesApiSimulator:
    """The Messages API as the arguments want it. Raises ConfigurationError."""
    limits = _limits(arguments.limits) if arguments.limits else None
    try:
        quirks = Quirks(arguments.quirk)
    except ValueError as error:
        raise ConfigurationError(
            f"--quirk: {error}. There are {', '.join(sorted(NAMES))}."
        ) from error
    return MessagesApiSimulator(
        host=arguments.host,
        port=arguments.port,
        brain=_brain(arguments.script) if arguments.script else None,
        keys=dict(map(_key, arguments.key)) or None,
        chunking="split" if arguments.split else "event",
        quirks=quirks,
        rate_limits=limits,
        enforce_rate_limits=limits is not None,
    )


def _brain(file: Path) -> Brain | None:
    """The script in a file. Raises ConfigurationError."""
    try:
        return brain_of(json.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise ConfigurationError(f"{file} is no script: {error}") from error


def _key(given: str) -> tuple[str, Workspace]:
    key, _, place = given.partition("=")
    organization, _, workspace = place.partition("/")
    if not (key and organization and workspace):
        raise ConfigurationError(f"--key {given}: write KEY=ORG/WORKSPACE")
    return key, Workspace(organization, workspace)


def _limits(given: str) -> RateLimits:
    parts = given.split(",")
    if len(parts) != 3 or not all(
        part.isascii() and part.isdigit() and int(part) for part in parts
    ):
        raise ConfigurationError(
            f"--limits {given}: write three whole numbers above 0, RPM,ITPM,OTPM"
        )
    return RateLimits(*map(int, parts))


def _manifest(file: Path) -> dict[str, Any]:
    """An app manifest, YAML or JSON. Raises ConfigurationError."""
    try:
        manifest = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be read: {error.strerror}.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file} is neither YAML nor JSON: {error}") from error
    try:
        read_manifest(manifest)
    except (AttributeError, KeyError, TypeError) as error:
        raise ConfigurationError(f"{file} is no app manifest of Slack's: {error!r}.") from error
    return dict(manifest)


def _hints(server: _Server) -> list[str]:
    """What a program needs to use it."""
    match server:
        case SlackSimulator():
            hooks = (f"Webhook of {app}: {url}" for app, url in server.webhooks().items())
            return [
                f"SLACK_API_URL={server.api_url}",
                f"SLACK_BOT_TOKEN={server.bot_token}",
                f"SLACK_APP_TOKEN={server.app_token}",
                *hooks,
                f"Open {server.page_url} in a browser.",
            ]
        case MessagesApiSimulator():
            return [
                f"ANTHROPIC_BASE_URL={server.url}",
                f"ANTHROPIC_API_KEY={server.api_key}",
                f"Steer it under {server.url}/_sim, see docs/messages-api-simulator.md.",
            ]
        case GitHubSimulator():
            return [
                f"GITHUB_API_URL={server.url}",
                f"GITHUB_TOKEN={GITHUB_TOKEN}",
                f"TOCSIN_GITHUB_REPOSITORY={REPOSITORY}",
            ]
        case _:
            return [f"kubectl --server {server.url} get pods -A"]
