"""Where settings come from, and what wins."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import ConfigurationError
from bot.settings import Settings, environ, load


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder and an environment without settings."""
    monkeypatch.chdir(tmp_path)
    for name in ("ANTHROPIC_API_KEY", "GITHUB_TOKEN", "REDIS_URL", "TOCSIN_MODEL"):
        monkeypatch.delenv(name, raising=False)


def test_defaults_need_nothing() -> None:
    """Every setting has a sane one."""
    settings = load()

    assert settings.incident_channels == ("incidents",)
    assert settings.budget.seconds == 300
    assert settings.budget.reserve_seconds == 45
    assert settings.caps.day_usd == 25
    assert settings.servers_path.name == "servers.json"
    assert settings.servers_path.is_file()


def test_the_environment_wins_over_dotenv_and_dotenv_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three sources, one order."""
    (tmp_path / "tocsin.toml").write_text('model = "toml"\neffort = "low"\nconcurrency = 9\n')
    (tmp_path / ".env").write_text("TOCSIN_MODEL=dotenv\nTOCSIN_EFFORT=high\n")
    monkeypatch.setenv("TOCSIN_MODEL", "environment")

    settings = load()

    assert (settings.model, settings.effort, settings.concurrency) == ("environment", "high", 9)


def test_tables_of_the_file_become_budgets_prices_and_services(tmp_path: Path) -> None:
    """The shapes that the README shows."""
    (tmp_path / "tocsin.toml").write_text(
        """
        incident_channels = ["alerts", "C012"]
        [budget]
        seconds = 120
        usd = 0.5
        [caps]
        day_usd = 3
        [prices."my-model"]
        input = 1
        output = 2
        cache_read = 0.1
        cache_write_5m = 1.25
        cache_write_1h = 2
        [[catalog.services]]
        name = "cartservice"
        aliases = ["cart"]
        """
    )

    settings = load()

    assert settings.incident_channels == ("alerts", "C012")
    assert (settings.budget.seconds, settings.budget.usd, settings.caps.day_usd) == (120, 0.5, 3)
    assert settings.prices["my-model"].output == 2
    assert settings.catalog.find("cart") is not None


def test_channels_are_comma_separated_names_or_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    """With or without the hash."""
    monkeypatch.setenv("TOCSIN_INCIDENT_CHANNELS", "#incidents, C0123 ,,alerts")

    assert load().incident_channels == ("incidents", "C0123", "alerts")


def test_servers_see_what_dotenv_and_the_file_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A token in .env reaches an MCP server as one in the environment does."""
    (tmp_path / ".env").write_text("GITHUB_TOKEN=from-dotenv\nSLACK_BOT_TOKEN=xoxb-1\n")
    (tmp_path / "tocsin.toml").write_text('namespace = "boutique"\n')
    monkeypatch.setenv("TOCSIN_KUBE_CONTEXT", "prod")

    seen = load().for_servers(environ())

    assert seen["GITHUB_TOKEN"] == "from-dotenv"
    assert seen["TOCSIN_NAMESPACE"] == "boutique"
    assert seen["TOCSIN_KUBE_CONTEXT"] == "prod"
    assert seen["SLACK_BOT_TOKEN"] == "xoxb-1"


def test_secrets_are_not_shown() -> None:
    """A settings object may end up in a log."""
    assert "sk-very-secret" not in repr(load(anthropic_api_key="sk-very-secret"))


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("TOCSIN_CONCURRENCY", "0", "TOCSIN_CONCURRENCY"),
        ("TOCSIN_EFFORT", "huge", "TOCSIN_EFFORT"),
        ("TOCSIN_BUDGET", '{"seconds": 0}', "TOCSIN_BUDGET"),
        ("TOCSIN_CAPS", "{", "caps"),
        ("TOCSIN_NOW", "yesterday", "TOCSIN_NOW"),
        ("TOCSIN_LOG_LEVEL", "loud", "TOCSIN_LOG_LEVEL"),
    ],
)
def test_a_wrong_value_is_one_line_with_the_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    """What to correct, and where."""
    monkeypatch.setenv(name, value)

    with pytest.raises(ConfigurationError) as caught:
        load()

    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_repository_has_a_web_address() -> None:
    """The first one configured; none without."""
    assert (
        Settings(github_repository="acme/shop, acme/lib").repository_url
        == "https://github.com/acme/shop"
    )
    assert Settings().repository_url == ""
