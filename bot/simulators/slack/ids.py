"""Identifiers in Slack's own shapes, the same on every run for the same seed."""

from __future__ import annotations

import random
import string
import uuid

_BASE36 = string.digits + string.ascii_uppercase
_BLOCK_ID = string.ascii_letters + string.digits


class Ids:
    """Mints every id of one simulator."""

    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(seed)

    @property
    def random(self) -> random.Random:
        """The seeded source behind the ids; also picks the socket that gets an envelope."""
        return self._random

    def mint(self, prefix: str) -> str:
        """`T… C… D… G… U… B… A… F… V… Ev… Pt…`: a prefix and ten upper-case base-36 digits."""
        return prefix + "0" + "".join(self._random.choices(_BASE36, k=9))

    def envelope(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def trigger(self) -> str:
        """`a.b.hex`, as Slack writes a trigger_id."""
        number = self._random.randrange
        return f"{number(10**12, 10**13)}.{number(10**12, 10**13)}.{self.hex(32)}"

    def hex(self, digits: int) -> str:
        return f"{self._random.getrandbits(digits * 4):0{digits}x}"

    def short(self) -> str:
        """A generated block_id or action_id."""
        return "".join(self._random.choices(_BLOCK_ID, k=5))
