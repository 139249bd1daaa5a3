"""Who asks: by a token of their own, by one that opens issues alone, by an App's, or without any."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .apps import Apps
from .faults import Faults
from .refusals import bad_credentials

_PERSONAL = "personal access token"


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose token it is, as GitHub words it, and whether it has a permission. `signed_in` is False without a token.

    `writes_issues` is for the one token that may open issues, and reads nothing but them.
    """

    kind: str
    permitted: Callable[[str], bool]
    signed_in: bool = True
    writes_issues: bool = False


ANYBODY = Caller("integration", lambda _: True, signed_in=False)


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens that are known. An empty `reader` makes the repository public, and any token known."""

    reader: str
    issues: str
    apps: Apps
    faults: Faults

    def caller(self, authorization: str) -> Caller:
        """Who sent this header. Raises Refusal (401) for an unknown token."""
        scheme, _, token = authorization.partition(" ")
        if not token:
            return ANYBODY
        granted = self.apps.granted(token)
        known = granted or not self.reader or token in (self.reader, self.issues)
        if scheme.lower() not in ("bearer", "token") or not known:
            raise bad_credentials()
        if granted:
            return Caller("integration", lambda name: name in granted.permissions)
        if self.issues and token == self.issues:
            return Caller(_PERSONAL, lambda name: name == "metadata", writes_issues=True)
        return Caller(_PERSONAL, lambda name: name not in self.faults.lacking)
