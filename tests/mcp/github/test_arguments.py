"""Whatever a caller passes, a request stays below the configured repository."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from gidgethub.sansio import format_url
from hypothesis import example, given
from hypothesis import strategies as st
from tocsin_mcp.github.api.client import repository_path
from tocsin_mcp.github.arguments import clean_path
from tocsin_mcp.github.denied import is_denied
from tocsin_mcp.github.revisions import clean_revision
from yarl import URL

HOME = "/repos/acme/shop/contents/"


def sent(*segments: str) -> URL:
    """The URL that goes over the wire for these segments, after every library has touched it."""
    return URL(format_url(repository_path("acme/shop", *segments), {}, base_url="https://h/api"))


@given(
    st.text(alphabet=st.sampled_from("ab./\\%2e?#&{}:@ \t;é"), max_size=30) | st.text(max_size=40)
)
def test_no_path_leaves_the_repository(text: str) -> None:
    """An accepted path is exactly what is asked for, below `contents`; everything else is refused."""
    try:
        path = clean_path(text)
    except ValueError:
        return
    url = sent("contents", path)
    assert url.host == "h"
    assert (url.query_string, url.fragment) == ("", "")
    assert url.path == f"/api{HOME}{path}"


@example("a/.")
@example("a/./b")
@given(st.text(alphabet=st.sampled_from("ab./\\%?#{}:@-~^ "), max_size=20))
def test_no_ref_leaves_the_repository(text: str) -> None:
    """The same for refs."""
    try:
        ref = clean_revision(text)
    except ValueError:
        return
    url = sent("commits", ref)
    assert unquote(url.raw_path) == f"/api/repos/acme/shop/commits/{ref}"
    assert (url.query_string, url.fragment) == ("", "")


@pytest.mark.parametrize(
    ("text", "path"),
    [("src/a.py", "src/a.py"), ("/src/", "src"), ("./a", "a"), (".", ""), (" a ", "a"), ("", "")],
)
def test_usual_spellings_are_understood(text: str, path: str) -> None:
    """Leading and trailing slashes and `./` do no harm."""
    assert clean_path(text) == path


@pytest.mark.parametrize(
    "path", ["src/environment.py", "keys.md", "monkey/x.go", "src/.envoy.yaml"]
)
def test_denied_patterns_are_about_whole_names(path: str) -> None:
    """Names that merely resemble a denied one: only `.env…` at the beginning of a name is denied."""
    assert is_denied(path) == path.startswith("src/.env")
