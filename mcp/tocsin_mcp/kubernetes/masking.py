"""Values that must not be shown: literal secrets in environment variables, arguments and URLs.

Values that come from a Secret never reach this server at all; this is about those that people wrote into a manifest.
"""

from __future__ import annotations

import re

HIDDEN = "<hidden>"

_SECRET_NAME = re.compile(
    r"passw|pwd|secret|token|credential|private|api_?key|access_?key|auth_?key|encryption_?key|signing|dsn\b"
    r"|(?<!by)(?<!com)pass(?:$|_|phrase|code)|(?:^|_)(?:jwt|auth|salt|cookie)$|connection_?string"
    r"|(?:stripe|licen[cs]e|master|account|storage|shared|hmac|aes|webhook|session|jwt|s3)_?key",
    re.IGNORECASE,
)
_HARMLESS_NAME = re.compile(
    r"(?:_FILE|_PATH|_DIR|_NAME|_TTL|_SECONDS|_TIMEOUT|_EXPIRY|_URL|_URI|_ENABLED|_COUNT|_LIMIT)$",
    re.IGNORECASE,
)
_URL_LOGIN = re.compile(
    r"(?<=://)[^\s/@:]{0,200}:[^\s/@]{1,200}(?=@)|(?<![\w/.-])[\w.-]{1,100}:[^\s@]{1,200}(?=@(?:tcp)?\()"
)
_ASSIGNED = re.compile(
    r"(?P<key>[\w.-]{0,60}(?:password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key)[\w.-]{0,20})"
    r"(?P<between>\s?[=:]\s?|\s)(?P<value>[^\s,;&\"']{3,})",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"(?P<before>\bauthorization[\"']?\s{0,3}[:=]\s{0,3}[\"']?(?:(?:bearer|basic|token)\s{1,3})?|\bbearer\s{1,3}(?=[\w.~+/=-]{16}))"
    r"[\w.~+/=-]{6,}",
    re.IGNORECASE,
)
_FLAG = re.compile(
    r"(?P<before>\bmy(?:sql|sqladmin|sqldump)\b[^|;&\n]{0,200}?\s-p(?=\S)|\bredis-cli\b[^|;&\n]{0,200}?\s-a\s{1,3}"
    r"|\b(?:requirepass|masterauth)[ =]{1,3}|\bcurl\b[^|;&\n]{0,200}?\s(?:-u|--user)[ =]{1,3}[^\s:]{1,100}:"
    r"|\b(?:account|shared_?access)_?key=)"
    r"[^\s;\"']{3,}",
    re.IGNORECASE,
)


def shown(name: str, value: str) -> str:
    """The value of a variable as it may be shown: hidden when the name says secret, without logins in URLs."""
    if _SECRET_NAME.search(name) and not _HARMLESS_NAME.search(name) and value:
        return HIDDEN
    return without_logins(value)


def without_logins(text: str) -> str:
    """Text without `user:password@` in URLs, the values of `password=…` and the like, and logins of well-known programs."""
    text = _URL_LOGIN.sub(HIDDEN, text)
    for pattern in (_HEADER, _FLAG):
        text = pattern.sub(lambda found: f"{found['before']}{HIDDEN}", text)
    return _ASSIGNED.sub(lambda found: f"{found['key']}{found['between']}{HIDDEN}", text)
