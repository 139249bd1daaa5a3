"""The arguments of `tocsin simulate`, apart from what it does: that costs seconds to import."""

from __future__ import annotations

import argparse
from pathlib import Path


def simulators(parser: argparse.ArgumentParser) -> None:
    """One subcommand for each."""
    kinds = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    slack = _server(
        kinds, "slack", "a Slack workspace: Web API, Socket Mode, webhooks, a page in the browser"
    )
    slack.add_argument(
        "--manifest",
        type=Path,
        metavar="FILE",
        help="your app's manifest, YAML or JSON: only what it grants works (default: what a chat agent needs)",
    )
    slack.add_argument(
        "--channel",
        action="append",
        default=[],
        metavar="NAME",
        help="one more channel with the app in it, beside incidents and general",
    )
    slack.add_argument(
        "--no-rate-limits", action="store_true", help="answer as fast as one is asked"
    )
    slack.add_argument(
        "--redelivery-speedup",
        type=float,
        default=1.0,
        metavar="N",
        help="deliver unacknowledged events again after 3, 60 and 300 seconds divided by N (default: 1)",
    )
    _messages_api(
        _server(
            kinds,
            "messages-api",
            "the Messages API: validation, prompt cache, streaming, faults, prices",
        )
    )
    for name in ("kubernetes", "github"):
        _server(kinds, name, f"{name} with a recorded incident").add_argument(
            "--scenario",
            default="cartservice-guard",
            metavar="NAME",
            help="which recorded incident (default: %(default)s)",
        )


def _messages_api(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--script",
        type=Path,
        metavar="FILE",
        help="what the model says, as JSON: replies, rules or a recorded trajectory (default: a stand-in that investigates incidents)",
    )
    parser.add_argument(
        "--key",
        action="append",
        default=[],
        metavar="KEY=ORG/WORKSPACE",
        help="an API key and where it belongs: caches and limits are apart; may be repeated (default: sk-ant-simulated)",
    )
    parser.add_argument(
        "--quirk",
        action="append",
        default=[],
        metavar="NAME",
        help="differ from the API in this way, as other servers do; may be repeated",
    )
    parser.add_argument(
        "--limits",
        metavar="RPM,ITPM,OTPM",
        help="enforce rate limits: requests, input tokens and output tokens a minute",
    )
    parser.add_argument(
        "--split",
        action="store_true",
        help="send bodies in pieces of seven bytes, in the middle of lines and characters",
    )


def _server(
    kinds: argparse._SubParsersAction[argparse.ArgumentParser], name: str, words: str
) -> argparse.ArgumentParser:
    server = kinds.add_parser(
        name, help=words, description=f"{words[0].upper()}{words[1:]}.", epilog=_SIMULATED.get(name)
    )
    server.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: %(default)s)"
    )
    server.add_argument(
        "--port", type=int, default=0, help="port to listen on (default: any free one)"
    )
    return server


_SIMULATED = {
    "slack": "It prints the base URL and the tokens that an app needs: base_url of the SDK's client, a bot token and an "
    "app-level token. What happens is driven from the page, or by programs over the control API under /_emu: "
    "docs/slack-simulator.md.",
    "messages-api": "Point any client at the base URL it prints, with the key it prints. Scripts, faults, the clock, quirks, the "
    "requests received and what each cost are under /_sim: docs/messages-api-simulator.md.",
}
