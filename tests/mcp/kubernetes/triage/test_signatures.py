"""The words of runtimes and drivers, and the host and port that they name."""

from __future__ import annotations

import pytest
from tocsin_mcp.kubernetes.triage.signatures import Sign, read_sign


@pytest.mark.parametrize(
    ("line", "kind", "host", "port"),
    [
        ('rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial tcp 10.96.0.9:5051: connect: connection refused"', "refused", "10.96.0.9", 5051),
        ("Error: connect ECONNREFUSED 10.0.0.7:3306", "refused", "10.0.0.7", 3306),
        ("io.netty.channel.AbstractChannel$AnnotatedConnectException: Connection refused: cart/10.96.0.4:7070", "refused", "cart", 7070),
        ("redis.exceptions.ConnectionError: Error 111 connecting to store:6379. Connection refused.", "refused", "store", 6379),
        ("StackExchange.Redis.RedisConnectionException: UnableToConnect on store:6379/Interactive", "refused", "store", 6379),
        ("HTTPConnectionPool(host='pay', port=5051): Max retries exceeded (Caused by [Errno 111] Connection refused)", "refused", "pay", 5051),
        ("ERROR 2003 (HY000): Can't connect to MySQL server on 'db:3306' (111)", "refused", "db", 3306),
        ('connection to server at "db" (10.1.2.3), port 5432 failed: Connection refused', "refused", "db", 5432),
        ("dial tcp 10.96.0.9:7070: i/o timeout", "timeout", "10.96.0.9", 7070),
        ("java.net.SocketTimeoutException: connect timed out", "timeout", "", 0),
        ("rpc error: code = DeadlineExceeded desc = context deadline exceeded", "timeout", "", 0),
        ("dial tcp: lookup store on 10.96.0.10:53: no such host", "unresolved", "store", 0),
        ("getaddrinfo ENOTFOUND store store:6379", "unresolved", "store", 0),
        ("java.net.UnknownHostException: store: Name or service not known", "unresolved", "store", 0),
        ('could not translate host name "db" to address: Name or service not known', "unresolved", "db", 0),
        ("Error -2 connecting to store:6379. Name or service not known.", "unresolved", "store", 6379),
        ("DNS resolution failed for catalog:3550: C-ares status is not ARES_SUCCESS", "unresolved", "catalog", 3550),
        ("curl: (6) Could not resolve host: store", "unresolved", "store", 0),
        ("getaddrinfo EAI_AGAIN store", "unresolved_now", "store", 0),
        ("lookup store on 10.96.0.10:53: server misbehaving", "unresolved_now", "store", 0),
        ("Unexpected HTTP/1.x request: GET /health", "protocol", "", 0),
        ("rpc error: code = Internal desc = boom", "upstream", "", 0),
        ('nginx: [emerg] host not found in upstream "api-v2" in /etc/nginx/a.conf:9', "unresolved", "api-v2", 0),
        ("wait-for-it.sh: timeout occurred after waiting 15 seconds for db:5432", "timeout", "db", 5432),
        ("FetchError: network timeout at: http://pay:5051/v1", "timeout", "pay", 5051),
        ("Faraday::TimeoutError: execution expired calling http://pay:5051/v1", "timeout", "pay", 5051),
        ("TaskCanceledException: canceled due to the configured HttpClient.Timeout of 5 seconds elapsing. (pay:5051)", "timeout", "pay", 5051),
        ("getaddrinfo: Name or service not known (queue.example) (Socket::ResolutionError)", "unresolved", "queue.example", 0),
        ("failed to lookup address information: Name or service not known host=pay", "unresolved", "pay", 0),
        ("14 UNAVAILABLE: Name resolution failed for target dns:pay:5051", "unresolved", "pay", 5051),
    ],
)  # fmt: skip
def test_connection_errors_name_the_other_side(line: str, kind: str, host: str, port: int) -> None:
    """Go, Node, Java, Python, C#, MySQL and PostgreSQL each say it in their own way."""
    sign = read_sign(line)
    assert sign == Sign(kind, host, port)


