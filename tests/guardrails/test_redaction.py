"""Secrets never pass; identifiers that an investigation needs always do."""

from __future__ import annotations

import re
import string
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.guardrails.redaction import _RULES, _replace, redact

SECRETS = {
    "aws": "AKIA" + "IOSFODNN7EXAMPLQ",
    "github": "ghp_" + "a1B2" * 9,
    "github fine-grained": "github_pat_" + "11ABCDEFG0" * 3,
    "slack bot": "xoxb-" + "123456789012-abcdefABCDEF",
    "slack app": "xapp-" + "1-A012-345-deadbeefcafe",
    "anthropic": "sk-ant-" + "api03-abcdefghijklmnopqrstuv",
    "openai": "sk-proj-" + "abcdefghijklmnopqrstuvwx",
    "stripe": "sk_live_" + "abcdefghijklmnop1234",
    "google": "AIza" + "SyA-1234567890abcdefghijklmnopqrstu",
    "jwt": "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxMjM0In0" + ".abcDEF123_-xyz",
    "webhook": "https://hooks.slack.com/services/" + "T00000000/B00000000/abcdefgh12345678",
}


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize(
    "frame", ["{}", "level=info token [{}] used", '{{"k":"{}"}}', "a={}&b=1", "({}),"]
)
def test_a_known_credential_is_replaced_wherever_it_stands(name: str, frame: str) -> None:
    """No twelve characters in a row of the secret survive."""
    secret = SECRETS[name]

    shown = redact(frame.format(secret))

    assert "⟦secret:" in shown
    assert not any(secret[i : i + 12] in shown for i in range(len(secret) - 11))


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("postgres://app:s3cr3t-pw@db.internal:5432/orders", "s3cr3t-pw"),
        ("Authorization: Basic dXNlcjpwYXNzd29yZA==", "dXNlcjpwYXNzd29yZA=="),
        ("authorization: Bearer abcdefghijklmnop", "abcdefghijklmnop"),
        ('"password": "hunter22"', "hunter22"),
        ("DB_PASSWORD=correct-horse", "correct-horse"),
        ("client_secret: 'abc123def456'", "abc123def456"),
        ("aws_secret_access_key = wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY", "wJalrXUtnFEMIK7MDENG"),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAKC\n-----END RSA PRIVATE KEY-----",
            "MIIEow",
        ),
        ("-----BEGIN PRIVATE KEY-----\nMIIEowIBAAKC", "MIIEow"),
    ],
)
def test_places_where_credentials_stand_are_known(text: str, secret: str) -> None:
    """Headers, URLs, assignments, and keys even when they are cut off."""
    assert secret not in redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "pod cartservice-6d5f8b7c9-x2x4z restarted",
        "image sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "commit 7fab838c0ffee254d1cafe0123456789abcdef01",
        "trace_id=4bf92f3577b34da6a3ce929d0e0e4736",
        "request 123e4567-e89b-12d3-a456-426614174000",
        "arn:aws:cloudwatch:us-east-1:123456789012:alarm:cartservice-error",
        "at cartservice.cartstore.RedisCartStore.AddItemAsync(String userId) in /app/cartstore/RedisCartStore.cs:line 40",
        'could not find key "REDIS_ADDR" in ConfigMap',
        "GET /product/L9ECAV7KIM 500",
    ],
)
def test_identifiers_stay(text: str) -> None:
    """What leads to a cause must not be hidden."""
    assert redact(text) == text


def test_the_host_of_an_address_stays_when_its_password_goes() -> None:
    """It was taken for a secret itself once the password had been replaced."""
    assert re.fullmatch(
        r"postgres://app:⟦secret:url-password:[0-9a-f]{4}⟧@db:5432/orders",
        redact("postgres://app:hunter2hunter2@db:5432/orders"),
    )


def test_equal_secrets_stay_equal() -> None:
    """The replacement tells whether two places hold the same secret, and nothing else."""
    first, second = redact(f"a {SECRETS['aws']}"), redact(f"b {SECRETS['aws']}")

    assert first.split("⟦")[1] == second.split("⟦")[1]


FRAGMENTS = [
    *SECRETS.values(),
    *(
        "password",
        "PaSSwd=",
        "paſſword: ",
        "secret",
        "api_\u212aey",
        "Access-Key",
        "refresh_token",
        "pwd=>",
        "pr\u0130vate_key",
    ),
    *(
        "Authorization: bearer ",
        "BEARER ",
        "basic ",
        "postgres://app:",
        "@db",
        "://",
        ":",
        "=",
        '"',
        "'",
        " ",
        "\n",
        "⟦secret:jwt:ab12⟧",
    ),
    *(
        "sk-",
        "SG.",
        "xox",
        "eyJ",
        "-----BEGIN EC PRIVATE KEY-----",
        "-----END",
        "AKIA",
        "npm_",
        "pypi-",
        "glpat-",
    ),
    *("hunter2hunter2", "A" * 40, "b1C2" * 12, "é", "x", "0"),
]
TEXTS = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=3), max_size=12).map("".join)


def scanned_by_every_rule(text: str) -> str:
    """Redaction without asking first whether a rule can match at all."""
    for rule in _RULES:
        text = rule.pattern.sub(partial(_replace, rule.kind), text)
    return text


@settings(max_examples=400)
@given(TEXTS)
def test_what_is_not_scanned_holds_nothing(text: str) -> None:
    """Looking for a rule's signs first changes nothing, whatever the case and the alphabet of the letters."""
    assert redact(text) == scanned_by_every_rule(text)


@given(TEXTS)
def test_what_stands_for_a_secret_is_never_taken_for_one(text: str) -> None:
    """However often a text passes: it keeps its mark, and what stood beside it."""
    once = redact(text)
    marks = re.findall(r"⟦secret:[a-z-]+:[0-9a-f]{4}⟧", once)

    assert all(redact(once).count(mark) >= marks.count(mark) for mark in marks)


@given(st.text(alphabet=string.printable, max_size=400))
def test_any_text_is_handled(text: str) -> None:
    """Never fails, and hides nothing that a second look would show."""
    once = redact(text)

    assert isinstance(once, str)
    assert redact(once).count("⟦") >= once.count("⟦")
