"""Addresses of messages in this workspace, as `chat.getPermalink` gives them, without asking Slack for each."""

from __future__ import annotations

from bot.incidents.incident import Origin


class Permalinks:
    """`workspace` is the workspace's own address, with a slash at the end; without one nothing is linked."""

    def __init__(self, workspace: str = "") -> None:
        self._workspace = workspace

    def of(self, place: Origin) -> str:
        """The address of the message that begins a thread; empty when it cannot be built."""
        if not (self._workspace and place.thread_ts):
            return ""
        return f"{self._workspace}archives/{place.channel}/p{place.thread_ts.replace('.', '')}"