@pytest.mark.parametrize(
    ("line", "kind", "detail"),
    [
        ("java.lang.OutOfMemoryError: Java heap space", "heap", ""),
        ("write /data/a: no space left on device", "disk_full", "/data/a"),
        ("listen tcp :8080: bind: address already in use", "address_in_use", ""),
        ("Error: EACCES: permission denied, open '/data/cache'", "permission", "/data/cache"),
        ("OSError: [Errno 30] Read-only file system: '/app/tmp'", "read_only_fs", "/app/tmp"),
        ("panic: environment variable STORE_ADDR not set", "config_missing", "STORE_ADDR"),
        ("KeyError: 'STORE_ADDR'", "config_missing", "STORE_ADDR"),
        ("Could not resolve placeholder 'db.url' in value", "config_missing", "db.url"),
        ("invalid value for option --port", "config_invalid", ""),
        ('nginx: [emerg] unknown directive "proxy_passs"', "config_invalid", ""),
        ("[error] configuration file contains errors, aborting.", "config_invalid", ""),
        ("ERROR sqlx::pool: pool timed out while waiting for an open connection", "pool", ""),
        ("could not obtain a connection from the pool within 5.000 seconds", "pool", ""),
        ("invalid peer certificate: UnknownIssuer", "cert_untrusted", ""),
        ("invalid peer certificate: Expired", "cert_expired", ""),
        ("SSL routines::certificate verify failed", "cert_untrusted", ""),
        ("panic: required key DATABASE_DSN missing value", "config_missing", "DATABASE_DSN"),
        ("  Field required [type=missing, input_value={}, input_type=dict]", "config_missing", ""),
        (
            "{ code: 'invalid_type', received: 'undefined', path: [ 'REDIS_URL' ] }",
            "config_missing",
            "REDIS_URL",
        ),
        (
            "Failed to configure a DataSource: 'url' attribute is not specified",
            "config_missing",
            "",
        ),
        ("ReadOnlyError: You can't write against a read only replica.", "db_read_only", ""),
        (
            "AuthorizationException(403, 'cluster_block_exception', 'index blocked')",
            "db_read_only",
            "",
        ),
        ("FATAL: no more connections allowed (max_client_conn)", "db_connections", ""),
        ("ConnectionError: max number of clients reached", "db_connections", ""),
        (
            "An error occurred (AccessDenied) when calling the PutObject operation",
            "credentials",
            "",
        ),
        ("The security token included in the request is expired", "credentials", ""),
        ("nats: Authorization Violation", "credentials", ""),
        (
            "TopicAuthorizationException: Not authorized to access topics: [orders]",
            "credentials",
            "",
        ),
        ("pgxpool: failed to acquire connection: all connections in pool are busy", "pool", ""),
        ("Could not get a resource since the pool is exhausted", "pool", ""),
        ("AuthenticationException: RemoteCertificateNameMismatch", "cert_name", ""),
        (
            "The config property billing.endpoint is required but it could not be found",
            "config_missing",
            "",
        ),
        ('`fetch\': key not found: "STRIPE_KEY" (KeyError)', "config_missing", "STRIPE_KEY"),
        (
            "InvalidOperationException: Connection string 'OrdersDb' not found in configuration.",
            "config_missing",
            "",
        ),
        ("ProvisionedThroughputExceededException: Rate exceeded", "rate_limited", ""),
        (
            "Error making API request. URL: PUT https://vault.example/v1 Code: 403. permission denied",
            "credentials",
            "",
        ),
        ("TimeoutError: ResourceRequest timed out", "pool", ""),
        ("Timed out while checking out a connection from connection pool", "pool", ""),
        ("PG::LockNotAvailable: ERROR:  canceling statement due to lock timeout", "deadlock", ""),
        (r'err="ERROR: relation \"toll_rates\" does not exist"', "db_missing", ""),
        ("SqlException (0x80131904): Invalid object name 'Sales.Slots'.", "db_missing", ""),
        ("certificate has expired", "cert_expired", ""),
        ("x509: certificate is valid for a.example, not b.example", "cert_name", ""),
        (
            "[SSL: CERTIFICATE_VERIFY_FAILED] unable to get local issuer certificate",
            "cert_untrusted",
            "",
        ),
    ],
)
def test_other_signs_name_what_they_are_about(line: str, kind: str, detail: str) -> None:
    """A path, a setting, or nothing."""
    sign = read_sign(line)
    assert sign is not None
    assert (sign.kind, sign.detail) == (kind, detail)


@pytest.mark.parametrize(
    "line",
    [
        "GET /cart 200 3ms",
        "listening on :8080",
        "timeout set to 30s",
        "connected to store:6379",
        "read 12 products",
        "permission check passed",
        "unlimited access granted to user 429",
    ],
)
def test_ordinary_lines_say_nothing(line: str) -> None:
    """Words of trouble in harmless sentences."""
    assert read_sign(line) is None
