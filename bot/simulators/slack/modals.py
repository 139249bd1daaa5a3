"""People in front of a modal: fill it in, submit it, close it, search in its menus."""

from __future__ import annotations

import copy
from typing import Any

from bot.simulators.slack import payloads
from bot.simulators.slack.arguments import Arguments
from bot.simulators.slack.element_values import find_element
from bot.simulators.slack.errors import CommandError, SlackError
from bot.simulators.slack.interactions import Interactions
from bot.simulators.slack.methods.catalog import Invocation
from bot.simulators.slack.methods.views import checked_view
from bot.simulators.slack.people import App, User
from bot.simulators.slack.results import InteractionResult
from bot.simulators.slack.world import World

JSON = dict[str, Any]


class Modals:
    """Submits and closes views, and obeys the app's `response_action`."""

    def __init__(self, world: World, interactions: Interactions) -> None:
        self._world = world
        self._interactions = interactions

    async def submit(self, view_id: str, values: JSON, user: str) -> InteractionResult:
        """Fill in `values` and press Submit. Raises CommandError (no such view, a required input is empty)."""
        app, person, view = self._open(view_id, user)
        view["state"]["values"] = self._world.choices.complete(
            view_id, person.id, view["blocks"], values
        )
        trigger_id = self._world.triggers.mint(app.id, person.id, view_id)
        payload = payloads.interaction(
            self._world.workspace, app, person, "view_submission", trigger_id
        )
        result = InteractionResult({**payload, "view": copy.deepcopy(view), "response_urls": []})
        await self._interactions.ask(result, "interactive", person, "submit a modal", app)
        if result.error is None:
            try:
                self._obey(app, person, view, result)
            except SlackError as refused:
                self._interactions.show_error(result, person, refused.code, "submit a modal")
        return result

    def _obey(self, app: App, person: User, view: JSON, result: InteractionResult) -> None:
        action, views = result.ack.get("response_action"), self._world.views
        if action == "errors":
            result.errors = _field_errors(result.ack.get("errors"), view)
        elif action == "update":
            views.replace(view, self._checked(app, result.ack))
        elif action == "push":
            views.push(app, person.id, self._checked(app, result.ack))
        elif action in (None, "clear"):
            views.close(person.id, view["id"], everything=action == "clear")
        else:
            raise SlackError("invalid_response_action")

    def _checked(self, app: App, ack: JSON) -> JSON:
        invocation = Invocation(self._world, app, Arguments(ack))
        return checked_view(ack.get("view"), "modal", invocation)

    async def close(
        self, view_id: str, user: str, *, everything: bool = False
    ) -> InteractionResult:
        """Cancel a modal. The app hears of it only when the view asked for `notify_on_close`."""
        app, person, view = self._open(view_id, user)
        gone = self._world.views.close(
            person.id, view_id, everything=everything or bool(view["clear_on_close"])
        )
        payload = payloads.interaction(self._world.workspace, app, person, "view_closed", "")
        del payload["trigger_id"]
        result = InteractionResult({**payload, "view": view, "is_cleared": len(gone) > 1})
        if view["notify_on_close"]:
            await self._interactions.ask(result, "interactive", person, "close a modal", app)
        return result

    async def suggest(
        self, view_id: str, action_id: str, query: str, user: str, block_id: str | None = None
    ) -> list[JSON]:
        """What the app offers in an `external_select` for what was typed."""
        app, person, view = self._open(view_id, user)
        found = find_element(view["blocks"], action_id, None, block_id)
        return await self._interactions.ask_for_options(
            app, person, found, query, payloads.in_view(view)
        )

    def _open(self, view_id: str, user: str) -> tuple[App, User, JSON]:
        person = self._world.workspace.user(user)
        found = self._world.views.find(view_id)
        if found is None or found[0] != person.id:
            raise CommandError(f"{person.name} has no open view {view_id!r}")
        view = found[1]
        return self._world.workspace.apps[view["app_id"]], person, view


def _field_errors(given: Any, view: JSON) -> dict[str, str]:
    """Errors by block_id. Raises SlackError: Slack shows none of them when one names no input of the view."""
    inputs = {block["block_id"] for block in view["blocks"] if block["type"] == "input"}
    well_formed = isinstance(given, dict) and all(isinstance(text, str) for text in given.values())
    if not well_formed or not given or not inputs.issuperset(given):
        raise SlackError("invalid_response_action")
    return dict(given)
