"""Stack traces as logs really hold them: prefixed, folded into records, interleaved, grouped, recovered."""

from __future__ import annotations

import json
from textwrap import dedent
from typing import Any

import pytest
from tocsin_mcp.kit.traces import Trace, read_traces, unfolded

GO_STACK = "goroutine 9 [running]:\nmain.recoverer()\n\t/src/middleware.go:30 +0x2f\npanic({0x1,0x2})\n\t/usr/local/go/src/runtime/panic.go:890 +0x2\nmain.charge(0x0)\n\t/src/charge.go:17 +0x1d\n"
JAVA_STACK = "com.acme.OrderException: no stock\n\tat com.acme.Stock.take(Stock.java:88)\n\tat com.acme.Order.place(Order.java:12)\n"
NODE_STACK = "TypeError: x is not a function\n    at convert (/usr/src/app/server.js:101:3)\n    at next (/usr/src/app/node_modules/a/b.js:1:1)"
LOG4J_FRAME = {"class": "shop.Ads", "method": "pick", "file": "Ads.java", "line": 144}


def read(text: str) -> list[Trace]:
    """Traces in a log, records unfolded."""
    return read_traces([part for line in dedent(text).splitlines() for part in unfolded(line)])


def place(trace: Trace) -> str:
    """`exception file:line` of the blamed frame."""
    frame = trace.frame
    return f"{trace.exception} {frame.file}:{frame.line}" if frame else trace.exception


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"msg": "recovered", "stack": GO_STACK}, " charge.go:17"),
        ({"message": "order failed", "stack_trace": JAVA_STACK}, "com.acme.OrderException Stock.java:88"),
        ({"level": 50, "err": {"type": "TypeError", "stack": NODE_STACK}}, "TypeError server.js:101"),
        ({"meta": {"error": {"stack": NODE_STACK}}}, "TypeError server.js:101"),
        ({"@t": "2026-11-22T10:00:00Z", "@mt": "Unhandled", "@x": "System.Exception: x\n   at Shop.Cart.Add() in /src/Cart.cs:line 12"}, "System.Exception Cart.cs:12"),
        ({"thrown": {"name": "shop.AdError", "message": "none", "extendedStackTrace": [LOG4J_FRAME]}}, "shop.AdError Ads.java:144"),
        (
            {"context": {"exception": {"class": "DivisionByZeroError", "message": "by zero", "file": "/app/src/Quote.php:17", "trace": ["/app/src/Ship.php:40"]}}},
            "DivisionByZeroError Quote.php:17",
        ),
    ],
    ids=["go", "logstash", "pino", "winston", "serilog", "log4j", "monolog"],
)  # fmt: skip
def test_a_record_holds_a_whole_trace(record: dict[str, Any], expected: str) -> None:
    """In the fields that structured loggers use."""
    [trace] = read(json.dumps(record))
    assert place(trace) == expected


def test_an_escaped_trace_in_one_line_is_unfolded() -> None:
    """As logfmt prints it; zap names functions without arguments."""
    line = r'level=error msg="boom" stacktrace="main.load\n\t/src/catalog.go:66\nmain.main\n\t/src/server.go:120"'
    [trace] = read(line)
    assert place(trace) == " catalog.go:66"


GO_FRAME = "main.load\n\t/src/catalog.go:66"
REFUSED = "dial tcp 10.0.0.7:3306: connect: connection refused"


@pytest.mark.parametrize(
    ("record", "expected", "victim"),
    [
        ({"msg": "call failed", "error": REFUSED, "stacktrace": GO_FRAME}, "Error catalog.go:66", True),
        ({"msg": "call failed", "error": "bad total", "stacktrace": GO_FRAME}, "Error catalog.go:66", False),
        ({"msg": "recovered", "panic": "index out of range", "stack": f"goroutine 6 [running]:\n{GO_FRAME}"}, "panic catalog.go:66", False),
        ({"@l": "Error", "@x": "System.Exception: no\n   at Acme.X.Y() in /src/X.cs:line 3"}, "System.Exception X.cs:3", False),
        ({"@x": "Grpc.Core.RpcException: Connection refused\n   at Acme.X.Y() in /src/X.cs:line 3"}, "Grpc.Core.RpcException X.cs:3", True),
    ],
    ids=["zap-victim", "zap", "panic", "serilog", "exception-of-a-library"],
)  # fmt: skip
def test_what_was_wrong_may_stand_beside_the_stack(
    record: dict[str, Any], expected: str, victim: bool
) -> None:
    """Go's stacks never say it; without it who could not connect would look guilty."""
    [trace] = read(json.dumps(record))
    assert place(trace) == expected
    assert trace.is_victim is victim


