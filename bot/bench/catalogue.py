"""Tool definitions as real servers give them: what the script needs, and what else is usually connected.

A definition of a public Kubernetes or GitHub server takes 280 to 350 tokens; those here are as long.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Literal

from bot.tools.toolset import Tool

ToolSet = Literal["small", "typical", "large", "subset"]
"""About 5,000, 10,000 and 20,000 tokens with the bot's own two tools; `subset` is what one class of alarm needs."""

_NEEDED: dict[str, tuple[str, ...]] = {
    "kubernetes_triage": ("name", "namespace"),
    "kubernetes_recent_changes": ("namespace", "since", "limit"),
    "github_suspect_changes": ("path", "since", "name", "repository"),
    "kubernetes_list_workloads": ("namespace",),
    "kubernetes_list_events": ("namespace", "object", "since", "limit"),
    "kubernetes_describe_workload": ("name", "kind", "namespace"),
    "kubernetes_list_pods": ("namespace", "workload", "selector"),
    "kubernetes_read_logs": ("workload", "pod", "container", "previous", "since", "tail", "grep"),
    "kubernetes_rollout_history": ("name", "namespace"),
    "kubernetes_describe_pod": ("name", "namespace"),
    "github_search_code": ("query", "path", "repository"),
    "github_list_commits": ("path", "since", "until", "limit", "ref", "repository"),
    "github_show_commit": ("sha", "repository"),
    "github_read_file": ("path", "start_line", "end_line", "ref", "repository"),
}
_ALSO: dict[str, tuple[str, ...]] = {
    "github_compare": ("base", "head", "repository"),
    "github_list_tree": ("path", "ref", "repository"),
    "slack_read_channel": ("limit", "since"),
    "slack_read_thread": ("limit",),
}
_OTHER_SERVERS = ("cloudwatch", "prometheus", "argocd", "terraform", "postgres", "pagerduty")
_OTHER_VERBS = ("query", "list", "describe", "compare", "search", "explain", "export", "summarize")
_OTHER_OBJECTS = ("metrics", "alerts", "rollouts")
_OTHER = tuple(
    f"{server}_{verb}_{object_}"
    for object_ in _OTHER_OBJECTS
    for verb in _OTHER_VERBS
    for server in _OTHER_SERVERS
)
_OTHER_ARGUMENTS = ("name", "namespace", "query", "since", "until", "limit", "selector")
_OTHER_COUNT = {"small": 0, "typical": 14, "large": 45}

_ARGUMENTS: dict[str, dict[str, Any]] = {
    "namespace": {"type": "string", "description": "Default: the configured one."},
    "object": {"type": "string", "description": "Only this object, like `pod/web-0`."},
    "since": {"type": "string", "description": "RFC 3339 or a duration like `15m`."},
    "until": {"type": "string", "description": "End, like `since`."},
    "limit": {"type": "integer", "minimum": 1, "maximum": 100, "description": "At most so many."},
    "name": {"type": "string", "description": "Name of the object, without its kind."},
    "kind": {"type": "string", "enum": ["deployment", "statefulset", "daemonset", "job", "cronjob"]},
    "workload": {"type": "string", "description": "All its pods, like `deployment/web`."},
    "pod": {"type": "string", "description": "One pod by name."},
    "container": {"type": "string", "description": "Container, when a pod has several."},
    "selector": {"type": "string", "description": "Label selector, like `app=web`."},
    "previous": {"type": "boolean", "description": "The instance before the last restart."},
    "tail": {"type": "integer", "minimum": 1, "maximum": 2000, "description": "So many last lines."},
    "grep": {"type": "string", "description": "Only lines with this text."},
    "query": {"type": "string", "description": "What to search for."},
    "path": {"type": "string", "description": "Path in the repository."},
    "ref": {"type": "string", "description": "Branch, tag or commit."},
    "repository": {"type": "string", "description": "One of the configured repositories."},
    "sha": {"type": "string", "description": "Full or abbreviated commit id."},
    "base": {"type": "string", "description": "The older side."},
    "head": {"type": "string", "description": "The newer side."},
    "start_line": {"type": "integer", "minimum": 1, "description": "First line, counted from 1."},
    "end_line": {"type": "integer", "minimum": 1, "description": "Last line."},
}  # fmt: skip
_REQUIRED = frozenset({"name", "query", "path", "sha", "base", "head"})


@cache
def tools_of(tool_set: ToolSet) -> Sequence[Tool]:
    """The tools of a set, without the bot's own."""
    if tool_set == "subset":
        return tuple(_tool(name, arguments) for name, arguments in _NEEDED.items())
    others = dict.fromkeys(_OTHER[: _OTHER_COUNT[tool_set]], _OTHER_ARGUMENTS)
    return tuple(
        _tool(name, arguments) for name, arguments in {**_NEEDED, **_ALSO, **others}.items()
    )


def _tool(name: str, arguments: Sequence[str]) -> Tool:
    server, verb, *rest = name.split("_")
    what = " ".join(rest)
    return Tool(
        name=name,
        description=(
            f"{verb.capitalize()} {what} of {server}: what is unhealthy or changed last comes first, each with its "
            "reason. Long answers are cut and say how to narrow the call."
        ),
        input_schema={
            "type": "object",
            "properties": {argument: _ARGUMENTS[argument] for argument in arguments},
            "required": [argument for argument in arguments if argument in _REQUIRED],
        },
        server=server,
        remote_name=name,
        read_only=True,
    )
