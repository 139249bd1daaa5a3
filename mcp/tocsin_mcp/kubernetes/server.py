"""The tools, as a model sees them: names, descriptions, checked arguments. The texts are made elsewhere."""

from __future__ import annotations

from typing import Any

from fastmcp import FastMCP

from tocsin_mcp.kit.environment import Environment
from tocsin_mcp.kit.server import add_read_tools, new_server

from . import arguments as a
from .cluster import Cluster
from .pods import list_pods as pods_text

_INSTRUCTIONS = (
    "Read-only view of one Kubernetes cluster. Begin with list_workloads or list_pods: what is unhealthy comes first, "
    "with its reason. Then describe_workload, list_events, read_logs (previous=true after a crash) and rollout_history."
)


def build(environment: Environment | None = None) -> FastMCP[Any]:
    """The Kubernetes server. Cheap: no file is read and no connection opened before the first call."""
    cluster = Cluster(environment or Environment.of_process())

    async def list_pods(
        namespace: a.Namespace = None,
        workload: a.Reference = None,
        selector: a.Selector = None,
    ) -> str:
        """List pods, unhealthy ones first: readiness, status, restarts with the last termination's reason, exit code
        and age, node, and the reason why each unhealthy pod is so. Narrow by `workload` or label `selector`."""
        return await pods_text(cluster, namespace, workload, selector)

    server = new_server("kubernetes", _INSTRUCTIONS, close=cluster.close)
    add_read_tools(server, list_pods)
    return server
