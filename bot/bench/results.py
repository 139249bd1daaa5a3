"""What a Kubernetes server returns, log lines aside: tables, events, descriptions, revisions, and what triage says.

In the shape of this project's own server, line for line as it answers on the scenario `cartservice-guard`, with the sizes
of a shop of twenty services. Deterministic by seed; nothing is padded to reach a number.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.bench.logs import ERROR, FILE, LINE, METHOD, START

SERVICES = (
    *("adservice", "cartservice", "checkoutservice", "currencyservice", "emailservice", "frontend"),
    *("paymentservice", "productcatalogservice", "recommendationservice", "redis-cart"),
    *("shippingservice", "loadgenerator", "searchservice", "inventoryservice", "pricingservice"),
    *("reviewservice", "identityservice", "notificationservice", "fraudservice", "taxservice"),
)
_NOW = START + timedelta(minutes=30)
_REGISTRY = "registry.acme.example/shop"
_ZONE = "eu-west-1.compute.internal"
_EVENTS = (
    ("Normal", "Scheduled", "pod", "Successfully assigned shop/{pod} to {node}", "default-scheduler"),
    ("Normal", "Pulling", "pod", 'Pulling image "{image}"', "kubelet"),
    ("Normal", "Pulled", "pod", 'Container image "{image}" already present on machine', "kubelet"),
    ("Normal", "Created", "pod", "Created container: server", "kubelet"),
    ("Normal", "Started", "pod", "Started container server", "kubelet"),
    ("Normal", "Killing", "pod", "Stopping container server", "kubelet"),
    ("Warning", "Unhealthy", "pod", "Readiness probe failed: timeout: health rpc did not complete within 1s", "kubelet"),
    ("Normal", "SuccessfulCreate", "replicaset", "Created pod: {pod}", "replicaset-controller"),
    ("Normal", "ScalingReplicaSet", "deployment", "Scaled up replica set {set} from 2 to 3", "deployment-controller"),
)  # fmt: skip


def stamp(moment: datetime) -> str:
    """RFC 3339."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _ago(choose: random.Random, most_minutes: int) -> str:
    minutes = choose.randrange(1, most_minutes)
    return f"{stamp(_NOW - timedelta(minutes=minutes))} ({minutes // 60}h{minutes % 60}m ago)"


def _hash(choose: random.Random, letters: int) -> str:
    return "".join(choose.choice("bcdfghjklmnpqrstvwxz2456789") for _ in range(letters))


def _node(choose: random.Random) -> str:
    return f"ip-10-0-{choose.randrange(9)}-{choose.randrange(250)}.{_ZONE}"


def _image(service: str, choose: random.Random) -> str:
    return f"{_REGISTRY}/{service}:{choose.getrandbits(28):07x}"


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def workloads(choose: random.Random) -> str:
    """Every deployment of the namespace."""
    rows = [("WORKLOAD", "READY", "STATE", "AGE", "IMAGES")]
    rows += [
        (f"deployment/{service}", "3/3", "ok", f"{choose.randrange(2, 90)}d", _image(service, choose))
        for service in SERVICES
    ]  # fmt: skip
    return (
        f"Namespace shop: {len(SERVICES)} workloads, 0 unhealthy, at {stamp(_NOW)}.\n{_table(rows)}"
    )


def pods(choose: random.Random, *services: str) -> str:
    """Two pods of every service."""
    rows = [("POD", "READY", "STATUS", "RESTARTS", "LAST TERMINATION", "AGE", "NODE")]
    for service in services or SERVICES:
        for _ in range(2):
            restarts = choose.choice((0, 0, 0, 1))
            ended = f"Error, exit 143 (SIGTERM), {choose.randrange(20)}d ago" if restarts else "-"
            name = f"{service}-{_hash(choose, 10)}-{_hash(choose, 5)}"
            age = f"{choose.randrange(1, 60)}d"
            rows.append((name, "1/1", "Running", str(restarts), ended, age, _node(choose)))
    return f"Namespace shop: {len(rows) - 1} pods, 0 unhealthy, at {stamp(_NOW)}.\n{_table(rows)}"


def events(choose: random.Random) -> str:
    """The last thirty events."""
    lines = []
    for _ in range(30):
        kind, reason, of, message, source = choose.choice(_EVENTS)
        service = choose.choice(SERVICES)
        names = {"deployment": service, "replicaset": f"{service}-{_hash(choose, 10)}"}
        names["pod"] = f"{names['replicaset']}-{_hash(choose, 5)}"
        said = (
            message.replace("{pod}", names["pod"])
            .replace("{set}", names["replicaset"])
            .replace("{node}", _node(choose))
            .replace("{image}", _image(service, choose))
        )
        lines.append(f"{_ago(choose, 400)} {kind} {reason} {of}/{names[of]}: {said} [{source}]")
    warnings = sum(" Warning " in line for line in lines)
    head = (
        f"Namespace shop: 30 distinct events, {warnings} warnings, newest first, at {stamp(_NOW)}."
    )
    return "\n".join([head, *sorted(lines, reverse=True)])


