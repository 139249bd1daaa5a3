"""Logs as services write them: a few dozen kinds of chatter, some of it often, and now and then an error with its trace.

Deterministic by seed.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 18, 13, 40, tzinfo=UTC)
FRAME = (
    "   at cartservice.cartstore.RedisCartStore.AddItemAsync(String userId, String productId, Int32 quantity) "
    "in /app/cartstore/RedisCartStore.cs:line 57"
)
"""The frame that gives the cause away: in the log of the service whose alarm it is."""

_CHATTER = (
    "INFO  Microsoft.AspNetCore.Hosting.Diagnostics Request starting HTTP/2 POST http://{service}:7070/{path} application/grpc",
    "INFO  Microsoft.AspNetCore.Hosting.Diagnostics Request finished HTTP/2 POST http://{service}:7070/{path} 200 in {ms}ms",
    "INFO  {service}.handler served path=/{path} status=200 bytes={number} took={ms}ms trace={trace}",
    "DEBUG {service}.session user={user} currency={currency} items={small}",
    "INFO  {service}.client rpc productcatalogservice:3550/GetProduct product={product} took={ms}ms trace={trace}",
    "INFO  {service}.client rpc recommendationservice:8080/ListRecommendations user={user} got={small} took={ms}ms",
    "DEBUG {service}.cache hit key=product:{product} age={number}s",
    "DEBUG {service}.cache miss key=session:{user}",
    "INFO  {service}.health probe ok uptime={number}s goroutines={small}",
    "INFO  {service}.pool connections open={small} idle={small} waiting=0 peer={address}",
    "INFO  {service}.audit {user} viewed {product} from {address}",
    "INFO  {service}.ads served campaign={small} placement={path} user={user}",
    "DEBUG {service}.gc pause={ms}ms heap={number}KiB generation={small}",
    "INFO  {service}.tracing exported spans={number} to collector:4317 in {ms}ms",
    "INFO  {service}.shipping quote for {small} items is {number} {currency} trace={trace}",
    "INFO  {service}.flags refreshed {small} flags, version {trace}",
    "INFO  {service}.config reloaded from /etc/{service}/config.yaml checksum={trace}",
    "INFO  {service}.metrics scraped {number} series in {ms}ms by {address}",
    "WARN  {service}.client slow rpc currencyservice:7000/Convert took={ms}ms budget=250ms trace={trace}",
    "WARN  {service}.ratelimit client {address} is near its limit: {small} of 100",
)
_ERRORS = (
    (
        "ERROR Grpc.AspNetCore.Server.ServerCallHandler Error when executing service method 'AddItem'. user={user}",
        "System.InvalidOperationException: Sequence contains no matching element",
        "   at System.Linq.ThrowHelper.ThrowNoMatchException()",
        "   at System.Linq.Enumerable.First[TSource](IEnumerable`1 source, Func`2 predicate)",
        FRAME,
        "   at cartservice.services.CartService.AddItem(AddItemRequest request, ServerCallContext context) in /app/services/CartService.cs:line 41",
        "   at Grpc.Shared.Server.UnaryServerMethodInvoker`3.ResolvedInterceptorInvoker(TRequest request, ServerCallContext context)",
    ),
    (
        "ERROR {service}.handler POST /cart failed: rpc error: code = Internal desc = Exception was thrown by handler. trace={trace}",
    ),
    ("WARN  {service}.retry attempt {small} of 3 for cartservice:7070/AddItem after {ms}ms",),
)
_PATHS = (
    "cart",
    "product",
    "checkout",
    "hipstershop.CartService/AddItem",
    "hipstershop.CartService/GetCart",
    "ads",
)
_CURRENCIES = ("EUR", "USD", "CHF", "JPY", "GBP")
_ERROR_SHARE = 0.03


def service_log(service: str, lines: int, seed: str, *, failing: bool) -> str:
    """At least `lines` lines of a service's log; a failing one holds `FRAME`."""
    choose = random.Random(f"{service}/{seed}")
    weights = [1 / rank for rank in range(1, len(_CHATTER) + 1)]
    moment = START + timedelta(seconds=choose.randrange(600))
    written: list[str] = []
    while len(written) < lines:
        moment += timedelta(milliseconds=choose.randrange(40, 2_000))
        if failing and (len(written) == lines // 3 or choose.random() < _ERROR_SHARE):
            chosen = _ERRORS[0] if len(written) == lines // 3 else choose.choice(_ERRORS)
        else:
            chosen = (choose.choices(_CHATTER, weights)[0],)
        first, *more = (_filled(line, service, choose) for line in chosen)
        stamp = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        written += [f"{stamp} {first}", *more]
    return "\n".join(written)


def _filled(line: str, service: str, choose: random.Random) -> str:
    return (
        line.replace("{service}", service)
        .replace("{path}", choose.choice(_PATHS))
        .replace("{ms}", str(choose.randrange(1, 900)))
        .replace("{number}", str(choose.randrange(1_000, 90_000)))
        .replace("{small}", str(choose.randrange(1, 90)))
        .replace("{trace}", f"{choose.getrandbits(64):016x}")
        .replace("{user}", f"{choose.getrandbits(32):08x}-{choose.getrandbits(16):04x}")
        .replace("{product}", f"{choose.getrandbits(40):010X}")
        .replace("{currency}", choose.choice(_CURRENCIES))
        .replace("{address}", f"10.{choose.randrange(9)}.{choose.randrange(99)}.{choose.randrange(250)}:{choose.randrange(30_000, 60_000)}")
    )  # fmt: skip
