"""The stand-in on incidents that it was not written for: other languages, other names, other kinds of faults."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Open = Callable[[str], Any]
Write = Callable[..., Any]

OLD = "2026-02-02T09:00:00Z"
GUILTY = "2026-03-05T09:10:00Z"
INNOCENT = "2026-03-05T10:05:00Z"


async def diagnose(world: Open, folder: Any, alarm: str) -> dict[str, Any]:
    """The diagnosis of an incident, its quotes checked."""
    async with world(str(folder)) as scene:
        diagnosis: dict[str, Any] = await scene.talk.ask(alarm)
        for finding in diagnosis["findings"]:
            for evidence in finding["evidence"]:
                assert evidence["quote"] in scene.talk.results[evidence["tool_call_id"]]
        return diagnosis


QUOTE = "package main\n\nfunc quote(count int) int {\n\treturn %s\n}\n"


async def test_go_panic(world: Open, incident: Write, kit: Any) -> None:
    """A panicking Go service is blamed with file, line and the commit that wrote the line, not the newest one."""
    panic = [
        "listening on :9000",
        "panic: runtime error: integer divide by zero",
        "",
        "goroutine 41 [running]:",
        "main.quote(0x0)",
        "\t/src/parcels/quote.go:4 +0x1d",
        "main.(*server).GetQuote(0xc000010018)",
        "\t/src/parcels/main.go:12 +0x88",
    ]
    crash = ("CrashLoopBackOff", "back-off restarting failed container")
    services = {
        "storefront": kit.Service(
            env={"PARCELS_ADDR": "parcels:9000"},
            logs=["quote failed: rpc error: code = Unavailable"],
        ),
        "parcels": kit.Service(
            previous=panic, logs=panic, waiting=crash, ended=("Error", 2), restarts=6
        ),
    }
    guilty = kit.Commit(
        GUILTY, "parcels: price per item", {"parcels/quote.go": QUOTE % "900 / count"}
    )
    commits = [
        kit.Commit(
            OLD, "start", {"parcels/quote.go": QUOTE % "900", "parcels/main.go": "package main\n"}
        ),
        guilty,
        kit.Commit(
            INNOCENT, "parcels: say hello", {"parcels/main.go": "package main\n\n// hello\n"}
        ),
    ]
    alarm = "storefront answers 500 (namespace: shop, service: storefront)"
    diagnosis = await diagnose(world, incident(services, commits, alarm), alarm)
    assert diagnosis["culprit"] == {
        "object": "deployment/parcels",
        "file": "parcels/quote.go",
        "line": 4,
        "commit": guilty.sha,
    }


MAIL = (
    "def render(order):\n    name = order['name']\n    total = %s\n    return f'{name}: {total}'\n"
)


async def test_python_error_two_services_down(world: Open, incident: Write, kit: Any) -> None:
    """From the alerted service over the next one to the Python service behind it, whose pods all run."""
    trace = [
        "ERROR:grpc._server:Exception calling application: 'sum'",
        "Traceback (most recent call last):",
        '  File "/usr/local/lib/python3.12/site-packages/grpc/_server.py", line 552, in _call_behavior',
        "    response = behavior(argument, context)",
        '  File "/mailer/render.py", line 3, in render',
        "    total = order['sum']",
        "            ~~~~~^^^^^^^",
        "KeyError: 'sum'",
    ]
    services = {
        "web": kit.Service(
            env={"ORDERS_ADDR": "orders:80"},
            logs=['{"severity":"error","message":"order failed: rpc error: code = Internal"}'],
        ),
        "orders": kit.Service(
            env={"MAILER_URL": "http://mailer:8080/send"},
            logs=["ERROR confirmation failed: status 500 from mail backend"],
        ),
        "mailer": kit.Service(logs=trace * 3),
    }
    guilty = kit.Commit(GUILTY, "mailer: show the sum", {"mailer/render.py": MAIL % "order['sum']"})
    commits = [
        kit.Commit(
            OLD, "start", {"mailer/render.py": MAIL % "order['total']", "web/app.js": "1\n"}
        ),
        guilty,
        kit.Commit(INNOCENT, "web: newer style", {"web/app.js": "2\n"}),
    ]
    alarm = "More than 5% errors\nservice: web\nnamespace: shop"
    diagnosis = await diagnose(world, incident(services, commits, alarm), alarm)
    assert diagnosis["culprit"]["object"] == "deployment/mailer"
    assert (diagnosis["culprit"]["file"], diagnosis["culprit"]["line"]) == ("mailer/render.py", 3)
    assert diagnosis["culprit"]["commit"] == guilty.sha


MANIFEST = "kind: Deployment\nmetadata:\n  name: %s\nspec:\n  image: registry.example/%s\n  memory: %s\n  env: %s\n"


async def test_image_that_does_not_exist(world: Open, incident: Write, kit: Any) -> None:
    """A tag with a typo is blamed on the commit that wrote it into the manifest."""
    message = 'Failed to pull image "registry.example/search:2.1O": not found'
    services = {
        "search": kit.Service(
            image="registry.example/search:2.1O",
            waiting=("ImagePullBackOff", 'Back-off pulling image "registry.example/search:2.1O"'),
            events=[("Failed", message)],
        ),
    }
    start = {"deploy/search.yaml": MANIFEST % ("search", "search:2.0", "1Gi", "none")}
    guilty = kit.Commit(
        GUILTY,
        "search: release 2.1",
        {"deploy/search.yaml": MANIFEST % ("search", "search:2.1O", "1Gi", "none")},
    )
    commits = [
        kit.Commit(OLD, "start", start),
        guilty,
        kit.Commit(INNOCENT, "search: readme", {"README.md": "x\n"}),
    ]
    alarm = "KubeDeploymentReplicasMismatch: deployment/search in namespace shop"
    diagnosis = await diagnose(world, incident(services, commits, alarm), alarm)
    assert diagnosis["culprit"]["object"] == "deployment/search"
    assert diagnosis["culprit"]["commit"] == guilty.sha
    assert diagnosis["culprit"]["file"] == "deploy/search.yaml"
    assert diagnosis["cause"].startswith("image_pull")


async def test_out_of_memory_after_a_lower_limit(world: Open, incident: Write, kit: Any) -> None:
    """OOM kills are blamed on the commit that changed the memory of that service."""
    services = {
        "indexer": kit.Service(
            memory="32Mi",
            waiting=("CrashLoopBackOff", "back-off"),
            ended=("OOMKilled", 137),
            restarts=9,
            previous=["loading index"],
        ),
    }
    guilty = kit.Commit(
        GUILTY,
        "indexer: less memory",
        {"deploy/indexer.yaml": MANIFEST % ("indexer", "indexer:1", "32Mi", "none")},
    )
    commits = [
        kit.Commit(
            OLD,
            "start",
            {"deploy/indexer.yaml": MANIFEST % ("indexer", "indexer:1", "256Mi", "none")},
        ),
        guilty,
        kit.Commit(INNOCENT, "indexer: docs", {"indexer/README.md": "x\n"}),
    ]
    alarm = "indexer restarts, service: indexer"
    diagnosis = await diagnose(world, incident(services, commits, alarm), alarm)
    assert diagnosis["cause"].startswith("out_of_memory")
    assert diagnosis["culprit"]["commit"] == guilty.sha


async def test_address_with_a_typo(world: Open, incident: Write, kit: Any) -> None:
    """A host that settings name and nobody has is blamed on the caller's configuration and its commit."""
    services = {
        "web": kit.Service(
            env={"BILLING_ADDR": "biling:7000"},
            logs=["error: dial tcp: lookup biling on 10.96.0.10:53: no such host"],
        ),
        "billing": kit.Service(logs=["ready"]),
    }
    guilty = kit.Commit(
        GUILTY,
        "web: tidy addresses",
        {"deploy/web.yaml": MANIFEST % ("web", "web:1", "1Gi", "BILLING_ADDR=biling:7000")},
    )
    commits = [
        kit.Commit(
            OLD,
            "start",
            {"deploy/web.yaml": MANIFEST % ("web", "web:1", "1Gi", "BILLING_ADDR=billing:7000")},
        ),
        guilty,
        kit.Commit(INNOCENT, "billing: docs", {"billing/README.md": "x\n"}),
    ]
    alarm = "web cannot check out (service: web, namespace: shop)"
    diagnosis = await diagnose(world, incident(services, commits, alarm), alarm)
    assert diagnosis["cause"].startswith("wrong_address")
    assert diagnosis["culprit"]["object"] == "deployment/web"
    assert diagnosis["culprit"]["commit"] == guilty.sha
    assert diagnosis["culprit"]["file"] == "deploy/web.yaml"


