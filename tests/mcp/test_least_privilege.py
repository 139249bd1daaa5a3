"""The permissions that the documentation gives are exactly those that the servers use."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
import yaml
from fastmcp import Client
from tocsin_mcp.cloudwatch.client import OPERATIONS
from tocsin_mcp.github.api.credentials import PERMISSIONS
from tocsin_mcp.github.server import build as build_github
from tocsin_mcp.kit.environment import Environment
from tocsin_mcp.kubernetes.object import KINDS
from tocsin_mcp.kubernetes.server import build
from tocsin_mcp.prometheus import client as prometheus

from bot.simulators.github import GitHubSimulator
from bot.simulators.kubernetes import KubernetesSimulator

ROOT = Path(__file__).parents[2]
DOCUMENTS = ROOT / "docs" / "servers"
CART = ROOT / "bot" / "evals" / "scenarios" / "cartservice-guard"
SHOP = ROOT / "tests" / "samples" / "kubernetes" / "shop"
_TARGET = re.compile(
    r"GET /(?:api/v1|apis/(?P<group>[^/]+)/[^/]+)(?:/namespaces/[^/]+)?/"
    r"(?P<resource>[a-z]+)(?:/(?P<name>[^/?]+)(?:/(?P<below>[a-z]+))?)?(?:\?.*)?"
)


def policy() -> list[dict[str, Any]]:
    """The statements of the IAM policy."""
    statements: list[dict[str, Any]] = json.loads(
        (DOCUMENTS / "cloudwatch-iam-policy.json").read_text("utf-8")
    )["Statement"]
    return statements


def granted() -> set[tuple[str, str, str]]:
    """Verb, group and resource of each permission in the roles."""
    documents = yaml.safe_load_all((DOCUMENTS / "kubernetes-clusterrole.yaml").read_text("utf-8"))
    return {
        (verb, group, resource)
        for document in documents
        for rule in document.get("rules", [])
        for verb in rule["verbs"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
    }


def test_the_policy_allows_what_is_asked_and_no_more() -> None:
    """Every operation of the CloudWatch server is allowed, and nothing that it never asks."""
    allowed = [
        action for each in policy() if each["Effect"] == "Allow" for action in each["Action"]
    ]
    assert sorted(allowed) == sorted(
        f"{service}:{name}" for name, (service, _) in OPERATIONS.items()
    )


def test_the_policy_names_the_log_groups_that_may_be_read() -> None:
    """Contents of logs are never allowed on everything, and unmasking is denied."""
    for statement in policy():
        if {"logs:FilterLogEvents", "logs:StartQuery"} & set(statement["Action"]):
            assert all(":log-group:/" in resource for resource in statement["Resource"])
    [denied] = [each for each in policy() if each["Effect"] == "Deny"]
    assert {"logs:Unmask", "iam:*", "sts:AssumeRole", "secretsmanager:*", "ssm:*"} <= set(
        denied["Action"]
    )


def test_the_roles_only_read() -> None:
    """Only get and list; nothing that holds secrets or leads into a container."""
    assert {verb for verb, _, _ in granted()} == {"get", "list"}
    resources = {resource for _, _, resource in granted()}
    assert {each for each in resources if "/" in each} == {"pods/log"}
    assert not {"secrets", "configmaps", "serviceaccounts", "*"} & resources


async def test_the_roles_suffice_for_every_tool(tmp_path: Path) -> None:
    """All tools of the Kubernetes server are used; each request to the API is one that the roles permit."""
    async with KubernetesSimulator(SHOP) as cluster:
        kubeconfig = cluster.write_kubeconfig(tmp_path / "kubeconfig")
        settings = {"KUBECONFIG": str(kubeconfig), "TOCSIN_NOW": "2026-11-18T14:25:00Z"}
        async with Client(build(Environment(settings))) as client:
            for tool, arguments in await calls(client):
                await client.call_tool(tool, arguments, raise_on_error=False)
        requests = cluster.requests
    used = {asked(request) for request in requests}
    assert ("list", "", "nodes") in used
    assert ("get", "", "pods/log") in used
    assert used <= granted()
    spare = {each[1:] for each in granted()} - {each[1:] for each in used}
    assert spare == set(), "the roles grant what no tool asks for"


async def calls(client: Client[Any]) -> list[tuple[str, dict[str, str]]]:
    """A call of every tool, with every kind of workload."""
    [listed] = (await client.call_tool("list_pods", {})).content
    assert listed.type == "text"
    [pod] = re.findall(r"^(cartservice-\S+)", listed.text, re.MULTILINE)[:1]
    fitting: dict[str, list[dict[str, str]]] = {
        "describe_pod": [{"name": pod}],
        "describe_workload": [{"name": "cartservice"}],
        "describe_object": [{"kind": kind, "name": "nothing"} for kind in KINDS],
        "read_logs": [{"workload": "cartservice"}],
        "rollout_history": [{"deployment": "cartservice"}],
    }
    names = [tool.name for tool in await client.list_tools()]
    return [(name, arguments) for name in names for arguments in fitting.get(name, [{}])]


def asked(request: str) -> tuple[str, str, str]:
    """A request in the words of RBAC."""
    found = _TARGET.fullmatch(request)
    assert found, request
    resource = found["resource"] + (f"/{found['below']}" if found["below"] else "")
    return "get" if found["name"] else "list", found["group"] or "", resource


def test_the_proxy_lets_through_what_is_asked() -> None:
    """The endpoints of the Prometheus server are those of the proxy's one open location."""
    text = (DOCUMENTS / "prometheus-proxy.conf").read_text("utf-8")
    [paths] = re.findall(r"location ~ \^/api/v1/\((.+)\)\$ \{", text)
    assert set(paths.split("|")) == set(prometheus.READING)


