"""The only reader of the environment: variables, `.env`, then `tocsin.toml`, in this order of precedence.

Names that other tools use keep them (`SLACK_BOT_TOKEN`, `ANTHROPIC_API_KEY`, `REDIS_URL`, …); ours begin with
`TOCSIN_`. In `tocsin.toml` the same settings have their field names.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

from dotenv import dotenv_values
from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from bot import shipped
from bot.agent.budget import Budget
from bot.alarms.catalog import ServiceCatalog
from bot.costs.caps import Caps
from bot.costs.pricing import Price
from bot.errors import ConfigurationError
from bot.telemetry import Level

CONFIG_FILE = Path("tocsin.toml")
_NO_KEY = "not-needed"
"""Sent to servers of one's own that ask for no key."""


def _named(variable: str, field: str) -> AliasChoices:
    return AliasChoices(variable, field)


class Settings(BaseSettings):
    """Everything a deployment decides. Durations are seconds, money is US dollars."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        toml_file=CONFIG_FILE,
        extra="ignore",
        populate_by_name=True,
    )

    slack_bot_token: SecretStr = Field(
        SecretStr(""), validation_alias=_named("SLACK_BOT_TOKEN", "slack_bot_token")
    )
    slack_app_token: SecretStr = Field(
        SecretStr(""), validation_alias=_named("SLACK_APP_TOKEN", "slack_app_token")
    )
    slack_api_url: str = Field(
        "https://slack.com/api/", validation_alias=_named("SLACK_API_URL", "slack_api_url")
    )
    incident_channels: Annotated[tuple[str, ...], NoDecode] = Field(
        ("incidents",), validation_alias=_named("TOCSIN_INCIDENT_CHANNELS", "incident_channels")
    )
    """Names or ids of the channels whose alarm posts are investigated."""
    shared_channels: Annotated[tuple[str, ...], NoDecode] = Field(
        (), validation_alias=_named("TOCSIN_SHARED_CHANNELS", "shared_channels")
    )
    """Names or ids of channels shared with other organisations in which Tocsin may speak all the same."""
    guests: Annotated[tuple[str, ...], NoDecode] = Field(
        (), validation_alias=_named("TOCSIN_GUESTS", "guests")
    )
    """User ids of guests, and of people of other workspaces, who may ask."""
    admins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), validation_alias=_named("TOCSIN_ADMINS", "admins")
    )

    anthropic_api_key: SecretStr = Field(
        SecretStr(""), validation_alias=_named("ANTHROPIC_API_KEY", "anthropic_api_key")
    )
    anthropic_base_url: str = Field(
        "", validation_alias=_named("ANTHROPIC_BASE_URL", "anthropic_base_url")
    )
    backend: str = Field(
        "auto",
        pattern="^(auto|anthropic|bedrock|vertex|litellm|vllm|sglang|llamacpp|ollama|lmstudio)$",
        validation_alias=_named("TOCSIN_BACKEND", "backend"),
    )
    """What kind of server answers at `anthropic_base_url`, or whose cloud."""
    model: str = Field("claude-sonnet-5-5", validation_alias=_named("TOCSIN_MODEL", "model"))
    cascade: Annotated[tuple[str, ...], NoDecode] = Field(
        (), max_length=5, validation_alias=_named("TOCSIN_CASCADE", "cascade")
    )
    """Models in the order in which they are asked, each when the one before is in doubt; instead of `model`."""
    cascade_confidence: float = Field(
        0.6,
        ge=0,
        le=1,
        validation_alias=_named("TOCSIN_CASCADE_CONFIDENCE", "cascade_confidence"),
    )
    """Below it, a diagnosis is in doubt."""
    effort: str = Field(
        "medium",
        pattern="^(low|medium|high|xhigh|max)$",
        validation_alias=_named("TOCSIN_EFFORT", "effort"),
    )
    shared_ttl: str = Field(
        "5m", pattern="^(5m|1h)$", validation_alias=_named("TOCSIN_SHARED_TTL", "shared_ttl")
    )
    """How long tools and system stay cached: `1h` pays when alarms come at least hourly."""
    prices: dict[str, Price] = Field(
        default_factory=dict, validation_alias=_named("TOCSIN_PRICES", "prices")
    )
    budget: Budget = Field(
        default_factory=Budget, validation_alias=_named("TOCSIN_BUDGET", "budget")
    )

    caps: Caps = Field(default_factory=Caps, validation_alias=_named("TOCSIN_CAPS", "caps"))

    redis_url: str = Field("", validation_alias=_named("REDIS_URL", "redis_url"))
    """Empty: Tocsin starts a Redis of its own under `state_folder`."""
    state_folder: Path = Field(
        Path(".tocsin"), validation_alias=_named("TOCSIN_STATE", "state_folder")
    )
    servers_file: Path | None = Field(
        None, validation_alias=_named("TOCSIN_SERVERS", "servers_file")
    )
    namespace: str = Field("", validation_alias=_named("TOCSIN_NAMESPACE", "namespace"))
    github_repository: str = Field(
        "", validation_alias=_named("TOCSIN_GITHUB_REPOSITORY", "github_repository")
    )
    github_api_url: str = Field(
        "https://api.github.com", validation_alias=_named("GITHUB_API_URL", "github_api_url")
    )
    github_issues_token: SecretStr = Field(
        SecretStr(""),
        validation_alias=_named("TOCSIN_GITHUB_ISSUES_TOKEN", "github_issues_token"),
    )
    """May open issues, and nothing else. Only the front holds it; without one there is no such button."""
    github_web_url: str = Field(
        "https://github.com", validation_alias=_named("TOCSIN_GITHUB_WEB_URL", "github_web_url")
    )
    catalog: ServiceCatalog = Field(
        default_factory=ServiceCatalog, validation_alias=_named("TOCSIN_CATALOG", "catalog")
    )

    reinvestigation_seconds: float = Field(
        3600.0,
        ge=0,
        validation_alias=_named("TOCSIN_REINVESTIGATION_SECONDS", "reinvestigation_seconds"),
    )
    """An alarm that flaps is investigated anew once in so long; in between it is only counted in its thread."""
    storm_seconds: float = Field(
        60.0, ge=0, le=600, validation_alias=_named("TOCSIN_STORM_SECONDS", "storm_seconds")
    )
    """Related alarms that fire within so long of each other are one incident; 0 keeps all alarms apart."""

    charts: bool = Field(True, validation_alias=_named("TOCSIN_CHARTS", "charts"))
    """Whether the alarm's metric is drawn into its thread, where there is one and matplotlib is installed."""

    recorded_now: datetime | None = Field(
        None, validation_alias=_named("TOCSIN_NOW", "recorded_now")
    )
    """Only for recorded incidents: the moment at which the recording was made. The model is told this time."""

    concurrency: int = Field(
        4, ge=1, le=100, validation_alias=_named("TOCSIN_CONCURRENCY", "concurrency")
    )
    """Investigations that one worker runs at the same time."""
    redelivery_seconds: float = Field(
        30.0,
        ge=1,
        le=600,
        validation_alias=_named("TOCSIN_REDELIVERY_SECONDS", "redelivery_seconds"),
    )
    """After so long another worker takes over from one that went silent."""
    health_host: str = Field(
        "127.0.0.1", validation_alias=_named("TOCSIN_HEALTH_HOST", "health_host")
    )
    health_port: int = Field(
        8080, ge=0, le=65535, validation_alias=_named("TOCSIN_HEALTH_PORT", "health_port")
    )
    worker_health_port: int = Field(
        8081,
        ge=0,
        le=65535,
        validation_alias=_named("TOCSIN_WORKER_HEALTH_PORT", "worker_health_port"),
    )
    """A worker's own; the next free one is taken when it is in use. Investigations are counted here."""
    log_level: Level = Field("info", validation_alias=_named("TOCSIN_LOG_LEVEL", "log_level"))

    @field_validator(
        "incident_channels", "shared_channels", "guests", "admins", "cascade", mode="before"
    )
    @classmethod
    def _split(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(part.strip().lstrip("#") for part in value.split(",") if part.strip())
        return value

    @field_validator("budget", "caps", "prices", "catalog", mode="before")
    @classmethod
    def _parse(cls, value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) else value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, dotenv_settings, TomlConfigSettingsSource(settings_cls)

    def require_model(self) -> str:
        """The key for the Messages API. Raises ConfigurationError without a key or a server of one's own."""
        key = self.anthropic_api_key.get_secret_value()
        if key or self.anthropic_base_url or self.backend in ("bedrock", "vertex"):
            return key or _NO_KEY
        raise ConfigurationError(
            "ANTHROPIC_API_KEY is not set. Set it, or point ANTHROPIC_BASE_URL to a server that speaks the Messages API."
        )

    @property
    def models(self) -> tuple[str, ...]:
        """The models that are asked, in order; at least one."""
        return self.cascade or (self.model,)

    @property
    def lease(self) -> timedelta:
        """How long a worker that went silent still owns its incident: less than the time to redelivery."""
        return timedelta(seconds=self.redelivery_seconds * 2 / 3)

    @property
    def servers_path(self) -> Path:
        """servers.json: the one named, else `mcp/servers.json` here, else the one that came with the package."""
        if self.servers_file is not None:
            return self.servers_file
        here = Path("mcp/servers.json")
        return here if here.is_file() else shipped.servers()

    def for_servers(self, environ: Mapping[str, str]) -> Mapping[str, str]:
        """`environ`, with what this configuration says for it, wherever that was said (`tocsin.toml` too)."""
        known = {
            "SLACK_BOT_TOKEN": self.slack_bot_token.get_secret_value(),
            "SLACK_API_URL": self.slack_api_url,
            "TOCSIN_NAMESPACE": self.namespace,
            "TOCSIN_GITHUB_REPOSITORY": self.github_repository,
        }
        return {**{name: value for name, value in known.items() if value}, **environ}

    @property
    def repository_url(self) -> str:
        """Web address of the first configured repository; empty without one."""
        first = self.github_repository.split(",")[0].strip()
        return f"{self.github_web_url.rstrip('/')}/{first}" if first else ""


def load(**given: Any) -> Settings:
    """Read all sources; `given` wins over them. Raises ConfigurationError in one line."""
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else "settings"
        raise ConfigurationError(
            f"{name} is wrong: {first['msg'].removeprefix('Value error, ')}. Correct it in the environment, .env or {CONFIG_FILE}."
        ) from None
    except SettingsError as error:
        field = str(error).split('"')[1::2][:1]
        raise ConfigurationError(
            f"{''.join(field) or 'A setting'} in the environment is not valid JSON."
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{CONFIG_FILE} is not valid TOML: {error}.") from error


def environ() -> Mapping[str, str]:
    """The environment that servers.json and children see: the process's own, over what `.env` says."""
    said = {name: value for name, value in dotenv_values(".env").items() if value is not None}
    return {**said, **os.environ}
