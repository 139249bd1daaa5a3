"""What tools other than logs return: JSON tables and objects on one line, source code, a commit with its diff.

Deterministic by seed. The sizes are those of a shop of two dozen services: nothing is padded to reach a number.
"""

from __future__ import annotations

import json
import random
from datetime import timedelta
from typing import Any

from bot.bench.logs import START

SERVICES = (
    *("adservice", "cartservice", "checkoutservice", "currencyservice", "emailservice", "frontend"),
    *("paymentservice", "productcatalogservice", "recommendationservice", "redis-cart"),
    *("shippingservice", "loadgenerator", "searchservice", "inventoryservice", "pricingservice"),
    *("reviewservice", "identityservice", "notificationservice", "fraudservice", "taxservice"),
)
COMMIT = "4f1c2b7d90e3a85566c1f0a2b3c4d5e6f7a8b9c0"
GUILTY_LINE = "var entry = lines.First(line => line.ProductId == productId);"
"""In the commit's diff and in the file."""
_PEOPLE = ("ada", "grace", "linus", "margaret", "barbara", "edsger")
_CHANGES = (
    "Bump the base image",
    "Cache currency rates for a minute",
    "Log the trace id with every request",
    "Raise the memory limit after the last review",
    "Simplify the cart store",
    "Return early when the basket is empty",
    "Use one channel per dependency",
    "Read feature flags once per request",
)
_REASONS = (
    ("Normal", "Scheduled", "Successfully assigned shop/{pod} to node-{n}"),
    ("Normal", "Pulled", 'Container image "registry.example/shop/{service}:1.{n}.0" already present on machine'),
    ("Normal", "Started", "Started container server"),
    ("Warning", "Unhealthy", "Readiness probe failed: service unhealthy (responded with NOT_SERVING)"),
    ("Normal", "ScalingReplicaSet", "Scaled up replica set {service}-7d9f to {n}"),
    ("Normal", "SuccessfulCreate", "Created pod: {pod}"),
)  # fmt: skip


