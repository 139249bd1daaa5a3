"""describe_object."""

from __future__ import annotations

import pytest
from tocsin_mcp.kubernetes.object import KINDS, object_kind

from .conftest import Ask, Json, Serve, World


async def test_a_service_as_the_api_tells_it(ask: Ask) -> None:
    """With what kubectl describe would say, and nothing that a controller wrote for itself."""
    text = await ask("describe_object", kind="svc", name="frontend")
    assert text.startswith("service/frontend in namespace shop, at 2026-11-18T14:25:00Z, created ")
    assert "  selector:\n    app: frontend" in text
    assert "Recent events:" in text


async def test_a_node_has_no_namespace_and_its_images_are_left_out(
    serve: Serve, recording: Json
) -> None:
    """Hundreds of images say nothing; conditions do."""
    node = recording["nodes"][0]
    node["status"]["images"] = [{"names": [f"image-{number}"]} for number in range(300)]
    node["metadata"].setdefault("annotations", {})["example.com/api-token"] = "letmein"
    world = await serve(recording)
    text = await world.ask("describe_object", kind="nodes", name=node["metadata"]["name"])
    assert text.startswith(f"node/{node['metadata']['name']}, at ")
    assert "conditions:" in text
    assert "image-1" not in text
    assert "letmein" not in text
    assert "example.com/api-token: <hidden>" in text


@pytest.mark.parametrize(
    "kind", ["secret", "configmaps", "pod", "deployment", "serviceaccounts/token"]
)
async def test_what_holds_secrets_or_has_a_description_of_its_own_is_refused(
    world: World, kind: str
) -> None:
    """Before the API is asked."""
    assert "must be one of service" in await world.refusal("describe_object", kind=kind, name="x")
    assert world.cluster.requests == []


async def test_what_is_not_there(world: World) -> None:
    """The server's own words."""
    text = await world.refusal("describe_object", kind="ingress", name="nothing")
    assert 'ingresses.networking.k8s.io "nothing" not found (in namespace shop)' in text


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_have_plurals_and_short_names(kind: str) -> None:
    """As kubectl takes them."""
    plural = {"ingress": "ingresses", "networkpolicy": "networkpolicies", "endpoints": "endpoints"}
    assert object_kind(plural.get(kind, f"{kind}s").title()) == kind
    assert all(object_kind(short) == kind for short in KINDS[kind][1])
