"""Logs as services write them: a few dozen kinds of chatter, some of it often, and now and then an error with its trace.

Deterministic by seed.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 18, 13, 40, tzinfo=UTC)
METHOD = "cartservice.cartstore.RedisCartStore.AddItemAsync"
FILE = "/app/cartstore/RedisCartStore.cs"
LINE = 38
ERROR = "System.InvalidOperationException: Product 'L9ECAV7KIM' is recalled and cannot be added to a cart."
FRAME = (
    f"         at {METHOD}(String userId, String productId, Int32 quantity) in {FILE}:line {LINE}"
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
_ERRORS = {
    "cartservice": (
        (
            "fail: Grpc.AspNetCore.Server.ServerCallHandler[6]",
            "      Error when executing service method 'AddItem'.",
            f"      {ERROR}",
            FRAME,
            "         at cartservice.services.CartService.AddItem(AddItemRequest request, ServerCallContext context) in /app/services/CartService.cs:line 22",
            "         at Grpc.Shared.Server.UnaryServerMethodInvoker`3.ResolvedInterceptorInvoker(TRequest resolvedRequest, ServerCallContext resolvedContext)",
            "         at Grpc.AspNetCore.Server.Internal.CallHandlers.UnaryServerCallHandler`3.HandleCallAsyncCore(HttpContext httpContext, HttpContextServerCallContext serverCallContext)",
            "         at Grpc.AspNetCore.Server.Internal.CallHandlers.ServerCallHandlerBase`3.<HandleCallAsync>g__AwaitHandleCall|8_0(HttpContextServerCallContext serverCallContext, Method`2 method, Task handleCall)",
        ),
        ("WARN  {service}.pool waited {ms}ms for a connection to redis-cart:6379",),
    ),
    "frontend": (
        ("ERROR {service}.handler POST /cart failed to add to cart: rpc error: code = Unknown desc = Exception was thrown by handler. trace={trace}",),
        ("WARN  {service}.retry attempt {small} of 3 for cartservice:7070/AddItem after {ms}ms",),
    ),
}  # fmt: skip
"""By service; the first one of a service is in each of its logs."""
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


def service_log(service: str, lines: int, seed: str) -> str:
    """At least `lines` lines of a service's log under the head that a server gives it; the cart service's holds `FRAME`."""
    choose = random.Random(f"{service}/{seed}")
    weights = [1 / rank for rank in range(1, len(_CHATTER) + 1)]
    moment = START + timedelta(seconds=choose.randrange(600))
    errors = _ERRORS.get(service, ())
    due: int | None = lines // 3
    written: list[str] = []
    while len(written) < lines:
        moment += timedelta(milliseconds=choose.randrange(40, 2_000))
        if errors and due is not None and len(written) >= due:
            chosen, due = errors[0], None
        elif errors and choose.random() < _ERROR_SHARE:
            chosen = choose.choice(errors)
        else:
            chosen = (choose.choices(_CHATTER, weights)[0],)
        first, *more = (_filled(line, service, choose) for line in chosen)
        written += [f"{moment:%H:%M:%S} {first}", *more]
    head = [
        f"Logs of deployment/{service} in namespace shop: last {lines} lines per container. Times are UTC.",
        f"{service}-{choose.getrandbits(36):09x}-{choose.getrandbits(20):05x}/server: {len(written)} lines",
    ]
    return "\n".join([*head, *written])


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
