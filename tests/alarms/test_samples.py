"""Every sample post is read as its `*.expected.json` beside it says.

`alarm` holds the expected fields (null: no alarm), `same_as` names a sample of the same condition. `labels` and
`links` list what must be among them.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bot.alarms.alarm import Alarm
from bot.alarms.catalog import ServiceCatalog
from bot.alarms.recognise import READERS, asked, recognise
from bot.slack.inbound import normalise

SAMPLES = Path(__file__).parents[1] / "samples"
EXPECTED = sorted(SAMPLES.glob("*/*.expected.json"))
POSTS = [path.with_name(path.name.replace(".expected.json", ".json")) for path in EXPECTED]
ALARMS = [path for path in POSTS if "null" not in path.with_suffix(".expected.json").read_text()]


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def alarm_of(path: Path) -> Alarm | None:
    return recognise(normalise(json.loads(path.read_text())), ServiceCatalog())


def expected_of(path: Path) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(path.with_suffix(".expected.json").read_text())
    return result


def told(alarm: Alarm, field: str, wanted: Any) -> Any:
    """What the alarm says of a field, in the form in which the expectation is written."""
    if field == "labels":
        return {name: alarm.labels.get(name) for name in wanted}
    if field == "links":
        return [link.url for link in alarm.links if link.url in wanted]
    value = getattr(alarm, field)
    return value.isoformat() if isinstance(value, datetime) else value


@pytest.mark.parametrize("path", POSTS, ids=name_of)
def test_sample_is_read_as_expected(path: Path) -> None:
    """Source, name, place, severity, state, time and the rest are those written beside the sample."""
    wanted, alarm = expected_of(path)["alarm"], alarm_of(path)
    if wanted is None:
        assert alarm is None
        return
    assert alarm is not None
    if "started_at" in wanted:
        wanted["started_at"] = datetime.fromisoformat(wanted["started_at"]).isoformat()
    assert {field: told(alarm, field, value) for field, value in wanted.items()} == wanted


@pytest.mark.parametrize(
    "path", [path for path in POSTS if "same_as" in expected_of(path)], ids=name_of
)
def test_posts_of_one_condition_share_the_fingerprint(path: Path) -> None:
    """Firing, repeated, edited and resolved posts of one condition have one fingerprint."""
    first = alarm_of(path.with_name(f"{expected_of(path)['same_as']}.json"))
    alarm = alarm_of(path)
    assert first is not None
    assert alarm is not None
    assert alarm.fingerprint == first.fingerprint, (alarm.identity, first.identity)


def test_different_conditions_have_different_fingerprints() -> None:
    """Samples that are not said to be the same condition do not share a fingerprint."""
    owners: dict[str, str] = {}
    for path in ALARMS:
        alarm = alarm_of(path)
        assert alarm is not None
        condition = f"{path.parent.name}/{expected_of(path).get('same_as', path.stem)}"
        assert owners.setdefault(alarm.fingerprint, condition) == condition


@pytest.mark.parametrize("path", ALARMS, ids=name_of)
def test_sample_is_read_by_the_reader_of_its_folder(path: Path) -> None:
    """The folder names the reader; no reader before it in the order takes the post for its own."""
    readers = [
        name for name, alarm in asked(normalise(json.loads(path.read_text()))) if alarm is not None
    ]
    assert readers == [path.parent.name]


@pytest.mark.parametrize("path", ALARMS, ids=name_of)
def test_a_catalog_does_not_move_the_fingerprint(path: Path) -> None:
    """Filling the catalog may change the service, and never which condition it is."""
    alarm = alarm_of(path)
    assert alarm is not None
    service = {"name": "renamed-elsewhere", "aliases": ["payments", "checkout", "cartservice"]}
    catalog = ServiceCatalog.model_validate({"services": [service], "namespaces": ["prod"]})
    placed = recognise(normalise(json.loads(path.read_text())), catalog)
    assert placed is not None
    assert placed.fingerprint == alarm.fingerprint


@pytest.mark.parametrize("path", ALARMS, ids=name_of)
def test_an_alarm_survives_storage(path: Path) -> None:
    """An alarm read back from JSON equals the one that was stored, fingerprint included."""
    alarm = alarm_of(path)
    assert alarm is not None
    restored = Alarm.model_validate_json(alarm.model_dump_json())
    assert restored == alarm
    assert restored.fingerprint == alarm.fingerprint


def test_every_reader_has_samples() -> None:
    """Each reader is backed by at least one firing sample."""
    folders = {path.parent.name for path in ALARMS}
    assert folders == {name for name, _ in READERS}
    for folder in folders:
        states = {
            expected_of(path)["alarm"]["state"] for path in ALARMS if path.parent.name == folder
        }
        assert states == {"firing", "resolved"}
