"""What a log line says is wrong, by the words that runtimes, drivers and servers use; severity is not trusted.

Some frameworks log the exception that matters at level info, so text is matched and not the level.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from .targets import target


@dataclass(frozen=True, slots=True)
class Sign:
    """What one line means. `host` and `port` name the other side, `detail` a path, key or table; all may be empty."""

    kind: str
    host: str = ""
    port: int = 0
    detail: str = ""


_WORDS = (
    "error", "fail", "exception", "refus", "time", "denied", "panic", "fatal", "econn", "enotfound", "unknownhost", "x509", "certif",
    "too many", "read-only", "readonly", "deadlock", "no space", "not set", "missing", "invalid", "traceback", "unable", "cannot", "can't",
    "could not", "no such", "in use", "exhaust", "unavailable", "not found", "killed", "unauthor", "wrongpass", "noauth", "required",
    "malformed", "preface", "not known", "critical", "slots", "throttl", "limit", "abort", "http/1.", "not available", "must be", "severe",
    "forbidden", "authoriz", "permitted", "no address", "getaddrinfo", "eai_again", "servfail", "lookup", "eacces", "enospc", "etimedout", "expired", "elapsed", "unknown", "emerg", "eaddrinuse", "nxdomain", "watermark", "is full", "oom", "429", "out of memory",
)  # fmt: skip


def worth_reading(text: str) -> bool:
    """Whether a line holds any word of trouble; others are never looked at closer."""
    lower = text.lower()
    return any(word in lower for word in _WORDS)


# Kind, words one of which must occur (in lower case; quick to look for), and the pattern that decides.
_SIGNS: tuple[tuple[str, tuple[str, ...], re.Pattern[str]], ...] = tuple(
    (kind, tuple(needles.split("|")), re.compile(pattern, re.IGNORECASE))
    for kind, needles, pattern in (
        (
            "heap",
            "outofmemory|out of memory|heap limit|memoryerror|cannot allocate memory|allowed memory",
            r"OutOfMemoryError|heap out of memory|Reached heap limit|\bMemoryError\b|runtime: out of memory|cannot allocate memory"
            r"|OutOfMemoryException|Allowed memory size of",
        ),
        (
            "db_full",
            "extend file|limit alarm|diskfull|53100|filegroup|could not allocate|is full|watermark|ora-0165",
            r"could not extend file|disk resource limit alarm set|\bDiskFull\b|SQLSTATE\W{0,3}53100|filegroup is full|Could not allocate (?:a new page|space) for"
            r"|The table '[^']{1,200}' is full|flood.stage (?:disk )?watermark|\bORA-0165[34]",
        ),
        (
            "disk_full",
            "no space left|enospc|quota exceeded|disk is full|space on the disk",
            r"no space left on device|\bENOSPC\b|disk quota exceeded|database or disk is full|not enough space on the disk",
        ),
        (
            "address_in_use",
            "in use|eaddrinuse|already allocated|failed to bind|no address added|failed to add port",
            r"address already in use|EADDRINUSE|port is already allocated|Failed to bind to address|No address added out of total|Failed to add port to server",
        ),
        (
            "db_credentials",
            'access denied|password auth|28000|28p01|pg_hba|role "|01017|login failed|authentication|authenticating|authorized|find user',
            r"Access denied for user|password authentication failed|SQLSTATE\[?\(?(?:28000|28P01)|no pg_hba\.conf entry"
            r"|role \"[^\"]*\" does not exist|ORA-01017|Login failed for user|Mongo\w*(?:Error|Exception)?: Authentication failed"
            r"|Exception authenticating MongoCredential|SASL authentication|SCRAM authentication|not authorized on \S+ to execute|command \w+ requires authentication|could not find user",
        ),
        (
            "db_connections",
            "connections|slots|too many clients|53300|number of clients|00020",
            r"Too many connections|remaining connection slots|sorry, too many clients|max_user_connections|SQLSTATE\[?\(?53300"
            r"|max number of clients reached|no more connections allowed|ORA-00020",
        ),
        (
            "pool",
            "pool|resourcerequest|connection is not available|timeout expired|timeout acquiring",
            r"Connection is not available, request timed out|QueuePool limit|pool (?:is |has been )?exhausted|exhausted pool|Timeout expired\. +The timeout period elapsed "
            r"prior to obtaining a connection|could not get a resource from the pool|pool is full"
            r"|could not obtain a connection from the pool|pool timed out while waiting|ResourceRequest timed out|checking out a connection from (?:the )?(?:connection )?pool|Timeout acquiring a connection|connections in (?:the )?pool (?:are|were) (?:busy|in use)",
        ),
        (
            "store_full",
            "maxmemory|limit alarm",
            r"OOM command not allowed when used memory|memory resource limit alarm set",
        ),
        (
            "db_read_only",
            "read-only|readonly|read only|cluster_block|1290|notwritable|slaveok|not primary|misconf",
            r"--read-only option|--super-read-only|in a read-only transaction|You can't write against a read.?only|cluster_block_exception|error:? 1290|database is read-?only"
            r"|not master and slaveOk|NotWritablePrimary|not primary|readonly database|MISCONF Redis is configured to save",
        ),
        (
            "deadlock",
            "deadlock|lock wait|lock timeout|locknot|lockwait|40p01|55p03",
            r"deadlock (?:found|detected)|Lock wait timeout exceeded|due to lock timeout|\bLock(?:NotAvailable|WaitTimeout)|40P01|55P03|was deadlocked",
        ),
        (
            "db_missing",
            "unknown database|42p01|42s02|42703|42s22|3d000|invalid object name|does not exist|doesn't exist|no such table|unknown column",
            r"Unknown database|database \"[^\"]+\" does not exist|relation \"[^\"]+\" does not exist|Table '[^']+' doesn't exist"
            r"|Invalid object name '|SQLSTATE\W{0,3}(?:42P01|42S02|42703|42S22|3D000)\b|no such table|column \"?[\w.]+\"? does not exist|Unknown column",
        ),
        (
            "cert_expired",
            "certificate|cert_has",
            r"certificate has expired|certificate is expired|CERT_HAS_EXPIRED|CertificateExpired|certificate expired|expired certificate|peer certificate: Expired",
        ),
        (
            "cert_name",
            "certificate|alternative|altname|hostname mismatch",
            r"certificate is valid for|doesn't match any of the subject alternative names|ERR_TLS_CERT_ALTNAME|Hostname mismatch|No subject alternative|peer certificate: NotValidForName|CertificateNameMismatch",
        ),
        (
            "cert_untrusted",
            "unknown authority|verify failed|self-signed|self signed|certificate_verify|local issuer|pkix|self_signed|unable_to_verify|certificatechain|untrustedroot|bad certificate"
            "|certificate authority|unknown_ca|unknown ca|peer certificate",
            r"signed by unknown authority|self[- ]signed certificate|CERTIFICATE_VERIFY_FAILED|unable to get local issuer|PKIX path building failed"
            r"|DEPTH_ZERO_SELF_SIGNED|UNABLE_TO_VERIFY_LEAF|RemoteCertificateChainErrors|UntrustedRoot|unknown certificate authority|unknown[_ ]ca\b"
            r"|certificate verify failed|peer certificate: UnknownIssuer|tls: bad certificate|SSL peer certificate validation failed",
        ),
        (
            "unresolved_now",
            "eai_again|temporary failure|misbehaving|servfail|lookup |dns",
            r"EAI_AGAIN|Temporary failure in name resolution|server misbehaving|SERVFAIL|lookup [\w.-]+(?: on [^:]+:\d+)?: (?:.*)i/o timeout"
            r"|(?:Timeout|timed out) while contacting DNS|DNS server returned general failure|resolution timed out",
        ),
        (
            "unresolved",
            "no such host|host not found|resolve address|enotfound|unknownhost|not known|not resolve|nodename|nxdomain|translate host|failed to resolve|could not resolve|resolution failed|getaddrinfo|lookup address|unable to resolve|no address associated",
            r"no such host|host not found in upstream|could not resolve address|ENOTFOUND|UnknownHostException|Name or service not known|Name does not resolve|nodename nor servname|NXDOMAIN"
            r"|could not translate host name|Failed to resolve|Could not resolve host|(?:DNS|Name) resolution failed|getaddrinfo failed|failed to lookup address"
            r"|Unable to resolve host|No address associated with hostname",
        ),
        (
            "protocol",
            "malformed http|preface|http/1.|tls handshake|http response to https|wrong version|frame too large|unexpected http|pri * http",
            r"malformed HTTP|error reading server preface|HTTP/1\.x (?:request|transport)|first record does not look like a TLS handshake"
            r"|server gave HTTP response to HTTPS client|wrong version number|http2: frame too large|Unexpected HTTP/1|Received unexpected HTTP|PRI \* HTTP/2",
        ),
        (
            "refused",
            "refused|unabletoconnect|failed to connect|can't connect|link failure|could not connect|no connection became|unable to connect|connect call failed|broker may",
            r"connection refused|ECONNREFUSED|actively refused|UnableToConnect|Failed to connect to (?!.*timed out)|Can't connect to (?:local )?\w+ server"
            r"|Communications link failure|Could not connect to|no connection became available|Unable to connect to|connect call failed|Broker may not be available",
        ),
        (
            "timeout",
            "timeout|timed out|no route|ehostunreach|unreach|etimedout|deadline|execution expired|opentimeout",
            r"i/o timeout|ETIMEDOUT|connection timed out|connect timed out|ConnectTimeout|connection attempt timed out|No route to host|EHOSTUNREACH"
            r"|network is unreachable|ENETUNREACH|SocketTimeoutException|Read timed out|context deadline exceeded|DeadlineExceeded|DEADLINE_EXCEEDED"
            r"|upstream request timeout|ESOCKETTIMEDOUT|ReadTimeout|request timed out|Deadline Exceeded"
            r"|HttpClient\.Timeout of|execution expired|OpenTimeout|Timeout was reached|operation timed out|deadline has elapsed|network timeout at|timeout occurred after waiting",
        ),
        (
            "rate_limited",
            "429|too many requests|rate limit|resourceexhausted|throttling|rate exceeded|throughput|slowdown",
            r"\b429\b.{0,40}(?:too many|rate|limit)|too many requests|rate limit(?:ed| exceeded)|ResourceExhausted.{0,60}(?:quota|rate|limit)|ThrottlingException|\bRate exceeded\b|ThroughputExceeded",
        ),
        (
            "rbac",
            "system:serviceaccount",
            r"forbidden: User \W{0,12}system:serviceaccount:[\w:.-]+\W{0,12} cannot \w+ resource",
        ),
        (
            "credentials",
            "wrongpass|noauth|invalid|api key|secret expired|authentication failed|unauthenticated|unauthorized|bad credentials|login was refused|permissiondenied|403|accessdenied|token|accesskey|signature|not authorized to|authorization violation",
            r"WRONGPASS|NOAUTH Authentication required|invalid (?:username|password|credentials|api key)(?! for (?:user|account|customer|e?mail)\b)|authentication failed|code = Unauthenticated"
            r"|StatusCode\.UNAUTHENTICATED|401 Unauthorized|invalid_(?:client|grant|api_key)|api[ _]key (?:is |was |has been |has )?(?:revoked|disabled|expired|invalid)|bad credentials|Login was refused|code = PermissionDenied"
            r"|not authorized to access|Authorization Violation|Errors::(?:AccessDenied|InvalidAccessKeyId|ExpiredToken|SignatureDoesNotMatch)|\((?:AccessDenied|InvalidAccessKeyId|SignatureDoesNotMatch)\w*\)|security token included in the request is|is not authorized to perform: \w+:"
            r"|https?://\S+.{0,60}\b(?:code|status)\W{1,3}403\b",
        ),
        (
            "exec_format",
            "exec format",
            r"exec format error",
        ),
        (
            "command_missing",
            "not found|no such file",
            r"^(?:/?[\w/.-]*sh: (?:line )?(?:\d+: )?|exec: |env: |exec )\S+: (?:command )?(?:not found|No such file or directory)",
        ),
        (
            "read_only_fs",
            "read-only file|readonly file|read-only filesystem|erofs",
            r"read-only file ?system|\bEROFS\b",
        ),
        (
            "permission",
            "permission denied|eacces|accessdenied|unauthorizedaccess|operation not permitted",
            r"\w\W{0,12}permission denied|permission denied.{0,40}\W/\w|\bEACCES\b|AccessDeniedException|UnauthorizedAccessException|Operation not permitted",
        ),
        (
            "config_missing",
            "not set|connectionstring|missing|required|placeholder|keyerror|must be set|undefined|mandatory|not specified|not provided|not configured|key not found|connection string",
            r"environment variable \S{0,60} ?(?:is )?(?:not set|missing|required|undefined|must be set)|\bnot set: (?-i:[A-Z_]{3,})|missing (?:required )?(?:env|environment|"
            r"configuration|config|setting|property|parameter|argument)|(?:required|mandatory) (?:env|environment|configuration|config|setting|property)"
            r"|required key \S+ missing|property \S+ is required|key not found: \"[A-Z][A-Z0-9_]+\"|connection string '[^']+' not found|Field required \[type=missing|received:? '?undefined|(?:attribute|property|setting|option|parameter|variable|key)\b.{0,60} not (?:specified|provided|configured)"
            r"|Could not resolve placeholder|OptionsValidationException.{0,200} required\b|Parameter '(?:connectionString|nameOrConnectionString)'|(?-i:KeyError: '[A-Z][A-Z0-9_]{2,}')|\b(?-i:[A-Z][A-Z0-9_]{3,})[\"'`]? (?:is not set|is required|must be set|not set|is missing|environment variable not set)",
        ),
        (
            "config_invalid",
            "invalid|bad |convert|malformed|unknown|unsupported|contains errors|emerg|error in |pars|load|decod|unmarshal|read|yaml|flag",
            r"(?:invalid|bad|malformed|unknown|unsupported) (?:value for |configuration|config|setting|option|flag|argument|directive|port)|(?:failed|unable|could not|cannot|error)"
            r" (?:to )?(?:parse|parsing|load|loading|decode|unmarshal|read|reading)\w* (?:the )?(?:config|configuration|settings|\S+\.(?:ya?ml|json|toml|conf|ini|properties))"
            r"|\[emerg\].{0,300} in /\S+:\d+|unknown directive|configuration file contains errors|\berror in \S+\.(?:ya?ml|json|toml|conf|cfg|ini|properties)\b|flag provided but not defined|yaml: line \d+|invalid duration|\bparsing \S+\.(?:ya?ml|json|toml|conf|cfg|ini|properties):|failed to convert [\w.]{1,80} to ",
        ),
        (
            "upstream",
            "rpc|statuscode|statusruntime|httpserver|50|upstream|econnreset|connection reset|unavailable|error: ",
            r"rpc error: code = \w+|_InactiveRpcError|StatusCode\.[A-Z_]{5,}|StatusRuntimeException|RpcException"
            r"|\b\d{1,2} (?-i:CANCELLED|UNKNOWN|INVALID_ARGUMENT|NOT_FOUND|FAILED_PRECONDITION|ABORTED|UNIMPLEMENTED|INTERNAL|UNAVAILABLE): "
            r"|HttpServerErrorException|(?:status|code|returned|response)[^a-z]{0,12}50[0234]\b|502 Bad Gateway|503 Service Unavailable|50[0234] Server Error|upstream connect error|ECONNRESET|connection reset",
        ),
    )
)

_PATH = re.compile(r"['\"` ](?P<path>/[\w./@-]{2,200})")
_SETTING = re.compile(
    r"\b(?P<key>[A-Z][A-Z0-9]*_[A-Z0-9_]+|(?<=')[A-Z][A-Z0-9]{2,}(?='))\b|placeholder '(?P<place>[\w.-]+)'"
)

CONNECTION_KINDS = frozenset({"refused", "timeout", "unresolved", "unresolved_now"})
_WITH_TARGET = CONNECTION_KINDS | {
    "db_credentials", "db_connections", "db_read_only", "db_missing", "credentials", "rate_limited", "upstream",
    "cert_expired", "cert_name", "cert_untrusted", "protocol",
}  # fmt: skip


@lru_cache(maxsize=2048)  # programs repeat themselves, word for word
def read_sign(text: str) -> Sign | None:
    """What a line says is wrong, None when it says nothing known."""
    if not worth_reading(text):
        return None
    text = text.replace('\\"', '"')  # as in a quoted answer
    lower = text.lower()
    for kind, needles, pattern in _SIGNS:
        if any(needle in lower for needle in needles) and pattern.search(text):
            return _described(kind, text)
    return None


def _described(kind: str, text: str) -> Sign:
    if kind in _WITH_TARGET:
        host, port = target(text, names=kind.startswith("unresolved"))
        return Sign(kind, host, port)
    if kind in ("permission", "read_only_fs", "disk_full"):
        found = _PATH.search(text)
        return Sign(kind, detail=found["path"] if found else "")
    if kind in ("config_missing", "config_invalid"):
        setting = _SETTING.search(text)
        return Sign(kind, detail=(setting["key"] or setting["place"] or "") if setting else "")
    if kind == "address_in_use":
        host, port = target(text, names=False)
        return Sign(kind, host, port or _last_number(text))
    return Sign(kind)


def _last_number(text: str) -> int:
    numbers: list[str] = re.findall(r":(\d{2,5})\b", text)
    return int(numbers[-1]) if numbers else 0
