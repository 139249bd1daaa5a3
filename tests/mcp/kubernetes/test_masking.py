"""Values that are not shown."""

from __future__ import annotations

import pytest
from tocsin_mcp.kubernetes.masking import HIDDEN, shown, without_logins


@pytest.mark.parametrize(
    "name",
    ["DB_PASSWORD", "db_passwd", "GITHUB_TOKEN", "AWS_SECRET_ACCESS_KEY", "apiKey", "SIGNING_KEY", "PRIVATE_KEY",
     "SENTRY_DSN", "REDIS_PWD"],
)  # fmt: skip
def test_secret_names_hide_their_value(name: str) -> None:
    """A literal value under a name that says secret is hidden whole."""
    assert shown(name, "letmein-letmein") == HIDDEN


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REDIS_ADDR", "redis-cart:6379"),
        ("TOKEN_TTL", "3600"),
        ("PASSWORD_FILE", "/run/secrets/pw"),
        ("EXTRA_LATENCY", "4s"),
        ("TOKEN_URL", "https://auth.example/token"),
        ("EMPTY_PASSWORD", ""),
    ],
)
def test_ordinary_values_stay(name: str, value: str) -> None:
    """What helps a diagnosis is not hidden."""
    assert shown(name, value) == value


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("postgres://cart:letmein@db:5432/cart", f"postgres://{HIDDEN}@db:5432/cart"),
        ("redis://:letmein@redis:6379", f"redis://{HIDDEN}@redis:6379"),
        ("--password=letmein --level=info", f"--password={HIDDEN} --level=info"),
        ("--api-key letmein", f"--api-key {HIDDEN}"),
        ("server --port 8080", "server --port 8080"),
    ],
)
def test_logins_in_texts_are_hidden(text: str, safe: str) -> None:
    """Passwords in URLs and arguments are hidden, the rest stays readable."""
    assert without_logins(text) == safe
