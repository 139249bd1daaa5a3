"""`python -m bot.simulators.slack`: a Slack workspace to point an app at, with its page in the browser."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from bot.simulators.slack.simulator import SlackSimulator


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bot.simulators.slack", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument(
        "--port", type=int, default=8123, help="port to listen on, 0 for any free one"
    )
    parser.add_argument("--manifest", type=Path, help="the app's manifest, YAML or JSON")
    parser.add_argument(
        "--no-rate-limits", action="store_true", help="answer as fast as one is asked"
    )
    return parser.parse_args()


async def _serve(arguments: argparse.Namespace, manifest: Mapping[str, Any] | None) -> None:
    simulator = SlackSimulator(
        host=arguments.host,
        port=arguments.port,
        strict_rate_limits=not arguments.no_rate_limits,
        manifest=manifest,
    )
    async with simulator as slack:
        lines = [
            f"Page          {slack.page_url}",
            f"API base URL  {slack.api_url}",
            f"Bot token     {slack.bot_token}",
            f"App token     {slack.app_token}",
            *(f"Webhook       {url}  ({app})" for app, url in slack.webhooks().items()),
        ]
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def main() -> int:
    arguments = _arguments()
    manifest = None
    if arguments.manifest is not None:
        manifest = yaml.safe_load(arguments.manifest.read_text(encoding="utf-8"))
    try:
        asyncio.run(_serve(arguments, manifest))
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        sys.stderr.write(f"cannot listen on {arguments.host}:{arguments.port}: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
