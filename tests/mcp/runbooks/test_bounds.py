"""What must never be read, and what is reported instead of being read."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from fastmcp import Client
from fastmcp.client.transports import StdioTransport
from hypothesis import given
from hypothesis import strategies as st
from tocsin_mcp.kit.environment import Environment
from tocsin_mcp.runbooks.folder import Folder
from tocsin_mcp.runbooks.runbook import BrokenFrontMatter, parse
from tocsin_mcp.runbooks.server import build

SOURCES = Path(__file__).parents[3] / "mcp"


@pytest.mark.parametrize(
    "name",
    ["../secret", "../secret.md", "/etc/passwd", "shop/../../secret", "..", ".", "~/secret", "%2e%2e/secret"],
)  # fmt: skip
async def test_no_name_leads_out_of_the_folder(filled: Any, name: str) -> None:
    """A name is looked up among the files found, and never becomes a path."""
    (filled.folder.parent / "secret.md").write_text("# Secret\n\nt0p\n")
    got = await filled.call("read_runbook", name=name)
    assert got.is_error
    assert "t0p" not in got.text
    assert "There is no runbook of that name" in got.text


async def test_links_out_of_the_folder_are_not_followed(filled: Any) -> None:
    """Neither a file nor a folder outside can be reached by a link; a link within is fine."""
    outside = filled.folder.parent / "outside"
    outside.mkdir()
    (outside / "secret.md").write_text("# Secret\n")
    (filled.folder / "leak.md").symlink_to(outside / "secret.md")
    (filled.folder / "more").symlink_to(outside)
    (filled.folder / "loop.md").symlink_to(filled.folder / "loop.md")
    (filled.folder / "same.md").symlink_to(filled.folder / "disk.md")
    text = await filled.text("list_runbooks")
    assert "4 runbooks" in text
    assert "same: Disk full" in text
    assert "not usable: leak.md: a link that leads out of the folder; not read" in text
    assert "not usable: loop.md: cannot be read" in text
    assert "Secret" not in text
    assert (await filled.call("read_runbook", name="more/secret")).is_error


async def test_mounted_configuration_is_read(shelf: Any) -> None:
    """Kubernetes mounts files as links into a hidden folder beside them."""
    data = shelf.folder / "..2026_11_22"
    data.mkdir()
    (data / "cart.md").write_text("# Cart\n")
    (shelf.folder / "..data").symlink_to("..2026_11_22")
    (shelf.folder / "cart.md").symlink_to("..data/cart.md")
    assert await shelf.text("list_runbooks") == "1 runbook\ncart: Cart"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("---\ntitle: [\n---\n# X\n", "the front matter is not YAML (line 2)"),
        ("---\ntitle: X\n", "the front matter has no end (a line ---)"),
        ("---\n- a\n---\n", "the front matter is not a list of `key: value`"),
        ("---\nservices: {a: b}\n---\n", "`services` in the front matter: Input should be a valid"),
        (
            "---\nalarms: [1]\n---\n",
            "`alarms.0` in the front matter: Input should be a valid string",
        ),
        (
            f"---\ntitle: {'x' * 300}\n---\n",
            "`title` in the front matter: String should have at most",
        ),
        (f"---\n# {'x' * 20000}\n---\n", "the front matter is longer than 16384 characters"),
        (b"---\ntitle: \xff\n---\n", "not UTF-8"),
        ("x" * (257 * 1024), "larger than 256 KiB; not read"),
    ],
)
async def test_broken_files_are_reported_and_skipped(
    filled: Any, content: str | bytes, problem: str
) -> None:
    """One bad file spoils no other, and is named with its fault in every answer that might miss it."""
    filled.put("bad.md", content)
    for text in (
        await filled.text("list_runbooks"),
        await filled.text("find_runbook", query="nothingofthatkind"),
    ):
        assert f"not usable: bad.md: {problem}" in text
    assert (await filled.text("list_runbooks")).startswith("3 runbooks")


async def test_only_markdown_is_read(filled: Any) -> None:
    """Hidden folders, other files and a repository's own papers are no runbooks; a README with front matter is one."""
    for name in (
        ".git/x.md",
        ".hidden.md",
        "notes.txt",
        "node_modules/a.md",
        "README.md",
        "CHANGELOG.md",
    ):
        filled.put(name, "# Not this\n")
    (filled.folder / "folder.md").mkdir()
    os.mkfifo(filled.folder / "pipe.md")
    text = await filled.text("list_runbooks")
    assert text.startswith("3 runbooks")
    assert "Not this" not in text
    assert "not usable: pipe.md: not a regular file; not read" in text
    filled.put("shop/README.md", "---\ntitle: The shop\n---\n")
    assert "shop/README: The shop" in await filled.text("list_runbooks")


