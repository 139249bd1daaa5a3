"""`manifest.yml` asks for what the code needs, and for nothing else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from bot.slack import controls, scopes

PACKAGE = Path(scopes.__file__).parent
SOURCE = "\n".join(path.read_text() for path in sorted(PACKAGE.rglob("*.py")))
CALLED = re.compile(
    r'"((?:agents|apps|auth|bots|chat|conversations|files|reactions|team|users|views)\.[a-zA-Z.]+)"'
)


def test_scopes_are_those_checked_at_the_start(manifest: dict[str, Any]) -> None:
    """The manifest grants exactly the scopes that the start-up check requires."""
    assert sorted(manifest["oauth_config"]["scopes"]["bot"]) == sorted(scopes.REQUIRED_SCOPES)
    assert "user" not in manifest["oauth_config"]["scopes"]


def test_every_method_called_is_listed_with_its_scope() -> None:
    """The list of methods is the list of methods named in the source; each one's scope is asked for."""
    named = {
        method
        for method in CALLED.findall(SOURCE)
        if method not in {"users.read", *scopes.REQUIRED_SCOPES}
    }
    assert named == set(scopes.METHODS)
    assert {scope for scope in scopes.METHODS.values() if scope} <= scopes.REQUIRED_SCOPES.keys()


def test_every_scope_is_needed_by_a_method_an_event_or_a_feature(manifest: dict[str, Any]) -> None:
    """Least privilege: a scope that nothing uses would fail here."""
    by_event = {
        "app_mention": "app_mentions:read",
        "message.channels": "channels:history",
        "message.im": "im:history",
    }
    needed = {scope for scope in scopes.METHODS.values() if scope}
    needed |= {by_event[event] for event in scopes.EVENTS if event in by_event}
    needed |= {"commands"} if manifest["features"]["slash_commands"] else set()
    needed |= {"assistant:write"} if "agent_view" in manifest["features"] else set()
    assert needed == scopes.REQUIRED_SCOPES.keys()


def test_events_are_those_listened_to(manifest: dict[str, Any]) -> None:
    """Each subscription has a listener, and each listener a subscription."""
    subscribed = set(manifest["settings"]["event_subscriptions"]["bot_events"])
    assert subscribed == scopes.EVENTS
    listened = set(re.findall(r'app\.event\("([a-z_]+)"', SOURCE))
    assert {event.partition(".")[0] for event in subscribed} == listened


def test_command_and_shortcut_are_those_answered(manifest: dict[str, Any]) -> None:
    """One slash command, one message shortcut."""
    features = manifest["features"]
    assert [each["command"] for each in features["slash_commands"]] == [scopes.COMMAND]
    shortcuts = [(each["type"], each["callback_id"]) for each in features["shortcuts"]]
    assert shortcuts == [("message", controls.SHORTCUT)]


def test_socket_mode_and_interactivity_are_on(manifest: dict[str, Any]) -> None:
    """No request URL is needed anywhere."""
    settings = manifest["settings"]
    assert settings["socket_mode_enabled"] is True
    assert settings["interactivity"] == {"is_enabled": True}
    assert "request_url" not in str(manifest)


def test_slacks_length_limits_are_kept(manifest: dict[str, Any]) -> None:
    """Slack refuses a manifest with longer texts."""
    shown = manifest["display_information"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert len(manifest["features"]["agent_view"]["agent_description"]) <= 300
    (command,) = manifest["features"]["slash_commands"]
    assert len(command["description"]) <= 2000
    assert len(command["usage_hint"]) <= 1000
    (shortcut,) = manifest["features"]["shortcuts"]
    assert len(shortcut["name"]) <= 24
    assert len(shortcut["description"]) <= 150
