"""The tools, as a model sees them: names, descriptions, checked arguments. The texts are made elsewhere."""

from __future__ import annotations

from typing import Any

from fastmcp import FastMCP

from tocsin_mcp.kit.environment import Environment
from tocsin_mcp.kit.server import ReadTool, add_read_tools, new_server

from . import arguments as a
from .cluster import Cluster
from .contexts import ChosenCluster
from .events import list_events as events_text
from .logs import Wanted
from .logs import read_logs as logs_text
from .object import describe_object as object_text
from .pod import describe_pod as pod_text
from .pods import list_pods as pods_text
from .recent_changes import recent_changes as changes_text
from .rollouts import rollout_history as rollout_text
from .streams import Whose
from .triage.tool import triage_tool
from .workload import describe_workload as workload_text
from .workloads import list_workloads as workloads_text

_INSTRUCTIONS = (
    "Read-only view of one Kubernetes cluster. Begin with triage: what is broken and why, by rules. list_workloads and "
    "list_pods show all, what is unhealthy first. Then describe_workload, list_events, read_logs (previous=true after a crash), recent_changes and rollout_history."
)


def build(environment: Environment | None = None) -> FastMCP[Any]:
    """The Kubernetes server. Cheap: no file is read and no connection opened before the first call."""
    environment = environment or Environment.of_process()
    cluster = Cluster(environment)
    server = new_server("kubernetes", _INSTRUCTIONS, close=cluster.close)
    server.add_middleware(ChosenCluster(environment))
    add_read_tools(
        server,
        triage_tool(cluster),
        *_state_tools(cluster),
        *_detail_tools(cluster),
        *_history_tools(cluster),
    )
    return server


def _state_tools(cluster: Cluster) -> tuple[ReadTool, ...]:
    """What runs, unhealthy first."""

    async def list_workloads(namespace: a.Namespace = None) -> str:
        """List all that should run: deployments, statefulsets, daemonsets, jobs, cronjobs with ready/desired, images
        and age, unhealthy first with the reason; services without ready endpoints; bad nodes, unbound volume claims,
        used-up quotas. The place to begin."""
        return await workloads_text(cluster, namespace)

    async def list_pods(
        namespace: a.Namespace = None,
        workload: a.Reference = None,
        selector: a.Selector = None,
    ) -> str:
        """List pods, unhealthy ones first: readiness, status, restarts with the last termination's reason, exit code
        and age, node, and the reason why each unhealthy pod is so. Narrow by `workload` or label `selector`."""
        return await pods_text(cluster, namespace, workload, selector)

    return list_workloads, list_pods


def _detail_tools(cluster: Cluster) -> tuple[ReadTool, ...]:
    """One thing with all that decides about it."""

    async def describe_workload(
        name: a.WorkloadName, kind: a.Kind = "deployment", namespace: a.Namespace = None
    ) -> str:
        """Describe one workload: conditions, pods, image, variables, resources, probes, volumes, the services,
        network policies and autoscaler around it, its latest revisions with what each changed, and recent events.
        Secret values are never shown."""
        return await workload_text(cluster, name, kind, namespace)

    async def describe_pod(name: a.Name, namespace: a.Namespace = None) -> str:
        """Describe one pod: each container's state and how its last instance ended (reason, exit code, time,
        message), conditions, spec, volume claims, the state of its node, and recent events."""
        return await pod_text(cluster, name, namespace)

    async def describe_object(
        kind: a.ObjectKind, name: a.Name, namespace: a.Namespace = None
    ) -> str:
        """Describe what is around the workloads: labels, spec, status and recent events of a service, ingress, network
        policy, autoscaler, disruption budget, volume (claim), quota, limit range, node or class."""
        return await object_text(cluster, kind, name, namespace)

    async def read_logs(
        workload: a.Reference = None,
        pod: a.PodName = None,
        selector: a.Selector = None,
        namespace: a.Namespace = None,
        container: a.Container = None,
        previous: bool = False,
        since: a.Since = None,
        tail: a.Tail = 200,
        grep: a.Grep = None,
    ) -> str:
        """Read container logs of one `pod`, or of all pods of a `workload` or label `selector` merged by time (lines
        prefixed by pod). With `grep` alone all pods of the namespace are searched. `grep` keeps matching lines with 2 lines of context and whole stack traces; error text is often logged at info
        level, so match its words rather than a level. `previous` reads the instance before the last restart: use it
        after a crash."""
        whose = Whose(workload, pod, selector, container)
        wanted = Wanted(whose, previous, since, tail, grep)
        return await logs_text(cluster, namespace, wanted)

    return describe_workload, describe_pod, describe_object, read_logs


def _history_tools(cluster: Cluster) -> tuple[ReadTool, ...]:
    """What happened and what was changed."""

    async def list_events(
        namespace: a.Namespace = None,
        object: a.Involved = None,
        since: a.Since = None,
        limit: a.EventLimit = 50,
    ) -> str:
        """List what the cluster reported (failed scheduling, probes, image pulls, scaling, evictions), newest first,
        with counts, first and last time. Repeated reports are one line. Clusters keep about one hour."""
        return await events_text(cluster, namespace, object, since, limit)

    async def recent_changes(
        namespace: a.Namespace = None, since: a.ChangedSince = "24h", limit: a.ChangeLimit = 30
    ) -> str:
        """List what was changed in a namespace, newest first: rollouts with what each changed, objects that were created,
        edits and scaling by people and tools. A change after the onset is not its cause."""
        return await changes_text(cluster, namespace, since, limit)

    async def rollout_history(deployment: a.DeploymentName, namespace: a.Namespace = None) -> str:
        """List a deployment's revisions, newest first, with time, image and what each changed against the one before:
        image, variables, resources, probes, volumes. Compare the times with the onset: a change after the onset is
        not its cause."""
        return await rollout_text(cluster, deployment, namespace)

    return list_events, recent_changes, rollout_history
