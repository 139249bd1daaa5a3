"""What programs say of themselves: exceptions, databases, certificates, pools and limits."""

from __future__ import annotations

import pytest

from tests.mcp.kubernetes.triage.builders import Shop

TRACE = (
    "ERROR order failed",
    "Traceback (most recent call last):",
    '  File "/srv/pay/charge.py", line 41, in charge',
    "    total = sum(items) / len(items)",
    "ZeroDivisionError: division by zero",
)


def test_an_exception_of_its_own_code_blames_the_program() -> None:
    """Everything is ready; only the log knows. Who calls it is a victim."""
    shop = Shop()
    for _ in range(3):
        shop.log("pay", *TRACE)
    shop.log(
        "web",
        "request error: rpc error: code = Unknown desc = Exception calling application: division by zero",
    )
    top = shop.top("web")
    assert (top.object, top.cause) == ("deployment/pay", "code_exception")
    assert top.victims == ("deployment/web",)
    assert any("charge.py:41" in quote for quote in top.evidence)


def test_an_exception_logged_at_level_info_counts() -> None:
    """Some frameworks log what matters as info; text decides, not the level."""
    shop = Shop()
    shop.log(
        "cart",
        "info: Grpc.AspNetCore.Server.ServerCallHandler[7]",
        "      Error status code 'FailedPrecondition' with detail 'Redis: UnableToConnect on store:6379/Interactive' raised.",
    )
    shop.crashes("store", 137, "OOMKilled")
    top = shop.top("web")
    assert (top.object, top.cause) == ("deployment/store", "oom_killed")
    assert "deployment/cart" in top.victims


def test_a_trace_inside_a_json_record_is_read() -> None:
    """Structured logs carry it in one field."""
    shop = Shop()
    stack = r"Error: no rate\n    at convert (/usr/src/app/rates.js:7:9)\n    at handle (/usr/src/app/server.js:2:1)"
    shop.log("pay", *[f'{{"severity":"error","message":"failed","stack":"{stack}"}}'] * 3)
    top = shop.top()
    assert (top.object, top.cause) == ("deployment/pay", "code_exception")
    assert any("rates.js:7" in quote for quote in top.evidence)


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        (
            "ERROR 1045 (28000): Access denied for user 'cart'@'10.0.1.2' (using password: YES)",
            "database_credentials",
        ),
        ('FATAL: password authentication failed for user "cart"', "database_credentials"),
        ("ERROR 1049 (42000): Unknown database 'carts'", "database_missing"),
        ('ERROR: relation "carts" does not exist', "database_missing"),
        (
            "HikariPool-1 - Connection is not available, request timed out after 30000ms",
            "connection_pool_exhausted",
        ),
        (
            "sqlalchemy.exc.TimeoutError: QueuePool limit of size 5 overflow 10 reached",
            "connection_pool_exhausted",
        ),
        ("ERROR 1213 (40001): Deadlock found when trying to get lock", "database_deadlock"),
        ("x509: certificate signed by unknown authority", "certificate_untrusted"),
        ("WRONGPASS invalid username-password pair or user is disabled.", "credentials_rejected"),
        ("429 Too Many Requests: rate limit exceeded", "rate_limited"),
    ],
)
def test_what_drivers_say_of_the_client_blames_the_client(line: str, cause: str) -> None:
    """Its login, its pool, its trust."""
    shop = Shop()
    shop.log("cart", *[line] * 3)
    assert shop.blamed("cart") == ("deployment/cart", cause)


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("ERROR 1040 (HY000): Too many connections", "database_connections_exhausted"),
        ("FATAL: remaining connection slots are reserved", "database_connections_exhausted"),
        (
            "ERROR 1290 (HY000): running with the --read-only option so it cannot execute this statement",
            "database_read_only",
        ),
        ("READONLY You can't write against a read only replica.", "database_read_only"),
    ],
)
def test_what_drivers_say_of_the_database_blames_the_database(line: str, cause: str) -> None:
    """Its connections, its mode; the client is a victim."""
    shop = Shop()
    shop.log("cart", *[f"store:6379 {line}"] * 3)
    top = shop.top("web")
    assert (top.object, top.cause) == ("deployment/store", cause)
    assert "deployment/cart" in top.victims


def test_an_expired_certificate_is_that_of_the_host_named() -> None:
    """The callee presents it."""
    shop = Shop()
    shop.log(
        "web", *["Get https://pay:5051/: x509: certificate has expired or is not yet valid"] * 3
    )
    assert shop.blamed("web") == ("deployment/pay", "certificate_expired")


