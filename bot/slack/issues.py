"""Opens an issue in the team's repository: the one thing at the Git host that a person's click may write.

Its token is held by the front alone. A POST whose answer was lost may have been carried out, so it is never repeated
by itself.
"""

from __future__ import annotations

from typing import Any

import aiohttp

from bot.errors import PermanentError, TemporaryError
from bot.slack.api import proxy_for

SECONDS = 10.0


class Issues:
    """Issues of one repository, `owner/name`, at a GitHub API (`https://api.github.com`)."""

    def __init__(self, token: str, repository: str, api_url: str) -> None:
        self._token = token
        self.repository = repository
        self._url = f"{api_url.rstrip('/')}/repos/{repository}/issues"

    async def open(self, title: str, body: str) -> str:
        """The new issue's web address.

        Raises PermanentError when GitHub refuses, and TemporaryError when it is not known whether it was opened.
        """
        headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {self._token}",
            "X-GitHub-Api-Version": "2022-11-28",
            "User-Agent": "tocsin",
        }
        timeout = aiohttp.ClientTimeout(total=SECONDS)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout, headers=headers) as session,
                session.post(
                    self._url,
                    json={"title": title, "body": body},
                    proxy=proxy_for(self._url),
                    allow_redirects=False,
                ) as answer,
            ):
                return _address(answer.status, await answer.json(content_type=None))
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise TemporaryError(
                f"no usable answer from GitHub ({type(error).__name__})"
            ) from error


def _address(status: int, data: Any) -> str:
    found = data if isinstance(data, dict) else {}
    if status == 201 and found.get("html_url"):
        return str(found["html_url"])
    if 400 <= status < 500:
        raise PermanentError(f"GitHub refuses it ({status}): {str(found.get('message'))[:200]}")
    raise TemporaryError(f"GitHub answered with status {status}")
