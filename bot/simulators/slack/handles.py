"""Short-lived permissions that Slack hands out: trigger ids (3 s, once) and response URLs (30 min, 5 uses)."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.simulators.slack.clock import Clock
from bot.simulators.slack.errors import SlackError
from bot.simulators.slack.ids import Ids
from bot.simulators.slack.messages import Entry, Message

TRIGGER_SECONDS = 3.0
RESPONSE_URL_SECONDS = 30 * 60.0
RESPONSE_URL_USES = 5


@dataclass(slots=True)
class Trigger:
    """What a person did that lets an app open a view for them."""

    id: str
    app_id: str
    user: str
    at: float
    view_id: str = ""
    used: bool = False


class Triggers:
    """Mints and redeems trigger ids."""

    def __init__(self, clock: Clock, ids: Ids) -> None:
        self._clock = clock
        self._ids = ids
        self._triggers: dict[str, Trigger] = {}
        self.seconds = TRIGGER_SECONDS

    def mint(self, app_id: str, user: str, view_id: str = "") -> str:
        trigger = Trigger(self._ids.trigger(), app_id, user, self._clock.time(), view_id)
        self._triggers[trigger.id] = trigger
        return trigger.id

    def redeem(self, trigger_id: str, app_id: str) -> Trigger:
        """Raises invalid_trigger_id, expired_trigger_id, exchanged_trigger_id."""
        trigger = self._triggers.get(trigger_id)
        if trigger is None or trigger.app_id != app_id:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if self._clock.time() - trigger.at > self.seconds:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger


@dataclass(slots=True)
class ResponseUrl:
    """Where an app may answer an interaction. `source` is the message it started from, if any."""

    id: str
    app_id: str
    channel: str
    user: str
    at: float
    source: Entry | None = None
    thread_ts: str | None = None
    uses: int = 0
    responses: list[Message] = field(default_factory=list)
    """What the app answered through it, oldest first."""


class ResponseUrls:
    """Mints response URLs and counts their use."""

    def __init__(self, clock: Clock, ids: Ids) -> None:
        self._clock = clock
        self._ids = ids
        self._urls: dict[str, ResponseUrl] = {}

    def mint(
        self, app_id: str, channel: str, user: str, source: Entry | None = None
    ) -> ResponseUrl:
        thread_ts = source.root_ts if source is not None and source.is_reply else None
        url = ResponseUrl(
            self._ids.hex(24), app_id, channel, user, self._clock.time(), source, thread_ts
        )
        self._urls[url.id] = url
        return url

    def find(self, url_id: str) -> ResponseUrl | None:
        return self._urls.get(url_id)

    def use(self, url_id: str) -> ResponseUrl:
        """Raises SlackError used_url, expired_url (both answered as HTTP 404)."""
        url = self._urls.get(url_id)
        if url is None or self._clock.time() - url.at > RESPONSE_URL_SECONDS:
            raise SlackError("expired_url")
        if url.uses >= RESPONSE_URL_USES:
            raise SlackError("used_url")
        url.uses += 1
        return url
