"""Credentials from a program that the kubeconfig names (`exec`): aws, gke-gcloud-auth-plugin, kubelogin and the like.

The program is run once for all requests that wait for it, since triage alone sends two dozen at a time; it cannot read
the pipe that this server speaks through, and it is not waited for longer than a person would wait.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
from lightkube import SingleConfig
from lightkube.config.models import UserExec

from tocsin_mcp.kit.errors import Unavailable
from tocsin_mcp.kit.output import clip, one_line
from tocsin_mcp.kit.times import parse_rfc3339

PROGRAM_SECONDS = 20.0
_ENDING_SECONDS = 2.0
_EARLY = timedelta(seconds=60)
_LONGEST_REASON = 300


class PluginAuth(httpx2.Auth):
    """A bearer token from the `program` of `config`'s user, kept until it ends or is refused (401).

    Requests raise Unavailable when the program gives none.
    """

    def __init__(
        self,
        config: SingleConfig,
        program: UserExec,
        variables: Mapping[str, str],
        *,
        seconds: float = PROGRAM_SECONDS,
    ) -> None:
        self._config, self._exec, self._variables = config, program, variables
        self._seconds = seconds
        self._asking = asyncio.Lock()
        self._token = ""
        self._ends: datetime | None = None

    async def async_auth_flow(
        self, request: httpx2.Request
    ) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        """The request with a token, and once more with a new one when that is refused."""
        token = await self._usable()
        request.headers["Authorization"] = f"Bearer {token}"
        response = yield request
        if response.status_code == httpx2.codes.UNAUTHORIZED:
            request.headers["Authorization"] = f"Bearer {await self._usable(refused=token)}"
            yield request

    async def _usable(self, refused: str = "") -> str:
        async with self._asking:
            over = self._ends is not None and datetime.now(UTC) >= self._ends - _EARLY
            if not self._token or over or self._token == refused:
                self._token, self._ends = _read(await self._output(), self._exec)
            return self._token

    async def _output(self) -> bytes:
        command = self._exec.command
        path = str(self._config.abs_file(command)) if os.sep in command else command
        try:
            process = await asyncio.create_subprocess_exec(
                path,
                *(self._exec.args or ()),
                env=_environment(self._exec, self._variables),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            hint = f" {one_line(self._exec.installHint)}" if self._exec.installHint else ""
            raise _failed(self._exec, f"cannot be started ({error.strerror}).{hint}") from error
        try:
            async with asyncio.timeout(self._seconds):
                output, said = await process.communicate()
        except TimeoutError as error:
            raise _failed(self._exec, f"did not end within {self._seconds:g} s") from error
        finally:
            if process.returncode is None:
                await _end(process)
        if process.returncode:
            reason = one_line(said.decode("utf-8", "replace"))
            raise _failed(self._exec, f"ended with {process.returncode}: {reason}")
        return output


async def _end(process: asyncio.subprocess.Process) -> None:
    """With all that it started, which would else keep its pipes open."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    with suppress(TimeoutError):
        async with asyncio.timeout(_ENDING_SECONDS):
            await process.communicate()


def _environment(program: UserExec, variables: Mapping[str, str]) -> dict[str, str]:
    """The server's own `variables`, what the kubeconfig adds, and what every such program is told."""
    told = {
        "apiVersion": program.apiVersion,
        "kind": "ExecCredential",
        "spec": {"interactive": False},
    }
    added = {each.name: each.value for each in program.env or ()}
    return {**variables, **added, "KUBERNETES_EXEC_INFO": json.dumps(told)}


def _read(output: bytes, program: UserExec) -> tuple[str, datetime | None]:
    """The token, and when it ends where that is said. Raises Unavailable."""
    try:
        status: Any = json.loads(output)["status"]
        token = status.get("token")
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError) as error:
        raise _failed(program, "wrote no ExecCredential") from error
    if not isinstance(token, str) or not token:
        raise _failed(
            program, "gave no token; client certificates from a program are not supported"
        )
    return token, parse_rfc3339(str(status.get("expirationTimestamp")))


def _failed(program: UserExec, reason: str) -> Unavailable:
    return Unavailable(
        f"No credentials for the Kubernetes API: the program {program.command} of the kubeconfig "
        f"{clip(reason, _LONGEST_REASON).rstrip('.')}. This is a matter of the server's configuration; calling again will not help."
    )
