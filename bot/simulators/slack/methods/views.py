"""`views.*`: modals and the Home tab."""

from __future__ import annotations

import copy
from typing import Any

from bot.simulators.slack.blockkit.rules import require_view, with_ids
from bot.simulators.slack.errors import SlackError
from bot.simulators.slack.methods.catalog import JSON, Catalog, Invocation
from bot.simulators.slack.methods.content import usable_file

METHODS = Catalog()


def read_view(call: Invocation, kind: str) -> JSON:
    """A checked view of `kind` (`modal` or `home`) with ids. Raises invalid_arguments, view_too_large."""
    view = call.args.structure("view", "invalid_arguments")
    return checked_view(view, kind, call)


def checked_view(view: Any, kind: str, call: Invocation) -> JSON:
    require_view(view, usable_file(call))
    if view["type"] != kind:
        raise SlackError.invalid_arguments(f"must be a {kind} [json-pointer:/view/type]")
    return {**view, "blocks": with_ids(view["blocks"], call.world.ids)}


@METHODS.method("views.open", tier=4, required=("trigger_id", "view"))
def open_view(call: Invocation) -> JSON:
    content = read_view(call, "modal")
    trigger = call.world.triggers.redeem(call.args.text("trigger_id"), call.app.id)
    view = call.world.views.open(call.app, trigger.user, content)
    return {"view": copy.deepcopy(view)}


@METHODS.method("views.push", tier=4, required=("trigger_id", "view"))
def push_view(call: Invocation) -> JSON:
    content = read_view(call, "modal")
    trigger = call.world.triggers.redeem(call.args.text("trigger_id"), call.app.id)
    view = call.world.views.push(call.app, trigger.user, content)
    return {"view": copy.deepcopy(view)}


@METHODS.method("views.update", tier=4, required=("view",))
def update_view(call: Invocation) -> JSON:
    if not call.args.given("view_id") and not call.args.given("external_id"):
        raise SlackError.invalid_arguments("missing required field: view_id or external_id")
    view = _find(call)
    content = read_view(call, view["type"])
    if call.args.given("hash") and call.args.text("hash") != view["hash"]:
        raise SlackError("hash_conflict")
    return {"view": copy.deepcopy(call.world.views.replace(view, content))}


def _find(call: Invocation) -> JSON:
    found = call.world.views.find(call.args.text("view_id"))
    view = found[1] if found else None
    if view is None and call.args.given("external_id"):
        view = call.world.views.find_external(call.args.text("external_id"))
    if view is None or view["app_id"] != call.app.id:
        raise SlackError("not_found")
    return view


@METHODS.method("views.publish", tier=4, required=("user_id", "view"))
def publish_view(call: Invocation) -> JSON:
    if not call.app.grants.home_tab:
        raise SlackError("not_enabled")
    user = call.args.text("user_id")
    if user not in call.world.workspace.users:
        raise SlackError("user_not_found")
    content = read_view(call, "home")
    current = call.world.views.home(call.app.id, user)
    if current and call.args.given("hash") and call.args.text("hash") != current["hash"]:
        raise SlackError("hash_conflict")
    return {"view": copy.deepcopy(call.world.views.publish(call.app, user, content))}
