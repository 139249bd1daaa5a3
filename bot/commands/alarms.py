"""`tocsin alarms explain`: how a Slack message is read as an alarm, and why."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from rich.console import Console

from bot import settings as configuration
from bot.alarms.explain import explain
from bot.errors import ConfigurationError
from bot.slack.inbound import is_bot_post, is_top_level, normalise


def run(arguments: argparse.Namespace) -> int:
    """Print the explanation."""
    message = _message(arguments.file)
    explanation = explain(normalise(message), configuration.load().catalog)
    explanation += _admission(message)
    Console(soft_wrap=True, highlight=False, markup=False).out("\n".join(explanation))
    return 0


def _admission(message: dict[str, Any]) -> list[str]:
    """Why the bot would not take this post up by itself, whatever it says."""
    if not is_bot_post(message):
        who = "A person posted this."
    elif not is_top_level(message):
        who = "This is a reply in a thread."
    else:
        return []
    return [
        "",
        f"{who} By itself the bot reads only what apps post to the channel; the message shortcut and a mention read this too.",
    ]


def _message(file: Path) -> dict[str, Any]:
    """The message of the file, with or without its event envelope. Raises ConfigurationError."""
    try:
        document = json.loads(
            sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
        )
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise ConfigurationError(f"{file} is not JSON: {error}.") from error
    if not isinstance(document, dict):
        raise ConfigurationError(f"{file} must hold a Slack message event: a JSON object.")
    event = document.get("event", document)
    return event if isinstance(event, dict) else document
