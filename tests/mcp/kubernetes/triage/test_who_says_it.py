"""Lines that sound alike and mean different things: by their level, by who says them, and by what was answered."""

from __future__ import annotations

import pytest
from tocsin_mcp.kubernetes.triage.calls import read_address
from tocsin_mcp.kubernetes.triage.own_times import own_time
from tocsin_mcp.kubernetes.triage.severity import is_severe
from tocsin_mcp.kubernetes.triage.snapshot import Log, LogLine

from tests.mcp.kubernetes.triage.builders import Shop, meta


@pytest.mark.parametrize(
    ("line", "severe"),
    [
        ("2026-05-04T11:58:00.966290Z 80 [Note] [MY-010914] [Server] Aborted connection 6 (Got an error reading packets).", False),
        ("2026-05-04  8:11:03 0 [ERROR] InnoDB: Plugin initialization aborted with error Generic error", True),
        ("2026/05/04 11:58:00 [warn] 29#29: an error page is buffered", False),
        ("[1] 2026/05/04 11:58:00.120001 [ERR] 10.2.3.4 - TLS handshake error", True),
        ("2026-05-04 11:58:00.201 UTC [4411] LOG:  could not receive data from client: error 104", False),
        ("2026-05-04 11:58:00.201 UTC [4411] app@shop STATEMENT:  INSERT INTO error_log VALUES ($1)", False),
        ("2026-05-04 11:58:00.201 UTC [4411] FATAL:  the database system is starting up", True),
        ("I, [2026-05-04T11:58:00.112 #9]  INFO -- : no error: yet", False),
        ("F, [2026-05-04T11:58:00.112 #9] FATAL -- : NoMethodError", True),
    ],
)  # fmt: skip
def test_servers_write_their_levels_in_their_own_ways(line: str, severe: bool) -> None:
    """A word of trouble in a note is none."""
    assert is_severe(line) is severe


def test_a_revision_that_cannot_start_beside_the_old_one_is_believed() -> None:
    """The old pod still serves, so the workload lacks nothing; the new pod's own words tell why it ends."""
    shop = Shop()
    shop.add_pod("pay", "pay-r2-0")
    shop.crashes("pay", 1)
    shop.log("pay", 'Error: Config validation error: "WEBHOOK_SECRET" is required', previous=True)
    assert shop.blamed() == ("deployment/pay", "config_value_missing")


def test_a_web_server_names_the_place_in_its_configuration() -> None:
    """Whatever its words for what it does not like there are."""
    shop = Shop()
    shop.crashes("web", 1)
    shop.log("web", 'nginx: [emerg] invalid parameter "}" in /etc/nginx/conf.d/default.conf:1')
    assert shop.blamed() == ("deployment/web", "config_value_invalid")


def test_an_api_that_denies_permission_speaks_of_no_file() -> None:
    """Vault prints its refusal as a list of bare words."""
    shop = Shop()
    shop.crashes("pay", 1)
    shop.log("pay", "error authenticating:", "  | Code: 403. Errors:", "  | * permission denied")
    assert "permission" not in shop.top().cause


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        ("429 Client Error: Too Many Requests for url: https://api.market.example/v2", "rate_limited"),
        ("503 Server Error: Service Unavailable for url: https://api.market.example/v2", "external_dependency_unreachable"),
        ("404 Client Error: Not Found for url: https://api.market.example/v2", "code_exception"),
    ],
)  # fmt: skip
def test_a_client_that_throws_for_its_callees_answer_is_no_defect(error: str, cause: str) -> None:
    """Unless it asked for what does not exist."""
    trace = (
        "Traceback (most recent call last):",
        '  File "/app/shop/tasks.py", line 88, in sync',
        "    answer.raise_for_status()",
        '  File "/usr/lib/python3.12/site-packages/requests/models.py", line 1024, in raise_for_status',
        "    raise HTTPError(http_error_msg, response=self)",
        f"requests.exceptions.HTTPError: {error}",
    )
    shop = Shop()
    for _ in range(4):
        shop.log("pay", *trace)
    assert shop.blamed() == ("deployment/pay", cause)


