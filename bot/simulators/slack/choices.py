"""What people have chosen and typed so far in messages and views: `state.values` of what they do next.

Slack keeps this in each person's client, so two people in front of one message have states of their own.
"""

from __future__ import annotations

import copy
from typing import Any

from bot.simulators.slack.element_values import is_stateful, state_values

JSON = dict[str, Any]


class Choices:
    """Values by surface (a message or a view) and person, block and action."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, str], JSON] = {}

    def choose(self, surface: str, user: str, block: JSON, element: JSON, value: Any) -> None:
        """Remember what was chosen in a menu or input; a button leaves nothing behind."""
        if is_stateful(element):
            self.enter(surface, user, {block["block_id"]: {element["action_id"]: value}})

    def enter(self, surface: str, user: str, values: JSON) -> None:
        """Remember what was typed: `{block_id: {action_id: value}}`."""
        known = self._values.setdefault((surface, user), {})
        for block_id, inside in values.items():
            if isinstance(inside, dict):
                known.setdefault(block_id, {}).update(inside)

    def state(self, surface: str, user: str, blocks: list[JSON]) -> JSON:
        """`state.values` of these blocks; what nobody touched has its initial value."""
        given = copy.deepcopy(self._values.get((surface, user), {}))
        return state_values(blocks, given, complete=False)

    def complete(self, surface: str, user: str, blocks: list[JSON], values: JSON) -> JSON:
        """The same with what was filled in at last, `{block_id: {action_id: value}}` or `{action_id: value}`.

        Raises CommandError when a required input is empty.
        """
        given = copy.deepcopy(self._values.get((surface, user), {}))
        for inside in given.values():
            for action_id in values:
                inside.pop(action_id, None)
        for name, value in values.items():
            if isinstance(value, dict):
                given.setdefault(name, {}).update(value)
            else:
                given[name] = value
        return state_values(blocks, given)


def surface_of(channel: str, ts: str) -> str:
    """The name of a message as a surface; a view's is its id."""
    return f"{channel}/{ts}"
