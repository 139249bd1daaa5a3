"""What comes in is admitted once, and it is said what it was."""

from __future__ import annotations

import pytest

from bot.incidents.intake import NAME_LENGTH, Intake
from bot.incidents.store import IncidentStore
from tests.conftest import Clock
from tests.incidents.conftest import alarm, post


@pytest.fixture
def intake(store: IncidentStore, clock: Clock) -> Intake:
    return Intake(store, clock)


async def test_an_alarm_s_life(intake: Intake) -> None:
    """New, repeated, resolved, ignored: in this order for one condition."""
    kinds = [
        (await intake.alarm(alarm(), post("1.000001"))).kind,
        (await intake.alarm(alarm(), post("2.000001"))).kind,
        (await intake.alarm(alarm(state="resolved"), post("3.000001"))).kind,
        (await intake.alarm(alarm(state="resolved"), post("4.000001"))).kind,
    ]
    assert kinds == ["new", "repeated", "resolved", "ignored"]


async def test_a_person_opens_an_incident(
    intake: Intake, store: IncidentStore, clock: Clock
) -> None:
    """A question gets an incident of its own in the thread given, with the whole question and run 1 waiting."""
    text = "why is checkout slow? " * 20
    origin = post("1.000001").model_copy(update={"requester": "U1"})
    admission = await intake.question(text, "checkoutservice", origin)
    incident = admission.incident
    assert admission.kind == "new"
    assert incident is not None
    assert incident.question == incident.alarm.text == text
    assert incident.alarm.source == "person"
    assert incident.alarm.service == "checkoutservice"
    assert len(incident.alarm.name) == NAME_LENGTH
    assert incident.opened_at == incident.alarm.started_at == clock.now
    assert incident.origin.requester == "U1"
    assert (await store.pending(incident.id)).runs == [1]


async def test_a_question_delivered_twice_opens_one(intake: Intake, store: IncidentStore) -> None:
    """Slack delivers a mention twice: the same incident, and the same answer."""
    first = await intake.question("why?", "", post("1.000001"))
    assert await intake.question("why?", "", post("1.000001")) == first
    assert first.incident is not None
    assert first.incident.alarm.service == "unknown"
    assert len(await store.list_open()) == 1


async def test_a_question_in_a_known_thread_is_for_that_incident(intake: Intake) -> None:
    """A thread has one incident: a question there is said to be for the one it has."""
    opened = await intake.alarm(alarm(), post("1.000001"))
    asked = await intake.question("why?", "", post("1.000001"))
    assert asked.kind == "repeated"
    assert asked.incident == opened.incident


async def test_people_do_not_join_each_other(intake: Intake) -> None:
    """The same question in two threads is answered in both."""
    one = await intake.question("why?", "", post("1.000001"))
    two = await intake.question("why?", "", post("2.000001"))
    assert one.incident is not None
    assert two.incident is not None
    assert one.incident.id != two.incident.id
