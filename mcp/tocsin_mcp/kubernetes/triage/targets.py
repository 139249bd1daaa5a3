"""The host and port that a log line names as the other side."""

from __future__ import annotations

import re

_TARGETS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?:read|write) tcp \S{1,60}->\[?(?P<host>[a-f0-9][a-f0-9.:]*?)\]?:(?P<port>\d{2,5})(?=: |\s|$)",
        r"(?:dial tcp|ECONNREFUSED|ETIMEDOUT|EHOSTUNREACH|ECONNRESET|UnableToConnect on|connecting to|connect to|connected to|ipv4:|connection to|connect call failed)"
        r" *[('\"\[]*(?P<host>[a-z0-9][\w.-]*)['\"\]]*[:,] ?'?(?P<port>\d{2,5})\b",
        r"(?P<host>[a-z][\w.-]*)/(?:\d+\.){3}\d+:(?P<port>\d{2,5})",
        r"connect to (?P<host>[a-z0-9][\w.-]*) port (?P<port>\d{2,5})",
        r"host=['\"](?P<host>[^'\"]+)['\"],? port=(?P<port>\d+)",
        r"\bhost: ['\"](?P<host>[^'\"]+)['\"],? port: (?P<port>\d+)",
        r"server (?:at|on) ['\"](?P<host>[\w.-]+)(?::(?P<port>\d+))?['\"](?:.{0,60}?port (?P<also>\d+))?",
        r"server (?:at|on) ['\"](?P<host>[\w.-]+)['\"]",
        r"https?://(?P<host>[\w.-]+)(?::(?P<port>\d+))?",
        r"\b(?P<host>[a-z][\w-]*(?:\.[\w-]+)*|(?:\d{1,3}\.){3}\d{1,3}):(?P<port>\d{2,5})\b",
    )
)
_NAMES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"lookup (?P<host>[\w.-]+)",
        r"(?:ENOTFOUND|EAI_AGAIN) (?P<host>[\w.-]+)(?::(?P<port>\d+))?",
        r"UnknownHostException: (?P<host>[\w.-]+)",
        r"server can't find (?P<host>[\w.-]+): [A-Z]{4}",
        r"(?:not found in upstream|resolve address) ['\"](?P<host>[\w.-]+)(?::(?P<port>\d+))?['\"]",
        r"(?:translate host name|Failed to resolve|resolve host:?|resolution failed for(?: target)?|Unable to resolve host|server on|getaddrinfo for)"
        r" ['\"]?(?:dns:/*)?(?P<host>[a-z0-9][\w.-]*)['\"]?(?::(?P<port>\d+))?",
        r"(?:not known|No such host is known\.?) \(?(?P<host>[a-z][\w.-]*):(?P<port>\d+)\)?",
        r"not known \((?P<host>[a-z][\w.-]*)\)",
        r"host=['\"](?P<host>[^'\"]+)['\"],? port=(?P<port>\d+)",
        r"\bhost(?:name)?=(?P<host>[a-z][\w.-]*)",
        r"connecting to (?P<host>[a-z][\w.-]*):(?P<port>\d+)",
        r"https?://(?P<host>[\w.-]+)(?::(?P<port>\d+))?",
        r"\b(?P<host>[a-z][\w-]*(?:\.[\w-]+)*):(?P<port>\d{2,5})\b",
    )
)
_ADVICE = re.compile(r"\b(?:see|read|visit|docs?:)[ :]{1,3}https?://\S{1,200}", re.IGNORECASE)
"""An address that a library gives to its reader, not one that the program called."""

_NO_HOSTS = frozenset(
    {"desc", "code", "error", "line", "status", "file", "localtime", "go", "java", "address"}
)


def target(text: str, *, names: bool) -> tuple[str, int]:
    """Host and port that the text names; `names` prefers the words of name resolution."""
    said = _ADVICE.sub("", text)
    for pattern in _NAMES if names else _TARGETS:
        for found in pattern.finditer(said):
            host = found["host"].rstrip(".").lower()
            groups = found.groupdict()
            port = groups.get("port") or groups.get("also")
            if host and host not in _NO_HOSTS and not (port == "53" and names):
                return host, int(port) if port else 0
    return "", 0
