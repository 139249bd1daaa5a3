"""Stack traces of eight languages, as their runtimes print them."""

from __future__ import annotations

from textwrap import dedent

import pytest
from tocsin_mcp.kit.traces import Trace, blamed, read_traces

CSHARP = """\
    fail: Grpc.AspNetCore.Server.ServerCallHandler[6]
          Error when executing service method 'AddItem'.
          System.InvalidOperationException: Product 'X1' is recalled.
             at shop.store.CartStore.AddAsync(String user, Int32 quantity) in /app/store/CartStore.cs:line 38
             at shop.services.Carts.Add(AddRequest request, ServerCallContext context) in /app/services/Carts.cs:line 22
             at Grpc.Shared.Server.UnaryServerMethodInvoker`3.ResolvedInterceptorInvoker(TRequest request)
"""
CSHARP_REDIS = """\
          Error status code 'FailedPrecondition' with detail 'StackExchange.Redis.RedisConnectionException: timed out
           ---> StackExchange.Redis.RedisConnectionException: UnableToConnect on cache:6379/Interactive
             --- End of inner exception stack trace ---
             at Microsoft.Extensions.Caching.StackExchangeRedis.RedisCache.GetAsync(String key, CancellationToken token)
             at shop.store.CartStore.GetAsync(String user) in /app/store/CartStore.cs:line 85' raised.
"""
JAVA = """\
    Exception in thread "main" java.lang.RuntimeException: wrapped
    \tat shop.Main.main(Main.java:10)
    Caused by: java.lang.NullPointerException: Cannot invoke "String.length()"
    \tat shop.ads.AdService$Impl.getAds(AdService.java:77)
    \tat io.grpc.stub.ServerCalls.onHalfClose(ServerCalls.java:12)
    \t... 12 more
"""
KOTLIN = """\
    kotlin.UninitializedPropertyAccessException: lateinit property rates has not been initialized
    \tat shop.money.Rates.rate(Rates.kt:31)
    \tat kotlinx.coroutines.DispatchedTask.run(DispatchedTask.kt:108)
"""
PYTHON = """\
    Traceback (most recent call last):
      File "/usr/local/lib/python3.12/site-packages/grpc/_server.py", line 555, in _call_behavior
        response = behavior(argument, context)
                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^
      File "/mail/mail_server.py", line 90, in Send
        text = template.render(order=order)
      File "/usr/local/lib/python3.12/site-packages/jinja2/environment.py", line 1301, in render
        self.environment.handle_exception()
    jinja2.exceptions.UndefinedError: 'dict object' has no attribute 'address'
"""
PYTHON_CHAIN = """\
    Traceback (most recent call last):
      File "/app/rates.py", line 3, in load
        x = d['k']
    KeyError: 'k'

    During handling of the above exception, another exception occurred:

    Traceback (most recent call last):
      File "/app/main.py", line 9, in main
        load()
    ValueError: bad
"""
GO = """\
    panic: runtime error: integer divide by zero
    [signal SIGFPE: floating-point exception]

    goroutine 34 [running]:
    main.quoteFor(0x0)
    \t/src/quote.go:41 +0x1d
    main.(*server).GetQuote(0xc000, {0x1, 0x2})
    \t/src/main.go:104 +0x9a
    google.golang.org/grpc.(*Server).processUnaryRPC(0xc0001)
    \t/go/pkg/mod/google.golang.org/grpc@v1.64.0/server.go:1379 +0xdf8
"""
NODE = """\
    /usr/src/app/audit.js:5
    TypeError: Cannot read properties of undefined (reading 'slice')
        at masked (/usr/src/app/audit.js:5:25)
        at Immediate.<anonymous> (/usr/src/app/server.js:25:26)
        at process.processImmediate (node:internal/timers:483:21)
"""
NODE_REFUSED = """\
    Error: connect ECONNREFUSED 10.0.0.1:5432
        at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1555:16)
        at async connect (/usr/src/app/db.js:5:25)
"""
RUBY = """\
    /app/lib/order.rb:12:in `total': undefined method `+' for nil:NilClass (NoMethodError)
    \tfrom /app/app.rb:5:in `block in <main>'
    \tfrom /usr/local/bundle/gems/sinatra-3.0/lib/sinatra/base.rb:1000:in `call'
"""
PHP = """\
    PHP Fatal error:  Uncaught TypeError: Unsupported operand in /var/www/html/src/Cart.php:44
    Stack trace:
    #0 /var/www/html/src/Api.php(12): App\\Cart->total()
    #1 /var/www/html/vendor/slim/App.php(99): handle()
    #2 {main}
"""
RUST = """\
    thread 'worker' panicked at src/handlers.rs:42:9:
    index out of bounds: the len is 0 but the index is 0
    stack backtrace:
       0: rust_begin_unwind
                 at /rustc/abc/library/std/src/panicking.rs:645:5
       1: shop::handlers::get
                 at ./src/handlers.rs:42:9
"""


