"""Renews the README's picture: plays the demo and photographs the thread, `python -m tests.page.screenshot docs/thread.png`."""

from __future__ import annotations

import asyncio
import sys

from playwright.async_api import expect

from bot.demo.command import staged
from bot.demo.play import connected, result, trigger
from bot.scenario import named
from tests.page.chromium import open_browser
from tests.page.visitor import Visitor, arrive

SCENARIO = "cartservice-guard"
WIDTH = 1440
"""Of the window; the thread takes 560 px of it."""
_TALL = 6_000
"""Of the window, so that nothing has to be scrolled."""
_QUOTES = 2
"""Of the evidence, which is unfolded; a line under the last one says that it was checked."""
_MARGIN = 34


async def photograph(file: str) -> None:
    """The thread of a diagnosed alarm, from its top, as PNG."""
    async with staged(named(SCENARIO)) as (world, bot), open_browser() as browser:
        await connected(world, bot)
        root = await trigger(world)
        played = await result(world, bot, root)
        visitor = await arrive(browser, world.slack.page_url, width=WIDTH, height=_TALL)
        await visitor.open_thread(root)
        last = played.thread[-1]["ts"]
        await expect(visitor.reply(last)).to_be_in_viewport(ratio=1)
        await expect(visitor.thread.locator(".reaction")).to_contain_text("✅")
        await _shoot(visitor, last, file)


async def _shoot(visitor: Visitor, last: str, file: str) -> None:
    pane = await visitor.thread.bounding_box()
    evidence = visitor.reply(last).locator("details.container")
    await evidence.locator("summary").click()
    await evidence.locator("summary").blur()
    await visitor.page.mouse.move(0, 0)
    shown = evidence.locator("pre").nth(_QUOTES - 1)
    end = await shown.bounding_box()
    assert pane is not None
    assert end is not None
    await visitor.page.screenshot(
        path=file,
        clip={
            "x": pane["x"] + 1,  # without the line that parts it from the channel
            "y": 0,
            "width": pane["width"] - 1,
            "height": end["y"] + end["height"] + _MARGIN,
        },
    )
    await visitor.close()


if __name__ == "__main__":
    asyncio.run(photograph(sys.argv[1]))