def test_a_status_may_stand_before_the_address_that_answered_it() -> None:
    """Whoever writes the line: the callee outside failed."""
    shop = Shop()
    line = "Faraday::ServerError: the server responded with status 503 for GET https://api.x.example/v3"
    shop.log("pay", *[line] * 4)
    assert shop.blamed() == ("deployment/pay", "external_dependency_unreachable")


def test_a_sidecar_that_answers_in_time_lacks_no_time() -> None:
    """It came with this revision, so all of its probe is new; what it answers is an error of its own."""
    shop = Shop()
    shop.unready("pay")
    shop.add_revision("pay", 0, minutes_ago=5000)
    probe = {"httpGet": {"port": 5051, "path": "/ready"}, "periodSeconds": 15}
    shop.set_container("pay", readinessProbe=probe)
    shop.add_revision("pay", 2, minutes_ago=20, readinessProbe=probe)
    shop.event("Pod", "pay-r1-0", "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503")  # fmt: skip
    assert shop.blamed() == ("deployment/pay", "probe_failing")


def test_an_init_container_that_waits_for_a_name_of_nobody() -> None:
    """nslookup says which."""
    shop = Shop()
    shop.unready("pay")
    shop.log("pay", *["** server can't find kafka-boot.shop.svc.cluster.local: NXDOMAIN"] * 4)
    assert shop.blamed() == ("deployment/pay", "address_unknown_host")


@pytest.mark.parametrize("form", ["2026-05-04 {:02d}:{:02d}:00.1 ", "[04/May/2026:{:02d}:{:02d}:00 +0200] "])  # fmt: skip
def test_a_log_saved_without_times_is_over_by_its_own(form: str) -> None:
    """Ten errors, then half an hour of ordinary lines: in whatever zone the program writes."""
    failed = [form.format(3, minute) + "ERROR cannot place order" for minute in range(10)]
    well = [form.format(3, minute) + "order placed" for minute in range(20, 50, 2)]
    shop = Shop()
    lines = tuple(LogLine(None, each) for each in (*failed, *well))
    shop.logs.append(Log("pay-r1-0", "app", lines, False))
    assert shop.blamed() == ("", "healthy")
    shop.logs[-1] = Log("pay-r1-0", "app", lines[:10], False)
    assert shop.blamed() == ("deployment/pay", "application_errors")


def test_a_date_that_is_none_is_no_time() -> None:
    """As in a log that somebody made up."""
    assert own_time("2026-13-44 10:00:00 x") is None
    assert own_time("GET /2026 200") is None


def test_a_counted_attempt_that_was_not_the_last_is_no_error() -> None:
    """The last one would be logged too."""
    shop = Shop()
    shop.log("pay", *["WARN attempt 1/3 failed with ECONNRESET, retrying"] * 6)
    assert shop.blamed() == ("", "healthy")
    shop.log("pay", *["WARN attempt 3/3 failed: cannot connect to cart:7070: connection refused"] * 6)  # fmt: skip
    assert shop.blamed() != ("", "healthy")


