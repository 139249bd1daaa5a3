"""What an app manifest grants: scopes, event subscriptions, slash commands, shortcuts.

The default grants what an agent app needs that watches channels, answers in threads and posts files; an app's own
manifest, once parsed, takes its place (`SlackSimulator(manifest=...)`), so that a missing scope shows in tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DEFAULT_SCOPES = frozenset(
    {
        "app_mentions:read",
        "assistant:write",
        "bookmarks:write",
        "canvases:write",
        "channels:history",
        "channels:join",
        "channels:manage",
        "channels:read",
        "chat:write",
        "commands",
        "files:read",
        "files:write",
        "groups:history",
        "groups:read",
        "groups:write",
        "im:history",
        "im:read",
        "im:write",
        "pins:write",
        "reactions:read",
        "reactions:write",
        "team:read",
        "users:read",
        "users:read.email",
    }
)
DEFAULT_EVENTS = frozenset(
    {
        "app_mention",
        "message.channels",
        "message.groups",
        "message.im",
        "app_home_opened",
        "agent_session_stopped",
        "member_joined_channel",
        "channel_shared",
        "reaction_added",
        "reaction_removed",
        "app_uninstalled",
        "tokens_revoked",
    }
)


@dataclass(frozen=True, slots=True)
class SlashCommand:
    command: str
    description: str = ""
    usage_hint: str = ""


@dataclass(frozen=True, slots=True)
class Shortcut:
    callback_id: str
    name: str
    type: str = "message"
    description: str = ""


@dataclass(slots=True)
class Grants:
    """The parts of a manifest that change what Slack does.

    `strict` is False for the default: then a slash command or shortcut nobody declared is let through.
    """

    name: str = "tocsin"
    scopes: set[str] = field(default_factory=lambda: set(DEFAULT_SCOPES))
    events: set[str] = field(default_factory=lambda: set(DEFAULT_EVENTS))
    commands: list[SlashCommand] = field(default_factory=list)
    shortcuts: list[Shortcut] = field(default_factory=list)
    home_tab: bool = True
    agent: bool = True
    strict: bool = False

    def command(self, name: str) -> SlashCommand | None:
        return next((item for item in self.commands if item.command == name), None)

    def shortcut(self, callback_id: str) -> Shortcut | None:
        return next((item for item in self.shortcuts if item.callback_id == callback_id), None)


def default_grants() -> Grants:
    return Grants(
        commands=[
            SlashCommand(
                "/diagnose", "Diagnose a service or alarm", "[service|alarm link] [since 1h]"
            )
        ],
        shortcuts=[Shortcut("diagnose_message", "Diagnose this alarm")],
    )


def read_manifest(manifest: Mapping[str, Any]) -> Grants:
    """`manifest` is the parsed app manifest (YAML or JSON) of https://docs.slack.dev/reference/app-manifest."""
    features = manifest.get("features", {})
    settings = manifest.get("settings", {})
    return Grants(
        name=manifest.get("display_information", {}).get("name", "app").lower(),
        scopes=set(manifest.get("oauth_config", {}).get("scopes", {}).get("bot", [])),
        events=set(settings.get("event_subscriptions", {}).get("bot_events", [])),
        commands=[
            SlashCommand(item["command"], item.get("description", ""), item.get("usage_hint", ""))
            for item in features.get("slash_commands", [])
        ],
        shortcuts=[
            Shortcut(item["callback_id"], item["name"], item["type"], item.get("description", ""))
            for item in features.get("shortcuts", [])
        ],
        home_tab=bool(features.get("app_home", {}).get("home_tab_enabled", False)),
        agent="agent_view" in features or "assistant_view" in features,
        strict=True,
    )
