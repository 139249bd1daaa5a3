"""People who act: slash commands, buttons, shortcuts, Home tabs, the Stop button. Each waits for the app's ack."""

from __future__ import annotations

from typing import Any

from bot.simulators.slack import payloads
from bot.simulators.slack.blockkit.objects import OPTION, OPTION_GROUP
from bot.simulators.slack.blockkit.schema import Report, array, nullable
from bot.simulators.slack.choices import surface_of
from bot.simulators.slack.element_values import find_element, pressed
from bot.simulators.slack.errors import CommandError, SlackError
from bot.simulators.slack.inbound import Inbound
from bot.simulators.slack.messages import Entry
from bot.simulators.slack.people import App, Channel, User
from bot.simulators.slack.results import InteractionResult, SlashResult, VisibleError
from bot.simulators.slack.world import World

JSON = dict[str, Any]
_CONTENT = ("text", "blocks", "attachments")


class Interactions:
    """Acts on the app under test, as a person in the workspace."""

    def __init__(self, world: World, inbound: Inbound) -> None:
        self._world = world
        self._inbound = inbound
        self.errors: list[VisibleError] = []

    async def slash(self, command: str, text: str, channel: str, user: str) -> SlashResult:
        """Raises CommandError for a command that the app's manifest does not declare, and for who is not in the channel."""
        app, world = self._world.app, self._world
        if app.grants.strict and app.grants.command(command) is None:
            raise CommandError(f"{command} is not a valid command")
        if "commands" not in app.grants.scopes:
            raise CommandError("the app lacks the scope `commands`")
        where, person = world.workspace.channel(channel), world.workspace.user(user)
        if person.id not in where.members:
            raise CommandError(f"{person.name} is not in {where.name or where.id}")
        url = world.response_urls.mint(app.id, where.id, person.id)
        payload = payloads.slash_command(
            world.workspace,
            app,
            person,
            where,
            command=command,
            text=text,
            response_url=f"{world.base_url}/commands/{url.id}",
            trigger_id=world.triggers.mint(app.id, person.id),
        )
        result = SlashResult(payload, messages=url.responses)
        await self.ask(result, "slash_commands", person, f"{command} {text}".strip())
        if result.error is None and any(result.ack.get(part) for part in _CONTENT):
            try:
                self._inbound.respond(url, result.ack)
            except SlackError as refused:
                self.show_error(result, person, refused.code, command)
        return result

    async def click(
        self,
        channel: str,
        ts: str,
        action_id: str,
        user: str,
        value: Any = None,
        block_id: str | None = None,
    ) -> InteractionResult:
        """Press a button or choose in a menu of a message. Raises CommandError when it is not there."""
        where, person = self._world.workspace.channel(channel), self._world.workspace.user(user)
        entry = self._entry(where, ts)
        app = self._owner(entry)
        block, element = find_element(_all_blocks(entry.message), action_id, value, block_id)
        self._world.choices.choose(surface_of(where.id, entry.ts), person.id, block, element, value)
        parts = self._in_message(entry, where, app, person)
        return await self._act(app, person, block, element, value, parts)

    async def click_in_view(
        self,
        view_id: str,
        action_id: str,
        user: str,
        value: Any = None,
        typed: JSON | None = None,
        block_id: str | None = None,
    ) -> InteractionResult:
        """Press a button or choose in a menu of a modal or Home; `typed` is what stands in its inputs by then."""
        person = self._world.workspace.user(user)
        found = self._world.views.find(view_id)
        if found is None:
            raise CommandError(f"no view {view_id!r}")
        view, choices = found[1], self._world.choices
        app = self._world.workspace.apps[view["app_id"]]
        block, element = find_element(view["blocks"], action_id, value, block_id)
        choices.enter(view_id, person.id, typed or {})
        choices.choose(view_id, person.id, block, element, value)
        view["state"]["values"] = choices.state(view_id, person.id, view["blocks"])
        return await self._act(app, person, block, element, value, payloads.in_view(view), view_id)

    async def _act(
        self,
        app: App,
        person: User,
        block: JSON,
        element: JSON,
        value: Any,
        parts: JSON,
        view_id: str = "",
    ) -> InteractionResult:
        action = {
            "action_id": element["action_id"],
            "block_id": block["block_id"],
            **pressed(element, value),
            "action_ts": self._world.messages.next_ts(),
        }
        trigger_id = self._world.triggers.mint(app.id, person.id, view_id)
        base = payloads.interaction(self._world.workspace, app, person, "block_actions", trigger_id)
        result = InteractionResult({**base, **parts, "actions": [action]})
        self._follow(result)
        await self.ask(result, "interactive", person, f"click {element['action_id']}", app)
        return result

    async def shortcut(
        self, callback_id: str, channel: str, ts: str, user: str
    ) -> InteractionResult:
        """A message shortcut from the menu of a message."""
        app = self._world.app
        if app.grants.strict and app.grants.shortcut(callback_id) is None:
            raise CommandError(f"no shortcut {callback_id!r} in the manifest")
        where, person = self._world.workspace.channel(channel), self._world.workspace.user(user)
        entry = self._entry(where, ts)
        trigger_id = self._world.triggers.mint(app.id, person.id)
        base = payloads.interaction(
            self._world.workspace, app, person, "message_action", trigger_id
        )
        parts = self._in_message(entry, where, app, person)
        payload = {
            **base,
            **{key: parts[key] for key in ("channel", "response_url")},
            "message": parts.get("message", entry.message),
            "callback_id": callback_id,
            "message_ts": entry.ts,
            "action_ts": self._world.messages.next_ts(),
        }
        result = InteractionResult(payload)
        self._follow(result)
        await self.ask(result, "interactive", person, f"shortcut {callback_id}")
        return result

    async def global_shortcut(self, callback_id: str, user: str) -> InteractionResult:
        """A shortcut from the lightning menu or the search, which belongs to no message."""
        app = self._world.app
        if app.grants.strict and app.grants.shortcut(callback_id) is None:
            raise CommandError(f"no shortcut {callback_id!r} in the manifest")
        person = self._world.workspace.user(user)
        trigger_id = self._world.triggers.mint(app.id, person.id)
        base = payloads.interaction(self._world.workspace, app, person, "shortcut", trigger_id)
        action_ts = self._world.messages.next_ts()
        result = InteractionResult({**base, "callback_id": callback_id, "action_ts": action_ts})
        await self.ask(result, "interactive", person, f"shortcut {callback_id}")
        return result

    async def suggest(
        self,
        channel: str,
        ts: str,
        action_id: str,
        query: str,
        user: str,
        block_id: str | None = None,
    ) -> list[JSON]:
        """What the app offers in an `external_select` of a message for what was typed."""
        where, person = self._world.workspace.channel(channel), self._world.workspace.user(user)
        entry = self._entry(where, ts)
        app = self._owner(entry)
        found = find_element(_all_blocks(entry.message), action_id, None, block_id)
        parts = self._in_message(entry, where, app, person)
        return await self.ask_for_options(app, person, found, query, parts)

    async def ask_for_options(
        self, app: App, person: User, found: tuple[JSON, JSON], query: str, parts: JSON
    ) -> list[JSON]:
        """Send a `block_suggestion` and take the options out of the acknowledgement, grouped ones too.

        Options that are none are an error for the person, who gets nothing to choose from.
        """
        block, element = found
        base = payloads.interaction(self._world.workspace, app, person, "block_suggestion", "")
        for absent in ("trigger_id", "response_url", "state"):
            base.pop(absent, None)
            parts.pop(absent, None)
        asked = {
            "action_id": element["action_id"],
            "block_id": block["block_id"],
            "value": query,
        }
        result = InteractionResult({**base, **parts, **asked})
        await self.ask(result, "interactive", person, "search in a menu", app)
        report = Report()
        nullable(array(OPTION, 0, 100))(result.ack.get("options"), "/options", report)
        nullable(array(OPTION_GROUP, 0, 100))(result.ack.get("option_groups"), "/groups", report)
        if report.problems:
            self.show_error(result, person, "invalid_options", "search in a menu")
            return []
        groups = result.ack.get("option_groups") or []
        grouped = [option for group in groups for option in group["options"]]
        return [*(result.ack.get("options") or []), *grouped]

    def open_home(self, user: str, tab: str = "home") -> JSON | None:
        """The person opens the app's Home (or Messages) tab; the view shown, if one was published."""
        app, person = self._world.app, self._world.workspace.user(user)
        view = self._world.views.home(app.id, person.id)
        channel = self._world.workspace.direct_channel(app.bot_user_id, person.id)
        event: JSON = {
            "type": "app_home_opened",
            "user": person.id,
            "channel": channel.id,
            "tab": tab,
            "event_ts": self._world.messages.next_ts(),
        }
        if view is not None:
            event["view"] = view
        self._world.events.tell(app, event)
        return view

    def stop_session(self, channel: str, thread_ts: str, user: str) -> list[str]:
        """Slack's own Stop button over a thread. The ts of the streams it stopped. Raises CommandError."""
        where, person = self._world.workspace.channel(channel), self._world.workspace.user(user)
        session = self._world.sessions.find(where.id, thread_ts)
        if session is None:
            raise CommandError(f"no agent session in {channel} {thread_ts}")
        stopped = self._world.streams.stop_by_user(where.id, thread_ts)
        event = {
            "type": "agent_session_stopped",
            "channel": where.id,
            "thread_ts": thread_ts,
            "user": person.id,
            "streaming_message_ts": stopped,
            "event_ts": self._world.messages.next_ts(),
        }
        self._world.events.tell(self._world.workspace.apps[session.app_id], event)
        return stopped

    async def ask(
        self, result: InteractionResult, kind: str, person: User, doing: str, app: App | None = None
    ) -> None:
        """Send the payload of `result` to the app and fill in what came back."""
        app_id = (app or self._world.app).id
        answer = await self._world.deliveries.ask(app_id, kind, result.payload)
        result.ack = answer.payload
        if answer.error is not None:
            self.show_error(result, person, answer.error, doing)

    def show_error(self, result: InteractionResult, person: User, code: str, doing: str) -> None:
        """The person sees an error; it is kept in `errors`."""
        result.error = code
        error = VisibleError(person.id, code, doing, self._world.clock.time())
        self.errors.append(error)
        self._world.changes.publish("error", **error.to_json())

    def _entry(self, channel: Channel, ts: str) -> Entry:
        found = self._world.messages.find(channel.id, ts)
        entry = found or self._world.posting.find_whisper(channel.id, ts)
        if entry is None:
            raise CommandError(f"no message {ts!r} in {channel.name or channel.id}")
        return entry

    def _owner(self, entry: Entry) -> App:
        app = self._world.workspace.apps.get(entry.app_id or "")
        if app is None:
            raise CommandError("the message was not posted by an app")
        return app

    def _in_message(self, entry: Entry, where: Channel, app: App, person: User) -> JSON:
        blocks = _all_blocks(entry.message)
        state = self._world.choices.state(surface_of(where.id, entry.ts), person.id, blocks)
        url = self._response_url(app, where, person, entry)
        return payloads.in_message(entry, where, url, state)

    def _response_url(self, app: App, channel: Channel, person: User, entry: Entry) -> str:
        url = self._world.response_urls.mint(app.id, channel.id, person.id, entry)
        return f"{self._world.base_url}/actions/{url.id}"

    def _follow(self, result: InteractionResult) -> None:
        """Let `result.messages` be what is answered through the payload's response URL."""
        url = self._world.response_urls.find(result.response_url.rpartition("/")[2])
        if url is not None:
            result.messages = url.responses


def _all_blocks(message: JSON) -> list[JSON]:
    attached = [
        block for item in message.get("attachments") or [] for block in item.get("blocks") or []
    ]
    return [*(message.get("blocks") or []), *attached]