@pytest.mark.parametrize(
    ("image", "line"),
    [
        ("docker.elastic.co/elasticsearch/elasticsearch:8.14.3", "flood stage disk watermark [95%] exceeded on [x][/data] free: 210mb"),
        ("mcr.microsoft.com/mssql/server:2022", "Could not allocate space for object 'dbo.Orders' because the 'PRIMARY' filegroup is full."),
        ("postgres:16", 'ERROR:  could not extend file "base/16384/2619": No space left on device'),
    ],
)  # fmt: skip
def test_a_database_whose_disk_is_full_is_blamed_also_in_its_clients_words(
    image: str, line: str
) -> None:
    """By its own log, or by what its driver throws in a client that calls another store too."""
    driver = {"d": "Elastic::Transport: ", "m": "SqlException: ", "p": "PG::DiskFull: "}[image[0]]
    for who, said in (("index", line), ("cart", driver + line)):
        shop = Shop()
        shop.add_workload("index", 9200, {}, image=image)
        addresses = {"STORE_ADDR": "store:6379", "INDEX": "Server=index,9200;Database=x"}
        shop.set_container("cart", env=[{"name": k, "value": v} for k, v in addresses.items()])
        shop.log(who, *[said] * 4)
        assert shop.blamed() == ("deployment/index", "disk_full")


def test_a_revoked_key_is_a_refused_login() -> None:
    """In the words of the API."""
    shop = Shop()
    line = 'level=error msg="sync failed" url=https://depots.example/v1 status=401 body="API key revoked"'
    shop.log("pay", *[line] * 4)
    assert shop.blamed() == ("deployment/pay", "credentials_rejected")


@pytest.mark.parametrize(
    ("value", "host", "port"),
    [
        ("Server=tcp:sql,1433;Database=Erp;User Id=app;Password=x", "sql", 1433),
        ("Host=pg;Port=5432;Username=app", "pg", 5432),
        ("host=pg port=5432 user=app", "pg", 5432),
        ("app:pw@tcp(mysql:3306)/shop?parseTime=true", "mysql", 3306),
        ("dns:///tracking:50051", "tracking", 50051),
        ("SASL_SSL://kafka:9092,SASL_SSL://kafka-2:9092", "kafka", 9092),
        ("optional:configserver:http://config:8888", "config", 8888),
        ("jdbc:sqlserver://sql:1433;databaseName=Erp", "sql", 1433),
        ("file:///etc/host=x", "", 0),
        ("the host = unknown here", "", 0),
    ],
)
def test_drivers_have_their_own_ways_to_write_an_address(value: str, host: str, port: int) -> None:
    """Without any word in the variable's name."""
    assert read_address("SETTING", value) == (host, port)


def test_a_pod_of_a_set_is_its_service() -> None:
    """Clients of Kafka and MongoDB name the pods; such a name is nothing outside the namespace."""
    shop = Shop()
    for _ in range(4):
        shop.log("cart", "dial tcp: connecting to store-0.store:6379: connection refused")
    shop.crashes("store", 1)
    top = shop.top("web")
    assert top.object == "deployment/store"
    assert "deployment/cart" in top.victims


@pytest.mark.parametrize(
    "line",
    [
        "Login failed: invalid password for user 8812 (2 of 5 attempts)",
        "WARN [AuthGuard] 401 Unauthorized: jwt expired path=/v1/me",
        'open() "/usr/share/nginx/html/wp-login.php" failed (2: No such file or directory), client: 198.51.100.9, request: "GET /wp-login.php"',
        "2026-05-04 11:58:00.100  WARN 1 --- [stream-0] c.l.sdk.Client : EventSource error: java.io.EOFException; will retry",
    ],
)  # fmt: skip
def test_what_strangers_do_wrong_is_no_fault_of_the_program(line: str) -> None:
    """Their logins, their paths; and a warning stays one behind two spaces."""
    shop = Shop()
    shop.log("web", *[line] * 8)
    assert shop.blamed() == ("", "healthy")


def test_a_missing_privilege_is_no_file() -> None:
    """A mesh's init container may not set rules for packets."""
    shop = Shop()
    shop.crashes("pay", 1)
    shop.log("pay", "iptables-save: Could not fetch rule set: Permission denied (you must be root)")
    assert shop.top().cause == "crash_loop"


