"""The world outside, for one scenario: Slack, Kubernetes, GitHub; Prometheus and CloudWatch where something was measured;
and, without a key, the Messages API."""

from __future__ import annotations

import contextlib
import importlib.util
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import yaml

from bot import shipped
from bot.demo import firing
from bot.errors import ConfigurationError
from bot.scenario import Scenario
from bot.simulators.cloudwatch import CloudWatchSimulator
from bot.simulators.github import GitHubSimulator
from bot.simulators.kubernetes import KubernetesSimulator
from bot.simulators.messages_api import MessagesApiSimulator
from bot.simulators.prometheus import PrometheusSimulator
from bot.simulators.recorded_metrics import FILE as METRICS
from bot.simulators.slack import GalleryItem, SlackSimulator

CHANNEL = "#incidents"
REPOSITORY = "acme/online-boutique"
GITHUB_TOKEN = "simulated"
ISSUES_TOKEN = "simulated-issues"
_OURS = ("SLACK_", "TOCSIN_", "REDIS_", "GITHUB_", "KUBE", "ANTHROPIC_", "PROMETHEUS_")
_AWS = {
    "AWS_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "simulated",
    "AWS_SECRET_ACCESS_KEY": "simulated",
}


class World(NamedTuple):
    """The simulators, and the environment that points a bot to them."""

    scenario: Scenario
    slack: SlackSimulator
    kubernetes: KubernetesSimulator
    github: GitHubSimulator
    messages_api: MessagesApiSimulator | None
    """None when a real key was given: then the real API answers."""
    prometheus: PrometheusSimulator | None
    """None when the scenario has no metrics."""
    cloudwatch: CloudWatchSimulator
    """Offered to the model only when the scenario has metrics and boto3 is installed."""
    environment: dict[str, str]


@contextlib.asynccontextmanager
async def open_world(
    scenario: Scenario,
    folder: Path,
    environ: Mapping[str, str],
    *,
    port: int = 0,
    gallery: Sequence[GalleryItem] = (),
    redelivery_speedup: float = 1.0,
) -> AsyncIterator[World]:
    """Start everything; `folder` holds the kubeconfig and the bot's state, `port` is the Slack page's.

    `redelivery_speedup` divides the times after which Slack delivers an event again.
    """
    grants = yaml.safe_load(shipped.manifest().read_text(encoding="utf-8"))
    async with contextlib.AsyncExitStack() as stack:
        slack = await stack.enter_async_context(
            SlackSimulator(
                port=port, gallery=gallery, manifest=grants, redelivery_speedup=redelivery_speedup
            )
        )
        kubernetes, github, prometheus, cloudwatch = _recorded(scenario)
        await stack.enter_async_context(kubernetes)
        await stack.enter_async_context(github)
        await stack.enter_async_context(cloudwatch)
        if prometheus is not None:
            await stack.enter_async_context(prometheus)
        messages_api = None
        if not environ.get("ANTHROPIC_API_KEY") and not environ.get("ANTHROPIC_BASE_URL"):
            messages_api = await stack.enter_async_context(MessagesApiSimulator())
        kept = {name: value for name, value in environ.items() if not name.startswith(_OURS)}
        kept |= {name: environ[name] for name in _MODEL if name in environ}
        kept |= {
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_API_URL": slack.api_url,
            "TOCSIN_INCIDENT_CHANNELS": CHANNEL,
            "TOCSIN_ADMINS": slack.users["ada"].id,
            "KUBECONFIG": str(kubernetes.write_kubeconfig(folder / "kubeconfig")),
            "TOCSIN_NAMESPACE": scenario.namespace,
            "GITHUB_API_URL": github.url,
            "GITHUB_TOKEN": GITHUB_TOKEN,
            "TOCSIN_GITHUB_REPOSITORY": REPOSITORY if github.repository.commits else "",
            "TOCSIN_GITHUB_ISSUES_TOKEN": ISSUES_TOKEN,
            "TOCSIN_GITHUB_WEB_URL": github.url,
            "TOCSIN_NOW": scenario.now.isoformat(),
            "TOCSIN_STATE": str(folder / "state"),
            "TOCSIN_HEALTH_PORT": "0",
            "TOCSIN_WORKER_HEALTH_PORT": "0",
        }
        if messages_api is not None:
            kept |= {
                "ANTHROPIC_BASE_URL": messages_api.url,
                "ANTHROPIC_API_KEY": messages_api.api_key,
            }
        if prometheus is not None:
            kept["PROMETHEUS_URL"] = prometheus.url
        kept = _with_aws(kept, cloudwatch.url, offered=prometheus is not None)
        yield World(scenario, slack, kubernetes, github, messages_api, prometheus, cloudwatch, kept)


class _Recorded(NamedTuple):
    kubernetes: KubernetesSimulator
    github: GitHubSimulator
    prometheus: PrometheusSimulator | None
    cloudwatch: CloudWatchSimulator


def _recorded(scenario: Scenario) -> _Recorded:
    """What the scenario's folder recorded, not yet open; a part that is not there is an empty world. Raises
    ConfigurationError for one that cannot be read."""
    folder, alarm = scenario.folder, firing.alarm_of(scenario)
    try:
        return _Recorded(
            KubernetesSimulator(folder),
            GitHubSimulator(
                folder, repository=REPOSITORY, token=GITHUB_TOKEN, issues_token=ISSUES_TOKEN
            ),
            PrometheusSimulator(folder, alerts=firing.as_prometheus(alarm))
            if (folder / METRICS).is_file()
            else None,
            CloudWatchSimulator(folder, alarms=firing.as_cloudwatch(alarm, scenario.now)),
        )
    except (OSError, ValueError, LookupError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise ConfigurationError(f"The recording in {folder} cannot be read: {error}.") from error


def _with_aws(environment: Mapping[str, str], url: str, *, offered: bool) -> dict[str, str]:
    """The environment with CloudWatch at `url`; nobody's real account is ever asked.

    Claude on Bedrock needs the person's own credentials: those stay, and requests signed with them go to the simulator.
    """
    if environment.get("TOCSIN_BACKEND") == "bedrock":
        return {**environment, "AWS_ENDPOINT_URL": url}
    kept = {name: value for name, value in environment.items() if not name.startswith("AWS_")}
    if not offered or importlib.util.find_spec("boto3") is None:
        return kept
    return {**kept, **_AWS, "AWS_ENDPOINT_URL": url}


_MODEL = (
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_BASE_URL",
    "TOCSIN_MODEL",
    "TOCSIN_BACKEND",
    "TOCSIN_CASCADE",
    "TOCSIN_EFFORT",
    "TOCSIN_BUDGET",
)
"""What a person may set for the demo, too."""