def _line(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _pod(service: str, choose: random.Random) -> str:
    return f"{service}-{choose.getrandbits(36):09x}-{choose.getrandbits(20):05x}"


def _ago(choose: random.Random) -> str:
    moment = START - timedelta(minutes=choose.randrange(60 * 24 * 9))
    return moment.isoformat().replace("+00:00", "Z")


def workloads(choose: random.Random) -> str:
    """Every deployment of the namespace."""
    return _line(
        [
            {
                "kind": "Deployment",
                "namespace": "shop",
                "name": service,
                "ready": f"{2 + choose.randrange(2)}/3",
                "images": [f"registry.example/shop/{service}:1.{choose.randrange(40)}.0"],
                "updated": _ago(choose),
                "selector": {"app": service},
            }
            for service in SERVICES
        ]
    )


def pods(choose: random.Random) -> str:
    """Two pods of every service."""
    return _line(
        [
            {
                "name": _pod(service, choose),
                "namespace": "shop",
                "phase": "Running",
                "ready": "1/1",
                "restarts": choose.randrange(3),
                "node": f"node-{choose.randrange(9)}",
                "ip": f"10.4.{choose.randrange(9)}.{choose.randrange(250)}",
                "started": _ago(choose),
            }
            for service in SERVICES
            for _ in range(2)
        ]
    )


def events(choose: random.Random) -> str:
    """The last thirty events."""
    found = []
    for _ in range(30):
        service = choose.choice(SERVICES)
        kind, reason, message = choose.choice(_REASONS)
        pod = _pod(service, choose)
        message = message.replace("{pod}", pod).replace("{service}", service)
        found.append(
            {
                "type": kind,
                "reason": reason,
                "object": f"pod/{pod}",
                "message": message.replace("{n}", str(choose.randrange(1, 9))),
                "count": choose.randrange(1, 40),
                "last": _ago(choose),
            }
        )
    return _line(found)


def description(service: str, choose: random.Random) -> str:
    """A workload or a pod with its containers, variables, probes and conditions."""
    variables = [f"{other.upper().replace('-', '_')}_ADDR" for other in SERVICES[:12]]
    probe = {"grpc": {"port": 7070}, "initialDelaySeconds": 15, "periodSeconds": 10}
    return _line(
        {
            "metadata": {
                "name": _pod(service, choose),
                "namespace": "shop",
                "labels": {"app": service, "pod-template-hash": f"{choose.getrandbits(36):09x}"},
                "creationTimestamp": _ago(choose),
                "uid": f"{choose.getrandbits(64):016x}",
            },
            "spec": {
                "containers": [
                    {
                        "name": "server",
                        "image": f"registry.example/shop/{service}:1.{choose.randrange(40)}.0",
                        "env": [{"name": name, "value": f"{name.lower()}:7070"} for name in variables],
                        "resources": {
                            "requests": {"cpu": "200m", "memory": "64Mi"},
                            "limits": {"cpu": "300m", "memory": "128Mi"},
                        },
                        "readinessProbe": probe,
                        "livenessProbe": probe,
                    }
                ],
                "nodeName": f"node-{choose.randrange(9)}",
                "serviceAccountName": service,
                "tolerations": [
                    {"key": f"node.kubernetes.io/{state}", "operator": "Exists", "effect": "NoExecute"}
                    for state in ("not-ready", "unreachable", "memory-pressure", "disk-pressure")
                ],
            },
            "status": {
                "phase": "Running",
                "conditions": [
                    {"type": kind, "status": "True", "lastTransitionTime": _ago(choose)}
                    for kind in ("Initialized", "Ready", "ContainersReady", "PodScheduled")
                ],
            },
        }
    )  # fmt: skip


def rollouts(service: str, choose: random.Random) -> str:
    """The last eight revisions."""
    return _line(
        [
            {
                "revision": revision,
                "image": f"registry.example/shop/{service}:1.{revision}.0",
                "created": _ago(choose),
                "change": choose.choice(_CHANGES),
                "replicas": 3 if revision == 8 else 0,
            }
            for revision in range(8, 0, -1)
        ]
    )


def commits(choose: random.Random) -> str:
    """The last twenty commits; the guilty one is among them."""
    shas = [f"{choose.getrandbits(160):040x}" for _ in range(20)]
    shas[4] = COMMIT
    return _line(
        [
            {
                "sha": sha,
                "author": choose.choice(_PEOPLE),
                "date": _ago(choose),
                "message": "Simplify the cart store" if sha == COMMIT else choose.choice(_CHANGES),
                "url": f"https://github.example/acme/shop/commit/{sha}",
            }
            for sha in shas
        ]
    )


def commit(choose: random.Random) -> str:
    """The guilty commit with its diff."""
    context = source(choose).splitlines()[:60]
    removed = "-        var entry = lines.FirstOrDefault(line => line.ProductId == productId);"
    return "\n".join(
        [
            f"commit {COMMIT}",
            "Author: ada <ada@example.com>",
            f"Date:   {_ago(choose)}",
            "",
            "    Simplify the cart store",
            "",
            "diff --git a/src/cartservice/cartstore/RedisCartStore.cs b/src/cartservice/cartstore/RedisCartStore.cs",
            "@@ -24,66 +24,65 @@ public async Task AddItemAsync",
            *(f" {line}" for line in context[:30]),
            removed,
            f"+        {GUILTY_LINE}",
            *(f" {line}" for line in context[30:]),
        ]
    )


def source(choose: random.Random) -> str:
    """A source file of 160 lines, numbered; line 57 is the guilty one."""
    verbs = ("Load", "Store", "Merge", "Count", "Check", "Price", "Trace", "Empty")
    body: list[str] = []
    for number in range(1, 161):
        verb = choose.choice(verbs)
        body.append(
            f"{number:>4} | "
            + (
                f"        {GUILTY_LINE}",
                f"    private async Task<Cart> {verb}Async(String userId, CancellationToken stop)",
                "    {",
                f"        var value = await _store.{verb}(userId, {choose.randrange(900)}, stop);",
                f'        _log.LogInformation("{verb} took {{Elapsed}} ms for {{User}}", watch.Elapsed, userId);',
                "    }",
            )[0 if number == 57 else 1 + number % 5]
        )
    return "\n".join(body)


def found_code(choose: random.Random) -> str:
    """Fifteen places of a code search."""
    return _line(
        [
            {
                "path": f"src/{choose.choice(SERVICES)}/{choose.choice(_PEOPLE)}/Store{number}.cs",
                "line": choose.randrange(400),
                "text": f"await _carts.AddItemAsync(request.UserId, request.Item.ProductId, {number});",
            }
            for number in range(15)
        ]
    )
