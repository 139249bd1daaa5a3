"""One firing or resolved condition, read from a notification."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.alarms.notification import Link

State = Literal["firing", "resolved"]
Severity = Literal["critical", "warning", "info", "unknown"]

UNKNOWN_SERVICE = "unknown"


class Alarm(BaseModel):
    """One condition: what fired, where, how bad, and where to read more.

    `fingerprint` names the condition, not the occurrence: the same alarm firing again, or resolving, has the same
    one. It is made of the source and `identity`; an alarm without `identity` is named by source, name, service,
    namespace and all its labels. No time, value or count enters it.
    """

    model_config = ConfigDict(frozen=True)

    source: str
    """Which format read it: `cloudwatch`, `alertmanager`, …, `generic`, or `person` for a request by hand."""
    name: str
    service: str = UNKNOWN_SERVICE
    namespace: str = ""
    """Kubernetes namespace when the post names one, else empty."""
    severity: Severity = "unknown"
    state: State = "firing"
    started_at: datetime
    """When it began as far as the post tells, else when it was posted (aware, UTC)."""
    labels: dict[str, str] = Field(default_factory=dict)
    links: tuple[Link, ...] = ()
    text: str = ""
    """The whole readable text of the notification: unread parts are never lost."""
    identity: tuple[str, ...] = ()
    """What names the condition at its sender: parts that a firing, a repeated and a resolving post have in common.

    Readers set it from the post alone, so that neither the catalog nor a guess can move the fingerprint.
    """
    reasons: dict[str, str] = Field(default_factory=dict)
    """Why `state`, `severity`, `service`, … were read as they were: field name to a short phrase, for people."""

    @property
    def fingerprint(self) -> str:
        """16 hex characters, equal for every occurrence of the same condition."""
        parts: list[object] = [self.source, self.name, self.service, self.namespace]
        parts = (
            [self.source, *self.identity]
            if self.identity
            else [*parts, sorted(self.labels.items())]
        )
        canonical = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:16]
