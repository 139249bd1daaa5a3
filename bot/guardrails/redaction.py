"""Secrets are replaced before a text reaches the model, Redis, a log or Slack.

Each secret becomes `⟦secret:kind:ab12⟧`; the tail is a keyed hash, so equal secrets stay equal within a process and
nothing can be computed back. The rules know the shapes of common credentials and the places where credentials stand
(an `Authorization` header, a URL's user part, `password=`); identifiers an investigation needs (UUIDs, shas, pod
names, image digests) have none of these shapes.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

_KEY = secrets.token_bytes(16)


class _Rule(NamedTuple):
    kind: str
    pattern: re.Pattern[str]
    """The secret is group `s`, or the whole match when there is no such group."""
    signs: tuple[str, ...]
    """Every match holds one of these texts, in any case of their letters: a text without them is not scanned."""


def _rule(kind: str, signs: Sequence[str], pattern: str, flags: re.RegexFlag = re.NOFLAG) -> _Rule:
    return _Rule(kind, re.compile(pattern, flags), tuple(signs))


def _joined(last: str, *firsts: str) -> list[str]:
    return [f"{first}{joint}{last}" for first in firsts for joint in ("", "_", "-")]


_I = re.IGNORECASE
_RULES = (
    _rule(
        "private-key",
        ["-----begin "],
        r"-----BEGIN [A-Z ]{0,32}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,32}PRIVATE KEY-----|\Z)",
        re.DOTALL,
    ),
    _rule("aws-key-id", ["akia", "asia"], r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b"),
    _rule(
        "github-token",
        ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"],
        r"\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255})",
    ),
    _rule("slack-token", ["xox", "xapp-"], r"\b(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{10,250}"),
    _rule(
        "slack-webhook",
        ["hooks.slack.com"],
        r"https://hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9/_-]{20,200}",
    ),
    _rule("anthropic-key", ["sk-ant-"], r"\bsk-ant-[A-Za-z0-9_-]{20,200}"),
    _rule("openai-key", ["sk-"], r"\bsk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{20,200}"),
    _rule("stripe-key", ["k_live_", "k_test_"], r"\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,200}"),
    _rule("google-key", ["aiza"], r"\bAIza[A-Za-z0-9_-]{35}"),
    _rule("gitlab-token", ["glpat-"], r"\bglpat-[A-Za-z0-9_-]{20,64}"),
    _rule("npm-token", ["npm_"], r"\bnpm_[A-Za-z0-9]{36}"),
    _rule("pypi-token", ["pypi-"], r"\bpypi-[A-Za-z0-9_-]{50,300}"),
    _rule("sendgrid-key", ["sg."], r"\bSG\.[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16,64}"),
    _rule(
        "jwt",
        ["eyj"],
        r"\beyJ[A-Za-z0-9_-]{8,2000}\.eyJ[A-Za-z0-9_-]{8,8000}\.[A-Za-z0-9_-]{8,2000}",
    ),
    _rule(
        "url-password",
        ["://"],
        r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@'\"]{0,128}:(?P<s>[^\s/@'\"⟦⟧]{1,256})@",
        _I,
    ),
    _rule(
        "authorization",
        ["authorization"],
        r"\bauthorization[\"']?\s{0,4}[:=]\s{0,4}[\"']?(?:bearer|basic|token)\s{1,4}(?P<s>[A-Za-z0-9._~+/=-]{8,4000})",
        _I,
    ),
    _rule("bearer", ["bearer"], r"\bbearer\s{1,4}(?P<s>[A-Za-z0-9._~+/=-]{16,4000})", _I),
    _rule(
        "assignment",
        [
            *("passw", "passphrase", "secret", "pwd"),
            *_joined("key", "api", "access", "private", "signing"),
            *_joined("token", "auth", "access", "refresh", "session"),
        ],
        r"(?<!⟦)(?:passwd|password|passphrase|secret|secret[_-]?access[_-]?key|client[_-]?secret|api[_-]?key|access[_-]?key"
        r"|auth[_-]?token|access[_-]?token|refresh[_-]?token|private[_-]?key|signing[_-]?key|session[_-]?token|pwd)"
        r"[\"']?\s{0,4}(?:[:=]|=>)\s{0,4}(?P<q>[\"']?)(?P<s>[^\s\"',;&)}\]⟦⟧]{6,512})",
        _I,
    ),
)
_FOLDED = str.maketrans("İıſK", "iisk")
"""The four characters outside ASCII that a pattern of ASCII letters takes when case is ignored (documented in `re`)."""


def redact(text: str) -> str:
    """The text with every recognised secret replaced. Linear in practice: every quantifier is bounded."""
    folded = (text if text.isascii() else text.translate(_FOLDED)).lower()
    for rule in _RULES:
        if any(sign in folded for sign in rule.signs):
            text = rule.pattern.sub(partial(_replace, rule.kind), text)
    return text


def _replace(kind: str, match: re.Match[str]) -> str:
    whole = match.group(0)
    if "s" not in match.re.groupindex:
        return _token(kind, whole)
    start, end = match.start("s") - match.start(), match.end("s") - match.start()
    return whole[:start] + _token(kind, whole[start:end]) + whole[end:]


def _token(kind: str, secret: str) -> str:
    tail = hmac.new(_KEY, secret.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:4]
    return f"⟦secret:{kind}:{tail}⟧"
