"""A person in front of the page: what they can do there, and everything the browser complained about meanwhile."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Locator,
    Page,
    Request,
    expect,
)

Scheme = Literal["light", "dark"]
WAIT_SECONDS = 90.0
"""How long anything may take at most: the machine may have much else to do. Nothing waits longer than it has to."""
WAIT_MS = WAIT_SECONDS * 1_000
expect.set_options(timeout=WAIT_MS)


class Visitor:
    """One tab. `complaints` are console errors and warnings, uncaught exceptions, and requests to other hosts."""

    def __init__(self, context: BrowserContext, page: Page) -> None:
        self._context = context
        self.page = page
        self.complaints: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", self._uncaught)
        page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning", "assert"):
            self.complaints.append(f"{message.type}: {message.text}")

    def _uncaught(self, error: Error) -> None:
        self.complaints.append(f"uncaught: {error}")

    def _request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob") and address.hostname != "127.0.0.1":
            self.complaints.append(f"a request to {request.url}")

    async def close(self) -> None:
        await self._context.close()

    @property
    def channel(self) -> Locator:
        """The messages of the channel, in the middle."""
        return self.page.locator("#channel-messages")

    @property
    def thread(self) -> Locator:
        """The thread, on the right."""
        return self.page.locator("#thread")

    @property
    def dialog(self) -> Locator:
        """The open dialog: a modal of the app, a question, the gallery."""
        return self.page.locator("dialog[open]")

    def message(self, ts: str) -> Locator:
        """A message of the channel."""
        return self.channel.locator(f'[data-ts="{ts}"]')

    def reply(self, ts: str) -> Locator:
        """A message of the thread."""
        return self.thread.locator(f'[data-ts="{ts}"]')

    async def go_to(self, place: str) -> None:
        """Choose a channel, or the app's Home, in the sidebar."""
        await self.page.locator("#sidebar").get_by_role("button", name=place).click()

    async def set_off_alarm(self, title: str) -> None:
        """Choose an alarm from the gallery."""
        await self.go_to("Set off an alarm")
        await self.dialog.get_by_role("button", name=title).click()

    async def open_thread(self, ts: str) -> None:
        """By the line with the number of replies under a message."""
        await self.message(ts).locator(".summary").click()
        await expect(self.thread).to_be_visible()

    async def write(self, text: str, *, where: str = "channel") -> None:
        """Type a message and send it; `where` is `channel` or `thread`."""
        area = self.page.locator(f"#{where}-composer textarea")
        await area.fill(text)
        await area.press("Enter")

    async def pick(self, ts: str, entry: str) -> None:
        """Choose from the menu of a message of the channel."""
        message = self.message(ts)
        await message.hover()
        await message.get_by_role("button", name="More actions").click()
        await message.get_by_role("menuitem", name=entry).click()


async def arrive(
    browser: Browser, url: str, *, scheme: Scheme = "light", width: int = 1440, height: int = 900
) -> Visitor:
    """Open the page and wait until the workspace is drawn."""
    context = await browser.new_context(
        color_scheme=scheme, viewport={"width": width, "height": height}, reduced_motion="reduce"
    )
    context.set_default_timeout(WAIT_MS)
    visitor = Visitor(context, await context.new_page())
    await visitor.page.goto(url)
    await expect(visitor.page.locator("#sidebar .team")).to_have_count(1)
    return visitor
