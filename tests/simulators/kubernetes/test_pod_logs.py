"""Pod logs, and the refusals of the kubelet."""

from __future__ import annotations

import pytest

from .conftest import Ask

POD = "/api/v1/namespaces/shop/pods/{}/log"
CRASHING = POD.format("cartservice-6c9f8d7b5-abcde")
RUNNING = POD.format("cartservice-6c9f8d7b5-fghij")
TWO = POD.format("frontend-77f9c5d6b-kkkkk")


async def test_stamps_are_left_out_unless_asked_for(ask: Ask) -> None:
    """Lines come without the runtime's stamp, and with it when `timestamps` is true."""
    plain = (await ask(RUNNING, tailLines="2")).text
    assert plain == "GetCartAsync called with userId=u455\nunstamped follow-up line\n"
    stamped = (await ask(RUNNING, tailLines="2", timestamps="true")).text.splitlines()
    assert stamped[0] == "2026-11-18T14:24:55.000000000Z GetCartAsync called with userId=u455"
    assert stamped[1] == "2026-11-18T14:24:55.000000000Z unstamped follow-up line"


async def test_crashing_container_shows_its_last_instance(ask: Ask) -> None:
    """While a container waits for its restart, current and previous log are those of the dead instance."""
    current, previous = await ask(CRASHING), await ask(CRASHING, previous="true")
    assert current.text == previous.text
    assert "System.NullReferenceException" in current.text


@pytest.mark.parametrize(
    ("pod", "query", "message"),
    [
        (
            "frontend-77f9c5d6b-kkkkk",
            {},
            "a container name must be specified for pod frontend-77f9c5d6b-kkkkk, "
            "choose one of: [server istio-proxy]",
        ),
        (
            "frontend-77f9c5d6b-kkkkk",
            {"container": "nope"},
            "container nope is not valid for pod frontend-77f9c5d6b-kkkkk",
        ),
        (
            "checkoutservice-58c7d9b4f-mmmmm",
            {"previous": "true"},
            'previous terminated container "server" in pod "checkoutservice-58c7d9b4f-mmmmm" not found',
        ),
        (
            "checkoutservice-7d4b9c6f8-nnnnn",
            {},
            'container "server" in pod "checkoutservice-7d4b9c6f8-nnnnn" is waiting to start: '
            "trying and failing to pull image",
        ),
    ],
)
async def test_refusals_in_the_kubelets_words(
    ask: Ask, pod: str, query: dict[str, str], message: str
) -> None:
    """What cannot be shown is a 400 with the real server's text."""
    answer = await ask(POD.format(pod), **query)
    assert (answer.status, answer.body["message"]) == (400, message)
    assert answer.body["reason"] == "BadRequest"


async def test_since_seconds_counts_from_the_recorded_now(ask: Ask) -> None:
    """`sinceSeconds` goes back from the scenario's now, not from the wall clock."""
    lines = (await ask(RUNNING, sinceSeconds="15")).text.splitlines()
    assert lines == [
        "GetCartAsync called with userId=u445",
        "GetCartAsync called with userId=u450",
        "GetCartAsync called with userId=u455",
        "unstamped follow-up line",
    ]


async def test_since_time_and_limits(ask: Ask) -> None:
    """`sinceTime` is a moment, `limitBytes` cuts, `tailLines=0` gives nothing."""
    since = (await ask(RUNNING, sinceTime="2026-11-18T14:24:55Z")).text
    assert since.splitlines()[0] == "GetCartAsync called with userId=u455"
    assert (await ask(RUNNING, limitBytes="7")).text == "GetCart"
    assert (await ask(RUNNING, tailLines="0")).text == ""


@pytest.mark.parametrize(
    "query",
    [
        {"sinceTime": "yesterday"},
        {"sinceTime": "2026-11-18T14:24:55Z", "sinceSeconds": "5"},
        {"tailLines": "-3"},
    ],
)
async def test_unreadable_parameters_are_bad_requests(ask: Ask, query: dict[str, str]) -> None:
    """Parameters that are no times or numbers are refused."""
    assert (await ask(RUNNING, **query)).status == 400


async def test_containers_have_logs_of_their_own(ask: Ask) -> None:
    """`<pod>/<container>` in the recording is that container's log."""
    assert '"GET / HTTP/1.1" 200' in (await ask(TWO, container="istio-proxy")).text
    assert "failed to add to cart" in (await ask(TWO, container="server")).text


async def test_log_of_a_service_belongs_to_one_started_pod(ask: Ask) -> None:
    """A log recorded under a service's name is served by its first started pod, once."""
    assert "[PlaceOrder]" in (await ask(POD.format("checkoutservice-58c7d9b4f-mmmmm"))).text


async def test_collected_previous_log_is_said_as_the_kubelet_says_it(ask: Ask) -> None:
    """A previous instance that ran but left no log answers 200 with the kubelet's sentence."""
    answer = await ask(RUNNING, previous="true")
    assert answer.status == 200
    assert answer.text == "unable to retrieve container logs for containerd://5f3a"


async def test_unscheduled_pod_has_an_empty_log(ask: Ask) -> None:
    """A pod without a node has written nothing."""
    answer = await ask(POD.format("redis-cart-0"))
    assert (answer.status, answer.text) == (200, "")
