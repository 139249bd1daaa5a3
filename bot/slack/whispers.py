"""Words for one person only: help, refusals, "on it". Best effort; nobody waits for them."""

from __future__ import annotations

import logging

from bot.errors import PermanentError, TemporaryError
from bot.incidents.incident import Origin
from bot.slack.api import Api

_log = logging.getLogger(__name__)


class Whispers:
    """Ephemeral messages. Texts are mrkdwn, escaped where they contain anything foreign."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def tell(self, place: Origin, user: str, text: str) -> None:
        """Say something to one person in a thread; in a direct conversation everybody there is that person."""
        method, extra = "chat.postEphemeral", {"user": user}
        if place.channel.startswith("D"):
            method, extra = "chat.postMessage", {}
        try:
            await self._api.call(
                method,
                channel=place.channel,
                thread_ts=place.thread_ts or None,
                text=text,
                unfurl_links=False if not extra else None,
                **extra,
            )
        except (PermanentError, TemporaryError) as error:
            _log.info("could not tell %s: %s", user, error)

    async def respond(self, response_url: str, text: str) -> None:
        """Say something to the person who gave a command, in any channel, also where the bot is not."""
        try:
            await self._api.respond(response_url, text)
        except TemporaryError as error:
            _log.info("could not answer a command: %s", error)
