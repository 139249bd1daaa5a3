"""Evidence leads to where it was found, by addresses that code builds."""

from __future__ import annotations

from typing import Any

import pytest

from bot.conversations.conversation import StoredResult
from bot.investigation.diagnosis import Culprit, Diagnosis, Evidence, Finding
from bot.investigation.links import GitHost, line_of, linked

HOST = GitHost("https://git.example/", ("acme/shop", "acme/infra"))
LISTING = "acme/shop src/a.go at HEAD: lines 10-12 of 90\n   10 | func a() {\n   11 |   panic(x)\n   12 | }"


def link(
    tool: str, arguments: dict[str, Any], text: str = LISTING, quote: str = "panic(x)", **more: Any
) -> str:
    """The address that one piece of evidence gets."""
    result = StoredResult(tool, arguments, text, **more)
    item = Evidence(tool_call_id="c1", quote=quote, verified=True)
    diagnosis = Diagnosis(
        verdict="fault", summary="x", findings=(Finding(claim="y", evidence=(item,)),)
    )
    return linked(diagnosis, {"c1": result}, HOST).findings[0].evidence[0].link


@pytest.mark.parametrize(
    ("tool", "arguments", "path"),
    [
        ("github_read_file", {"path": "src/a.go"}, "acme/shop/blob/HEAD/src/a.go#L11"),
        ("github_read_file", {"path": "src/a.go", "ref": "v1.2"}, "acme/shop/blob/v1.2/src/a.go#L11"),
        ("github_read_file", {"path": "src/a b.go", "repository": "acme/infra"}, "acme/infra/blob/HEAD/src/a%20b.go#L11"),
        ("github_blame", {"path": "src/a.go", "ref": "v1.2"}, "acme/shop/blame/v1.2/src/a.go#L11"),
        ("github_show_commit", {"sha": "0a1b2c3"}, "acme/shop/commit/0a1b2c3"),
        ("github_compare", {"base": "v1", "head": "v2"}, "acme/shop/compare/v1...v2"),
        ("github_list_commits", {"path": "src"}, "acme/shop/commits/HEAD/src"),
        ("github_search_code", {"query": "a b&c"}, "acme/shop/search?type=code&q=a+b%26c"),
    ],
)  # fmt: skip
def test_addresses(tool: str, arguments: dict[str, Any], path: str) -> None:
    """Each tool of the Git host has its page; a file is opened at the quoted line and the version that was read."""
    assert link(tool, arguments) == f"https://git.example/{path}"


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("kubernetes_read_logs", {"workload": "a"}),
        ("github_read_file", {"path": "../../etc/passwd"}),
        ("github_read_file", {"path": "src/a.go", "repository": "evil/repo"}),
        ("github_show_commit", {"sha": "../../evil"}),
        ("github_compare", {"base": "v1", "head": "https://evil.example"}),
    ],
)
def test_nothing_else_is_linked(tool: str, arguments: dict[str, Any]) -> None:
    """Other tools, other repositories, and arguments that are no path or version."""
    assert link(tool, arguments) == ""


def test_what_an_image_named_is_opened_at_its_commit() -> None:
    """The result names the commit; without that there is no page rather than one of another version."""
    image = {"path": "src/a.go", "ref": "registry.example/shop/cart:main-0a1b2c3-1"}
    named = LISTING.replace("at HEAD", f"at 0a1b2c3d4e5f ({image['ref']})")
    read = link("github_read_file", image, named)
    assert read == "https://git.example/acme/shop/blob/0a1b2c3d4e5f/src/a.go#L11"
    assert link("github_read_file", image) == ""


def test_a_pull_request_is_opened_by_its_number() -> None:
    """The one below whose line the quote is."""
    listing = "acme/shop: 2 merged\n#12  2026-01-01  ada\n    Fix cart\n#11  2026-01-01  bob\n    Break cart"
    assert link("github_list_pull_requests", {}, listing, "Break cart").endswith("/shop/pull/11")
    assert link("github_list_pull_requests", {}, listing, "#12  2026").endswith("/shop/pull/12")
    assert link("github_list_pull_requests", {}, listing, "not there") == ""


def test_a_failed_call_has_no_page() -> None:
    """What was not there cannot be opened."""
    assert link("github_read_file", {"path": "src/a.go"}, is_error=True) == ""


@pytest.mark.parametrize(
    ("quote", "line"),
    [
        ("panic(x)", 11),
        ("   11 |   panic(x)\n   12 | }", 11),
        ("\nfunc a() {\n  panic(x)", 10),
        ("never there", 0),
        ("", 0),
    ],
)
def test_the_quoted_line(quote: str, line: int) -> None:
    """The first line of the quote, with or without its number."""
    assert line_of(quote, LISTING) == line


def test_the_version_of_the_blamed_file() -> None:
    """The ref at which it was read last; a model cannot name one."""
    culprit = Culprit(object="deployment/a", file="src/a.go", line=11, ref="evil")
    results = {
        "c1": StoredResult("github_read_file", {"path": "src/a.go", "ref": "v1"}, LISTING),
        "c2": StoredResult("github_read_file", {"path": "src/a.go", "ref": "v2"}, LISTING),
        "c3": StoredResult("github_read_file", {"path": "src/b.go", "ref": "v3"}, LISTING),
    }
    diagnosis = Diagnosis(verdict="fault", summary="x", culprit=culprit)
    assert linked(diagnosis, results, HOST).culprit.ref == "v2"
    assert linked(diagnosis, {}, HOST).culprit.ref == ""
