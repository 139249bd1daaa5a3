"""The browser that the page is tested in: one already on this machine, cut off from everything but loopback."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

from playwright.async_api import Browser, async_playwright

HOW_TO_GET_IT = (
    "There is no Chromium here, so the local Slack's page is not tested. `make browser` installs it on Debian (as "
    "root); elsewhere install Chromium or Google Chrome."
)
_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_APPLICATIONS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
_START_MS = 120_000.0
_ARGUMENTS = (
    "--no-sandbox",  # as root in a container there is no other way; only our own page is opened
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


class NoChromium(Exception):
    """None is installed; the text says how to get one."""


def executable() -> str | None:
    """Where the browser is; None when there is none."""
    found = (shutil.which(name) for name in _NAMES)
    applications = (path for path in _APPLICATIONS if Path(path).is_file())
    return next(filter(None, found), None) or next(applications, None)


@contextlib.asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    """A headless browser. Raises NoChromium."""
    path = executable()
    if path is None:
        raise NoChromium(HOW_TO_GET_IT)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=path, args=_ARGUMENTS, timeout=_START_MS
        )
        try:
            yield browser
        finally:
            await browser.close()