async def test_many_files_are_bounded(shelf: Any) -> None:
    """A thousand files are read; that there are more is said."""
    for number in range(1001):
        (shelf.folder / f"{number:04d}.md").write_text("# X\n")
    text = await shelf.text("list_runbooks", limit=3)
    assert text.startswith("1000 runbooks\nnot usable: only the first 1000 files were read")
    assert "997 more not shown" in text


async def test_control_characters_do_not_pass(shelf: Any) -> None:
    """Neither a title nor a text can hide or reorder what is shown."""
    shelf.put("a.md", '---\ntitle: "a\\u001b[31mred\\u202e"\n---\n\x1b[2Jtext\n')
    text = await shelf.text("list_runbooks") + await shelf.text("read_runbook", name="a")
    assert "ared" in text
    assert "\x1b" not in text
    assert "\u202e" not in text


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("", "TOCSIN_RUNBOOKS is not set: it is the folder with the runbooks"),
        ("/nowhere/runbooks", "TOCSIN_RUNBOOKS names no folder that can be read (runbooks)"),
    ],
)
async def test_unusable_settings_are_told_by_name(setting: str, words: str) -> None:
    """The server starts without its setting; its tools say what is missing."""
    async with Client(build(Environment({"TOCSIN_RUNBOOKS": setting}))) as client:
        got = await client.call_tool("list_runbooks", {}, raise_on_error=False)
    [block] = got.content
    assert block.type == "text"
    assert got.is_error
    assert words in block.text


async def test_an_empty_folder(shelf: Any) -> None:
    """It is said to be empty."""
    assert "There are no runbooks" in await shelf.text("list_runbooks")


async def test_unchanged_files_are_not_parsed_again(filled: Any) -> None:
    """The same object comes back while a file stays as it is."""
    folder = Folder(Environment({"TOCSIN_RUNBOOKS": str(filled.folder)}))
    first, second = await folder.shelf(), await folder.shelf()
    assert all(a is b for a, b in zip(first.runbooks, second.runbooks, strict=True))


@given(st.text(max_size=300))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    """No content raises anything but the one error that is reported."""
    for content in (text, f"---\n{text}\n---\n{text}"):
        with contextlib.suppress(BrokenFrontMatter):
            assert parse("x", content).title


async def test_over_stdio(filled: Any, tmp_path: Path) -> None:
    """A process of its own finds its folder in the environment; its tools are read-only."""
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
        "PYTHONPATH": str(SOURCES),
        "TOCSIN_RUNBOOKS": "~/runbooks",
    }
    command = ["-m", "tocsin_mcp", "runbooks"]
    transport = StdioTransport(sys.executable, command, env=environment, keep_alive=False)
    async with Client(transport, init_timeout=30, timeout=30) as client:
        tools = await client.list_tools()
        result = await client.call_tool("find_runbook", {"service": "cartservice"})
    assert {tool.name for tool in tools} == {"list_runbooks", "find_runbook", "read_runbook"}
    assert all(tool.annotations and tool.annotations.read_only_hint for tool in tools)
    [block] = result.content
    assert block.type == "text"
    assert "shop/cart: Cart service fails" in block.text
