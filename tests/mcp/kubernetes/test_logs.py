"""read_logs."""

from __future__ import annotations

import copy

from tocsin_mcp.kit.environment import Environment

from .conftest import Ask, Json, Serve, World


def body(text: str) -> list[str]:
    """The lines after the header and the summaries."""
    lines = text.splitlines()
    last = max(
        number
        for number, line in enumerate(lines)
        if "Times are UTC." in line or "/server: " in line
    )
    return [line for line in lines[last + 1 :] if not line.startswith("Note: ")]


async def test_one_pod_with_times(ask: Ask) -> None:
    """Lines of one pod have no prefix, but the time when they do not say it themselves."""
    text = await ask("read_logs", pod="cartservice-6c9f8d7b5-fghij", tail=2)
    assert text.startswith(
        "Logs of pod/cartservice-6c9f8d7b5-fghij in namespace shop, at 2026-11-18T14:25:00Z: "
        "last 2 lines per container. Times are UTC."
    )
    assert body(text) == [
        "14:24:55 GetCartAsync called with userId=u455",
        "14:24:55 unstamped follow-up line",
    ]


async def test_pods_of_a_workload_are_merged_by_time(ask: Ask) -> None:
    """Lines carry the end of their pod's name and are in the order of their times across pods."""
    text = await ask("read_logs", workload="frontend")
    assert [line.partition(" ")[0] for line in body(text)] == ["[kkkkk]", "[lllll]", "[kkkkk]"]
    assert "[kkkkk] frontend-77f9c5d6b-kkkkk/server: 2 lines" in text


async def test_own_times_are_not_repeated(ask: Ask) -> None:
    """A line that holds its own time gets none in front."""
    text = await ask("read_logs", workload="frontend")
    assert body(text)[0].startswith('[kkkkk] {"message":"request complete"')


async def test_sidecars_are_left_out_and_named(ask: Ask) -> None:
    """Of several containers the application's are read; the proxy is named and can be asked for."""
    text = await ask("read_logs", workload="frontend")
    assert "Note: containers not shown: istio-proxy; pass `container` for one." in text
    asked = await ask("read_logs", workload="frontend", container="istio-proxy")
    assert '"GET / HTTP/1.1" 200' in asked


async def test_several_application_containers_are_all_read(serve: Serve, recording: Json) -> None:
    """Without a default, all application containers are read, with the container in the prefix."""
    for pod in recording["pods"]:
        for container in pod["spec"]["containers"]:
            if container["name"] == "istio-proxy":
                container["name"] = "worker"
    pod = "frontend-77f9c5d6b-kkkkk"
    recording["logs"][f"{pod}/worker"] = ["2026-11-18T14:22:00.9Z tick"]
    world = await serve(recording)
    text = await world.ask("read_logs", pod=pod)
    assert "[kkkkk/worker] 14:22:00 tick" in text
    assert "[kkkkk/server] {" in text


async def test_default_container_annotation_decides(serve: Serve, recording: Json) -> None:
    """The annotation that kubectl respects is respected here."""
    for pod in recording["pods"]:
        pod["metadata"]["annotations"] = {"kubectl.kubernetes.io/default-container": "istio-proxy"}
    world = await serve(recording)
    text = await world.ask("read_logs", pod="frontend-77f9c5d6b-kkkkk")
    assert '"GET / HTTP/1.1" 200' in text
    assert "containers not shown: server" in text


async def test_unknown_container_names_those_that_exist(world: World) -> None:
    """A wrong container is answered with the right ones."""
    text = await world.refusal("read_logs", pod="frontend-77f9c5d6b-kkkkk", container="app")
    assert text == "Argument `container`: pod/frontend-77f9c5d6b-kkkkk has server, istio-proxy."


async def test_previous_instance(ask: Ask) -> None:
    """After a crash the dead instance's log is there, whole; pods without one say so."""
    text = await ask("read_logs", workload="cartservice", previous=True)
    assert "the instance before the last restart" in text
    assert "[abcde]       System.NullReferenceException" in text
    assert (
        "[fghij] cartservice-6c9f8d7b5-fghij/server: no log: unable to retrieve container logs"
        in text
    )


async def test_restarts_point_to_the_previous_instance(ask: Ask) -> None:
    """Whoever reads the current log of a restarted container learns how to see the one before."""
    text = await ask("read_logs", pod="cartservice-6c9f8d7b5-fghij", tail=1)
    assert "restarted 2×, previous=true shows the instance before" in text


async def test_container_that_never_started(ask: Ask) -> None:
    """The server's own sentence explains the missing log; other pods' logs are shown all the same."""
    text = await ask("read_logs", workload="checkoutservice")
    assert (
        'no log: container "server" in pod "checkoutservice-7d4b9c6f8-nnnnn" is waiting to start'
        in text
    )
    assert "[mmmmm] 14:23:00 [PlaceOrder]" in text


