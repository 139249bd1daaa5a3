"""Error answers: the Status objects that a Kubernetes API server sends, with its own wording."""

from __future__ import annotations

from .resources import Resource
from .shapes import Json


class Refusal(Exception):
    """A request that is answered with a Status; `body` is the whole Status object, `code` the HTTP status."""

    def __init__(self, code: int, reason: str, message: str, details: Json | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.body: Json = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": message,
            "reason": reason,
            **({"details": details} if details else {}),
            "code": code,
        }


def not_found(resource: Resource, name: str) -> Refusal:
    """No object of that name."""
    qualified = f"{resource.plural}.{resource.group}" if resource.group else resource.plural
    details: Json = {"name": name, "kind": resource.plural}
    if resource.group:
        details = {"name": name, "group": resource.group, "kind": resource.plural}
    return Refusal(404, "NotFound", f'{qualified} "{name}" not found', details)


def no_such_resource() -> Refusal:
    """The path names a resource that the server does not serve."""
    return Refusal(404, "NotFound", "the server could not find the requested resource", {})


def unauthorized() -> Refusal:
    """No bearer token, or the wrong one."""
    return Refusal(401, "Unauthorized", "Unauthorized")


def forbidden(
    user: str, verb: str, resource: Resource, namespace: str, subresource: str
) -> Refusal:
    """The token's user may not do that."""
    plural = f"{resource.plural}/{subresource}" if subresource else resource.plural
    qualified = f"{resource.plural}.{resource.group}" if resource.group else resource.plural
    where = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
    details: Json = {"kind": resource.plural}
    if resource.group:
        details = {"group": resource.group, "kind": resource.plural}
    return Refusal(
        403,
        "Forbidden",
        f'{qualified} is forbidden: User "{user}" cannot {verb} resource "{plural}" '
        f'in API group "{resource.group}" {where}',
        details,
    )


def method_not_allowed() -> Refusal:
    """A verb that this read-only server does not offer."""
    return Refusal(
        405,
        "MethodNotAllowed",
        "the server does not allow this method on the requested resource",
        {},
    )


def bad_request(message: str) -> Refusal:
    """A parameter or a state that makes the request impossible."""
    return Refusal(400, "BadRequest", message)


def unavailable() -> Refusal:
    """The server is overloaded or starting."""
    return Refusal(
        503, "ServiceUnavailable", "the server is currently unable to handle the request", {}
    )
