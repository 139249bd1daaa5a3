"""Which endpoint answers which path."""

from __future__ import annotations

import re
from collections.abc import Callable

from . import commits, contents, delivery, shapes
from .refusals import not_found
from .view import Answer, View

Endpoint = Callable[[View, str], Answer]

_ROUTES: list[tuple[re.Pattern[str], Endpoint]] = [
    (re.compile(pattern), endpoint)
    for pattern, endpoint in [
        (r"()", lambda view, _: Answer(shapes.repository(view))),
        (r"/branches()", lambda view, _: commits.branches(view)),
        (r"/branches/(.+)", commits.branch),
        (r"/git/ref/(.+)", commits.ref),
        (r"/git/trees/(.+)", contents.tree),
        (r"/git/blobs/([0-9a-f]{40})", contents.blob),
        (r"/contents(/.*)?", lambda view, path: contents.contents(view, path or "")),
        (r"/commits()", lambda view, _: commits.commit_list(view)),
        (r"/commits/([^/]+)/pulls", delivery.pulls_of_commit),
        (r"/commits/(.+)", commits.one_commit),
        (r"/compare/(.+)", commits.compare),
        (r"/pulls()", lambda view, _: delivery.pulls(view)),
        (r"/pulls/(\d+)", lambda view, number: delivery.pull(view, int(number))),
        (r"/pulls/(\d+)/files", lambda view, number: delivery.pull_files(view, int(number))),
        (r"/deployments()", lambda view, _: delivery.deployments(view)),
        (
            r"/deployments/(\d+)/statuses",
            lambda view, number: delivery.deployment_statuses(view, int(number)),
        ),
    ]
]


def answer(view: View, path: str) -> Answer:
    """The answer to `GET /repos/{owner}/{repo}{path}`. Raises Refusal."""
    for pattern, endpoint in _ROUTES:
        found = pattern.fullmatch(path)
        if found:
            return endpoint(view, found[1])
    raise not_found()
