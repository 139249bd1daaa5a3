"""How each language prints a frame, and what in a trace is not our own code."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Language:
    """`frame` matches one line and has the groups `path`, and where the language prints them `line` and `symbol`.

    `vendor` matches symbols or paths of libraries and runtimes. `deepest_last`: the throwing frame is printed last.
    """

    name: str
    frame: re.Pattern[str]
    vendor: re.Pattern[str]
    deepest_last: bool = False


LANGUAGES = (
    Language(
        "python",
        re.compile(
            r'^\s*File "(?P<path>[^"]{1,300})", line (?P<line>\d+)(?:, in (?P<symbol>\S+)|$)'
        ),
        re.compile(
            r"site-packages/|dist-packages/|/lib/python\d|^<frozen|^<string>|/importlib/|\.venv/"
        ),
        deepest_last=True,
    ),
    Language(
        "java",
        re.compile(
            r"^\s*at (?:[\w.@-]{1,60}/{1,2})?(?P<symbol>[\w.$<>-]{1,200}\.[\w$<>-]{1,100})"
            r"\((?:(?P<path>[\w$-]+\.(?:java|kts?|scala|groovy|cljc?))(?::(?P<line>\d+))?"
            r"|(?:Native Method|Unknown Source|SourceFile|<generated>)(?::\d+)?|:\d+)\)"
        ),
        re.compile(
            r"^(?:javax?|jdk|sun|kotlinx?|scala|groovy|jakarta|akka|reactor|okhttp3|retrofit2|redis|lettuce|feign|rx|ch\.qos)\."
            r"|^(?:org\.(?:spring\w*|apache|hibernate|jboss|eclipse|postgresql|slf4j|mongodb|aspectj|yaml|redisson)"
            r"|io\.(?:grpc|netty|lettuce|micrometer|opentelemetry|opencensus|vertx|undertow|reactivex|perfmark)"
            r"|com\.(?:sun|google|zaxxer|mysql|fasterxml|mongodb|rabbitmq|netflix|squareup|amazonaws|datastax|microsoft|alibaba))\."
            r"|\$\$(?:Lambda|EnhancerBySpringCGLIB|FastClassBySpringCGLIB)|\$Proxy\d"
        ),
    ),
    Language(
        "node",
        re.compile(
            r"^\s*at (?:(?:async )?(?P<symbol>[^()]{1,160}?) \()?(?:file://)?"
            r"(?P<path>node:[\w/]{1,80}|(?:webpack(?:-internal)?:/*|[A-Za-z]:)?[\w@./\\ -]{1,300}?\.[cm]?[jt]sx?):(?P<line>\d+):\d+\)?(?: \{)?$"
        ),
        re.compile(r"^node:|node_modules/|^internal/|^webpack:/+webpack"),
    ),
    Language(
        "csharp",
        re.compile(
            r"^\s*at (?P<symbol>[\w.`<>\[\]|,+$-]{1,240})\((?P<arguments>[^)]{0,400})\)"
            r"(?: in (?P<path>(?:[A-Za-z]:)?[^:]{1,300}(?:\.cs|\.fs|\.vb)):line (?P<line>\d+))?"
        ),
        re.compile(
            r"^(?:System|Microsoft|Grpc|StackExchange|Newtonsoft|Npgsql|MySql|MySqlConnector|MongoDB|Polly|Serilog|RabbitMQ"
            r"|Google|Amazon|Azure|OpenTelemetry|MassTransit|MediatR|Dapper|Autofac|Confluent|Castle)\."
        ),
    ),
    Language(
        "go",
        re.compile(r"^\s+(?P<path>[/\w.@~+-]{1,300}\.go):(?P<line>\d+)(?: \+0x[0-9a-f]+)?"),
        re.compile(
            r"/usr/local/go/|/go/pkg/mod/|/pkg/mod/|/vendor/|/libexec/src/|^runtime/|/go/src/(?:runtime|net|reflect)/|@v\d"
        ),
    ),
    Language(
        "ruby",
        re.compile(
            r"^\s*(?:from |\d+: from )?(?P<path>[/\w.@+-]{1,300}\.(?:rb|rake|ru|erb)):(?P<line>\d+)"
            r"(?::in [`'](?P<symbol>[^']{1,160})'|(?<=\d)$)"
        ),
        re.compile(r"/gems/|/lib/ruby/|<internal:|/rubygems/|/bundler/"),
    ),
    Language(
        "php",
        re.compile(
            r"^\s*#\d+ (?P<path>/[\w./@-]{1,300}\.php)\((?P<line>\d+)\): (?P<symbol>[\w\\:>{}-]{1,200})"
        ),
        re.compile(r"/vendor/|/usr/share/php|/pear/"),
    ),
    Language(
        "rust",
        re.compile(r"^\s+at (?P<path>[/\w.@~+-]{1,300}\.rs):(?P<line>\d+):\d+"),
        re.compile(
            r"^/rustc/|/\.?cargo/registry/|/\.cargo/|/rustlib/|/library/(?:std|core|alloc)/"
        ),
    ),
)

CONTINUES = re.compile(
    r"^\s*$"
    r"|^\s{4,}\S"  # a source line or its markers below a Python frame
    r"|^\s*(?:Caused by|Wrapped by|Suppressed|Next|\[cause\])[: ]"
    r"|^\s*\.\.\. \d+ (?:more|common)"
    r"|^Error has been observed at|^\s*\*__checkpoint|^Original Stack Trace:"  # Reactor
    r"|^\s*--- End of|^\s*---> "
    r"|^\s*(?:Traceback \(most recent|During handling of|The above exception)"
    r"|^(?:goroutine \d+ [^\[]{0,80}\[|created by |\[signal |exit status)"
    r"|^\s*(?:#\d+ \{main\}|Stack trace:|\[stacktrace\]|\[previous exception\] )"
    r"|^[\w./*()\[\]{}·-]{1,200}\([^)]{0,200}\)?(?:\.{3}\))?$"  # the Go function above its file
    r"|^[\w/-]{1,120}(?:\.[\w()*]{1,80}){1,6}$"  # the same as zap prints it
    r"|^\s*\d+: +[\w<]"  # the Rust function above its file
    r"|^\s*at .{0,200}(?:Unknown Source|Native Method|<anonymous>)\)?$"
)
"""What may stand between two frames of one trace."""

HEADERS = (
    re.compile(
        r"(?P<type>(?:[A-Za-z_][\w.$`\\]{0,150})?(?:Exception|Error|Fault|Throwable|Interrupt|Iteration|KeyError)(?:\$[A-Z]\w{0,60})?)"
        r"(?: \((?:0x[0-9A-Fa-f]+|\d+)\)| \[\w+\])?(?:: ?(?P<message>.*))?$"
    ),
    re.compile(
        r"^(?:.*\b)?(?P<type>panic|fatal error|Unhandled exception|Uncaught \w+): (?P<message>.*)$"
    ),
    re.compile(r"thread '[^']{0,80}' (?:\(\d+\) )?(?P<type>panicked) at (?P<message>.*)$"),
    re.compile(r"(?P<type>[A-Z][\w:]{0,150}(?:Error|Exception)) \((?P<message>.*)\):?$"),
)

PYTHON_NAME = re.compile(r"^(?P<type>[A-Za-z_][\w.]{0,150})(?:: (?P<message>.*))?$")
"""The line below Python's frames: any class may be raised, whatever its name ends with."""

