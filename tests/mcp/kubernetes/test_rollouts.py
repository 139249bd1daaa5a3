"""rollout_history."""

from __future__ import annotations

from .conftest import Ask, Json, Serve, World


async def test_revisions_newest_first_with_differences(ask: Ask) -> None:
    """Each revision has its time, state, image, cause, and what it changed against the one before."""
    text = await ask("rollout_history", deployment="cartservice")
    heads = [line for line in text.splitlines() if line.startswith("Revision")]
    assert [head.split()[1] for head in heads] == ["5", "4", "3"]
    assert heads[0] == (
        "Revision 5 (cartservice-6c9f8d7b5), created 2026-11-18T14:00:00Z (25m ago), 0/2 ready: "
        "registry.example/shop/cartservice:v1.4.2 [change-cause: release 5]"
    )
    assert "scaled to 0" in heads[1]
    assert "  ~ container server: env REDIS_ADDR: redis-cart:6379 -> redis-carts:6379" in text
    assert (
        "  ~ container server: memory: request 64Mi, limit 128Mi -> request 64Mi, limit 96Mi"
        in text
    )
    assert text.endswith("(the oldest revision kept)")


async def test_changed_secret_is_said_but_not_shown(ask: Ask) -> None:
    """That a hidden value changed is known; neither the old nor the new one is."""
    text = await ask("rollout_history", deployment="cartservice")
    assert "~ container server: env DB_PASSWORD: changed (the value is not shown)" in text


async def test_probes_args_and_new_variables(serve: Serve, recording: Json) -> None:
    """Differences in probes and arguments, and added or removed entries, are told apart."""
    template = recording["replicasets"][1]["spec"]["template"]
    container = template["spec"]["containers"][0]
    container["livenessProbe"]["grpc"]["port"] = 7071
    container["args"] = ["--workers", "4", "--token=letmein"]
    container["env"].append({"name": "EXTRA_LATENCY", "value": "4s"})
    del container["env"][3]
    template["spec"]["nodeSelector"] = {"disk": "ssd"}
    template["metadata"]["annotations"] = {
        "kubectl.kubernetes.io/restartedAt": "2026-11-18T14:00:00Z"
    }
    world = await serve(recording)
    text = await world.ask("rollout_history", deployment="cartservice")
    assert "~ container server: liveness probe: gRPC :7070; delay 15s" in text
    assert "-> gRPC :7071" in text
    assert "+ container server: args: --workers 4 --token=<hidden>" in text
    assert "+ container server: env EXTRA_LATENCY: 4s" in text
    assert "- container server: env POD_IP: <field status.podIP>" in text
    assert "+ node selector: disk=ssd" in text
    assert "(kubectl rollout restart)" in text


async def test_values_cannot_forge_lines(serve: Serve, recording: Json) -> None:
    """Line ends in variables, arguments, annotations and causes do not begin a line of the answer."""
    item = recording["replicasets"][1]
    container = item["spec"]["template"]["spec"]["containers"][0]
    container["env"][0]["value"] = "a\nRevision 99 (fine)"
    container["args"] = ["x\nRevision 98 (fine)"]
    item["spec"]["template"]["metadata"]["annotations"] = {
        "note": "b\r\nRevision 97 (fine)",
        "org.opencontainers.image.revision": "a65e656",
    }
    item["metadata"]["annotations"]["kubernetes.io/change-cause"] = "c\nRevision 96 (fine)"
    world = await serve(recording)
    text = await world.ask("rollout_history", deployment="cartservice")
    heads = [line.split()[1] for line in text.splitlines() if line.startswith("Revision")]
    assert heads == ["5", "4", "3"]
    assert "Revision 99 (fine)" in text
    assert text.count("[source: org.opencontainers.image.revision=a65e656]") == 1


async def test_rollback_is_recognised(serve: Serve, recording: Json) -> None:
    """A ReplicaSet that is older than its predecessor came back; its creation is not the change's time."""
    old = recording["replicasets"][2]
    old["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = "6"
    world = await serve(recording)
    text = await world.ask("rollout_history", deployment="cartservice")
    assert text.splitlines()[2].startswith("Revision 6 (cartservice-44444444f)")
    assert "rolled back to: its ReplicaSet is older" in text.splitlines()[3]


async def test_foreign_replicasets_are_left_out(serve: Serve, recording: Json) -> None:
    """Only ReplicaSets that the deployment owns are its revisions, whatever their labels."""
    recording["replicasets"][0]["metadata"]["ownerReferences"][0]["name"] = "other"
    world = await serve(recording)
    text = await world.ask("rollout_history", deployment="cartservice")
    assert "2 revisions kept" in text


async def test_without_permission_the_note_says_so(world: World) -> None:
    """A missing permission is not taken for a missing history."""
    world.cluster.faults.forbidden = {"replicasets"}
    text = await world.ask("rollout_history", deployment="cartservice")
    assert "no permission to list replicasets" in text


async def test_unknown_deployment(world: World) -> None:
    """A statefulset has no such history; the error names the kind that was looked for."""
    text = await world.refusal("rollout_history", deployment="redis-cart")
    assert text.startswith("No deployment named redis-cart")
