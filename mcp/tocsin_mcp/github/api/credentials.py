"""Who asks: nobody, a token, or a GitHub App whose installation tokens are renewed before they expire.

An App's token is asked for the configured repositories only, and for reading only, whatever the App itself may do.
Neither keys nor tokens are ever logged or shown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import gidgethub
from gidgethub.abc import GitHubAPI
from gidgethub.apps import get_jwt
from jwt.exceptions import PyJWTError

from tocsin_mcp.kit.environment import Environment, MissingSetting
from tocsin_mcp.kit.errors import Unavailable
from tocsin_mcp.kit.output import clip, plain
from tocsin_mcp.kit.times import parse_rfc3339

TOKEN = "GITHUB_TOKEN"
APP_ID, INSTALLATION = "GITHUB_APP_ID", "GITHUB_APP_INSTALLATION_ID"
KEY, KEY_FILE = "GITHUB_APP_PRIVATE_KEY", "GITHUB_APP_PRIVATE_KEY_FILE"

PERMISSIONS = ("actions", "contents", "deployments", "metadata", "pull_requests")
"""What the tools read; each with the level `read`."""

_RENEW_BEFORE_SECONDS = 300.0
_JWT_SECONDS = 540
_CONFIGURED = "This is a matter of the server's configuration; calling again will not help."


class Credentials(Protocol):
    """`source` names them in error texts; `wrong` is the sentence for when GitHub does not know them."""

    signed_in: bool
    source: str
    wrong: str

    async def token(self, api: GitHubAPI) -> str | None:
        """The token for the next request; `api` is there to ask for one. Raises Unavailable, MissingSetting."""

    def renew(self) -> bool:
        """GitHub refused the token: whether the next one is another."""


def credentials_of(
    environment: Environment, repositories: Sequence[str], clock: Callable[[], float]
) -> Credentials:
    """An App when GITHUB_APP_ID is set, else GITHUB_TOKEN, else nobody."""
    if environment.get(APP_ID):
        return App(environment, repositories, clock)
    return Token(environment.get(TOKEN) or None)


class Token:
    """A token that somebody made, or none."""

    source = f"The token in {TOKEN}"
    wrong = f"The token in {TOKEN} is wrong or has expired"

    def __init__(self, token: str | None) -> None:
        self.signed_in = token is not None
        self._token = token

    async def token(self, api: GitHubAPI) -> str | None:
        """Always the same."""
        return self._token

    def renew(self) -> bool:
        """There is no other."""
        return False


class App:
    """A GitHub App: its key signs a JWT, which buys a token of one installation for an hour.

    `clock` gives seconds since the epoch.
    """

    signed_in = True
    source = "The GitHub App's installation"
    wrong = "The GitHub App's token was refused, and a new one too"

    def __init__(
        self, environment: Environment, repositories: Sequence[str], clock: Callable[[], float]
    ) -> None:
        self._environment, self._repositories, self._clock = environment, repositories, clock
        self._token: str | None = None
        self._expires = 0.0
        self._lock = asyncio.Lock()

    async def token(self, api: GitHubAPI) -> str:
        """The installation's token, a new one when there are less than five minutes left of it."""
        async with self._lock:
            if self._token is None or self._expires - self._clock() < _RENEW_BEFORE_SECONDS:
                self._token, self._expires = await self._bought(api)
            return self._token

    def renew(self) -> bool:
        """Forget the token that was refused."""
        had, self._token = self._token is not None, None
        return had

    async def _bought(self, api: GitHubAPI) -> tuple[str, float]:
        jwt = self._jwt()
        try:
            installation = await api.getitem(self._installation_path(), jwt=jwt)
            wanted = {
                "repositories": [name.partition("/")[2] for name in self._repositories],
                "permissions": _readable(installation["permissions"]),
            }
            path = f"/app/installations/{int(installation['id'])}/access_tokens"
            granted = await api.post(path, data=wanted, jwt=jwt)
        except gidgethub.HTTPException as error:
            raise self._translated(error) from error
        expires = parse_rfc3339(str(granted["expires_at"]))
        return str(granted["token"]), expires.timestamp() if expires else self._clock()

    def _jwt(self) -> str:
        try:
            return get_jwt(
                app_id=self._environment.get(APP_ID),
                private_key=self._key(),
                expiration=_JWT_SECONDS,
            )
        except (PyJWTError, ValueError, TypeError) as error:
            raise MissingSetting(
                f"{KEY} or {KEY_FILE} does not hold the private key of a GitHub App (PEM). {_CONFIGURED}"
            ) from error

    def _key(self) -> str:
        """From the environment, where line ends may be written as `\\n`, or from a file, read anew each time."""
        given, file = self._environment.get(KEY), self._environment.get(KEY_FILE)
        if given:
            return given.replace("\\n", "\n")
        if not file:
            raise MissingSetting(
                f"{APP_ID} is set, and neither {KEY} nor {KEY_FILE} is. {_CONFIGURED}"
            )
        try:
            return Path(file).read_text("utf-8")
        except OSError as error:
            raise MissingSetting(
                f"The file that {KEY_FILE} names cannot be read ({error.strerror}). {_CONFIGURED}"
            ) from error

    def _installation_path(self) -> str:
        given = self._environment.get(INSTALLATION)
        if not given:
            return f"/repos/{self._repositories[0]}/installation"
        if not (given.isascii() and given.isdigit()):
            raise MissingSetting(f"{INSTALLATION} is not a number. {_CONFIGURED}")
        return f"/app/installations/{given}"

    def _translated(self, error: gidgethub.HTTPException) -> Unavailable:
        said = clip(plain(str(error)), 300)
        match int(error.status_code):
            case 401:
                hint = f"{APP_ID} and its private key do not belong together, or this machine's clock is wrong"
            case 404:
                hint = f"the App is not installed on {self._repositories[0]}, or {INSTALLATION} is wrong"
            case 422:
                hint = f"the App must be installed on all of {', '.join(self._repositories)}"
            case status if status >= 500:
                return Unavailable(
                    f"GitHub failed ({status}) when asked for the App's token. Try once more later."
                )
            case _:
                hint = "see the App's settings"
        return Unavailable(f"GitHub gave the App no token ({said}): {hint}. {_CONFIGURED}")


def _readable(granted: Any) -> dict[str, str]:
    """What the tools need of what the installation grants, never more than reading."""
    wanted = {name: "read" for name in PERMISSIONS if name in granted}
    if not wanted:
        raise Unavailable(
            f"The GitHub App's installation grants none of {', '.join(PERMISSIONS)}. {_CONFIGURED}"
        )
    return wanted
