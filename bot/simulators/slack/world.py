"""All parts of one simulated Slack, wired together once."""

from __future__ import annotations

from bot.simulators.slack.background import Background
from bot.simulators.slack.calls import Calls
from bot.simulators.slack.changes import Changes
from bot.simulators.slack.choices import Choices
from bot.simulators.slack.clock import Clock
from bot.simulators.slack.deliveries import Deliveries
from bot.simulators.slack.events import Events
from bot.simulators.slack.faults import Faults
from bot.simulators.slack.files import Files
from bot.simulators.slack.handles import ResponseUrls, Triggers
from bot.simulators.slack.ids import Ids
from bot.simulators.slack.manifest import Grants
from bot.simulators.slack.messages import Messages
from bot.simulators.slack.people import App, Channel
from bot.simulators.slack.posting import Posting
from bot.simulators.slack.rate_limits import RateLimits
from bot.simulators.slack.sessions import Sessions
from bot.simulators.slack.shelf import Shelf
from bot.simulators.slack.sockets import Sockets
from bot.simulators.slack.streams import Streams
from bot.simulators.slack.views import Views
from bot.simulators.slack.workspace import Workspace

MONITORING_APPS = (
    ("Amazon Q Developer", ":aws:"),
    ("Alertmanager", ":fire:"),
    ("Grafana", ":bar_chart:"),
    ("Datadog", ":dog:"),
    ("PagerDuty", ":pager:"),
    ("Sentry", ":bug:"),
    ("Opsgenie", ":bell:"),
)


class World:
    """Holds every part by name; the Web API methods, the control API and the page all work on it."""

    def __init__(
        self,
        clock: Clock,
        grants: Grants,
        *,
        strict_rate_limits: bool,
        speedup: float,
        seed: int = 0,
    ) -> None:
        self.clock = clock
        self.base_url = ""
        """Set when the server listens; every URL Slack mints starts with it."""
        self.ids = Ids(seed)
        self.changes = Changes()
        self.background = Background()
        self.workspace = Workspace(self.ids, created=int(clock.time()))
        self.messages = Messages(clock)
        self.calls = Calls()
        self.faults = Faults()
        self.rate_limits = RateLimits(clock, strict=strict_rate_limits)
        self.sockets = Sockets(clock, self.ids, self.background, self.changes)
        self.deliveries = Deliveries(
            clock, self.ids, self.sockets, self.background, self.changes, speedup=speedup
        )
        self.events = Events(clock, self.ids, self.workspace, self.messages, self.deliveries)
        self.posting = Posting(self.workspace, self.messages, self.events, self.changes)
        self.triggers = Triggers(clock, self.ids)
        self.response_urls = ResponseUrls(clock, self.ids)
        self.choices = Choices()
        self.views = Views(self.ids, self.changes, self.workspace)
        self.files = Files(clock, self.ids)
        self.shelf = Shelf(self.ids)
        self.sessions = Sessions(clock, self.background, self.changes)
        self.streams = Streams(clock, self.background, self.posting, self.sessions)
        self.app = self._populate(grants)

    def _populate(self, grants: Grants) -> App:
        self.workspace.add_user("ada", "Ada Lovelace")
        self.workspace.add_user("grace", "Grace Hopper", tz="America/New_York")
        incidents = self.workspace.add_channel("incidents", topic="Alarms and what became of them")
        general = self.workspace.add_channel("general", topic="Everybody")
        app = self.workspace.add_app(grants.name, grants=grants, socket_mode=True, emoji=":bell:")
        for channel in (incidents, general):
            channel.members.add(app.bot_user_id)
        for name, emoji in MONITORING_APPS:
            monitor = self.workspace.add_app(name, emoji=emoji)
            incidents.members.add(monitor.bot_user_id)
            self.workspace.add_webhook(monitor, incidents)
        return app

    def invite(self, channel: Channel, user_id: str, inviter: str = "") -> None:
        """Make `user_id` a member; apps in the channel (the invited one too) hear of it."""
        if user_id in channel.members:
            return
        channel.members.add(user_id)
        self.events.joined(channel, user_id, inviter)
        self.changes.publish("channel", channel=channel.to_json(user_id))
