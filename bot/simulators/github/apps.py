"""GitHub Apps: a JWT signed with the App's key buys a token of an installation, narrowed as asked, for an hour."""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import jwt

from . import shapes
from .refusals import no_jwt, not_found, unprocessable
from .view import Answer, Json

_DOCS = "https://docs.github.com/rest/apps/apps"
_ACCESS_TOKENS = re.compile(r"/app/installations/(\d+)/access_tokens")
_LONGEST_JWT = 600
_TOKEN_SECONDS = 3600
_LEVELS = {"read": 1, "write": 2, "admin": 3}


@dataclass(frozen=True, slots=True)
class App:
    """An App and its one installation. `public_key` is a PEM; `permissions` are what the installation grants.

    `repositories` are the short names of those that it is installed on.
    """

    id: int
    public_key: str
    installation: int = 7001
    permissions: Mapping[str, str] = field(
        default_factory=lambda: {"contents": "read", "metadata": "read"}
    )
    repositories: Sequence[str] = ("online-boutique",)


@dataclass(frozen=True, slots=True)
class Granted:
    """What a token may do, and until when (seconds since the epoch)."""

    permissions: frozenset[str]
    expires: float


@dataclass
class Apps:
    """The endpoints below `/app`, and the tokens that they gave out. `clock` gives seconds since the epoch."""

    app: App | None
    clock: Callable[[], float]
    tokens: dict[str, Granted] = field(default_factory=dict)

    def granted(self, token: str) -> Granted | None:
        """What an installation's token may do; None for one that is unknown or has expired."""
        found = self.tokens.get(token)
        return found if found and found.expires > self.clock() else None

    def answer(
        self, authorization: str, path: str, body: bytes | None, repository: str, api: str
    ) -> Answer:
        """What an App asks with its JWT. Raises Refusal."""
        found = _ACCESS_TOKENS.fullmatch(path)
        if found and body is not None:
            return self.grant(authorization, int(found[1]), json.loads(body or b"{}"))
        own = self.app and path == f"/app/installations/{self.app.installation}"
        name = repository if own else path.removeprefix("/repos/").removesuffix("/installation")
        return self.installation(authorization, name, api)

    def installation(self, authorization: str, repository: str, api: str) -> Answer:
        """`GET /app/installations/{id}` and `GET /repos/{owner}/{repo}/installation`. Raises Refusal."""
        app = self._signed(authorization)
        if repository.partition("/")[2] not in app.repositories:
            raise not_found(f"{_DOCS}#get-a-repository-installation-for-the-authenticated-app")
        return Answer(
            {
                "id": app.installation,
                "app_id": app.id,
                "account": {"login": repository.partition("/")[0], "type": "Organization"},
                "repository_selection": "selected",
                "permissions": dict(app.permissions),
                "events": [],
                "access_tokens_url": f"{api}/app/installations/{app.installation}/access_tokens",
                "target_type": "Organization",
                "suspended_at": None,
            }
        )

    def grant(self, authorization: str, number: int, wanted: Json) -> Answer:
        """`POST /app/installations/{id}/access_tokens`, 201. Raises Refusal (401, 404, 422)."""
        app = self._signed(authorization)
        if number != app.installation:
            raise not_found(f"{_DOCS}#create-an-installation-access-token-for-an-app")
        permissions = wanted.get("permissions") or dict(app.permissions)
        for name, level in permissions.items():
            if _level(level) > _level(app.permissions.get(name)) or not _level(level):
                raise unprocessable(
                    "The permissions requested are not granted to this installation."
                )
        names = wanted.get("repositories") or list(app.repositories)
        if set(names) - set(app.repositories):
            raise unprocessable(
                "There is at least one repository that does not exist or is not accessible to the parent installation."
            )
        token = f"ghs_{secrets.token_hex(18)}"
        expires = self.clock() + _TOKEN_SECONDS
        self.tokens[token] = Granted(frozenset(permissions) | {"metadata"}, expires)
        return Answer(
            {
                "token": token,
                "expires_at": shapes.moment(datetime.fromtimestamp(expires, UTC)),
                "permissions": permissions,
                "repository_selection": "selected",
                "repositories": [{"name": name} for name in names],
            },
            status=201,
        )

    def _signed(self, authorization: str) -> App:
        """The App whose key signed the JWT, which may last ten minutes at most. Raises Refusal (401)."""
        app = self.app
        token = authorization.partition(" ")[2]
        if app is None:
            raise no_jwt("A JSON web token could not be decoded")
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                app.public_key,
                algorithms=["RS256"],
                issuer=str(app.id),
                options={"require": ["iat", "exp", "iss"]},
            )
        except jwt.ExpiredSignatureError as error:
            raise no_jwt(
                "'Expiration time' claim ('exp') must be a numeric value in the future"
            ) from error
        except jwt.PyJWTError as error:
            raise no_jwt("A JSON web token could not be decoded") from error
        if claims["exp"] - min(claims["iat"], time.time()) > _LONGEST_JWT:
            raise no_jwt("'Expiration time' claim ('exp') is too far in the future")
        return app


def _level(name: object) -> int:
    return _LEVELS.get(str(name), 0)
