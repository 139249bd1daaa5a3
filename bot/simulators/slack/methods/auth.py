"""`auth.*`, `api.test`, `apps.connections.open`, and who is who: users, bots, team."""

from __future__ import annotations

from bot.simulators.slack.errors import SlackError
from bot.simulators.slack.methods.catalog import JSON, Catalog, Invocation
from bot.simulators.slack.methods.paging import MOST, page
from bot.simulators.slack.people import User

METHODS = Catalog()


@METHODS.method("api.test", tier=4, token="any")
def api_test(call: Invocation) -> JSON:
    if error := call.args.text("error"):
        raise SlackError(error, args=call.args.to_log())
    return {"args": call.args.to_log()}


@METHODS.method("auth.test", tier=0)
def auth_test(call: Invocation) -> JSON:
    workspace = call.world.workspace
    return {
        "url": f"{call.world.base_url}/",
        "team": workspace.name,
        "user": workspace.users[call.app.bot_user_id].name,
        "team_id": workspace.team_id,
        "user_id": call.app.bot_user_id,
        "bot_id": call.app.bot_id,
        "is_enterprise_install": False,
    }


@METHODS.method("auth.revoke", tier=3)
def auth_revoke(call: Invocation) -> JSON:
    if call.args.flag("test"):
        return {"revoked": False}
    call.app.revoked = True
    return {"revoked": True}


@METHODS.method("apps.connections.open", tier=3, token="app", post_only=True)
def apps_connections_open(call: Invocation) -> JSON:
    query = call.world.sockets.open_ticket(call.app.id)
    return {"url": call.world.base_url.replace("http", "ws", 1) + "/link/?" + query}


@METHODS.method("users.info", tier=4, scopes=("users:read",), required=("user",))
def users_info(call: Invocation) -> JSON:
    user = call.world.workspace.users.get(call.args.text("user"))
    if user is None:
        raise SlackError("user_not_found")
    return {"user": _shown(call, user)}


def _shown(call: Invocation, user: User) -> JSON:
    """A person's address is told only with the scope `users:read.email`."""
    shown = user.to_json()
    if call.has_scope("users:read.email") and not user.is_bot:
        shown["profile"]["email"] = user.email
    return shown


@METHODS.method("users.lookupByEmail", tier=3, scopes=("users:read.email",), required=("email",))
def users_lookup_by_email(call: Invocation) -> JSON:
    email = call.args.text("email").lower()
    for user in call.world.workspace.users.values():
        if user.email == email and not user.is_bot:
            return {"user": _shown(call, user)}
    raise SlackError("users_not_found")


@METHODS.method("users.list", tier=2, scopes=("users:read",))
def users_list(call: Invocation) -> JSON:
    users, cursor = page(
        call, list(call.world.workspace.users.values()), MOST, lambda user: user.id
    )
    return {
        "members": [_shown(call, user) for user in users],
        "cache_ts": int(call.world.clock.time()),
        "response_metadata": {"next_cursor": cursor},
    }


@METHODS.method("bots.info", tier=3, scopes=("users:read",))
def bots_info(call: Invocation) -> JSON:
    bot_id = call.args.text("bot", call.app.bot_id)
    for app in call.world.workspace.apps.values():
        if app.bot_id == bot_id:
            return {"bot": app.bot_profile}
    raise SlackError("bot_not_found")


@METHODS.method("team.info", tier=3, scopes=("team:read",))
def team_info(call: Invocation) -> JSON:
    workspace = call.world.workspace
    return {
        "team": {
            "id": workspace.team_id,
            "name": workspace.name,
            "domain": workspace.domain,
            "url": f"{call.world.base_url}/",
            "email_domain": "",
            "icon": {"image_default": True},
        }
    }
