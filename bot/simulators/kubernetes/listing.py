"""Lists as the API server gives them: selected, in pages, as objects or as a Table."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping

from .resources import Resource
from .scene import Scene
from .selectors import by_fields, by_labels
from .shapes import Json
from .status import Refusal, bad_request


def page(
    scene: Scene, resource: Resource, namespace: str, query: Mapping[str, str]
) -> tuple[list[Json], Json]:
    """The items of one page and the list's metadata. Raises Refusal (400) for a bad selector, limit or token."""
    labels = by_labels(query.get("labelSelector", ""))
    fields = by_fields(query.get("fieldSelector", ""), resource.plural)
    items = [item for item in scene.all(resource, namespace) if labels(item) and fields(item)]
    start = _start(query.get("continue", ""))
    limit = number(query, "limit") or len(items)
    metadata: Json = {"resourceVersion": scene.version}
    if start + limit < len(items):
        metadata["continue"] = _token(scene.version, start + limit)
        metadata["remainingItemCount"] = len(items) - start - limit
    return items[start : start + limit], metadata


def as_list_object(resource: Resource, items: list[Json], metadata: Json) -> Json:
    """A `PodList` and the like. As in real lists, the items do not repeat their kind and apiVersion."""
    return {
        "kind": f"{resource.kind}List",
        "apiVersion": resource.api_version,
        "metadata": metadata,
        "items": [
            {key: value for key, value in item.items() if key not in ("kind", "apiVersion")}
            for item in items
        ],
    }


def number(query: Mapping[str, str], name: str) -> int:
    """A query parameter that counts something, 0 when absent. Raises Refusal (400) when it is no such number."""
    text = query.get(name, "")
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise bad_request(f'strconv.ParseInt: parsing "{text[:50]}": invalid syntax')
    return int(text)


def _token(version: str, start: int) -> str:
    payload = json.dumps({"v": "meta.k8s.io/v1", "rv": int(version), "start": str(start)})
    return base64.urlsafe_b64encode(payload.encode()).decode().rstrip("=")


def _start(token: str) -> int:
    if not token:
        return 0
    try:
        payload = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        return int(payload["start"])
    except (ValueError, KeyError, TypeError, binascii.Error) as error:
        raise Refusal(400, "BadRequest", "continue key is not valid: invalid token") from error