def read(text: str) -> list[Trace]:
    return read_traces(dedent(text).split("\n"))


@pytest.mark.parametrize(
    ("text", "language", "exception", "path", "line"),
    [
        (CSHARP, "csharp", "System.InvalidOperationException", "/app/store/CartStore.cs", 38),
        (JAVA, "java", "java.lang.NullPointerException", "shop/ads/AdService.java", 77),
        (KOTLIN, "java", "kotlin.UninitializedPropertyAccessException", "shop/money/Rates.kt", 31),
        (PYTHON, "python", "jinja2.exceptions.UndefinedError", "/mail/mail_server.py", 90),
        (GO, "go", "panic", "/src/quote.go", 41),
        (NODE, "node", "TypeError", "/usr/src/app/audit.js", 5),
        (RUBY, "ruby", "NoMethodError", "/app/lib/order.rb", 12),
        (PHP, "php", "TypeError", "/var/www/html/src/Cart.php", 44),
        (RUST, "rust", "panicked", "src/handlers.rs", 42),
    ],
)
def test_the_innermost_own_frame_is_blamed(
    text: str, language: str, exception: str, path: str, line: int
) -> None:
    """One trace is one finding: its language, its innermost exception, and the deepest frame outside any library."""
    [trace] = read(text)
    frame = blamed(trace)
    assert frame is not None
    assert (trace.language, trace.exception, frame.path, frame.line) == (
        language,
        exception,
        path,
        line,
    )


@pytest.mark.parametrize(
    ("text", "path"),
    [(CSHARP_REDIS, "/app/store/CartStore.cs"), (NODE_REFUSED, "/usr/src/app/db.js")],
)
def test_a_call_into_a_library_that_could_not_connect_is_a_victim(text: str, path: str) -> None:
    """The frame is known and nobody is blamed: what could not be reached is the fault."""
    [trace] = read(text)
    assert trace.frame is not None
    assert trace.frame.path == path
    assert trace.is_victim
    assert blamed(trace) is None


def test_of_a_python_chain_the_first_exception_counts() -> None:
    """`During handling of` prints the original exception first, so that one is blamed."""
    [trace] = read(PYTHON_CHAIN)
    assert trace.exception == "KeyError"
    assert trace.frame is not None
    assert (trace.frame.path, trace.frame.line) == ("/app/rates.py", 3)


def test_a_trace_knows_which_lines_it_was_read_from() -> None:
    """From the line that names the exception to the last frame, so that a quote can be cut from the log."""
    [trace] = read(CSHARP)
    assert (trace.first, trace.last) == (2, 5)
    [trace] = read(PYTHON)
    assert (trace.first, trace.last) == (1, 8)


def test_the_same_trace_logged_twice_stays_two() -> None:
    """Records that follow each other without a gap are not merged."""
    assert [trace.exception for trace in read(CSHARP + CSHARP)] == [
        "System.InvalidOperationException"
    ] * 2


def test_panics_and_fatal_errors_without_frames_still_say_where() -> None:
    """Rust without RUST_BACKTRACE and PHP in production print the place in one line."""
    [rust] = read("thread 'main' panicked at src/main.rs:7:5:\nno catalogue")
    [php] = read("PHP Fatal error: Uncaught Exception: no stock in /srv/Stock.php on line 9")
    assert (str(rust.frame), rust.message) == ("src/main.rs:7", "no catalogue")
    assert (str(php.frame), php.message) == ("/srv/Stock.php:9", "no stock")


@pytest.mark.parametrize(
    "line",
    [
        "GET /cart 200 at /src/main.go:3 ok",
        "at the end of the day",
        "listening at 0.0.0.0:8080",
        '{"caller":"main.go:40","msg":"served"}',
        "from cache",
        "",
    ],
)
def test_ordinary_lines_are_no_traces(line: str) -> None:
    """A file name or the word `at` alone is no frame."""
    assert read_traces([line]) == []


def test_frames_of_libraries_alone_blame_nobody() -> None:
    """Without a frame of our own there is no file to name."""
    [trace] = read(
        """\
        java.lang.IllegalStateException: closed
        \tat io.netty.channel.AbstractChannel.write(AbstractChannel.java:7)
        \tat java.base/java.lang.Thread.run(Thread.java:829)
        """
    )
    assert trace.frame is None
    assert blamed(trace) is None
