"""Files are read with line numbers, within bounds, and never where secrets live."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bot.simulators.github import GitHubSimulator

Call = Callable[..., Awaitable[Any]]

STORE = "src/cartservice/src/cartstore/RedisCartStore.cs"


async def test_file_is_shown_with_line_numbers(call: Call) -> None:
    """The line that a stack trace names can be found by its number."""
    got = await call("read_file", path=STORE, start_line=36, end_line=39)
    assert got.text.splitlines() == [
        f"acme/online-boutique {STORE} at the default branch: lines 36-39 of 114; "
        "`start_line` and `end_line` show others",
        "   36 |             if (productId == RecalledLoafers)",
        "   37 |             {",
        "   38 |                 throw new InvalidOperationException(",
        "   39 |                     $\"Product '{productId}' is recalled and cannot be added to a cart.\");",
    ]


async def test_file_at_a_commit(call: Call, github: GitHubSimulator) -> None:
    """`ref` shows the file as it was."""
    guilty = next(c for c in github.repository.commits if "recalled" in c.message)
    before = await call("read_file", path=STORE, ref=guilty.parent)
    assert "Recalled" not in before.text
    assert f"at {guilty.parent}: lines 1-105 of 105" in before.text


async def test_range_is_checked_and_bounded(call: Call) -> None:
    """A range outside the file is explained; a range past the end stops at the end."""
    beyond = await call("read_file", path=STORE, start_line=500)
    assert beyond.is_error
    assert "the file has only 114 lines" in beyond.text
    reversed_range = await call("read_file", path=STORE, start_line=9, end_line=3)
    assert "must not be before `start_line` (9)" in reversed_range.text
    tail = await call("read_file", path=STORE, start_line=110, end_line=9999)
    assert "lines 110-114 of 114" in tail.text
    zero = await call("read_file", path=STORE, start_line=0)
    assert "counted from 1" in zero.text


async def test_long_file_comes_in_parts(recorded: Callable[..., Any]) -> None:
    """At most 400 lines at once, and never more than the output's bound; the text says how to go on."""
    text = "".join(f"line {number} {'x' * 80}\n" for number in range(1, 1001))
    call = await recorded({"big.txt": text.encode(), "a": b"1\n"}, {"a": "1\n"})
    first = await call("read_file", path="big.txt")
    assert "lines 1-400 of 1000" in first.text
    assert len(first.text.encode()) <= 24 * 1024
    assert "ask for fewer lines" in first.text
    last = await call("read_file", path="big.txt", start_line=990)
    assert last.text.endswith("x" * 80)
    assert " 1000 | line 1000 x" in last.text


async def test_binary_file_is_refused(recorded: Callable[..., Any]) -> None:
    """There is no text in a binary file, and the answer says so."""
    call = await recorded({"logo.png": b"\x89PNG\0\0", "a": b"1\n"}, {"a": "1\n"})
    got = await call("read_file", path="logo.png")
    assert got.is_error
    assert "binary file (6 bytes)" in got.text


async def test_empty_file_and_odd_text(recorded: Callable[..., Any]) -> None:
    """An empty file is said to be empty; control characters are removed; a byte order mark is no text."""
    files = {"empty": b"", "odd.txt": b"\xef\xbb\xbfone\x1b[31m red\r\ntwo \xff", "a": b"1\n"}
    call = await recorded(files, {"a": "1\n"})
    assert (await call("read_file", path="empty")).text.endswith("the file is empty")
    odd = await call("read_file", path="odd.txt")
    assert odd.text.splitlines()[1:] == ["    1 | one red", "    2 | two \ufffd"]


