"""Which cluster, as whom, and in which namespace."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from tocsin_mcp.kit.environment import Environment, MissingSetting
from tocsin_mcp.kit.errors import Unavailable
from tocsin_mcp.kubernetes import connection

from .conftest import NOW, World, settings


def write(path: Path, **changes: object) -> Path:
    """A kubeconfig with two contexts, changed."""
    config: dict[str, object] = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {"name": name, "cluster": {"server": f"https://user:pw@{name}.example:6443/k8s"}}
            for name in ("one", "two")
        ],
        "users": [{"name": "u", "user": {"token": "letmein"}}],
        "contexts": [
            {"name": name, "context": {"cluster": name, "user": "u", "namespace": f"ns-{name}"}}
            for name in ("one", "two")
        ],
        "current-context": "one",
    }
    path.write_text(yaml.safe_dump({**config, **changes}), "utf-8")
    return path


def test_current_context_unless_another_is_named(tmp_path: Path) -> None:
    """TOCSIN_KUBE_CONTEXT chooses among the contexts; the default is the kubeconfig's own."""
    path = str(write(tmp_path / "config"))
    one = connection.load(Environment({"KUBECONFIG": path}))
    two = connection.load(Environment({"KUBECONFIG": path, "TOCSIN_KUBE_CONTEXT": "two"}))
    assert (one.namespace, two.namespace) == ("ns-one", "ns-two")
    assert connection.host_of(one) == "one.example:6443"
    assert not connection.is_local(one)


def test_first_existing_of_several_files(tmp_path: Path) -> None:
    """KUBECONFIG may be a list, as kubectl allows."""
    path = write(tmp_path / "config")
    value = f"{tmp_path / 'missing'}:{path}"
    assert connection.load(Environment({"KUBECONFIG": value})).context_name == "one"


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        ("{not yaml", "cannot be read"),
        ("[]", "cannot be read"),
        ("clusters: []\ncontexts: []\n", "cannot be used"),
        ("", "cannot be read"),
    ],
)
def test_broken_kubeconfigs_are_explained(tmp_path: Path, content: str, hint: str) -> None:
    """Whatever is wrong with the file, the error says that the configuration is to blame."""
    path = tmp_path / "config"
    path.write_text(content, "utf-8")
    with pytest.raises(Unavailable, match=hint):
        connection.load(Environment({"KUBECONFIG": str(path)}))


def test_a_context_without_a_user_is_named(tmp_path: Path) -> None:
    """kubectl would ask as nobody."""
    contexts = [{"name": "one", "context": {"cluster": "one"}}]
    path = str(write(tmp_path / "config", contexts=contexts))
    with pytest.raises(Unavailable, match="The context one of the kubeconfig names no user"):
        connection.load(Environment({"KUBECONFIG": path}))


def test_unknown_context_is_named(tmp_path: Path) -> None:
    """A wrong TOCSIN_KUBE_CONTEXT is quoted."""
    path = str(write(tmp_path / "config"))
    with pytest.raises(Unavailable, match="Context 'three' not found"):
        connection.load(Environment({"KUBECONFIG": path, "TOCSIN_KUBE_CONTEXT": "three"}))


def test_missing_file_is_a_missing_setting(tmp_path: Path) -> None:
    """A KUBECONFIG that names nothing is a matter of configuration."""
    with pytest.raises(MissingSetting, match="names no existing file"):
        connection.load(Environment({"KUBECONFIG": str(tmp_path / "nope")}))


async def test_without_configuration_tools_name_the_setting(tmp_path: Path, world: World) -> None:
    """The server starts and lists its tools; a call says which setting is missing."""
    missing = Environment({"KUBECONFIG": str(tmp_path / "nope")})
    text = await World(world.cluster, missing).refusal("list_workloads")
    assert text.startswith("KUBECONFIG names no existing file.")


async def test_namespace_setting_beats_the_context(world: World) -> None:
    """TOCSIN_NAMESPACE is the default namespace, an argument beats both."""
    path = Path(world.environment.get("KUBECONFIG"))
    other = World(world.cluster, settings(path, TOCSIN_NAMESPACE="elsewhere"))
    assert (await other.ask("list_pods")).startswith("Namespace elsewhere: no pods")
    assert (await other.ask("list_pods", namespace="shop")).startswith("Namespace shop: 8 pods")
    assert (await world.ask("list_pods")).startswith("Namespace shop: 8 pods")


async def test_wrong_now_is_named(world: World) -> None:
    """A TOCSIN_NOW that is no time is an error of the call, not a wrong answer."""
    environment = Environment({**world.environment.values, "TOCSIN_NOW": "noon"})
    assert "TOCSIN_NOW" in await World(world.cluster, environment).refusal("list_pods")
    assert NOW in await world.ask("list_pods")
