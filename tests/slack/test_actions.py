"""Buttons: Stop, Keep going, Right and Wrong, and Slack's own Stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.incidents.incident import Incident, Lease
from bot.investigation.diagnosis import Diagnosis, Report
from bot.slack.api import Api
from bot.slack.ballot import Ballot
from bot.slack.controls import Run, go_on_button
from bot.slack.thread import SlackReporter, SlackThreads

if TYPE_CHECKING:
    from tests.slack.conftest import Bot

ALARM = {
    "text": "",
    "attachments": [{"color": "danger", "title": "[FIRING:1] InstanceDown for cartservice"}],
}


async def started(bot: Bot, api: Api) -> tuple[str, Incident, Lease, SlackReporter]:
    """An alarm whose run a worker has begun: `ts`, incident, lease and reporter."""
    ts = await bot.slack.post_as_app("#incidents", ALARM, app="Alertmanager")
    await bot.slack.wait_for(lambda: "eyes" in bot.slack.reactions("#incidents", ts))
    channel = bot.slack.channel("#incidents")
    incident = await bot.store.by_thread(bot.slack.team_id, channel, ts)
    assert incident is not None
    lease = await bot.store.begin(incident.id, 1)
    assert lease is not None
    reporter = SlackThreads(api, bot.redis).reporter(incident, lease)
    await reporter.started("Investigating cartservice")
    return ts, incident, lease, reporter


async def finished(bot: Bot, api: Api, outcome: str) -> tuple[str, Incident, str]:
    """An ended run: the alarm's `ts`, the incident, and the `ts` of the terminal message."""
    ts, incident, lease, reporter = await started(bot, api)
    diagnosis = Diagnosis(verdict="fault", summary="It is down.", confidence=0.9)
    report = Report.model_validate({"outcome": outcome, "diagnosis": diagnosis, "seconds": 3})
    await bot.store.save_report(lease, report.model_dump_json())
    await reporter.finished(report)
    await bot.store.finish(incident.id, 1, lease.epoch, outcome)
    final = bot.slack.replies("#incidents", ts)[-1]["ts"]
    return ts, incident, final


async def test_stop_button_asks_the_run_to_end(connected: Bot, api: Api) -> None:
    """Stop is kept for the worker and said to the person; after the end it is too late."""
    slack = connected.slack
    ts, incident, lease, reporter = await started(connected, api)
    card = slack.replies("#incidents", ts)[0]["ts"]
    await slack.click("#incidents", card, "tocsin_stop")
    await slack.wait_for(lambda: slack.ephemerals("#incidents", "ada"))
    assert "Stopping" in slack.ephemerals("#incidents", "ada")[0]["text"]
    assert await connected.store.stop_requested(incident.id, 1) == slack.users["ada"].id
    await reporter.close()
    await connected.store.finish(incident.id, 1, lease.epoch, "stopped")
    await slack.click("#incidents", card, "tocsin_stop", user="grace")
    await slack.wait_for(lambda: slack.ephemerals("#incidents", "grace"))
    assert "ended already" in slack.ephemerals("#incidents", "grace")[0]["text"]


async def test_slacks_own_stop_does_the_same(connected: Bot, api: Api) -> None:
    """The Stop that Slack shows over a working agent stops the running slot."""
    slack = connected.slack
    ts, incident, _, reporter = await started(connected, api)
    session = slack.session("#incidents", ts)
    assert session is not None
    assert session.status == "processing"
    await slack.stop_session("#incidents", ts)
    await connected.settled()
    assert await connected.store.stop_requested(incident.id, 1) == slack.users["ada"].id
    await reporter.close()


async def test_keep_going_asks_for_one_more_run(connected: Bot, api: Api) -> None:
    """Pressed once or twice, one more run is queued; the button goes and the presser is named."""
    slack = connected.slack
    _, incident, final = await finished(connected, api, "out_of_time")
    await slack.click("#incidents", final, "tocsin_keep_going")
    await connected.settled()
    assert f"investigate:{incident.id}:2" in await connected.jobs()
    assert (await connected.store.pending(incident.id)).runs == [2]
    after = slack.message("#incidents", final)
    assert "tocsin_keep_going" not in str(after["blocks"])
    assert slack.users["ada"].id in str(after["blocks"][-1])
    assert "tocsin_feedback" in str(after["blocks"])


async def test_a_run_that_never_was_cannot_go_on(connected: Bot, api: Api) -> None:
    """A forged value names a run far ahead: nothing is queued for it."""
    slack = connected.slack
    ts, incident, _ = await finished(connected, api, "out_of_time")
    forged = go_on_button(Run(incident=incident.id, slot="run:700"), again=False)
    card = await api.call(
        "chat.postMessage",
        channel=slack.channel("#incidents"),
        thread_ts=ts,
        text="forged",
        blocks=[forged],
    )
    before = await connected.jobs()
    await slack.click("#incidents", card["ts"], "tocsin_keep_going")
    await slack.wait_for(lambda: slack.ephemerals("#incidents", "ada"))
    assert await connected.jobs() == before
    assert (await connected.store.pending(incident.id)).runs == []


