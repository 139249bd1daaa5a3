"""Clusters whose kubeconfig names a program for the credentials, as those of EKS, GKE and AKS do."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml
from lightkube import KubeConfig
from lightkube.config.models import UserExec
from tocsin_mcp.kit.errors import Unavailable
from tocsin_mcp.kubernetes.plugin import PluginAuth

from bot.simulators.kubernetes import KubernetesSimulator

from .conftest import SHOP, World, settings

PROGRAM = """\
import json, os, pathlib, sys
told = json.loads(os.environ["KUBERNETES_EXEC_INFO"])
runs = pathlib.Path(sys.argv[1])
runs.write_text(runs.read_text() + "run\\n" if runs.exists() else "run\\n")
status = {"token": runs.with_name("token").read_text(), "expirationTimestamp": os.environ["ENDS"]}
assert sys.stdin.read() == ""
print(json.dumps({"kind": told["kind"], "apiVersion": told["apiVersion"], "status": status}))
"""
FAR = "2100-01-01T00:00:00Z"


@pytest.fixture
async def cluster() -> AsyncIterator[KubernetesSimulator]:
    """It knows one token."""
    async with KubernetesSimulator(SHOP, token="first") as made:
        yield made


def configured(cluster: KubernetesSimulator, folder: Path, **changes: Any) -> World:
    """A server whose kubeconfig names the program above; the token that it gives is in a file."""
    path = cluster.write_kubeconfig(folder / "kubeconfig")
    (folder / "token").write_text("first")
    program: dict[str, Any] = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": sys.executable,
        "args": ["-c", PROGRAM, str(folder / "runs")],
        "env": [{"name": "ENDS", "value": FAR}],
        "interactiveMode": "IfAvailable",
    }
    config = yaml.safe_load(path.read_text())
    config["users"][0]["user"] = {"exec": {**program, **changes}}
    path.write_text(yaml.safe_dump(config))
    return World(cluster, settings(path))


async def test_the_program_runs_once_for_all_requests(
    cluster: KubernetesSimulator, tmp_path: Path
) -> None:
    """Triage asks for two dozen lists at once; the newest version of the protocol is spoken."""
    text = await configured(cluster, tmp_path).ask("triage", namespace="shop")
    assert "no permission" not in text
    assert (tmp_path / "runs").read_text() == "run\n"


@pytest.mark.parametrize(("ends", "runs"), [(FAR, 1), ("2020-01-01T00:00:00Z", 2)])
async def test_a_token_is_used_until_it_ends(
    cluster: KubernetesSimulator, tmp_path: Path, ends: str, runs: int
) -> None:
    """Two requests, one after the other."""
    world = configured(cluster, tmp_path, env=[{"name": "ENDS", "value": ends}])
    await world.ask("describe_object", kind="service", name="cartservice", namespace="shop")
    assert len((tmp_path / "runs").read_text().split()) == runs


async def test_a_refused_token_is_asked_for_once_more(
    cluster: KubernetesSimulator, tmp_path: Path
) -> None:
    """And when the new one is refused too, the caller hears it."""
    world = configured(cluster, tmp_path)
    (tmp_path / "token").write_text("other")
    text = await world.refusal("describe_pod", name="cartservice-1", namespace="shop")
    assert "refused the credentials (401)" in text
    assert len((tmp_path / "runs").read_text().split()) == 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"command": "no-such-program", "installHint": "Install it."}, "cannot be started (No such file or directory). Install it."),
        ({"args": ["-c", "import sys; sys.exit('log in\\nfirst')"]}, "ended with 1: log in first"),
        ({"args": ["-c", "print('welcome')"]}, "wrote no ExecCredential"),
        ({"args": ["-c", "print('{\"status\": {\"clientCertificateData\": \"x\"}}')"]}, "client certificates from a program are not supported"),
    ],
    ids=["missing", "failing", "chatting", "certificate"],
)  # fmt: skip
async def test_what_is_wrong_with_the_program_is_told(
    cluster: KubernetesSimulator, tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    """With its name and the reason."""
    text = await configured(cluster, tmp_path, **changes).refusal("list_pods", namespace="shop")
    assert words in text
    assert "calling again will not help" in text


async def test_a_program_that_waits_is_ended(cluster: KubernetesSimulator, tmp_path: Path) -> None:
    """One that would open a browser, say."""
    config = KubeConfig.from_file(cluster.write_kubeconfig(tmp_path / "kubeconfig")).get()
    assert config
    waiting = UserExec("client.authentication.k8s.io/v1", "sh", args=["-c", "sleep 600; exit 1"])
    auth = PluginAuth(config, waiting, {"PATH": "/usr/bin:/bin"}, seconds=0.1)
    with pytest.raises(Unavailable, match=r"sh of the kubeconfig did not end within 0\.1 s"):
        await anext(auth.async_auth_flow(httpx2.Request("GET", "http://127.0.0.1")))
