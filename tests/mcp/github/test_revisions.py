"""What runs leads to its commit, however the build named the image."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tocsin_mcp.github.revisions import candidates, clean_revision

from bot.simulators.github import GitHubSimulator

Call = Callable[..., Awaitable[Any]]

STORE = "src/cartservice/src/cartstore/RedisCartStore.cs"
IMAGE = "registry.acme.example/boutique/cartservice"


@pytest.mark.parametrize(
    ("given", "first"),
    [
        ("main", ["main"]),
        ("feature/x", ["feature/x"]),
        ("a65e656", ["a65e656"]),
        (f"{IMAGE}:a65e656", ["a65e656"]),
        (f"{IMAGE}:a65e656@sha256:{'0' * 64}", ["a65e656"]),
        ("host:5000/shop/cart:main-a65e656-20261118", ["main-a65e656-20261118", "a65e656"]),
        ("v1.4.2-12-ga65e656", ["v1.4.2-12-ga65e656", "a65e656", "1.4.2-12-ga65e656"]),
        ("1.4.2", ["1.4.2", "v1.4.2"]),
        ("shop/cart:1.4.2", ["1.4.2", "v1.4.2", "cart-1.4.2", "cart/1.4.2", "cart@1.4.2"]),
        ("build-20261118-a65e656", ["build-20261118-a65e656", "a65e656", "20261118"]),
    ],
)
def test_what_a_revision_may_mean(given: str, first: list[str]) -> None:
    """The tag itself, the sha within it, the version with and without its v, after the service's name."""
    assert clean_revision(given) == given
    assert candidates(given)[: len(first)] == first
    assert len(candidates(given)) <= 8


@pytest.mark.parametrize(
    "given",
    [f"sha256:{'0' * 64}", f"{IMAGE}@sha256:{'0' * 64}", f"{IMAGE}:", ":tag", "a:b:c", "x:../y", "a b:c", "-x", "x" * 401],
)  # fmt: skip
def test_what_names_no_commit_is_refused(given: str) -> None:
    """A digest, half an image, and what is neither ref nor image."""
    with pytest.raises(ValueError, match=r"must be|digest"):
        clean_revision(given)


async def test_a_file_is_read_at_the_revision_that_runs(
    call: Call, github: GitHubSimulator
) -> None:
    """The image of an older rollout shows the file as that rollout has it, and the answer names the commit."""
    newer = await call("read_file", path=STORE, ref=f"{IMAGE}:a65e656")
    older = await call("read_file", path=STORE, ref=f"{IMAGE}:main-d020d59-42")
    assert (
        "at a65e65621925 (registry.acme.example/boutique/cartservice:a65e656): lines 1-114"
        in newer.text
    )
    assert f"at d020d593ff35 ({IMAGE}:main-d020d59-42): lines 1-105" in older.text
    assert "Recalled" not in older.text
    plain = await call("read_file", path=STORE, ref="a65e656")
    assert plain.text.partition("lines")[2] == newer.text.partition("lines")[2]


async def test_two_images_are_compared(call: Call) -> None:
    """As rollout_history shows them."""
    got = await call("compare", base=f"{IMAGE}:e033637", head=f"{IMAGE}:a65e656")
    assert "is 1 commit ahead and 0 behind" in got.text
    assert "+            if (productId == RecalledLoafers)" in got.text


async def test_what_no_commit_is_named_by_is_told_with_what_was_tried(
    call: Call, github: GitHubSimulator
) -> None:
    """`latest` says nothing, and a few tries are enough."""
    got = await call("read_file", path=STORE, ref="shop/cartservice:latest")
    assert got.is_error
    assert (
        "No commit of acme/online-boutique is named by shop/cartservice:latest; tried as latest, "
        in got.text
    )
    assert "list_deployments" in got.text
    assert len(github.requests) <= 8


async def test_a_plain_ref_costs_no_question(call: Call, github: GitHubSimulator) -> None:
    """What can only be one ref is passed on as it is."""
    await call("read_file", path=STORE, ref="main")
    assert len(github.requests) == 1
