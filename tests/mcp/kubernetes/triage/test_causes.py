"""The closed list of causes."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from tocsin_mcp.kubernetes.triage.causes import CAUSES, canonical, listing
from tocsin_mcp.kubernetes.triage.fault import Fault

RULES = Path(__file__).parents[4] / "mcp" / "tocsin_mcp" / "kubernetes" / "triage"


def test_every_cause_says_what_it_means_and_what_it_is_read_from() -> None:
    """No class without a meaning and a signal; no alias is a name or alias of another."""
    names = [*CAUSES, *(alias for cause in CAUSES.values() for alias in cause.aliases)]
    assert len(names) == len(set(names))
    assert all(cause.meaning and cause.signal and cause.group for cause in CAUSES.values())
    assert len(CAUSES) > 100


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("quota_pods", "quota_memory"),
        ("readiness_probe_wrong_port", "readiness_probe_wrong_protocol"),
        ("service_selector_mismatch", "service_target_port_mismatch"),
        ("image_pull_secret_missing", "image_registry_unresolvable"),
        ("scheduling_node_selector", "scheduling_node_affinity"),
    ],
)
def test_causes_with_different_repairs_have_different_names(one: str, other: str) -> None:
    """Fine enough to act on."""
    assert CAUSES[one] != CAUSES[other]


def test_aliases_lead_to_one_cause() -> None:
    """Whatever a team or another tool calls it."""
    assert canonical("CrashLoopBackOff") == "crash_loop"
    assert canonical("missing-service-account") == "service_account_missing"
    assert canonical("oom_killed") == "oom_killed"
    assert canonical("bad_weather") is None


def test_a_rule_cannot_invent_a_cause() -> None:
    """A fault with a class outside the list is a bug."""
    with pytest.raises(ValueError, match="not in the list"):
        Fault("deployment/a", "bad_weather", 0.5, "", ())


def test_the_listing_names_every_cause() -> None:
    """What `tocsin triage --causes` prints."""
    text = "\n".join(listing())
    assert all(name in text for name in CAUSES)


def test_no_rule_knows_a_shop_by_name() -> None:
    """Rules speak of kinds, fields and words of runtimes, never of one application's services."""
    words = ("cartservice", "boutique", "redis-cart", "checkoutservice", "trainticket", "hipster")
    for path in RULES.rglob("*.py"):
        texts = [
            node.value
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        code = [each for each in texts if "\n" not in each and "`" not in each]
        assert not [each for each in code for word in words if word in each.lower()], path
