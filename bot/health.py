"""Whether this process lives, whether it can do its work, and its metrics: for Kubernetes and Prometheus.

`/livez` answers as long as the event loop turns; `/readyz` runs the checks it was given, all at the same time;
`/metrics` speaks the text format of Prometheus, or OpenMetrics when asked to.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Self

from aiohttp import web
from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.exposition import choose_encoder

from bot.errors import ConfigurationError, TocsinError

Check = Callable[[], Awaitable[None]]
"""Returns when all is well, else raises; the text of a TocsinError is shown, of other errors only the name."""

CHECK_TIMEOUT = 2.0
"""Seconds per check, below the three that a probe should wait."""


class HealthServer:
    """`async with HealthServer({"redis": check}, host, port) as health:` serves until the block ends.

    Port 0 takes a free one; see `health.port`. Entering raises ConfigurationError when the port is taken.
    """

    def __init__(
        self,
        checks: Mapping[str, Check],
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        check_timeout: float = CHECK_TIMEOUT,
        registry: CollectorRegistry = REGISTRY,
    ) -> None:
        self._checks = dict(checks)
        self._host = host
        self.port = port
        self._check_timeout = check_timeout
        self._registry = registry
        app = web.Application()
        app.router.add_get("/livez", self._livez)
        app.router.add_get("/readyz", self._readyz)
        app.router.add_get("/metrics", self._metrics)
        self._runner = web.AppRunner(app, access_log=None)

    @property
    def url(self) -> str:
        """Base address, without a slash at the end."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self.port}"

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self.port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise ConfigurationError(
                f"The health server cannot listen on {self._host}:{self.port}: {error.strerror}. Choose another port."
            ) from error
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._runner.cleanup()

    async def _livez(self, request: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def _readyz(self, request: web.Request) -> web.Response:
        verdicts = await asyncio.gather(
            *map(self._run, self._checks.values()), return_exceptions=True
        )
        lines = [
            f"{name}: {_said(verdict)}"
            for name, verdict in zip(self._checks, verdicts, strict=True)
        ]
        ready = all(verdict is None for verdict in verdicts)
        return web.Response(text="\n".join([*lines, ""]) or "ok\n", status=200 if ready else 503)

    async def _metrics(self, request: web.Request) -> web.Response:
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return web.Response(body=encode(self._registry), headers={"Content-Type": content_type})

    async def _run(self, check: Check) -> None:
        async with asyncio.timeout(self._check_timeout):
            await check()


def _said(verdict: BaseException | None) -> str:
    if verdict is None:
        return "ok"
    if isinstance(verdict, TocsinError):
        return " ".join(str(verdict).split())
    return "no answer in time" if isinstance(verdict, TimeoutError) else type(verdict).__name__
