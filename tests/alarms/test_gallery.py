"""The alarms that the local Slack offers are read as their senders' own are."""

from __future__ import annotations

import itertools

from bot.alarms.alarm import UNKNOWN_SERVICE, Alarm
from bot.alarms.catalog import ServiceCatalog
from bot.alarms.recognise import READERS, asked, recognise
from bot.simulators.slack import GalleryItem, common_senders
from bot.slack.inbound import normalise


def read(item: GalleryItem) -> Alarm:
    post = {"ts": "1795330800.000100", "bot_profile": {"name": item.app}, **item.message}
    alarm = recognise(normalise(post), ServiceCatalog())
    assert alarm is not None, item.title
    return alarm


def test_every_sender_is_offered_and_read_by_its_reader() -> None:
    """One reader each, none is left out, and what fires names its service."""
    readers = set()
    for item in common_senders():
        post = {"ts": "1795330800.000100", "bot_profile": {"name": item.app}, **item.message}
        readers |= {name for name, alarm in asked(normalise(post)) if alarm is not None}
        alarm = read(item)
        over = item.title.endswith((", resolved", ", recovered"))
        assert alarm.state == ("resolved" if over else "firing"), item.title
        assert alarm.service != UNKNOWN_SERVICE or alarm.source == "generic", item.title
    assert readers == {name for name, _ in READERS}


def test_what_ends_an_alarm_stands_after_it() -> None:
    """`…, resolved` is the end of the condition before it."""
    pairs = itertools.pairwise(common_senders())
    ends = [
        (before, after) for before, after in pairs if after.title.startswith(f"{before.title}, ")
    ]
    assert len(ends) >= 3
    for before, after in ends:
        assert read(before).fingerprint == read(after).fingerprint, after.title
        assert (read(before).state, read(after).state) == ("firing", "resolved")
