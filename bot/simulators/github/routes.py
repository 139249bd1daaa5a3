"""Which endpoint answers which path."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from . import actions, commits, contents, delivery, shapes
from .refusals import not_found, not_permitted
from .view import Answer, View

Endpoint = Callable[[View, str], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """An endpoint below a repository, and the permission that it takes to read it."""

    pattern: re.Pattern[str]
    permission: str
    endpoint: Endpoint


_ROUTES = [
    Route(re.compile(pattern), permission, endpoint)
    for pattern, permission, endpoint in [
        (r"()", "metadata", lambda view, _: Answer(shapes.repository(view))),
        (r"/branches()", "contents", lambda view, _: commits.branches(view)),
        (r"/branches/(.+)", "contents", commits.branch),
        (r"/git/ref/(.+)", "contents", commits.ref),
        (r"/git/trees/(.+)", "contents", contents.tree),
        (r"/git/blobs/([0-9a-f]{40})", "contents", contents.blob),
        (r"/contents(/.*)?", "contents", lambda view, path: contents.contents(view, path or "")),
        (r"/commits()", "contents", lambda view, _: commits.commit_list(view)),
        (r"/commits/([^/]+)/pulls", "pull_requests", delivery.pulls_of_commit),
        (r"/commits/(.+)", "contents", commits.one_commit),
        (r"/compare/(.+)", "contents", commits.compare),
        (r"/pulls()", "pull_requests", lambda view, _: delivery.pulls(view)),
        (r"/pulls/(\d+)", "pull_requests", lambda view, number: delivery.pull(view, int(number))),
        (
            r"/pulls/(\d+)/files",
            "pull_requests",
            lambda view, number: delivery.pull_files(view, int(number)),
        ),
        (r"/deployments()", "deployments", lambda view, _: delivery.deployments(view)),
        (
            r"/deployments/(\d+)/statuses",
            "deployments",
            lambda view, number: delivery.deployment_statuses(view, int(number)),
        ),
        (r"/actions/runs()", "actions", lambda view, _: actions.runs(view)),
        (r"/actions/runs/(\d+)", "actions", lambda view, number: actions.run(view, int(number))),
    ]
]


def answer(view: View, path: str, permitted: Callable[[str], bool], who: str) -> Answer:
    """The answer to `GET /repos/{owner}/{repo}{path}`. Raises Refusal.

    `permitted` says whether the token has a permission; `who` names its kind in the refusal.
    """
    for route in _ROUTES:
        found = route.pattern.fullmatch(path)
        if found and not permitted(route.permission):
            raise not_permitted(f"{route.permission}=read", who)
        if found:
            answered = route.endpoint(view, found[1])
            needed = {"X-Accepted-GitHub-Permissions": f"{route.permission}=read"}
            return replace(answered, headers={**answered.headers, **needed})
    raise not_found()