RUST_PANIC = re.compile(
    r"panicked at (?:'(?P<old>.*)', )?(?P<path>[/\w.@-]{1,300}\.rs):(?P<line>\d+):\d+:?\s*(?P<new>.*)$"
)
_PHP_PATH = r"(?P<path>/[\w./@-]{1,300}\.php)"
PHP_THROWN = (
    re.compile(
        r"(?:Uncaught (?P<type>[\w\\]{1,100})): (?P<message>.*?) in "
        rf"{_PHP_PATH}(?::(?P<line>\d+)|\son line (?P<on>\d+))"
    ),
    re.compile(
        rf"\((?P<type>[\w\\]{{1,100}})\(code: [^)]{{1,40}}\): (?P<message>.*?) at {_PHP_PATH}:(?P<line>\d+)(?P<on>)\)"
    ),
    re.compile(
        rf"PHP (?P<type>Parse error|Fatal error): +(?P<message>.*?) in {_PHP_PATH}(?P<line>) on line (?P<on>\d+)"
    ),
    re.compile(
        r"(?P<type>[\w\\]{0,100}(?:Exception|Error)): (?P<message>.*?) in "
        rf"{_PHP_PATH}(?::(?P<line>\d+)|\son line (?P<on>\d+))"
    ),
)
"""PHP's own words, those of its usual logger, errors that nothing can catch (memory, time, syntax), and a chained exception."""
RUBY_THROWN = re.compile(r"in [`'][^']{1,160}': (?P<message>.*) \((?P<type>[\w:]{1,100})\)$")

CONNECTION = re.compile(
    r"connection(?: was)? (?:refused|reset|closed|timed out)|econn(?:refused|reset)|etimedout|enotfound|eai_again|unknownhost"
    r"|redisconnection|redistimeout|socketexception|connectexception|connecttimeout|sockettimeout|httphostconnect|no such host"
    r"|name or service not known|temporary failure in name resolution|unabletoconnect|failed to connect|could not connect"
    r"|can't connect|communications link failure|_inactiverpcerror|statuscode\.unavailable|statuscode=\"?unavailable"
    r"|code = unavailable|code = deadlineexceeded|operationalerror(?!.*(?:no such|unknown column|doesn't exist|syntax error))|connectionerror|maxretryerror|newconnectionerror"
    r"|connection refused|i/o timeout|no connection became available|brokenpipe|broken pipe|mongonetwork|serverselectiontimeout|sqltransientconnection",
    re.IGNORECASE,
)
"""Exceptions that say that something else could not be reached: the code that called is a victim."""

ANSWERED = re.compile(
    r"\b(?:429|50[0234]) (?:client|server) error|\bstatus(?: ?code)?(?: is| of)?\b[^0-9\n]{0,40}\b(?:429|50[0234])\b|httpservererrorexception"
    r"|toomanyrequests|\[(?:429|50[0234])\] during",
    re.IGNORECASE,
)
"""Exceptions of HTTP clients whose callee had no answer: it failed, or it limits its callers."""
