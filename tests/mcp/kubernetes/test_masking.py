"""Values that are not shown."""

from __future__ import annotations

import pytest
from tocsin_mcp.kubernetes.masking import HIDDEN, shown, without_logins


@pytest.mark.parametrize(
    "name",
    ["DB_PASSWORD", "db_passwd", "GITHUB_TOKEN", "AWS_SECRET_ACCESS_KEY", "apiKey", "SIGNING_KEY", "PRIVATE_KEY",
     "SENTRY_DSN", "REDIS_PWD", "DB_PASS", "DBPASS", "SMTP_PASSPHRASE", "REDIS_AUTH", "STRIPE_KEY", "APP_JWT",
     "STORAGE_CONNECTION_STRING"],
)  # fmt: skip
def test_secret_names_hide_their_value(name: str) -> None:
    """A literal value under a name that says secret is hidden whole."""
    assert shown(name, "letmein-letmein") == HIDDEN


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REDIS_ADDR", "redis-cart:6379"),
        ("TOKEN_TTL", "3600"),
        ("BYPASS_CACHE", "true"),
        ("PARTITION_KEY", "user"),
        ("AUTH_HOST", "auth:80"),
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
        ("app:hunter2@tcp(mysql:3306)/shop", f"{HIDDEN}@tcp(mysql:3306)/shop"),
        ("postgres://cart:letmein@db:5432/cart", f"postgres://{HIDDEN}@db:5432/cart"),
        ("redis://:letmein@redis:6379", f"redis://{HIDDEN}@redis:6379"),
        (
            "curl -H 'Authorization: Bearer abc.def' http://x",
            f"curl -H 'Authorization: Bearer {HIDDEN}' http://x",
        ),
        ("mysqladmin ping -h db -pletmein && ls -p", f"mysqladmin ping -h db -p{HIDDEN} && ls -p"),
        ("redis-cli -h cache -a letmein ping", f"redis-cli -h cache -a {HIDDEN} ping"),
        ("redis-server --requirepass letmein", f"redis-server --requirepass {HIDDEN}"),
        ("curl -u ops:letmein http://x", f"curl -u ops:{HIDDEN} http://x"),
        ("Endpoint=x;AccountKey=abc12==;", f"Endpoint=x;AccountKey={HIDDEN};"),
        ("bearer authentication failed", "bearer authentication failed"),
        ("--password=letmein --level=info", f"--password={HIDDEN} --level=info"),
        ("--api-key letmein", f"--api-key {HIDDEN}"),
        ("server --port 8080", "server --port 8080"),
    ],
)
def test_logins_in_texts_are_hidden(text: str, safe: str) -> None:
    """Passwords in URLs and arguments are hidden, the rest stays readable."""
    assert without_logins(text) == safe