async def test_grep_keeps_the_stack_trace_whole(ask: Ask) -> None:
    """A match in the middle of a trace brings all its frames, from the message to the last one."""
    text = await ask("read_logs", workload="cartservice", grep="nullreference")
    assert "lines matching 'nullreference' with context" in text
    assert "1 matching line of 9 searched" in text
    lines = body(text)
    assert lines[0] == "--"
    assert lines[1] == "[abcde] 14:21:07 fail: Grpc.AspNetCore.Server.ServerCallHandler[6]"
    assert lines[-1].endswith("in /app/services/CartService.cs:line 36")


async def test_grep_counts_repeats(serve: Serve, recording: Json) -> None:
    """The same error a hundred times is shown three times and counted."""
    recording["logs"]["cartservice-6c9f8d7b5-fghij"] = [
        f"2026-11-18T14:{minute:02}:00Z UnableToConnect on redis-cart:6379 after {minute} ms"
        for minute in range(25)
    ]
    world = await serve(recording)
    text = await world.ask("read_logs", pod="cartservice-6c9f8d7b5-fghij", grep="unabletoconnect")
    assert text.count("UnableToConnect on redis-cart") == 4
    assert (
        "22 more between 2026-11-18T14:00:00Z and 2026-11-18T14:24:00Z like: UnableToConnect"
        in text
    )


async def test_grep_takes_the_last_matches(serve: Serve, recording: Json) -> None:
    """With `tail` the last matches are shown, and all are counted."""
    words = ["alpha", "bravo", "charlie", "delta", "echo"]
    recording["logs"]["cartservice-6c9f8d7b5-fghij"] = [
        line
        for word in words
        for line in (f"hit {word}", *(f"quiet {number} {word}" for number in range(9)))
    ]
    world = await serve(recording)
    text = await world.ask("read_logs", pod="cartservice-6c9f8d7b5-fghij", grep="^hit", tail=2)
    assert "5 matching lines of 50 searched" in text
    assert "hit delta" in text
    assert "hit echo" in text
    assert "hit charlie" not in text


async def test_no_match_is_an_answer(ask: Ask) -> None:
    """Nothing found says how much was searched."""
    text = await ask("read_logs", pod="cartservice-6c9f8d7b5-fghij", grep="zebra")
    assert "0 matching lines of 49 searched" in text


async def test_since_is_sent_as_a_moment(world: World) -> None:
    """`since` counts from the recorded present and is asked of the server, not filtered here."""
    text = await world.ask("read_logs", pod="cartservice-6c9f8d7b5-fghij", since="15s")
    assert "since 2026-11-18T14:24:45Z" in text
    assert "userId=u440" not in text
    assert "userId=u445" in text
    assert "sinceTime=2026-11-18T14%3A24%3A45Z" in world.cluster.requests[-1]
    assert "tailLines=200" in world.cluster.requests[-1]


async def test_nothing_since_suggests_longer(ask: Ask) -> None:
    """An empty answer for a short time says what to try."""
    text = await ask("read_logs", pod="frontend-77f9c5d6b-lllll", container="server", since="1s")
    assert "0 lines; try a longer `since`" in text


async def test_other_days_show_their_date(serve: Serve, recording: Json) -> None:
    """Only the present day's times go without a date."""
    recording["logs"]["cartservice-6c9f8d7b5-fghij"] = ["2026-11-16T01:02:03.5Z old news"]
    world = await serve(recording)
    text = await world.ask("read_logs", pod="cartservice-6c9f8d7b5-fghij")
    assert body(text) == ["2026-11-16T01:02:03Z old news"]


async def test_pods_with_equal_ends_are_told_apart(serve: Serve, recording: Json) -> None:
    """When two pod names end alike, the whole names are the prefixes."""
    pods = [pod for pod in recording["pods"] if pod["metadata"]["labels"]["app"] == "cartservice"]
    for number, pod in enumerate(pods):
        pod["metadata"]["name"] = f"cart-{number}-same"
        recording["logs"][f"cart-{number}-same"] = ["2026-11-18T14:00:00Z hello"]
    world = await serve(recording)
    text = await world.ask("read_logs", workload="cartservice")
    assert "[cart-0-same] 14:00:00 hello" in text
    assert "[cart-1-same] 14:00:00 hello" in text


async def test_many_pods_are_limited_to_the_sickest(serve: Serve, recording: Json) -> None:
    """Of twelve pods eight are read, the unhealthy ones among them; the others are named."""
    sick = recording["pods"][0]
    well = recording["pods"][4]
    recording["pods"] = [sick] + [
        {**well, "metadata": {**sick["metadata"], "name": f"cartservice-6c9f8d7b5-well{number}"}}
        for number in range(11)
    ]
    world = await serve(recording)
    text = await world.ask("read_logs", workload="cartservice", tail=1)
    logs = [request for request in world.cluster.requests if "/log?" in request]
    assert len(logs) == 8
    assert "[abcde]" in text
    assert "4 of 12 pods are left out" in text


