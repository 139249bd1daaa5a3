"""Where the cluster is and as whom we ask: KUBECONFIG, else the pod's service account, else ~/.kube/config."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

import yaml
from lightkube import ConfigError, KubeConfig, SingleConfig
from lightkube.config.kubeconfig import DEFAULT_KUBECONFIG, SERVICE_ACCOUNT

from tocsin_mcp.kit.environment import Environment, MissingSetting
from tocsin_mcp.kit.errors import Unavailable

from .contexts import CONTEXT, chosen

_HELP = (
    "Set KUBECONFIG to a kubeconfig file, or run inside a pod with a service account. "
    "This is a matter of the server's configuration; calling again will not help."
)


def load(environment: Environment) -> SingleConfig:
    """Cluster, user and namespace of the chosen context. Reads files: call it off the event loop.

    Raises MissingSetting when nothing is configured, Unavailable when what is configured cannot be used.
    """
    try:
        config = _source(environment).get(chosen(environment) or None)
    except ConfigError as error:
        raise Unavailable(
            f"The Kubernetes configuration cannot be used: {error}. {_HELP}"
        ) from error
    except (yaml.YAMLError, AttributeError, KeyError, TypeError, ValueError, OSError) as error:
        raise Unavailable(
            f"The kubeconfig cannot be read ({type(error).__name__}). {_HELP}"
        ) from error
    if config is None:
        raise Unavailable(f"The kubeconfig has no current context; set {CONTEXT}. {_HELP}")
    if config.user is None:
        raise Unavailable(
            f"The context {config.context_name} of the kubeconfig names no user. {_HELP}"
        )
    return config


def host_of(config: SingleConfig) -> str:
    """Host and port of the API server, without credentials or path."""
    parts = urlsplit(config.cluster.server)
    return f"{parts.hostname or '?'}:{parts.port}" if parts.port else parts.hostname or "?"


def is_local(config: SingleConfig) -> bool:
    """Whether the API server is on this machine, where a proxy from the environment has no business."""
    return urlsplit(config.cluster.server).hostname in ("localhost", "127.0.0.1", "::1")


def _source(environment: Environment) -> KubeConfig:
    paths = [
        Path(part).expanduser() for part in environment.get("KUBECONFIG").split(os.pathsep) if part
    ]
    if paths:
        found = next((path for path in paths if path.is_file()), None)
        if found is None:
            raise MissingSetting(f"KUBECONFIG names no existing file. {_HELP}")
        return KubeConfig.from_file(found)
    if environment.get("KUBERNETES_SERVICE_HOST") and Path(SERVICE_ACCOUNT, "token").is_file():
        return KubeConfig.from_service_account()
    default = Path(DEFAULT_KUBECONFIG).expanduser()
    if default.is_file():
        return KubeConfig.from_file(default)
    raise MissingSetting(f"KUBECONFIG is not set and there is no service account. {_HELP}")
