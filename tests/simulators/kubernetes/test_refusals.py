"""Status bodies, word for word as a real API server sends them."""

from __future__ import annotations

from bot.simulators.kubernetes import KubernetesSimulator

from .conftest import Ask


async def test_unknown_pod_is_the_apis_own_404(ask: Ask) -> None:
    """A pod that was not recorded does not exist; nothing hints at a recording."""
    answer = await ask("/api/v1/namespaces/shop/pods/nope")
    assert answer.status == 404
    assert answer.content_type == "application/json"
    assert answer.body == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": 'pods "nope" not found',
        "reason": "NotFound",
        "details": {"name": "nope", "kind": "pods"},
        "code": 404,
    }


async def test_grouped_resources_carry_their_group_in_404(ask: Ask) -> None:
    """Outside the core group the message and the details name the group."""
    body = (await ask("/apis/apps/v1/namespaces/shop/deployments/nope")).body
    assert body["message"] == 'deployments.apps "nope" not found'
    assert body["details"] == {"name": "nope", "group": "apps", "kind": "deployments"}


async def test_wrong_token_is_unauthorized(ask: Ask) -> None:
    """Without the right bearer token everything is 401."""
    body = (await ask("/api/v1/namespaces/shop/pods", token="wrong")).body
    assert (body["code"], body["reason"], body["message"]) == (401, "Unauthorized", "Unauthorized")


async def test_writing_is_not_allowed(ask: Ask) -> None:
    """The server is read-only: a DELETE is refused with 405 and changes nothing."""
    path = "/api/v1/namespaces/shop/pods/redis-cart-0"
    answer = await ask(path, method="DELETE")
    assert (answer.status, answer.body["reason"]) == (405, "MethodNotAllowed")
    assert (await ask(path)).status == 200


async def test_forbidden_resource_names_user_verb_and_namespace(
    ask: Ask, simulator: KubernetesSimulator
) -> None:
    """A forbidden list says who may not do what, where; other resources stay readable."""
    simulator.faults.forbidden = {"secrets"}
    body = (await ask("/api/v1/namespaces/shop/secrets")).body
    assert body["message"] == (
        'secrets is forbidden: User "system:serviceaccount:tocsin:tocsin" cannot list resource "secrets" '
        'in API group "" in the namespace "shop"'
    )
    assert body["details"] == {"kind": "secrets"}
    assert (await ask("/api/v1/namespaces/shop/pods")).status == 200


async def test_forbidden_logs_leave_the_pod_readable(
    ask: Ask, simulator: KubernetesSimulator
) -> None:
    """`pods/log` can be forbidden alone, as RBAC can."""
    simulator.faults.forbidden = {"pods/log"}
    pod = "/api/v1/namespaces/shop/pods/redis-cart-0"
    refused = await ask(f"{pod}/log")
    assert refused.status == 403
    assert 'cannot get resource "pods/log"' in refused.body["message"]
    assert (await ask(pod)).status == 200