@pytest.mark.parametrize(
    "path",
    [
        ".env",
        "deploy/.env.production",
        "tls/server.pem",
        "ops/ID_RSA",
        "web/.npmrc",
        "id.KEY",
        "aws_credentials/default",
        "x/prod.tfstate",
    ],
)
async def test_files_that_may_hold_secrets_are_refused(
    recorded: Callable[..., Any], path: str
) -> None:
    """Such files are listed, but not read, not searched and not shown in diffs."""
    call = await recorded(
        {path: b"password=hunter22\n", "a": b"1\n"}, {path: "password=hunter22\n"}
    )
    read = await call("read_file", path=path)
    assert read.is_error
    assert "may hold secrets" in read.text
    listed = await call("list_tree")
    assert f"{path}  18 B  (not readable)" in listed.text
    texts = [
        (await call("search_code", query="hunter22")).text.partition("\n")[2],
        (await call("show_commit", sha="main")).text,
        (await call("compare", base="a" * 40, head="main")).text,
        read.text,
    ]
    assert all("hunter22" not in text for text in texts)
    assert path in texts[1]


async def test_folder_is_listed_with_sizes(call: Call) -> None:
    """A folder's files are listed with their sizes."""
    got = await call("list_tree", path="/src/shippingservice/")
    assert got.text.splitlines()[0] == (
        "acme/online-boutique/src/shippingservice at the default branch: 3 files"
    )
    assert "src/shippingservice/quote.go  " in got.text


async def test_large_tree_is_summed_up_by_folder(recorded: Callable[..., Any]) -> None:
    """Hundreds of files become folders with counts."""
    files = {f"src/pkg{number % 7}/f{number}.go": b"x\n" for number in range(420)}
    call = await recorded({**files, "a": b"1\n"}, {"a": "1\n"})
    root = await call("list_tree")
    assert root.text.splitlines()[1:] == ["a", "src/  420 files"]
    below = await call("list_tree", path="src")
    assert "src/pkg3/  60 files" in below.text
    one = await call("list_tree", path="src/pkg3")
    assert len(one.text.splitlines()) == 61


async def test_what_is_not_there_is_explained(call: Call) -> None:
    """A missing file, a folder read as a file and a missing folder each get a text that helps."""
    missing = await call("read_file", path="src/cart.cs")
    assert missing.is_error
    assert "list_tree shows what there is" in missing.text
    folder = await call("read_file", path="src")
    assert 'list_tree(path="src")' in folder.text
    nowhere = await call("list_tree", path="lib")
    assert "There is nothing at lib" in nowhere.text
    unknown = await call("read_file", path="README.md", ref="feature/x")
    assert "No commit found for the ref feature/x" in unknown.text


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("read_file", {"path": "../../etc/passwd"}),
        ("read_file", {"path": "src/../../../other/repo"}),
        ("read_file", {"path": "a\\b"}),
        ("read_file", {"path": "a//b"}),
        ("read_file", {"path": ""}),
        ("read_file", {"path": "a", "ref": "../main"}),
        ("read_file", {"path": "a", "ref": "main?x=1"}),
        ("list_tree", {"path": "..", "ref": "main"}),
        ("show_commit", {"sha": "../../../user"}),
        ("compare", {"base": "a b", "head": "main"}),
    ],
)
async def test_arguments_cannot_leave_the_repository(
    call: Call, github: GitHubSimulator, tool: str, arguments: dict[str, str]
) -> None:
    """What would point elsewhere is refused before any request is made."""
    got = await call(tool, **arguments)
    assert got.is_error
    assert github.requests == []


async def test_name_with_a_line_end_stays_on_one_line(recorded: Callable[..., Any]) -> None:
    """A name cannot pretend to be another line of the answer."""
    call = await recorded({"a\nfake  1 B": b"needle\n", "b": b"1\n"}, {"b": "1\n"})
    assert (await call("list_tree")).text.splitlines()[1:] == ["a␤fake  1 B  7 B", "b  2 B"]
    assert "\nfake" not in (await call("search_code", query="needle")).text


async def test_odd_names_are_quoted(recorded: Callable[..., Any]) -> None:
    """Characters that mean something in a URL are part of the name."""
    name = "docs/what? 50% #1 {x}&ref=y.md"
    call = await recorded({name: b"found\n", "a": b"1\n"}, {"a": "1\n"})
    got = await call("read_file", path=name)
    assert "    1 | found" in got.text
