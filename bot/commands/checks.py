"""What a command needs of the configuration, checked before the modules are imported that cost seconds."""

from __future__ import annotations

import argparse

from bot import settings as configuration
from bot.errors import ConfigurationError


def check_model(arguments: argparse.Namespace) -> int:
    """Raise ConfigurationError when the settings do not suffice to ask a model."""
    configuration.load().require_model()
    return 0


def check_worker(arguments: argparse.Namespace) -> int:
    """Raise ConfigurationError when the settings do not suffice for a worker."""
    settings = configuration.load()
    settings.require_model()
    if not settings.redis_url:
        raise ConfigurationError(
            "A worker needs REDIS_URL: the Redis that `tocsin run` uses too (`tocsin run` alone starts one of its own)."
        )
    if not settings.slack_bot_token.get_secret_value():
        raise ConfigurationError(
            "SLACK_BOT_TOKEN is not set: a worker posts its diagnoses with it."
        )
    return 0
