"""What the app may do in a workspace: the permissions that `manifest.yml` asks for, and the calls that need them.

A test keeps this list, the manifest and the calls made by this package the same.
"""

from __future__ import annotations

REQUIRED_SCOPES: dict[str, str] = {
    "app_mentions:read": "hear @mentions",
    "assistant:write": "be an agent app, with Slack's own status line and Stop button",
    "channels:history": "read alarm posts, threads, and what was missed",
    "channels:read": "know channels by name, and whether they are shared",
    "chat:write": "post, edit and delete its own messages",
    "commands": "/diagnose and the message shortcut",
    "files:write": "charts, and texts too long for a message, in an incident's thread",
    "im:history": "answer direct messages",
    "reactions:write": "mark alarm posts as seen and done",
    "users:read": "tell members from guests and strangers",
}
"""Bot scope to why it is needed."""

EVENTS = frozenset(
    {
        "agent_session_stopped",
        "app_home_opened",
        "app_mention",
        "app_uninstalled",
        "channel_shared",
        "channel_unshared",
        "member_joined_channel",
        "message.channels",
        "message.im",
        "tokens_revoked",
    }
)
"""Event subscriptions."""

COMMAND = "/diagnose"

METHODS: dict[str, str] = {
    "agents.sessions.setStatus": "chat:write",
    "apps.connections.open": "",
    "auth.test": "",
    "chat.delete": "chat:write",
    "chat.getPermalink": "",
    "chat.postEphemeral": "chat:write",
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "conversations.history": "channels:history",
    "conversations.info": "channels:read",
    "conversations.replies": "channels:history",
    "files.completeUploadExternal": "files:write",
    "files.getUploadURLExternal": "files:write",
    "reactions.add": "reactions:write",
    "reactions.remove": "reactions:write",
    "users.conversations": "channels:read",
    "users.info": "users:read",
    "views.open": "",
    "views.publish": "",
}
"""Every Web API method that this package calls, and the bot scope that it needs (none for some)."""
