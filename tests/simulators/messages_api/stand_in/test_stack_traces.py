"""Exceptions and their innermost own frame, in the languages of the services."""

from __future__ import annotations

import pytest

from bot.simulators.messages_api.stand_in.stack_traces import find_traces

DOTNET = """\
fail: Web.Server[6]
      Error when executing service method 'Add'.
      System.InvalidOperationException: Order '17' is locked.
         at System.Linq.Enumerable.First(Int32 x)
         at orders.Store.OrderStore.AddAsync(String id, Int32 count) in /app/Store/OrderStore.cs:line 38
         at orders.Api.Orders.Add(Request request) in /app/Api/Orders.cs:line 22
         at Grpc.Shared.Server.Invoker`3.Invoke(TRequest request)"""
DOTNET_INNER = """\
System.AggregateException: One or more errors occurred.
 ---> System.NullReferenceException: Object reference not set to an instance of an object.
   at orders.Store.Reader.Read(String id) in /app/Store/Reader.cs:line 9
   --- End of inner exception stack trace ---
   at orders.Api.Orders.Get(Request request) in /app/Api/Orders.cs:line 30"""
JAVA = """\
Exception in thread "main" java.lang.RuntimeException: could not build the page
\tat java.base/java.util.HashMap.get(HashMap.java:1)
\tat com.acme.ads.Page.build(Page.java:77)
Caused by: java.lang.NullPointerException: context is null
\tat com.acme.ads.AdService.pick(AdService.java:41)
\tat io.grpc.stub.ServerCalls.invoke(ServerCalls.java:182)
\t... 12 more"""
PYTHON = """\
Traceback (most recent call last):
  File "/usr/local/lib/python3.12/site-packages/grpc/_server.py", line 552, in _call_behavior
    response = behavior(argument, context)
  File "/mailer/server.py", line 31, in Send
    body = render(order)
  File "/mailer/render.py", line 12, in render
    return order["total"]
           ~~~~~^^^^^^^^^
KeyError: 'total'"""
GO = """\
panic: runtime error: integer divide by zero

goroutine 41 [running]:
main.quote(0x0, 0x0)
\t/src/shipping/quote.go:27 +0x1d
main.(*server).GetQuote(0xc0001)
\t/src/shipping/main.go:120 +0x88
google.golang.org/grpc.(*Server).processUnaryRPC(0xc0002)
\t/go/pkg/mod/google.golang.org/grpc@v1.68.0/server.go:1394 +0xe2b"""
NODE = """\
/usr/src/app/audit.js:5
  return `${card.number.slice(0, 6)}`;
                        ^

TypeError: Cannot read properties of undefined (reading 'slice')
    at masked (/usr/src/app/audit.js:5:25)
    at Immediate.<anonymous> (/usr/src/app/server.js:25:26)
    at process.processImmediate (node:internal/timers:483:21)"""
NODE_JSON = (
    '{"level":50,"err":{"type":"RangeError","stack":"RangeError: too many items\\n    at check '
    '(/usr/src/app/node_modules/lib/index.js:9:1)\\n    at charge (/usr/src/app/charge.js:88:11)"}}'
)


@pytest.mark.parametrize(
    ("log", "exception", "path", "line", "function"),
    [
        pytest.param(
            DOTNET,
            "System.InvalidOperationException",
            "/app/Store/OrderStore.cs",
            38,
            "AddAsync",
            id="dotnet",
        ),
        pytest.param(
            DOTNET_INNER,
            "System.NullReferenceException",
            "/app/Store/Reader.cs",
            9,
            "Read",
            id="inner",
        ),
        pytest.param(
            JAVA,
            "java.lang.NullPointerException",
            "com/acme/ads/AdService.java",
            41,
            "pick",
            id="java",
        ),
        pytest.param(PYTHON, "KeyError", "/mailer/render.py", 12, "render", id="python"),
        pytest.param(GO, "panic", "/src/shipping/quote.go", 27, "", id="go"),
        pytest.param(NODE, "TypeError", "/usr/src/app/audit.js", 5, "masked", id="node"),
        pytest.param(
            NODE_JSON, "RangeError", "/usr/src/app/charge.js", 88, "charge", id="node in JSON"
        ),
    ],
)
def test_finds_the_innermost_own_frame(
    log: str, exception: str, path: str, line: int, function: str
) -> None:
    """Library frames are skipped, an inner exception wins, and head and frame are quotable word for word."""
    traces = find_traces(["2026-01-02T03:04:05Z starting", *log.splitlines(), "2026 next line"])
    trace = traces[0]
    assert (trace.type, trace.frame.path, trace.frame.line) == (exception, path, line)
    assert trace.frame.function == function
    assert trace.frame.text in log
    assert trace.head in log
    assert len(traces) == 1


def test_counts_the_same_trace() -> None:
    """The same exception at the same place is one trace with a count."""
    traces = find_traces([*DOTNET.splitlines(), "ok", *DOTNET.splitlines(), *NODE.splitlines()])
    assert [trace.count for trace in traces] == [2, 1]


def test_no_trace_in_plain_errors() -> None:
    """An error message alone is no trace."""
    assert find_traces(["ERROR: something failed", "TypeError is a word"]) == []
