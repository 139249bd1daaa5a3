"""Several clusters: the service catalog says where a service runs, and the tools look there."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

from bot.demo.play import key
from tests.stories.conftest import Open, said


async def test_an_alarm_is_looked_into_in_the_cluster_of_its_service(
    oncall: Open, tmp_path: Path
) -> None:
    """The kubeconfig's current context is another one; nothing but the catalog leads to the right one."""
    catalog = {"services": [{"name": "frontend", "cluster": "scenario"}]}
    changes = {"TOCSIN_CATALOG": json.dumps(catalog), "TOCSIN_KUBE_CONTEXTS": "scenario"}
    async with oncall("redis-cart-down", changes, worker=False) as story:
        _look_elsewhere(Path(story.environment["KUBECONFIG"]))
        async with story.worker():
            root = await story.alarm()
            await story.final(root)

            looks = [each for each in story.thread(root) if key(each).endswith("/first_look")]
            assert "Cluster scenario. Namespace boutique" in said(looks[0])
            assert "deployment/redis-cart" in said(looks[0])


def _look_elsewhere(kubeconfig: Path) -> None:
    """Make a cluster that nobody reaches the current one."""
    config = yaml.safe_load(kubeconfig.read_text("utf-8"))
    config["clusters"].append({"name": "nowhere", "cluster": {"server": "http://127.0.0.1:1"}})
    config["contexts"].append({"name": "nowhere", "context": {"cluster": "nowhere"}})
    kubeconfig.write_text(yaml.safe_dump({**config, "current-context": "nowhere"}), "utf-8")
