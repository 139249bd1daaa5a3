"""Which change is to blame: by what it touches, before the onset, or none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tocsin_mcp.kit.suspects import Change, ChangedFile, Clues, judge
from tocsin_mcp.kit.symptoms import is_elsewhere, kind_of
from tocsin_mcp.kubernetes.triage.causes import CAUSES

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
PATCH = """\
@@ -30,6 +30,9 @@ public async Task AddItem(string user, string product)
     Log(user, product);
+    if (product == recalled)
+        throw new InvalidOperationException("recalled");
+
     var cart = await Load(user);"""
STORE = "src/cart/Store.cs"


def change(name: str, path: str, patch: str = "", hours_ago: float = 5) -> Change:
    return Change(name, NOW - timedelta(hours=hours_ago), name, (ChangedFile(path, patch),))


GUARD = change("guard", STORE, PATCH)
STYLE = change("style", "src/web/style.css", "@@ -1 +1 @@\n-a\n+b", hours_ago=1)


def names(clues: Clues, *changes: Change) -> list[str]:
    return [each.change.id for each in judge(changes, clues).suspects]


@pytest.mark.parametrize(
    "clues",
    [
        Clues(file=STORE),
        Clues(file="/app/cart/Store.cs".strip("/").removeprefix("app/")),
        Clues(symbol="RedisStore.AddItem"),
        Clues(symbol="recalled"),
        Clues(words=('InvalidOperationException("recalled")',), file=STORE),
        Clues(file=STORE, line=32, symbol="AddItem", service="cart"),
    ],
)
def test_what_touches_the_failure_is_accused_and_the_latest_is_not(clues: Clues) -> None:
    """By file, symbol, word; the newer change of another part stays innocent."""
    assert names(clues, GUARD, STYLE) == ["guard"]


def test_more_reasons_rank_higher_and_time_only_breaks_ties() -> None:
    """The older change of the failing line before the newer one of the same file."""
    other = change("other", STORE, "@@ -90,2 +90,3 @@\n+    Metrics.Count();", hours_ago=1)
    clues = Clues(file=STORE, line=32, symbol="recalled")
    assert names(clues, other, GUARD) == ["guard", "other"]
    assert names(Clues(file=STORE), GUARD, other) == ["other", "guard"]


def test_a_change_after_the_onset_is_ruled_out() -> None:
    """However well it fits."""
    verdict = judge([GUARD], Clues(file=STORE, onset=NOW - timedelta(hours=6)))
    assert verdict.suspects == ()
    assert verdict.later == (GUARD,)


def test_nobody_is_accused_when_nothing_fits() -> None:
    """The cause may be no change at all."""
    verdict = judge([GUARD, STYLE], Clues(file="src/pay/charge.js", symbol="charge", service="pay"))
    assert verdict.suspects == ()
    assert set(verdict.innocent) == {GUARD, STYLE}
    assert judge([GUARD], Clues()).suspects == ()


def test_a_service_alone_accuses_its_folder_and_its_manifest() -> None:
    """Without anything more precise; with it, the folder alone is too little."""
    manifest = change("limits", "deploy/cart.yaml", "@@ -9 +9 @@\n-  memory: 1Gi\n+  memory: 64Mi")
    assert names(Clues(service="cart"), GUARD, manifest, STYLE) == ["guard", "limits"]
    assert names(Clues(service="cart", symbol="Checkout"), GUARD, manifest) == []
    assert names(Clues(service="cart", symbol="memory"), manifest) == ["limits"]


@pytest.mark.parametrize("path", ["docs/recalled.md", "src/cart/tests/StoreTests.cs", "README.md"])
def test_documents_and_tests_are_harmless(path: str) -> None:
    """They name the symbol and do not run."""
    assert names(Clues(symbol="recalled"), change("words", path, PATCH)) == []


def test_a_symbol_is_a_whole_word() -> None:
    """`Add` is not `AddItem`."""
    assert names(Clues(symbol="recall", file=""), GUARD) == []
    assert judge([GUARD], Clues(symbol="recalled")).suspects[0].reasons == (
        "its changed lines name recalled",
    )


def hunk(*lines: str) -> str:
    return f"@@ -10,{len(lines)} +10,{len(lines)} @@\n" + "\n".join(lines)


CODE = change("code", "src/cart/Api.cs", hunk("+    Log(1);"), hours_ago=1)


@pytest.mark.parametrize(
    ("cause", "path", "lines"),
    [
        ("image_not_found", "deploy/cart.yaml", ["-        image: cart:1", "+        image: cart:l"]),
        ("oom_killed", "deploy/cart.yaml", ["-            memory: 256Mi", "+            memory: 16Mi"]),
        ("readiness_probe_wrong_path", "deploy/cart.yaml", ["-  path: /ok", "+  path: /ready"]),
        ("scaled_to_zero", "deploy/all.yaml", ["   name: cart", "-  replicas: 1", "+  replicas: 0"]),
        ("connection_pool_exhausted", "src/cart/db.py", ["-pool_size = 20", "+pool_size = 2"]),
        ("network_policy_denies", "deploy/deny.yaml", ["+kind: NetworkPolicy"]),
        ("quota_pods", "deploy/limits.yaml", ["+kind: ResourceQuota"]),
    ],
)  # fmt: skip
def test_a_change_of_the_kind_that_the_cause_asks_for_is_accused(
    cause: str, path: str, lines: list[str]
) -> None:
    """Days old, while the newest change of the service's own code is not of that kind."""
    fitting = change("fitting", path, hunk(*lines), hours_ago=50)
    assert names(Clues(service="cart", cause=cause), CODE, fitting) == ["fitting"]


@pytest.mark.parametrize(
    "cause", ["certificate_expired", "kubelet_down", "external_dependency_unreachable", "image_registry_unresolvable"]
)  # fmt: skip
def test_what_lies_outside_the_repository_accuses_nobody(cause: str) -> None:
    """The service was deployed an hour ago, and that is a coincidence."""
    assert names(Clues(service="cart", cause=cause), CODE) == []


def test_code_of_any_kind_may_be_behind_a_crash() -> None:
    """No kind is asked for."""
    assert names(Clues(service="cart", cause="crash_loop"), CODE, STYLE) == ["code"]


@pytest.mark.parametrize(
    "lines",
    [
        ["+// Copyright", "+// All rights reserved"],
        ["-    if x {", "+\tif x {"],
        ["-    add( a,b );", "+    add(a, b);"],
    ],
)
def test_comments_and_white_space_break_nothing(lines: list[str]) -> None:
    """Though they touch the very file."""
    idle = change("idle", STORE, hunk(*lines), hours_ago=1)
    assert names(Clues(file=STORE), idle, GUARD) == ["guard"]


def test_every_cause_that_asks_for_a_kind_is_one_that_triage_names() -> None:
    """The two lists belong together."""
    known = [cause for cause in CAUSES if kind_of(cause)]
    assert len(known) > len(CAUSES) / 2
    assert all(is_elsewhere(cause) for cause in ("node_not_ready", "certificate_expired"))
