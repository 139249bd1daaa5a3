"""Images that cannot be pulled, told apart by the registry's words and by who else pulls from there."""

from __future__ import annotations

import pytest

from tests.mcp.kubernetes.triage.builders import Shop

HEAD = 'Failed to pull image "registry.example/shop/pay:1.1": failed to resolve reference: '


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        ("registry.example/shop/pay:1.1: not found", "image_not_found"),
        ("manifest unknown: manifest tagged by 1.1 is not found", "image_not_found"),
        ("dial tcp: lookup registry.example on 10.96.0.10:53: no such host", "image_registry_unresolvable"),
        ("dial tcp: lookup registry.example: i/o timeout", "image_registry_unresolvable"),
        ("dial tcp 203.0.113.9:443: i/o timeout", "image_registry_unreachable"),
        ("dial tcp 203.0.113.9:443: connect: connection refused", "image_registry_unreachable"),
        ("tls: failed to verify certificate: x509: certificate signed by unknown authority", "image_registry_certificate"),
        ("429 Too Many Requests - toomanyrequests: You have reached your pull rate limit", "image_rate_limited"),
        ("no match for platform in manifest: not found", "image_platform_mismatch"),
    ],
)  # fmt: skip
def test_the_registrys_words_tell_the_causes_apart(message: str, cause: str) -> None:
    """The message is in the waiting state, as newer kubelets write it."""
    shop = Shop()
    shop.waits("pay", "ImagePullBackOff", HEAD + message)
    assert shop.blamed() == ("deployment/pay", cause)


def test_older_kubelets_say_it_only_in_events() -> None:
    """The state says "Back-off pulling image"; the pod's newest Failed event says why."""
    shop = Shop()
    pod = shop.waits(
        "pay", "ImagePullBackOff", 'Back-off pulling image "registry.example/shop/pay:1.1"'
    )
    shop.event("Pod", pod["metadata"]["name"], "Failed", HEAD + "not found")
    shop.event("Pod", pod["metadata"]["name"], "Failed", "Error: ErrImagePull")
    assert shop.blamed() == ("deployment/pay", "image_not_found")


@pytest.mark.parametrize(
    ("reason", "cause"),
    [("InvalidImageName", "image_name_invalid"), ("ErrImageNeverPull", "image_never_pulled")],
)
def test_some_reasons_say_it_themselves(reason: str, cause: str) -> None:
    """Without any message."""
    shop = Shop()
    shop.waits("pay", reason)
    assert shop.blamed() == ("deployment/pay", cause)


DENIED = (
    HEAD
    + "pull access denied, repository does not exist or may require authorization: 401 Unauthorized"
)


def test_denied_with_a_secret_that_exists_is_a_wrong_login() -> None:
    """The registry refuses what the secret holds."""
    shop = Shop()
    shop.waits("pay", "ErrImagePull", DENIED)
    shop.set_spec("pay", imagePullSecrets=[{"name": "registry"}])
    shop.objects["secrets"].append({"metadata": {"name": "registry", "namespace": "shop"}})
    assert shop.blamed() == ("deployment/pay", "image_pull_unauthorized")


def test_denied_with_a_secret_that_does_not_exist_is_a_missing_secret() -> None:
    """The pod names it and it is not there."""
    shop = Shop()
    pod = shop.waits("pay", "ErrImagePull", DENIED)
    shop.set_spec("pay", imagePullSecrets=[{"name": "registry"}])
    shop.event(
        "Pod", pod["metadata"]["name"], "FailedToRetrieveImagePullSecret",
        "Unable to retrieve some image pull secrets (registry); attempting to pull the image may not succeed.",
    )  # fmt: skip
    top = shop.top()
    assert (top.object, top.cause) == ("deployment/pay", "image_pull_secret_missing")
    assert "registry" in top.why


def test_denied_from_a_private_registry_without_any_secret_is_a_missing_secret() -> None:
    """Nobody else pulls from there without one."""
    shop = Shop()
    shop.waits("pay", "ErrImagePull", DENIED)
    shop.set_container("pay", image="private.example/team/pay:1.1")
    assert shop.blamed() == ("deployment/pay", "image_pull_secret_missing")


def test_denied_from_where_others_pull_without_a_login_is_a_wrong_name() -> None:
    """Registries answer "denied" to strangers for what does not exist."""
    shop = Shop()
    shop.waits("pay", "ErrImagePull", DENIED)
    shop.set_container("pay", image="registry.example/shop/payy:1.0")
    assert shop.blamed() == ("deployment/pay", "image_not_found")


def test_a_pull_that_failed_before_and_works_now_is_history() -> None:
    """The event is still there; the pod is ready."""
    shop = Shop()
    shop.event("Pod", "pay-r1-0", "Failed", HEAD + "not found")
    assert shop.blamed() == ("", "healthy")
