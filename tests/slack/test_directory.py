"""Who may ask and where alarms are heard: members of this workspace, in channels of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.errors import TemporaryError
from bot.simulators.slack.clock import ManualClock
from bot.slack.api import open_api
from bot.slack.directory import FRESH, Directory, Exceptions

MEMBER: dict[str, Any] = {"id": "U1", "team_id": "T1"}
CHANNEL: dict[str, Any] = {"id": "C1", "name": "incidents", "is_member": True}


class Workspace:
    """The two methods the directory asks, with facts that no ordinary workspace would show."""

    def __init__(self) -> None:
        self.user: dict[str, Any] | None = MEMBER
        self.channel: dict[str, Any] | None = CHANNEL
        self.status = 200
        self.asked: list[str] = []

    async def answer(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        self.asked.append(method)
        if self.status != 200:
            return web.Response(status=self.status, text="<html>oops</html>")
        kind = "user" if method == "users.info" else "channel"
        facts = getattr(self, kind)
        if facts is None:
            return web.json_response({"ok": False, "error": f"{kind}_not_found"})
        return web.json_response({"ok": True, kind: facts})


@pytest.fixture
def workspace() -> Workspace:
    return Workspace()


@pytest.fixture
async def directory(workspace: Workspace, manual: ManualClock) -> AsyncIterator[Directory]:
    app = web.Application()
    app.router.add_post("/api/{method}", workspace.answer)
    async with TestServer(app) as server, open_api("xoxb-1", str(server.make_url("/api/"))) as api:
        exceptions = Exceptions(frozenset({"with-acme"}), frozenset({"U7"}))
        yield Directory(api, manual, "T1", ("#incidents", "C9"), exceptions)


async def test_members_may_ask(directory: Directory, workspace: Workspace) -> None:
    """An ordinary member in an ordinary channel; the answer is used again for a while."""
    assert await directory.refusal("T1", "U1", "C1") is None
    assert await directory.refusal("T1", "U1", "C1") is None
    assert sorted(workspace.asked) == ["conversations.info", "users.info"]


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({"is_restricted": True}, "guests"),
        ({"is_ultra_restricted": True}, "guests"),
        ({"is_stranger": True}, "other workspaces"),
        ({"is_bot": True}, "bots"),
        ({"deleted": True}, "deactivated"),
        ({"team_id": "T2"}, "its own workspace"),
    ],
)
async def test_others_may_not(
    directory: Directory, workspace: Workspace, flags: dict[str, Any], said: str
) -> None:
    """Guests, strangers, bots and former members are refused, with the reason."""
    workspace.user = {**MEMBER, **flags}
    assert said in str(await directory.refusal("T1", "U1", "C1"))


@pytest.mark.parametrize("flag", ["is_ext_shared", "is_pending_ext_shared", "is_org_shared"])
async def test_shared_channels_are_refused(
    directory: Directory, workspace: Workspace, flag: str
) -> None:
    """Nothing internal is said, and no alarm is heard, where others can read."""
    workspace.channel = {**CHANNEL, flag: True}
    assert "shared" in str(await directory.refusal("T1", "U1", "C1"))
    assert not await directory.is_incidents("C1")


async def test_an_exception_is_made_by_name(directory: Directory, workspace: Workspace) -> None:
    """A shared channel that is configured as allowed is one like any other, for members."""
    workspace.channel = {"id": "C9", "name": "with-acme", "is_ext_shared": True}
    assert await directory.refusal("T1", "U1", "C9") is None
    assert await directory.is_incidents("C9")
    assert "own workspace" in str(await directory.refusal("T2", "U2", "C9"))


@pytest.mark.parametrize(
    ("team", "flags", "said"),
    [
        ("T1", {"is_restricted": True}, None),
        ("T2", {"is_stranger": True, "team_id": "T2"}, None),
        ("T1", {"is_restricted": True, "deleted": True}, "deactivated"),
    ],
)
async def test_a_known_guest_may_ask(
    directory: Directory, workspace: Workspace, team: str, flags: dict[str, Any], said: str | None
) -> None:
    """Whom the configuration names, as long as the account is in use."""
    workspace.user = {**MEMBER, **flags}
    refusal = await directory.refusal(team, "U7", "C1")
    assert (refusal is None) if said is None else (said in str(refusal))


async def test_people_of_another_workspace_are_refused_unasked(
    directory: Directory, workspace: Workspace
) -> None:
    """The request itself says where they are from."""
    assert "own workspace" in str(await directory.refusal("T2", "U1", "C1"))
    assert workspace.asked == []


async def test_what_cannot_be_looked_up_is_refused(
    directory: Directory, workspace: Workspace
) -> None:
    """Unknown accounts and channels are not allowed."""
    workspace.user = None
    assert "unknown" in str(await directory.refusal("T1", "U1", "C1"))
    workspace.channel = None
    assert "invite" in str(await directory.refusal("T1", "U1", "C2"))
    assert not await directory.is_incidents("C2")


async def test_slack_away_is_no_answer(directory: Directory, workspace: Workspace) -> None:
    """Neither yes nor no: the request is tried again."""
    workspace.status = 503
    with pytest.raises(TemporaryError):
        await directory.refusal("T1", "U1", "C1")


async def test_incident_channels_by_name_or_id(directory: Directory, workspace: Workspace) -> None:
    """Configured with or without `#`, or by id."""
    assert await directory.is_incidents("C1")
    workspace.channel = {**CHANNEL, "id": "C9", "name": "renamed"}
    assert await directory.is_incidents("C9")
    workspace.channel = {**CHANNEL, "id": "C3", "name": "general"}
    assert not await directory.is_incidents("C3")


async def test_facts_grow_old(
    directory: Directory, workspace: Workspace, manual: ManualClock
) -> None:
    """A channel shared later, or an account that became a guest, is noticed."""
    assert await directory.is_incidents("C1")
    workspace.channel = {**CHANNEL, "is_ext_shared": True}
    assert await directory.is_incidents("C1")
    manual.advance(FRESH["channel"] + 1)
    assert not await directory.is_incidents("C1")
    workspace.channel = CHANNEL
    directory.forget("C1")
    assert await directory.is_incidents("C1")