async def test_check_asks_the_same_conversation(connected: Bot, api: Api) -> None:
    """After a resolve the button puts one question to the incident, however often it is pressed."""
    slack = connected.slack
    ts, incident, _ = await finished(connected, api, "diagnosed")
    resolved = {
        "attachments": [{"color": "good", "title": "[RESOLVED] InstanceDown for cartservice"}]
    }
    await slack.post_as_app("#incidents", resolved, app="Alertmanager")
    await slack.wait_for(lambda: "Resolved" in slack.replies("#incidents", ts)[-1]["text"])
    notice = slack.replies("#incidents", ts)[-1]
    await slack.click("#incidents", notice["ts"], "tocsin_check")
    await connected.settled()
    (question,) = await connected.store.waiting(incident.id)
    assert (question.id, question.ts, question.user) == (
        "check-1",
        notice["ts"],
        slack.users["ada"].id,
    )
    assert "cause really gone" in question.text
    assert f"answer:{incident.id}:check-1" in await connected.jobs()
    after = slack.message("#incidents", notice["ts"])
    assert "tocsin_check" not in str(after["blocks"])
    assert slack.users["ada"].id in str(after["blocks"][-1])


async def test_a_flapping_alarm_can_be_looked_into_now(connected: Bot, api: Api) -> None:
    """The button of the flapping notice asks for a further run at once, and then goes."""
    slack = connected.slack
    ts, incident, _ = await finished(connected, api, "diagnosed")
    await flap(connected, ts, "Firing again")
    lease = await connected.store.begin(incident.id, 2)
    assert lease is not None
    await connected.store.finish(incident.id, 2, lease.epoch, "diagnosed")
    await flap(connected, ts, "Flapping: fired ×3")
    notice = slack.replies("#incidents", ts)[-1]
    await slack.click("#incidents", notice["ts"], "tocsin_investigate")
    await connected.settled()
    assert "tocsin_investigate" not in str(slack.message("#incidents", notice["ts"])["blocks"])
    assert (await connected.store.pending(incident.id)).runs == [3]
    assert f"investigate:{incident.id}:3" in await connected.jobs()


async def flap(bot: Bot, ts: str, said: str) -> None:
    """The alarm ends, begins again, and its thread says so."""
    slack = bot.slack
    resolved = {
        "attachments": [{"color": "good", "title": "[RESOLVED] InstanceDown for cartservice"}]
    }
    before = len(slack.replies("#incidents", ts))
    await slack.post_as_app("#incidents", resolved, app="Alertmanager")
    await slack.wait_for(lambda: len(slack.replies("#incidents", ts)) > before)
    await slack.post_as_app("#incidents", ALARM, app="Alertmanager")
    await slack.wait_for(lambda: said in slack.replies("#incidents", ts)[-1]["text"])


async def test_right_is_counted(connected: Bot, api: Api) -> None:
    """One click is a vote."""
    slack = connected.slack
    _, incident, final = await finished(connected, api, "diagnosed")
    vote = {"incident": incident.id, "slot": "run:1", "vote": "right"}
    await slack.click("#incidents", final, "tocsin_feedback", value=json_of(vote))
    await connected.settled()
    (opinion,) = await Ballot(connected.redis).opinions(incident.id)
    assert (opinion.vote.vote, opinion.user) == ("right", slack.users["ada"].id)


async def test_wrong_asks_what_it_really_was(connected: Bot, api: Api) -> None:
    """Wrong is counted at once; the answer to the question is added to the same vote."""
    slack = connected.slack
    _, incident, final = await finished(connected, api, "diagnosed")
    vote = {"incident": incident.id, "slot": "run:1", "vote": "wrong"}
    await slack.click("#incidents", final, "tocsin_feedback", value=json_of(vote))
    await slack.wait_for(lambda: slack.views("ada"))
    (view,) = slack.views("ada")
    await slack.submit_view(view["id"], {"really": {"cause": "the disk was full"}})
    await connected.settled()
    (opinion,) = await Ballot(connected.redis).opinions(incident.id)
    assert (opinion.vote.vote, opinion.really) == ("wrong", "the disk was full")
    assert "with your words" in slack.ephemerals("#incidents", "ada")[-1]["text"]


async def test_button_of_a_forgotten_incident(connected: Bot, api: Api) -> None:
    """A button outlives its incident: the person is told, nothing happens."""
    slack = connected.slack
    _, incident, final = await finished(connected, api, "inconclusive")
    await connected.redis.delete(f"tocsin:{{{incident.id}}}:incident")
    before = await connected.jobs()
    await slack.click("#incidents", final, "tocsin_keep_going")
    await slack.wait_for(lambda: slack.ephemerals("#incidents", "ada"))
    assert "no longer remembered" in slack.ephemerals("#incidents", "ada")[0]["text"]
    assert await connected.jobs() == before


def json_of(vote: dict[str, str]) -> str:
    """The value as the button carries it."""
    return '{{"incident":"{incident}","slot":"{slot}","vote":"{vote}"}}'.format_map(vote)