STORE = "src/cartservice/src/cartstore/RedisCartStore.cs"
GITHUB_CALLS: dict[str, dict[str, Any]] = {
    "list_tree": {},
    "read_file": {"path": STORE, "ref": "shop/cartservice:main-a65e656-1"},
    "blame": {"path": STORE, "start_line": 36},
    "search_code": {"query": "RecalledLoafers"},
    "list_commits": {},
    "show_commit": {"sha": "main"},
    "compare": {"base": "a65e656", "head": "main"},
    "list_pull_requests": {"since": "3d"},
    "list_deployments": {"since": "3d"},
    "suspect_changes": {"file": STORE},
}


def test_the_app_and_the_links_grant_what_is_read() -> None:
    """The manifest, both links of the documentation and the tokens that are asked for: the same, for reading."""
    manifest = json.loads((DOCUMENTS / "github-app-manifest.json").read_text("utf-8"))
    assert manifest["default_permissions"] == dict.fromkeys(PERMISSIONS, "read")
    assert not manifest["public"]
    assert manifest["default_events"] == []
    text = (DOCUMENTS / "github.md").read_text("utf-8")
    app, token = (
        dict(parse_qsl(url.partition("?")[2])) for url in re.findall(r"`(https://\S+\?\S+)`", text)
    )
    assert {name for name, level in app.items() if level == "read"} == set(PERMISSIONS)
    assert {name for name, level in token.items() if level == "read"} == set(PERMISSIONS) - {
        "metadata"
    }
    assert "write" not in [*app.values(), *token.values()]


@pytest.mark.parametrize("lacking", [None, "contents", "pull_requests", "deployments", "actions"])
async def test_each_permission_is_needed_and_all_suffice(lacking: str | None) -> None:
    """Every tool of the GitHub server is used with all of them, and with one taken away."""
    async with GitHubSimulator(CART, token="t") as github:
        github.faults.lacking = frozenset([lacking] if lacking else [])
        settings = {
            "GITHUB_TOKEN": "t",
            "GITHUB_API_URL": github.url,
            "TOCSIN_GITHUB_REPOSITORY": github.name,
            "TOCSIN_NOW": "2026-11-18T14:28:30Z",
        }
        async with Client(build_github(Environment(settings))) as client:
            assert {tool.name for tool in await client.list_tools()} == set(GITHUB_CALLS)
            answers = [
                await client.call_tool(tool, arguments, raise_on_error=False)
                for tool, arguments in GITHUB_CALLS.items()
            ]
    refused = [
        block.text
        for answer in answers
        for block in answer.content
        if block.type == "text" and (answer.is_error or "not accessible" in block.text)
    ]
    assert bool(refused) == (lacking is not None)
    assert all(f"needs {lacking}: read" in text for text in refused)
