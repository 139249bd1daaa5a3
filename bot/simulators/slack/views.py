"""Modals on a person's screen and App Homes."""

from __future__ import annotations

import copy
from typing import Any

from bot.simulators.slack.changes import Changes
from bot.simulators.slack.errors import SlackError
from bot.simulators.slack.ids import Ids
from bot.simulators.slack.people import App
from bot.simulators.slack.workspace import Workspace

View = dict[str, Any]
MAX_STACK = 3

_COPIED = (
    "type",
    "title",
    "submit",
    "close",
    "blocks",
    "private_metadata",
    "callback_id",
    "external_id",
    "clear_on_close",
    "notify_on_close",
)


class Views:
    """Per person a stack of modals (at most three) and a Home of each app."""

    def __init__(self, ids: Ids, changes: Changes, workspace: Workspace) -> None:
        self._ids = ids
        self._changes = changes
        self._workspace = workspace
        self._stacks: dict[str, list[View]] = {}
        self._homes: dict[tuple[str, str], View] = {}

    def stack(self, user: str) -> list[View]:
        """Open modals, the visible one last."""
        return self._stacks.setdefault(user, [])

    def home(self, app_id: str, user: str) -> View | None:
        return self._homes.get((app_id, user))

    def find(self, view_id: str) -> tuple[str, View] | None:
        """The person and the view, open modals and Homes alike."""
        for user, stack in self._stacks.items():
            for view in stack:
                if view["id"] == view_id:
                    return user, view
        for (_, user), view in self._homes.items():
            if view["id"] == view_id:
                return user, view
        return None

    def find_external(self, external_id: str) -> View | None:
        views = [view for stack in self._stacks.values() for view in stack]
        return next((view for view in views if view["external_id"] == external_id), None)

    def open(self, app: App, user: str, content: View) -> View:
        """A new stack of one. Raises SlackError duplicate_external_id."""
        self._require_new(content, self._stacks.get(user, []))
        view = self._make(app, content)
        self._stacks[user] = [view]
        self._show(user)
        return view

    def push(self, app: App, user: str, content: View) -> View:
        """Raises SlackError push_limit_reached, duplicate_external_id."""
        stack = self.stack(user)
        if len(stack) >= MAX_STACK:
            raise SlackError("push_limit_reached")
        self._require_new(content, [])
        view = self._make(app, content)
        if stack:
            view["root_view_id"] = stack[0]["root_view_id"]
            view["previous_view_id"] = stack[-1]["id"]
        stack.append(view)
        self._show(user)
        return view

    def _require_new(self, content: View, leaving: list[View]) -> None:
        """An `external_id` names one open view; those `leaving` the screen do not count."""
        known = self.find_external(str(content.get("external_id") or ""))
        if known is not None and known["external_id"] and known not in leaving:
            raise SlackError("duplicate_external_id")

    def replace(self, view: View, content: View) -> View:
        """New content for an open view; what was typed into blocks that stay is kept."""
        kept_values = view["state"]["values"]
        block_ids = {block.get("block_id") for block in content.get("blocks", [])}
        view.update({key: content[key] for key in _COPIED if key in content})
        view["hash"] = self._new_hash()
        view["state"]["values"] = {
            key: value for key, value in kept_values.items() if key in block_ids
        }
        if found := self.find(view["id"]):
            self._show(found[0])
        return view

    def publish(self, app: App, user: str, content: View) -> View:
        """The Home tab of `app` for `user`."""
        current = self._homes.get((app.id, user))
        if current is None:
            current = self._make(app, content)
            self._homes[(app.id, user)] = current
        else:
            self.replace(current, content)
        self._show(user)
        return current

    def close(self, user: str, view_id: str, *, everything: bool = False) -> list[View]:
        """Take the view (or the whole stack) off the screen. The views that went."""
        stack = self.stack(user)
        gone = [view for view in stack if everything or view["id"] == view_id]
        self._stacks[user] = [view for view in stack if view not in gone]
        self._show(user)
        return gone

    def _make(self, app: App, content: View) -> View:
        view_id = self._ids.mint("V")
        view: View = {
            "id": view_id,
            "team_id": self._workspace.team_id,
            "state": {"values": {}},
            "hash": self._new_hash(),
            "previous_view_id": None,
            "root_view_id": view_id,
            "app_id": app.id,
            "app_installed_team_id": self._workspace.team_id,
            "bot_id": app.bot_id,
            "private_metadata": "",
            "callback_id": "",
            "external_id": "",
            "clear_on_close": False,
            "notify_on_close": False,
            "title": None,
            "submit": None,
            "close": None,
        }
        view.update({key: copy.deepcopy(content[key]) for key in _COPIED if key in content})
        return view

    def _new_hash(self) -> str:
        return f"{self._ids.random.randrange(10**9, 2 * 10**9)}.{self._ids.short()}"

    def _show(self, user: str) -> None:
        self._changes.publish(
            "views",
            user=user,
            stack=copy.deepcopy(self.stack(user)),
            homes={
                app: copy.deepcopy(view)
                for (app, owner), view in self._homes.items()
                if owner == user
            },
        )