def test_a_full_disk_is_said_by_the_program() -> None:
    """Although it is ready."""
    shop = Shop()
    shop.log("store", *["Write error saving DB on disk: No space left on device"] * 3)
    assert shop.blamed() == ("deployment/store", "disk_full")


def test_errors_without_a_trace_are_the_programs_own_unless_they_name_a_callee() -> None:
    """A weak sign, but a sign."""
    shop = Shop()
    shop.log("pay", *['{"level":"error","msg":"charge rejected: validity check inverted"}'] * 5)
    assert shop.blamed("pay") == ("deployment/pay", "application_errors")


@pytest.mark.parametrize(
    "line",
    [
        '{"level":"info","msg":"processed","errors":0}',
        '{"level":"warn","msg":"slow query"}',
        "GET /errors/404.html 200",
        "retrying in 5s after timeout setting changed to 30s, error=null",
        "INFO no errors found",
    ],
)
def test_lines_that_only_contain_the_word_are_no_errors(line: str) -> None:
    """A count of zero, a path, a level below error."""
    shop = Shop()
    shop.log("pay", *[line] * 5)
    assert shop.judged("web").verdict == "healthy"


def test_one_old_error_line_is_noise() -> None:
    """A single handled error does not make a fault."""
    shop = Shop()
    shop.log("pay", '{"level":"error","msg":"card declined"}', minutes=12)
    assert shop.judged("web").verdict == "healthy"


def test_an_answer_that_is_passed_on_is_the_trouble_of_who_gave_it() -> None:
    """The caller repeats its callee's words; its own certificates are well."""
    shop = Shop()
    shop.log("pay", *["Error: certificate has expired"] * 3)
    shop.log("web", *["order failed: rpc error: code = Unknown desc = certificate has expired"] * 3)
    top = shop.top("web")
    assert (top.object, top.cause) == ("deployment/pay", "certificate_expired")
    assert top.victims == ("deployment/web",)


def test_an_answer_tells_of_a_callee_that_has_no_log() -> None:
    """Its words name the callee, and what is wrong there."""
    shop = Shop()
    shop.log(
        "web", *["could not get cart: rpc error: code = Internal desc = WRONGPASS invalid pair"] * 3
    )
    assert shop.blamed("web") == ("deployment/cart", "credentials_rejected")


def test_a_failed_handshake_is_the_client_s_own_trouble() -> None:
    """Unavailable is a status that the client makes itself: it does not know who signed the certificate."""
    shop = Shop()
    line = 'rpc error: code = Unavailable desc = connection error: desc = "x509: certificate signed by unknown authority"'
    shop.log("web", *[line] * 3)
    assert shop.blamed("web") == ("deployment/web", "certificate_untrusted")


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        ("# Write error saving DB on disk: No space left on device", "disk_full"),
        (
            "# Failed opening the temp RDB file temp-7.rdb (in server root dir /data) for saving: Read-only file system",
            "volume_read_only",
        ),
        (
            "# Failed opening the temp RDB file temp-7.rdb (in server root dir /data) for saving: Permission denied",
            "volume_permission_denied",
        ),
        ("* Background saving error", "database_read_only"),
    ],
)
def test_a_database_that_cannot_write_says_why(said: str, cause: str) -> None:
    """Its clients hear only that writes are off; the reason is in its own log."""
    shop = Shop()
    refusal = "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk."
    shop.log("cart", *[refusal] * 3)
    shop.log("store", *[f"1:M 04 May 2026 11:58:00.000 {said}"] * 3)
    assert shop.blamed("web") == ("deployment/store", cause)


def test_a_refusal_of_the_api_is_read_within_a_quoted_answer() -> None:
    """Clients print the API's JSON as a string within their own JSON."""
    shop = Shop()
    user = r"User \\\"system:serviceaccount:shop:pay\\\" cannot get resource \\\"configmaps\\\""
    body = rf"{{\"message\":\"configmaps \\\"flags\\\" is forbidden: {user}\",\"code\":403}}"
    shop.log(
        "pay", *[f'{{"severity": "ERROR", "message": "(403) HTTP response body: {body}"}}'] * 3
    )
    assert shop.blamed("web") == ("deployment/pay", "rbac_denied")


def test_the_path_of_the_request_says_whose_answer_it_was() -> None:
    """Neither the words nor an address name anybody."""
    shop = Shop()
    said = (
        "not done: rpc error: code = Internal desc = x509: certificate signed by unknown authority"
    )
    shop.log("web", *[f'{{"http.req.path":"/cart/7","error":"{said}"}}'] * 3)
    assert shop.blamed("web") == ("deployment/cart", "certificate_untrusted")
