"""What callers may pass."""

from __future__ import annotations

import pytest
from fastmcp import Client
from tocsin_mcp.kubernetes.server import build

from .conftest import World


@pytest.mark.parametrize(
    ("tool", "arguments", "hint"),
    [
        ("list_pods", {"namespace": "Shop!"}, "`namespace`: must be one namespace"),
        ("list_pods", {"namespace": "../kube-system"}, "`namespace`"),
        ("list_pods", {"selector": "app=(x"}, "app=cart, tier!=cache"),
        ("list_pods", {"selector": "app=x&limit=1"}, "`selector`"),
        ("list_pods", {"workload": "secret/x"}, "must be one of deployment"),
        ("describe_pod", {"name": "a/b"}, "`name`: must be an object's name"),
        ("describe_pod", {"name": "x" * 300}, "`name`"),
        ("describe_pod", {}, "`name`"),
        ("describe_workload", {"name": "cart", "kind": "service"}, "must be one of deployment"),
        ("list_events", {"limit": 0}, "must be between 1 and 500"),
        ("list_events", {"since": "soon"}, "neither a duration like 15m"),
        ("read_logs", {"pod": "a", "tail": 100000}, "must be between 1 and 2000"),
        ("read_logs", {}, "give one of `workload`, `pod` and `selector`"),
        (
            "read_logs",
            {"pod": "a", "workload": "b"},
            "give one of `workload`, `pod` and `selector`",
        ),
        ("read_logs", {"pod": "a", "container": "A b"}, "`container`"),
        ("read_logs", {"pod": "a", "grep": "(a+)+"}, "plain substring"),
        ("rollout_history", {"deployment": "statefulset/redis-cart"}, "must be a deployment"),
        ("rollout_history", {"deployment": "cart", "extra": 1}, "`extra`"),
    ],
)
async def test_bad_arguments_are_refused_before_the_api_is_asked(
    world: World, tool: str, arguments: dict[str, object], hint: str
) -> None:
    """The error names the argument and says what would be right; no request leaves the server."""
    assert hint in await world.refusal(tool, **arguments)
    assert world.cluster.requests == []


@pytest.mark.parametrize("kind", ["Deployment", "deploy", "deployments.apps", " DEPLOYMENTS "])
async def test_kinds_have_aliases(world: World, kind: str) -> None:
    """Whatever kubectl understands as a deployment is one here."""
    text = await world.ask("describe_workload", name="cartservice", kind=kind)
    assert text.startswith("deployment/cartservice ")


async def test_blank_optional_arguments_are_absent(world: World) -> None:
    """Callers that fill every argument with empty text get the defaults."""
    text = await world.ask("list_pods", namespace="", workload=" ", selector="")
    assert text.startswith("Namespace shop: 8 pods")


async def test_schemas_are_plain(world: World) -> None:
    """No tool needs patterns or references, which strict clients refuse."""
    async with Client(build(world.environment)) as client:
        tools = await client.list_tools()
    assert len(tools) == 10
    for tool in tools:
        text = tool.model_dump_json()
        assert '"pattern"' not in text
        assert "$ref" not in text
        assert tool.description
        assert tool.annotations
        assert tool.annotations.read_only_hint
