"""One aiohttp server for everything: the Web API, Socket Mode, webhooks, files, the control API and the page."""

from __future__ import annotations

from aiohttp import web

from bot.simulators.slack.api import Api
from bot.simulators.slack.control import Control
from bot.simulators.slack.inbound import Inbound
from bot.simulators.slack.page_server import PageServer
from bot.simulators.slack.sockets import Sockets

MAX_REQUEST_BYTES = 110 * 1024 * 1024
SHUTDOWN_SECONDS = 0.2


def build(
    api: Api, inbound: Inbound, sockets: Sockets, control: Control, page: PageServer
) -> web.Application:
    """The routes. Control and page live under `/_emu` and `/`, never under `/api`."""
    application = web.Application(client_max_size=MAX_REQUEST_BYTES)
    application.router.add_route("*", "/api/{method}", api.handle)
    application.router.add_get("/link/", sockets.handle)
    application.router.add_post(r"/services/{path:.+}", inbound.webhook)
    application.router.add_post("/commands/{id}", inbound.response_url)
    application.router.add_post("/actions/{id}", inbound.response_url)
    application.router.add_post("/upload/v1/{key}", inbound.upload)
    application.router.add_get("/files-pri/{file}/{name}", inbound.download)
    control.add_routes(application)
    page.add_routes(application)
    return application


class Server:
    """Listens on one port."""

    def __init__(self, application: web.Application, host: str, port: int) -> None:
        self._runner = web.AppRunner(
            application, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS
        )
        self._host = host
        self._port = port

    async def start(self) -> str:
        """The base URL, without a slash at the end. Raises OSError when the port is taken."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        shown = f"[{host}]" if ":" in host else host
        return f"http://{shown}:{port}"

    async def stop(self) -> None:
        await self._runner.cleanup()
