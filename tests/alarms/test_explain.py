"""How a post is read, told to a person."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from bot.alarms.catalog import Service, ServiceCatalog
from bot.alarms.explain import explain
from bot.alarms.notification import Notification
from bot.slack.inbound import normalise

SAMPLES = Path(__file__).parents[1] / "samples"
NOW = datetime(2026, 11, 22, 7, tzinfo=UTC)


def test_an_alertmanager_post() -> None:
    """Readers asked, the one that matched, each field with its reason, and the fingerprint's parts."""
    event = json.loads((SAMPLES / "alertmanager/token_resolved_by_edit.json").read_text())
    lines = explain(normalise(event), ServiceCatalog())
    text = "\n".join(lines)
    assert "Sender:    Alertmanager (app A0ALERTMGR, bot B0ALERTAPP)" in lines
    assert "Edited at: 2026-11-22 06:34:00 UTC" in lines
    assert "  grafana             not mine" in lines
    assert "  alertmanager        reads it" in lines
    assert "  generic" not in text
    assert "Alarm:       PaymentsHighErrorRate" in lines
    assert "State:       resolved  <- [RESOLVED] in the title" in lines
    assert "Severity:    critical  <- 'critical' in the headline" in lines
    assert "Service:     payments  <- the group labels in the title" in lines
    assert "Started at:  2026-11-22 06:33:36 UTC  <- the time of the post" in lines
    assert "  group=PaymentsHighErrorRate payments" in lines
    assert "  receiver=both" in lines


def test_a_post_that_is_no_alarm() -> None:
    """All readers are asked, and the reason is named."""
    lines = explain(Notification(text="Deployed cart to prod", posted_at=NOW), ServiceCatalog())
    assert "  generic             not mine" in lines
    assert lines[-1] == "No alarm: it is a deploy note."


def test_hints() -> None:
    """An unknown service and a service outside of the catalog are told what to do about."""
    catalog = ServiceCatalog(services=(Service(name="cartservice"),))
    unknown = explain(Notification(text="strange things", posted_at=NOW), catalog)
    assert unknown[-1].startswith("No service was found.")
    outside = explain(Notification(text="errors\nservice: cartservices", posted_at=NOW), catalog)
    assert outside[-1] == "cartservices is not in the catalog; did you mean cartservice?"
    known = explain(Notification(text="errors\nservice: cartservice", posted_at=NOW), catalog)
    assert known[-1] == "Catalog:     cartservice"


def test_what_the_catalog_and_the_post_add() -> None:
    """Team, repository and namespace of the service, and the links, which the card of the diagnosis offers."""
    own = Service(name="cartservice", team="checkout", repository="acme/shop", namespace="boutique")
    event = json.loads((SAMPLES / "grafana/v12_multi.json").read_text())
    lines = explain(normalise(event), ServiceCatalog(services=(own,)))
    assert (
        "Catalog:     cartservice (team checkout, repository acme/shop, namespace boutique)"
        in lines
    )
    assert "  Runbook: https://runbooks.acme.example/cart" in lines
    assert "  Dashboard: https://grafana.acme.example/d/xyz?orgId=1" in lines


def test_lines_are_bounded() -> None:
    """A long post makes neither long nor many lines."""
    lines = explain(
        Notification(text="word " * 5_000 + "\nx" * 500, posted_at=NOW), ServiceCatalog()
    )
    assert len(lines) < 100
    assert max(map(len, lines)) < 260