async def test_long_output_keeps_its_end(serve: Serve, recording: Json) -> None:
    """A log over the limit says what was cut and how to narrow, and ends with its newest line."""
    recording["logs"]["cartservice-6c9f8d7b5-fghij"] = [
        f"2026-11-18T14:00:00Z line {number} {'x' * 100}" for number in range(2000)
    ]
    world = await serve(recording)
    text = await world.ask("read_logs", pod="cartservice-6c9f8d7b5-fghij", tail=2000)
    assert len(text.encode()) <= 24 * 1024
    assert "cut here; to see less at once: pass `grep`, `since`" in text
    assert "line 1999 " in text.splitlines()[-1]

    longer = Environment({**world.environment.values, "TOCSIN_LOG_TEXT_BYTES": "64000"})
    text = await World(world.cluster, longer).ask(
        "read_logs", pod="cartservice-6c9f8d7b5-fghij", tail=500
    )
    assert len(body(text)) == 500

    wrong = Environment({**world.environment.values, "TOCSIN_LOG_TEXT_BYTES": "much"})
    text = await World(world.cluster, wrong).refusal("read_logs", pod="cartservice-6c9f8d7b5-fghij")
    assert "TOCSIN_LOG_TEXT_BYTES must be a whole number above 0, not 'much'" in text


async def test_control_characters_and_long_lines(serve: Serve, recording: Json) -> None:
    """Colours are removed, and one huge line does not push out the rest."""
    recording["logs"]["cartservice-6c9f8d7b5-fghij"] = [
        "2026-11-18T14:00:00Z \x1b[31mred\x1b[0m",
        "2026-11-18T14:00:01Z " + "y" * 50_000,
        "2026-11-18T14:00:02Z after",
    ]
    world = await serve(recording)
    lines = body(await world.ask("read_logs", pod="cartservice-6c9f8d7b5-fghij"))
    assert lines[0] == "14:00:00 red"
    assert lines[1].endswith("bytes)")
    assert len(lines[1]) < 2100
    assert lines[2] == "14:00:02 after"


async def test_workload_without_pods(world: World) -> None:
    """No pods, no logs: the error says where the reason can be found."""
    text = await world.refusal("read_logs", workload="node-agent")
    assert "has no pods now, so no logs" in text


async def test_forbidden_logs_are_an_error(world: World) -> None:
    """A missing permission is no empty log."""
    world.cluster.faults.forbidden = {"pods/log"}
    text = await world.refusal("read_logs", workload="cartservice")
    assert 'must grant `get` on "pods/log"' in text


async def test_pods_of_a_selector_have_their_whole_names(ask: Ask) -> None:
    """They may belong to several workloads."""
    text = await ask("read_logs", selector="app in (frontend,cartservice)", tail=1)
    assert text.startswith("Logs of pods with app in (frontend,cartservice) in namespace shop")
    assert "[frontend-77f9c5d6b-kkkkk] " in text
    assert "[cartservice-6c9f8d7b5-fghij] " in text


async def test_grep_alone_searches_all_pods_of_the_namespace(world: World) -> None:
    """One list and one log request per container; where nothing matches is one line."""
    text = await world.ask("read_logs", grep="u455")
    assert text.startswith("Logs of all pods in namespace shop")
    assert "[cartservice-6c9f8d7b5-fghij] 14:24:55 GetCartAsync called with userId=u455" in text
    lists = [each for each in world.cluster.requests if "/log?" not in each]
    assert len(lists) == 1


async def test_a_search_through_many_pods_is_bounded_and_short(
    serve: Serve, recording: Json
) -> None:
    """At most forty pods, those in trouble first; a thousand lines each; the ones without a match in one line."""
    template = next(
        pod for pod in recording["pods"] if pod["metadata"]["name"] == "frontend-77f9c5d6b-kkkkk"
    )
    for number in range(60):
        pod = copy.deepcopy(template)
        pod["metadata"]["name"] = f"many-{number:02d}"
        recording["pods"].append(pod)
    recording["logs"] = {"many-07/server": ["2026-11-18T14:22:00.9Z the needle"]}
    world = await serve(recording)
    text = await world.ask("read_logs", grep="needle")
    read = [each for each in world.cluster.requests if "/log?" in each]
    assert 0 < len(read) <= 80
    assert all("tailLines=1000" in each for each in read)
    assert "pods are left out, healthier ones" in text
    assert "no matching line in" in text
    assert len(text) < 6_000


async def test_nothing_chosen_by_a_selector(world: World) -> None:
    """Said with what was asked."""
    text = await world.refusal("read_logs", selector="app=nobody")
    assert "Namespace shop has none: pods with app=nobody." in text
    assert "give one of" in await world.refusal("read_logs", selector="app=x", pod="a")
