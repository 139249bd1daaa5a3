"""Faults in code of other languages and under other names than those of the recorded scenarios."""

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


async def test_a_commit_after_the_errors_began_is_not_blamed(
    world: Open, incident: Write, kit: Any
) -> None:
    """An attempt to repair, newer than the first error and on the very line, is not the cause."""
    line = "    raise ValueError('no stock left')"
    trace = [
        "2026-03-05T10:12:00Z ERROR ValueError: no stock left",
        "Traceback (most recent call last):",
        '  File "/stock/reserve.py", line 2, in reserve',
        line,
        "ValueError: no stock left",
    ]
    services = {"stock": kit.Service(logs=trace)}
    guilty = kit.Commit(GUILTY, "stock: refuse", {"stock/reserve.py": f"def reserve():\n{line}\n"})
    commits = [
        kit.Commit(OLD, "start", {"stock/reserve.py": "def reserve():\n    pass\n"}),
        guilty,
        kit.Commit(
            "2026-03-05T10:25:00Z",
            "stock: try",
            {"stock/reserve.py": f"def reserve():\n{line}  # why?\n"},
        ),
    ]
    alarm = "service: stock, namespace: shop"
    diagnosis = await diagnose(world, incident(services, commits, alarm), alarm)
    assert diagnosis["culprit"]["commit"] == guilty.sha