LOADER = 'package main\n\nfunc load() {\n\tlog.Fatalf("could not parse catalogue %s: %v", file, err)\n}\n'


async def test_data_file_named_in_a_fatal_error(world: Open, incident: Write, kit: Any) -> None:
    """Without a stack trace, a data file that the last words name is where to look."""
    last = ["loading", "could not parse catalogue items.json: unexpected end of JSON input"]
    crash = ("CrashLoopBackOff", "back-off")
    services = {
        "catalogue": kit.Service(
            waiting=crash, ended=("Error", 1), restarts=4, previous=last, logs=last
        )
    }
    guilty = kit.Commit(
        GUILTY, "catalogue: two new items", {"catalogue/items.json": '{"items": [\n'}
    )
    commits = [
        kit.Commit(
            OLD, "start", {"catalogue/items.json": '{"items": []}\n', "catalogue/load.go": LOADER}
        ),
        guilty,
        kit.Commit(INNOCENT, "catalogue: docs", {"catalogue/README.md": "x\n"}),
    ]
    alarm = "catalogue is down, service: catalogue"
    diagnosis = await diagnose(world, incident(services, commits, alarm), alarm)
    assert diagnosis["culprit"]["object"] == "deployment/catalogue"
    assert diagnosis["culprit"]["file"] == "catalogue/items.json"
    assert diagnosis["culprit"]["commit"] == guilty.sha