@pytest.mark.parametrize(
    ("image", "line", "cause"),
    [
        ("rabbitmq:3.13", "[warning] <0.4.0> memory resource limit alarm set on node rabbit@queue-0.", "heap_exhausted"),
        ("rabbitmq:3.13", "[warning] <0.4.0> disk resource limit alarm set on node rabbit@queue-0.", "disk_full"),
    ],
)  # fmt: skip
def test_a_broker_that_blocks_its_publishers_says_why(image: str, line: str, cause: str) -> None:
    """At level warning."""
    shop = Shop()
    shop.add_workload("queue", 5672, {}, image=image)
    shop.set_container("cart", env=[{"name": "QUEUE_ADDR", "value": "queue:5672"}])
    shop.log("queue", *[line] * 2)
    shop.log("cart", *["ERROR publish timed out: connection blocked by broker"] * 6)
    assert shop.blamed() == ("deployment/queue", cause)


def test_a_full_cache_is_to_blame_not_who_writes_to_it() -> None:
    """Redis' own words, thrown by the client's driver."""
    shop = Shop()
    shop.log("cart", *["ReplyError: OOM command not allowed when used memory > 'maxmemory'."] * 4)
    assert shop.blamed() == ("deployment/store", "heap_exhausted")


def test_the_port_of_the_scheme_counts_where_the_variable_names_none() -> None:
    """The log says which port was called."""
    shop = Shop()
    addresses = {"CART_URL": "http://cart", "PAY_ADDR": "pay:5051"}
    shop.set_container("web", env=[{"name": k, "value": v} for k, v in addresses.items()])
    line = "Get http://cart/: dial tcp: connecting to cart:80: i/o timeout"
    shop.log("web", *[line] * 5)
    assert shop.blamed() == ("deployment/web", "address_wrong_port")


def test_a_service_that_stands_for_a_name_outside_is_as_good_as_that() -> None:
    """Neither DNS nor the caller."""
    shop = Shop()
    alias = meta("feed")
    alias["spec"] = {"type": "ExternalName", "externalName": "feed.rds.example.con"}
    shop.objects["services"].append(alias)
    shop.log("pay", *["lookup feed on 10.96.0.10:53: no such host"] * 4)
    assert shop.blamed() == ("service/feed", "address_unknown_host")


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("Server error: `POST https://api.s.example/1` resulted in a `503 Service Unavailable` response", "external_dependency_unreachable"),
        ("    at TLSSocket.onEnd (node:_tls_wrap:1727:19)  { code: 'ECONNRESET', host: 'api.mail.example', port: 443 }", "external_dependency_unreachable"),
        ("WARN: Aws::S3::Errors::AccessDenied: Access Denied", "credentials_rejected"),
    ],
)  # fmt: skip
def test_clients_of_the_outside_have_their_own_words(line: str, cause: str) -> None:
    """Guzzle's, Node's and Ruby's."""
    shop = Shop()
    shop.log("pay", *[line] * 6)
    assert shop.blamed() == ("deployment/pay", cause)


def test_options_that_are_validated_at_the_start_are_settings() -> None:
    """.NET aborts with an exception of its own, which says which is missing."""
    shop = Shop()
    shop.crashes("pay", 134)
    line = "OptionsValidationException: validation failed for 'Jwt' members: 'Key' with the error: 'The Key field is required.'"
    shop.log("pay", line, previous=True)
    assert shop.blamed() == ("deployment/pay", "config_value_missing")


def test_an_autoscaler_of_nothing_is_near_the_workload_of_its_name() -> None:
    """The alarm names that workload."""
    shop = Shop()
    scaler = meta("web-hpa")
    scaler["spec"] = {"scaleTargetRef": {"name": "web-v1"}, "maxReplicas": 4}
    scaler["status"] = {"conditions": [{"type": "AbleToScale", "status": "False", "reason": "FailedGetScale", "message": "not found"}]}  # fmt: skip
    shop.objects["horizontalpodautoscalers"] = [scaler]
    assert shop.blamed("web") == ("horizontalpodautoscaler/web-hpa", "hpa_target_missing")
