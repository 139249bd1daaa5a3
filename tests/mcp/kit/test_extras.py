"""Optional libraries: imported when asked for, and named when they are missing."""

from __future__ import annotations

import pytest
from tocsin_mcp.kit.extras import Extra, MissingExtra


async def test_modules_come_in_the_order_given() -> None:
    """What is installed is there to be used."""
    colorsys, shelve = await Extra("x", "It needs", ("colorsys", "json.tool")).load()
    assert (colorsys.__name__, shelve.__name__) == ("colorsys", "json.tool")


async def test_a_missing_one_names_the_extra() -> None:
    """The text says what for, which package, and what to install."""
    with pytest.raises(MissingExtra) as raised:
        await Extra("aws", "Reading clouds needs", ("no_such_cloud.sdk",)).load()
    text = str(raised.value)
    assert text.startswith("Reading clouds needs the Python package no_such_cloud, which is not")
    assert "install `tocsin[aws]`" in text
    assert "calling again will not help" in text