async def test_newest_commit_alone_is_no_reason(world: Open, incident: Write, kit: Any) -> None:
    """When no diff explains the fault, no commit is blamed, although one is recent."""
    services = {
        "web": kit.Service(
            env={"STOCK_ADDR": "stock:80"}, logs=["error: upstream request failed: 503 from stock"]
        ),
        "stock": kit.Service(
            waiting=("CrashLoopBackOff", "back-off"),
            ended=("Error", 1),
            restarts=3,
            previous=["FATAL: license expired"],
        ),
    }
    commits = [
        kit.Commit(OLD, "start", {"stock/main.go": "package main\n"}),
        kit.Commit(INNOCENT, "stock: comment", {"stock/main.go": "package main // stock\n"}),
    ]
    alarm = "service: web\nnamespace: shop"
    diagnosis = await diagnose(world, incident(services, commits, alarm), alarm)
    assert diagnosis["culprit"]["object"] == "deployment/stock"
    assert diagnosis["culprit"]["commit"] == ""
    assert "license expired" in str(diagnosis["findings"])


async def test_an_unrelated_fault_is_not_blamed(world: Open, incident: Write, kit: Any) -> None:
    """A broken neighbour that nobody calls is not the cause of an exception in the alerted service."""
    trace = [
        "java.lang.IllegalStateException: no price for item",
        "\tat com.shop.pricing.PriceService.find(PriceService.java:3)",
        "\tat io.grpc.stub.ServerCalls.invoke(ServerCalls.java:182)",
    ]
    services = {
        "pricing": kit.Service(logs=trace * 2),
        "reports": kit.Service(waiting=("CrashLoopBackOff", "x"), ended=("Error", 1), restarts=40),
    }
    source = "package com.shop.pricing;\nclass PriceService { void find() {\n%s\n}}\n"
    path = "pricing/src/main/java/com/shop/pricing/PriceService.java"
    guilty = kit.Commit(
        GUILTY,
        "pricing: be strict",
        {path: source % 'throw new IllegalStateException("no price for item");'},
    )
    commits = [kit.Commit(OLD, "start", {path: source % "return;"}), guilty]
    alarm = "service: pricing, namespace: shop: error rate"
    diagnosis = await diagnose(world, incident(services, commits, alarm), alarm)
    assert diagnosis["culprit"]["object"] == "deployment/pricing"
    assert diagnosis["culprit"]["commit"] == guilty.sha


async def test_healthy_namespace(world: Open, incident: Write, kit: Any) -> None:
    """With everything ready and quiet logs, nothing is wrong, and nobody is blamed."""
    services = {"web": kit.Service(logs=["GET / 200", "0 errors"]), "cache": kit.Service()}
    commits = [
        kit.Commit(OLD, "start", {"web/a.go": "x\n"}),
        kit.Commit(GUILTY, "b", {"web/a.go": "y\n"}),
    ]
    alarm = "Watchdog for service: web"
    diagnosis = await diagnose(world, incident(services, commits, alarm), alarm)
    assert diagnosis["verdict"] == "healthy"
    assert diagnosis["culprit"] == {"object": "", "file": "", "line": 0, "commit": ""}
