"""Runbooks listed, found and read, as an investigation does it."""

from __future__ import annotations

import os
from typing import Any

import pytest


async def test_runbooks_are_listed(filled: Any) -> None:
    """Name, title, and what each is for; without front matter the first heading is the title."""
    assert (await filled.text("list_runbooks")).splitlines() == [
        "3 runbooks",
        "disk: Disk full",
        "general: Anything else [alarms: *]",
        "shop/cart: Cart service fails [services: cartservice, cart-*; alarms: CartErrorRate, Cart*; tags: redis]",
    ]
    assert (await filled.text("list_runbooks", tag="Redis")).startswith("1 runbook\nshop/cart")
    assert (await filled.text("list_runbooks", service="cartservice")).count("\n") == 1
    assert "No runbook has service 'mail' and tag 'x'" in await filled.text(
        "list_runbooks", service="mail", tag="x"
    )
    assert "2 more not shown" in await filled.text("list_runbooks", limit=1)


@pytest.mark.parametrize(
    ("asked", "first", "reason"),
    [
        ({"alarm": "carterrorrate"}, "shop/cart", "alarm CartErrorRate"),
        ({"alarm": "CartLatencyHigh"}, "shop/cart", "alarm Cart*"),
        ({"alarm": "MailQueueLong"}, "general", "alarm *"),
        ({"service": "cart-worker"}, "shop/cart", "service cart-*"),
        ({"query": "disk full"}, "disk", "words disk, full"),
        ({"query": "var log clean"}, "disk", "words var, log, clean"),
        ({"query": "escalate"}, "shop/cart", "words escalate"),
        ({"alarm": "X", "service": "cartservice"}, "shop/cart", "service cartservice"),
        ({"alarm": "X", "service": "disk"}, "general", "alarm *"),
    ],
)
async def test_the_best_fit_comes_first(
    filled: Any, asked: dict[str, str], first: str, reason: str
) -> None:
    """An exact alarm before a pattern, a narrow pattern before a wide one, front matter before words."""
    lines = (await filled.text("find_runbook", **asked)).splitlines()
    assert lines[0].endswith("best first")
    assert lines[1].startswith(f"{first}: ")
    assert reason in lines[1].rpartition("(fits by: ")[2]


async def test_a_fit_shows_its_sections(filled: Any) -> None:
    """The next step can be one section; comments in code are no headings."""
    text = await filled.text("find_runbook", alarm="CartErrorRate")
    assert "    sections: Cart service | Check first | Fix | Restart Redis | Escalate" in text


async def test_no_fit(shelf: Any) -> None:
    """Nothing found is no error, and says how many there are."""
    shelf.put("disk.md", "# Disk full\n")
    assert "No runbook fits (of 1 runbook)" in await shelf.text("find_runbook", alarm="Mail")


async def test_asking_for_nothing_is_refused(filled: Any) -> None:
    """At least one of the three arguments is needed; blank ones count for nothing."""
    got = await filled.call("find_runbook", query=" ")
    assert got.is_error
    assert "give at least one of `alarm`, `service` and `query`" in got.text


@pytest.mark.parametrize("name", ["shop/cart", "shop/cart.md", "cart", "SHOP/Cart"])
async def test_a_runbook_is_read(filled: Any, name: str) -> None:
    """Whole, without its front matter, under any usual form of its name."""
    text = await filled.text("read_runbook", name=name)
    assert text.startswith("runbook shop/cart: Cart service fails [services: ")
    assert text.endswith("Ask the platform team.")
    assert "owner: shop team" not in text


@pytest.mark.parametrize(
    ("section", "first", "last"),
    [
        ("Fix", "## Fix", "Roll the statefulset."),
        ("## check first", "## Check first", "```"),
        ("restart", "### Restart Redis", "Roll the statefulset."),
    ],
)
async def test_a_section_is_read(filled: Any, section: str, first: str, last: str) -> None:
    """With what stands below it, up to the next heading of its level."""
    lines = (await filled.text("read_runbook", name="cart", section=section)).splitlines()
    assert lines[2] == first
    assert lines[-1] == last


async def test_an_unknown_section(filled: Any) -> None:
    """The sections that there are, are said."""
    got = await filled.call("read_runbook", name="cart", section="e")
    assert got.is_error
    assert "must be one of: Cart service | Check first | Fix" in got.text


async def test_an_unknown_runbook(filled: Any) -> None:
    """A name close to one that exists brings that up."""
    got = await filled.call("read_runbook", name="shop/card")
    assert got.is_error
    assert "Did you mean shop/cart?" in got.text


async def test_a_long_runbook_is_cut_with_its_sections(shelf: Any) -> None:
    """The beginning and the end are kept, and the sections named."""
    middle = "".join(f"## Part {number}\n\n{'words ' * 100}\n\n" for number in range(100))
    shelf.put("long.md", f"# Long\n\n{middle}\n\n# The end\n")
    text = await shelf.text("read_runbook", name="long")
    assert len(text.encode()) <= 24 * 1024
    assert "cut here; to see less at once: read one `section`: Long | Part 0 | Part 1" in text
    assert text.endswith("# The end")


async def test_changes_are_seen_at_once(filled: Any) -> None:
    """A file written, changed or removed while the server runs is as it is now."""
    path = filled.put("disk.md", "# Disk quite full\n")
    os.utime(path, ns=(1, 1))
    assert "disk: Disk quite full" in await filled.text("list_runbooks")
    path.write_text("# Disk empty again\n")
    assert "disk: Disk empty again" in await filled.text("list_runbooks")
    path.unlink()
    assert (await filled.text("list_runbooks")).startswith("2 runbooks")
