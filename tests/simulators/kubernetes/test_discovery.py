"""What the simulator says it serves."""

from __future__ import annotations

from .conftest import Ask


async def test_version_names_a_release(ask: Ask) -> None:
    """/version has the fields that clients compare, so that kubectl and kr8s accept the server."""
    body = (await ask("/version")).body
    assert body["gitVersion"].startswith("v1.")
    assert {"major", "minor", "platform"} <= body.keys()


async def test_core_resources_are_announced(ask: Ask) -> None:
    """/api/v1 lists pods with their short name and their log, under the group version `v1`."""
    body = (await ask("/api/v1")).body
    names = {entry["name"]: entry for entry in body["resources"]}
    assert body["groupVersion"] == "v1"
    assert names["pods"]["shortNames"] == ["po"]
    assert names["pods"]["verbs"] == ["get", "list", "watch"]
    assert names["pods/log"]["kind"] == "Pod"


async def test_every_announced_group_can_be_listed(ask: Ask) -> None:
    """Each group version in /apis has a resource list, and each resource in it answers a list request."""
    groups = (await ask("/apis")).body["groups"]
    assert {"apps", "batch", "events.k8s.io"} <= {group["name"] for group in groups}
    for group in groups:
        version = group["preferredVersion"]["groupVersion"]
        resources = (await ask(f"/apis/{version}")).body["resources"]
        for resource in resources:
            answer = await ask(f"/apis/{version}/{resource['name']}")
            assert answer.status == 200
            assert answer.body["kind"] == f"{resource['kind']}List"


async def test_unknown_paths_are_refused_like_the_real_server(ask: Ask) -> None:
    """An unknown resource of a known version is a Status, any other unknown path is plain text."""
    unknown = await ask("/api/v1/gadgets")
    assert (unknown.status, unknown.body["message"]) == (
        404,
        "the server could not find the requested resource",
    )
    elsewhere = await ask("/nowhere")
    assert (elsewhere.status, elsewhere.text) == (404, "404 page not found\n")


async def test_health_answers_without_discovery(ask: Ask) -> None:
    """/readyz says ok."""
    assert (await ask("/readyz")).text == "ok"