def _container(service: str, image: str) -> str:
    return f"""    container server:
      image: {image}
      ports: 7070/TCP
      env REDIS_ADDR: redis-cart:6379
      env {service.upper()}_LOG_LEVEL: info
      cpu: request 200m, limit 300m
      memory: request 64Mi, limit 128Mi
      readiness probe: gRPC :7070; delay 15s, period 10s, timeout 1s, success 1×, failure 3×
      liveness probe: gRPC :7070; delay 15s, period 10s, timeout 1s, success 1×, failure 3×"""


def workload(service: str, choose: random.Random) -> str:
    """A deployment with its conditions, pods, template, services and revisions."""
    image = _image(service, choose)
    ready = "\n".join(
        f"  {service}-{_hash(choose, 10)}-{_hash(choose, 5)} 1/1 Running, 0 restarts, 1h15m old, on {_node(choose)}"
        for _ in range(3)
    )
    return f"""deployment/{service} in namespace shop, at {stamp(_NOW)}: 3/3 ready, ok
Created 65d ago. Selector app={service}. Labels app={service}.
Revision 6, change-cause: deploy {image[-7:]}.
Strategy RollingUpdate, max unavailable 25%, max surge 25%, progress deadline 600s.

Conditions:
  Available=True since {_ago(choose, 9_000)} MinimumReplicasAvailable: Deployment has minimum availability.
  Progressing=True since {_ago(choose, 9_000)} NewReplicaSetAvailable: ReplicaSet "{service}-{_hash(choose, 10)}" has successfully progressed.

Pods:
{ready}

Pod template:
  labels app={service}
{_container(service, image)}
    service account: {service}
    termination grace period: 5s

Services that select it:
  service/{service} grpc 7070->7070/TCP, selector app={service}: 3 ready endpoints

Latest revisions, newest first:
{_revisions(service, choose, 3)}

Recent events:
  none"""


def pod(service: str, choose: random.Random) -> str:
    """A pod with its containers, conditions, spec and node."""
    node, image = _node(choose), _image(service, choose)
    conditions = "\n".join(
        f"  {name}=True for 1h15m"
        for name in ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")
    )  # fmt: skip
    return f"""pod/{service}-{_hash(choose, 10)}-{_hash(choose, 5)} in namespace shop, at {stamp(_NOW)}: Running, 1/1 ready, 0 restarts
Verdict: nothing wrong seen
Created 1h15m ago, owned by replicaset/{service}-{_hash(choose, 10)}, on {node}, IP 10.0.12.79, QoS Burstable. Labels app={service}.

Containers:
  container server: running since {_ago(choose, 200)}; ready, 0 restarts

Conditions:
{conditions}

Spec:
{_container(service, image)}
      mount /var/run/secrets/kubernetes.io/serviceaccount: kube-api-access-{_hash(choose, 5)} (read-only)
    service account: {service}
    termination grace period: 5s

Its node:
  node/{node}: ready, no pressure

Recent events:
  none"""


def _revisions(service: str, choose: random.Random, count: int) -> str:
    lines = []
    for revision in range(6, 6 - count, -1):
        new, old = _image(service, choose), _image(service, choose)
        state = "3/3 ready" if revision == 6 else "scaled to 0"
        lines.append(
            f"  Revision {revision} ({service}-{_hash(choose, 10)}), created {_ago(choose, 90_000)}, {state}: {new} "
            f"[change-cause: deploy {new[-7:]}]\n    ~ container server: image: {old} -> {new}"
        )
    return "\n".join(lines)


def rollouts(service: str, choose: random.Random) -> str:
    """The last six revisions."""
    head = (
        f"deployment/{service} in namespace shop: 6 revisions kept, newest first, at {stamp(_NOW)}."
    )
    return f"{head}\n\n{_revisions(service, choose, 6)}"


def changes(service: str, choose: random.Random) -> str:
    """What was changed in the last day, newest first: a handful of rollouts in a shop of this size."""
    rolled = ("frontend", service, *choose.sample(SERVICES, 3))
    lines = []
    for hours, each in enumerate(rolled):
        new, old = _image(each, choose), _image(each, choose)
        lines.append(
            f"{stamp(_NOW - timedelta(minutes=25 + 280 * hours))} ({280 * hours // 60}h25m ago) deployment/{each} rolled out revision "
            f"{choose.randrange(3, 30)} [change-cause: deploy {new[-7:]}]\n    ~ container server: image: {old} -> {new}"
        )
    since = stamp(_NOW - timedelta(days=1))
    head = f"Namespace shop, since {since}, at {stamp(_NOW)}: {len(lines)} changes, newest first."
    return "\n".join([head, *lines])


def triage(service: str, choose: random.Random) -> str:
    """What rules find: the likeliest cause, its evidence, and what changed before."""
    return f"""Namespace shop, service {service}, at {stamp(_NOW)}: fault. Causes, likeliest first (found by rules: check them):

1. deployment/{service}: code_exception (the program's own code throws while it serves), confidence 0.83
   Its own code throws System.InvalidOperationException at {METHOD} ({FILE}:{LINE}) (12 times in the last minutes). Suffering from it: deployment/frontend.
   evidence: {ERROR}
   evidence: {METHOD} ({FILE}:{LINE})
   changed before: deployment/{service} revision 6 of {stamp(_NOW - timedelta(minutes=75))}: server image: {_image(service, choose)} -> {_image(service, choose)}"""
