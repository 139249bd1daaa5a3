"""The door: an alarm or a question comes in, and it is said whether there is something to investigate.

Calling twice for the same post is safe and gives the same answer, so that a post which was accepted but not acted on
before a crash is simply taken in again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from bot.alarms.alarm import UNKNOWN_SERVICE, Alarm
from bot.incidents.incident import Incident, Origin
from bot.incidents.store import ClaimKind, IncidentStore

logger = logging.getLogger(__name__)

NAME_LENGTH = 120
"""Characters of a question that become the name of what was asked for."""


class Admission(BaseModel):
    """What came in.

    `new`: it opened `incident`. `joined`: it is a further condition of `incident`. `repeated`: it is about `incident`,
    which is known already. `reopened`: `incident` was over and begins again. `eased`: one of several conditions of
    `incident` is over. `resolved`: it ended `incident`. `ignored`: there is nothing to do, and no incident.
    """

    model_config = ConfigDict(frozen=True)

    kind: ClaimKind
    incident: Incident | None = None
    run: int = 0
    """Number of the run of `incident` that waits to be asked for; 0 when there is none."""


class Intake:
    """Admits alarms and questions. `clock` gives aware UTC time."""

    def __init__(self, store: IncidentStore, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    async def alarm(self, alarm: Alarm, origin: Origin, at: str = "") -> Admission:
        """Admit what monitoring posted; `origin` is the post's own thread, `at` the `ts` of the edit that made it so.

        Raises TemporaryError: do not ack then.
        """
        kind, incident, run = await self._store.claim(alarm, origin, at)
        self._log(kind, incident, alarm.fingerprint)
        return Admission(kind=kind, incident=incident, run=run)

    async def question(self, text: str, service: str, origin: Origin) -> Admission:
        """Admit a person's request outside of a known thread; `service` may be empty.

        `repeated` means that the thread belongs to an incident already: put the question to that one instead.
        Raises TemporaryError.
        """
        asked = Alarm(
            source="person",
            name=text[:NAME_LENGTH],
            service=service or UNKNOWN_SERVICE,
            started_at=self._clock(),
            text=text,
        )
        incident = await self._store.open_by_person(asked, origin)
        same = incident.alarm.source == "person" and incident.question == text
        kind: Literal["new", "repeated"] = "new" if same else "repeated"
        self._log(kind, incident, asked.fingerprint)
        return Admission(kind=kind, incident=incident, run=int(same))

    def _log(self, kind: str, incident: Incident | None, fingerprint: str) -> None:
        found = incident.id if incident else ""
        logger.info("admitted as %s", kind, extra={"incident": found, "fingerprint": fingerprint})