def test_an_exception_may_be_a_class_within_another() -> None:
    """Spring's and Feign's: without a name the next one would seem to go on with its frames."""
    text = """\
    ERROR c.a.Client : call failed
    web.client.HttpServerErrorException$ServiceUnavailable: 503 Service Unavailable
    \tat acme.Client.call(Client.java:41)
    """
    first, second = read(text * 2)
    assert place(first) == "web.client.HttpServerErrorException$ServiceUnavailable Client.java:41"
    assert second.first > first.last


def test_a_record_of_a_request_holds_the_exception_in_two_fields() -> None:
    """As Rails' one-line loggers write it."""
    frames = ["app/views/tickets/_row.html.erb:4", "app/controllers/tickets_controller.rb:61:in `create'"]  # fmt: skip
    record = {"status": 500, "error": "NameError: undefined local `badge`", "backtrace": frames}
    [trace] = read(json.dumps(record))
    assert place(trace) == "NameError _row.html.erb:4"


@pytest.mark.parametrize(
    "line", ['{"msg":"a\\nb"}', '{"stack":', "path C:\\new\\table", '{"error":{"message":"x"}}']
)
def test_what_holds_no_trace_stays_a_line(line: str) -> None:
    """Line ends and backslashes of other kinds."""
    assert read_traces(unfolded(line)) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            """\
            2026-11-22 10:00:00,123 ERROR [w-1] Task failed
            2026-11-22 10:00:00,124 ERROR [w-1] Traceback (most recent call last):
            2026-11-22 10:00:00,124 ERROR [w-1]   File "/app/tasks.py", line 9, in run
            2026-11-22 10:00:00,124 ERROR [w-1]     do()
            2026-11-22 10:00:00,124 ERROR [w-1] RuntimeError: x
            """,
            "RuntimeError tasks.py:9",
        ),
        (
            """\
            Nov 22 10:00:00 host app[1]: panic: boom
            Nov 22 10:00:00 host app[1]: goroutine 1 [running]:
            Nov 22 10:00:00 host app[1]: main.run(0x1)
            Nov 22 10:00:00 host app[1]: \t/src/run.go:12 +0x2
            """,
            "panic run.go:12",
        ),
        (
            """\
            FATAL -- : [3f] ActionView::Template::Error (undefined method `name' for nil:NilClass):
            [3f]     1: <h1><%= @product.name %></h1>
            [3f] app/views/products/show.html.erb:1
            [3f] app/controllers/products_controller.rb:12:in `show'
            """,
            "ActionView::Template::Error show.html.erb:1",
        ),
    ],
    ids=["python", "syslog", "rails"],
)
def test_a_logger_may_put_the_same_words_in_front_of_each_line(text: str, expected: str) -> None:
    """Times may differ from line to line."""
    [trace] = read(text)
    assert place(trace) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            """\
              + Exception Group Traceback (most recent call last):
              |   File "/app/main.py", line 33, in run
              | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)
              +-+---------------- 1 ----------------
                | Traceback (most recent call last):
                |   File "/app/jobs.py", line 71, in charge
                |     raise ValueError("negative")
                | ValueError: negative
                +------------------------------------
            """,
            "ValueError jobs.py:71",
        ),
        (
            """\
            Traceback (most recent call last):
              File "/app/money.py", line 12, in parse
                return Decimal(text)
            decimal.InvalidOperation: [<class 'decimal.ConversionSyntax'>]

            The above exception was the direct cause of the following exception:

            Traceback (most recent call last):
              File "/app/cart.py", line 30, in total
                return parse(x)
            ValueError: bad price
            """,
            "decimal.InvalidOperation money.py:12",
        ),
        (
            """\
            Traceback (most recent call last):
              File "/app/server.py", line 12, in <module>
                from rules import pick
              File "/app/rules.py", line 7
                def pick(
                        ^
            SyntaxError: '(' was never closed
            """,
            "SyntaxError rules.py:7",
        ),
        (
            """\
            Error: order failed
                at placeOrder (/app/src/order.js:10:9)
                at async handler (/app/src/http.js:5:3) {
              [cause]: RangeError: invalid amount
                  at toCents (/app/src/money.js:7:11)
            }
            """,
            "RangeError money.js:7",
        ),
        (
            """\
            java.lang.ArithmeticException: / by zero
            \tat com.acme.Price.split(Price.java:19)
            2026-11-22 10:00:00.003  INFO 1 --- [nio-2] com.acme.Access : GET /cart 200
            \tat com.acme.Cart.total(Cart.java:51)
            """,
            "java.lang.ArithmeticException Price.java:19",
        ),
        (
            """\
            thread 'main' panicked at /usr/local/cargo/registry/src/index.crates.io-6f17/tokio-1.0/src/x.rs:1:1:
            there is no reactor running
            stack backtrace:
               0: tokio::x
                         at /usr/local/cargo/registry/src/index.crates.io-6f17/tokio-1.0/src/x.rs:1:1
               1: ship::serve
                         at /build/src/serve.rs:19:3
            """,
            "panicked serve.rs:19",
        ),
        (
            """\
            System.FormatException: Input string was not in a correct format.
               at System.Number.ThrowFormatException(ParsingStatus status)
               at Shop.Money.Parse(String s) in C:\\build\\src\\Money.cs:line 18
            """,
            "System.FormatException Money.cs:18",
        ),
        (
            """\
            Microsoft.Data.SqlClient.SqlException (0x80131904): Invalid column name 'qty'.
               at Microsoft.Data.SqlClient.SqlCommand.<>c.<ExecuteDbDataReaderAsync>b__211_0(Task`1 result)
               at Shop.Orders.Load(Int32 id) in /src/Orders.cs:line 77
            """,
            "Microsoft.Data.SqlClient.SqlException Orders.cs:77",
        ),
        (
            """\
            java.lang.NullPointerException: Cannot invoke "a"
            \tat com.acme.Inner.run(Inner.java:7)
            Wrapped by: java.lang.RuntimeException: wrapped
            \tat com.acme.Outer.run(Outer.java:70)
            """,
            "java.lang.NullPointerException Inner.java:7",
        ),
        (
            """\
            java.lang.NullPointerException: null
            \tat a.b.c.a(SourceFile:12)
            \tat a.b.d.b(:3)
            \tat com.acme.Api.call(Api.java:9)
            """,
            "java.lang.NullPointerException Api.java:9",
        ),
        (
            """\
            Traceback (most recent call last):
              File "/usr/local/lib/python3.11/site-packages/sqlalchemy/engine/default.py", line 941, in do_execute
                cursor.execute(statement, parameters)
              File "/app/store.py", line 9, in get
            sqlite3.OperationalError: no such table: carts
            """,
            "sqlite3.OperationalError store.py:9",
        ),
        (
            """\
            panic: oops

            goroutine 1 gp=0xc0000061c0 m=0 mp=0x57f0c0 [running]:
            google.golang.org/grpc.Do()
            \tgoogle.golang.org/grpc@v1.64.0/do.go:12 +0x1d
            main.main()
            \tgithub.com/acme/shop/main.go:3 +0x1
            """,
            "panic main.go:3",
        ),
        (
            """\
            Error [ERR_HTTP_HEADERS_SENT]: Cannot set headers after they are sent to the client
                at ServerResponse.setHeader (node:_http_outgoing:652:11)
                at reply (/app/reply.js:8:7)
            """,
            "Error reply.js:8",
        ),
        (
            """\
            /app/lib/b.rb:3:in `rescue in load': bad config (ConfigError)
            \tfrom /app/main.rb:1:in `<main>'
            /app/lib/a.rb:2:in `parse': invalid value for Integer(): "x" (ArgumentError)
            \tfrom /app/lib/b.rb:2:in `load'
            """,
            "ArgumentError a.rb:2",
        ),
        (
            """\
            Traceback (most recent call last):
            \t2: from /app/main.rb:1:in `<main>'
            \t1: from /app/lib/b.rb:2:in `load'
            /app/lib/a.rb:2:in `parse': nope (RuntimeError)
            """,
            "RuntimeError a.rb:2",
        ),
        (
            """\
            #<NameError: undefined local variable or method `foo' for main:Object>
            /app/config.ru:4:in `block in <main>'
            /usr/local/bundle/gems/rack-3/lib/rack/builder.rb:1:in `call'
            """,
            "NameError config.ru:4",
        ),
        (
            """\
            production.ERROR: No such key {"exception":"[object] (App\\\\OutOfStock(code: 0): No such key at /srv/app/Cart.php:31)
            [stacktrace]
            #0 /srv/vendor/laravel/framework/src/Routing/Controller.php(54): App\\\\Cart->show()
            #1 {main}

            [previous exception] [object] (ErrorException(code: 0): Undefined array key at /srv/app/Stock.php:7)
            [stacktrace]
            #0 /srv/app/Cart.php(30): App\\\\Stock->find()
            #1 {main}
            "}
            """,
            "ErrorException Stock.php:7",
        ),
        (
            """\
            Uncaught PHP Exception InvalidArgumentException: "bad" at /srv/src/Money.php line 12 {"exception":"[object] (InvalidArgumentException(code: 0): bad at /srv/src/Money.php:12)"} []
            """,
            "InvalidArgumentException Money.php:12",
        ),
        (
            """\
            PHP Fatal error:  Uncaught DomainException: inner in /app/src/Inner.php:5
            Stack trace:
            #0 /app/src/Outer.php(9): Inner->run()
            #1 {main}

            Next RuntimeException: outer in /app/src/Outer.php:11
            Stack trace:
            #0 /app/index.php(3): Outer->run()
            #1 {main}
              thrown in /app/src/Outer.php on line 11
            """,
            "DomainException Inner.php:5",
        ),
        (
            """\
            PHP Fatal error:  Uncaught Error: Undefined constant "X" in /app/index.php:3
            Stack trace:
            #0 {main}
              thrown in /app/index.php on line 3
            """,
            "Error index.php:3",
        ),
        (
            """\
            PHP Fatal error:  Allowed memory size of 134217728 bytes exhausted (tried to allocate 20480 bytes) in /app/src/Export.php on line 20
            """,
            "Fatal error Export.php:20",
        ),
        (
            """\
            thread 'main' (12345) panicked at src/main.rs:4:5:
            index out of bounds
            note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
            """,
            "panicked main.rs:4",
        ),
    ],
    ids=[
        "group", "cause", "syntax", "node cause", "interleaved", "cargo", "windows", "error code", "cause first", "shrunk",
        "no table", "trimmed paths", "node code", "ruby cause", "ruby terminal", "puma", "laravel", "symfony", "php chain",
        "php main", "php memory", "rust thread number",
    ],
)  # fmt: skip
def test_the_innermost_exception_and_its_own_frame_are_found(text: str, expected: str) -> None:
    """One trace, whatever is around it."""
    [trace] = read(text)
    assert place(trace) == expected
    assert not trace.is_victim


@pytest.mark.parametrize(
    "text",
    [
        """\
        Error: connect ECONNREFUSED 10.0.0.7:3306
            at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1555:16)
            at async listOrders (/app/src/orders.js:21:14) {
          errno: -111
        """,
        """\
        PHP Fatal error:  Uncaught PDOException: SQLSTATE[HY000] [2002] Connection refused in /srv/src/Db.php:12
        Stack trace:
        #0 /srv/src/Db.php(12): PDO->__construct('mysql:host=db')
        """,
        """\
        /usr/local/bundle/gems/redis-client-0.14.1/lib/connection.rb:61:in `initialize': Connection refused - connect(2) (Redis::CannotConnectError)
        \tfrom /app/lib/session.rb:9:in `load'
        """,
    ],
    ids=["node", "php", "ruby"],
)
def test_who_only_called_what_does_not_answer_is_a_victim(text: str) -> None:
    """Also where sockets have no frames of their own."""
    [trace] = read(text)
    assert trace.is_victim
