"""Users, channels and apps of a workspace, and how the Web API shows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from bot.simulators.slack.manifest import Grants

Kind = Literal["channel", "group", "im"]


@dataclass(slots=True)
class User:
    id: str
    name: str
    real_name: str
    team_id: str
    color: str = "4a6785"
    is_bot: bool = False
    app_id: str | None = None
    bot_id: str | None = None
    tz: str = "Europe/London"
    is_restricted: bool = False
    """A guest."""
    is_stranger: bool = False
    """Somebody of another organisation, in channels shared with it."""

    @property
    def email(self) -> str:
        """Of a person of the workspace; made from the name."""
        return f"{self.name}@slack.example"

    def to_json(self) -> dict[str, Any]:
        profile: dict[str, Any] = {
            "real_name": self.real_name,
            "display_name": self.name,
            "real_name_normalized": self.real_name,
            "display_name_normalized": self.name,
            "team": self.team_id,
        }
        if self.is_bot:
            profile |= {"api_app_id": self.app_id, "bot_id": self.bot_id}
        return {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name,
            "deleted": False,
            "color": self.color,
            "real_name": self.real_name,
            "tz": self.tz,
            "tz_label": "Greenwich Mean Time",
            "tz_offset": 0,
            "profile": profile,
            "is_admin": False,
            "is_owner": False,
            "is_restricted": self.is_restricted,
            "is_ultra_restricted": False,
            "is_stranger": self.is_stranger,
            "is_bot": self.is_bot,
            "is_app_user": False,
            "updated": 1_700_000_000,
        }


@dataclass(slots=True)
class Channel:
    id: str
    name: str
    kind: Kind
    created: int
    creator: str
    team_id: str
    members: set[str] = field(default_factory=set)
    topic: str = ""
    purpose: str = ""
    is_archived: bool = False
    is_ext_shared: bool = False

    def to_json(self, viewer: str) -> dict[str, Any]:
        """As `viewer` (a user id) sees it."""
        common = {
            "id": self.id,
            "created": self.created,
            "is_archived": self.is_archived,
            "is_im": self.kind == "im",
            "is_org_shared": False,
            "context_team_id": self.team_id,
        }
        if self.kind == "im":
            other = next((member for member in sorted(self.members) if member != viewer), viewer)
            return {**common, "user": other, "is_user_deleted": False, "priority": 0}
        return {
            **common,
            "name": self.name,
            "name_normalized": self.name,
            "creator": self.creator,
            "is_channel": self.kind == "channel",
            "is_group": self.kind == "group",
            "is_mpim": False,
            "is_private": self.kind == "group",
            "is_general": self.name == "general",
            "is_member": viewer in self.members,
            "is_shared": self.is_ext_shared,
            "is_ext_shared": self.is_ext_shared,
            "topic": {"value": self.topic, "creator": "", "last_set": 0},
            "purpose": {"value": self.purpose, "creator": "", "last_set": 0},
            "num_members": len(self.members),
            "unlinked": 0,
        }


@dataclass(slots=True)
class App:
    """An installed app. With an `app_token` it uses Socket Mode and receives events; others only post."""

    id: str
    name: str
    bot_id: str
    bot_user_id: str
    bot_token: str
    team_id: str
    grants: Grants
    app_token: str | None = None
    emoji: str = ""
    revoked: bool = False

    def to_json(self) -> dict[str, Any]:
        """What somebody who installs it has to know."""
        return {
            "id": self.id,
            "name": self.name,
            "bot_id": self.bot_id,
            "bot_user_id": self.bot_user_id,
            "bot_token": self.bot_token,
            "app_token": self.app_token,
        }

    @property
    def bot_profile(self) -> dict[str, Any]:
        return {
            "id": self.bot_id,
            "app_id": self.id,
            "user_id": self.bot_user_id,
            "name": self.name,
            "icons": {"emoji": self.emoji} if self.emoji else {},
            "deleted": False,
            "updated": 1_700_000_000,
            "team_id": self.team_id,
        }
