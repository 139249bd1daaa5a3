"""The boundary between an alarm and everything else that bots post in an alarm channel."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.alarms.alarm import UNKNOWN_SERVICE
from bot.alarms.catalog import ServiceCatalog
from bot.alarms.chatter import not_an_alarm
from bot.alarms.notification import Notification, Section
from bot.alarms.recognise import recognise

NOW = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)

ALARMS = [
    "Deployment of paymentservice failed",
    "Rollout of checkout is stuck: progress deadline exceeded",
    ":x: Build #4312 of main failed",
    "Pipeline boutique/main #88 failed at stage deploy",
    "High latency on checkout",
    "checkout is down",
    "database replica lag 45s",
    "@here payment provider returns errors",
    "Error rate of frontend above 5%",
    "OOMKilled: cartservice in boutique",
    "Disk 91% full on db-1",
    "Certificate for shop.acme.example expires in 6 days",
    "Backup of orders failed",
    "Job settlement has not run since 02:00",
    "SSL handshake failures on edge",
    "Good morning! Checkout is down",
    "Hello, your website shop.acme.example is down",
    "Daily backup failed",
    "Nightly settlement failed",
    "Weekly certificate renewal failed for shop.acme.example",
    "Node ip-10-0-3-7 NotReady",
    "New incident: checkout errors",
    "Incident #42 opened: payment timeouts",
    "Health check failed for adservice",
    "[ALERT] queue depth",
    "ALERT",
    "cart-db replication broken after deploy of v1.42",
    "Error rate rose after cartservice was deployed",
    "Deployed cartservice v1.42 but pods are crashlooping",
    "SLO burn rate of checkout is 14x",
    "kafka consumer group orders-v2 has stopped committing offsets",
    "Release v1.42: error rate exceeds threshold, aborted",
    "Reminder: alert HighErrorRate is still firing",
    "Build agents are offline",
    "Canary analysis failed for frontend",
    "Sync of boutique-prod is OutOfSync and Degraded",
    "Pod cartservice-7d9f8b6c5d-x2x4p is not ready",
    "Scheduled job cleanup did not finish",
    "Deployment cartservice has 0 of 3 replicas available",
    "Deployment generation mismatch due to possible roll-back",
    "Deployment has not matched the expected number of replicas",
    "Deployment boutique/cartservice has not completed its rollout for longer than 15 minutes",
    "Login service unavailable",
    "CPU usage summary: web-1 above 95%",
    "Recovered: checkout latency",
    "OK: disk on db-1",
    "RESOLVED: node-17 NotReady",
    "Workflow run of nightly e2e timed out",
    "rollout status: degraded",
    "Poll of upstream feed failed",
    "Migration of orders failed",
    "Welcome email queue is growing",
    "Traffic dropped to zero on frontend",
    "Cluster autoscaler: failed to scale up node group prod-a",
    "Back-off restarting failed container in pod boutique/cartservice-7d9f5b6c4-x2x4p",
    "HelmRelease/boutique/cartservice upgrade retries exhausted",
    "Terraform apply for prod failed",
    "Backup of orders completed with errors: 3 tables failed",
    "Alert: scheduled maintenance window exceeded on db-1",
    "no heartbeat from payments-eu for 10 minutes",
    "Vault is sealed!",
    "Is checkout down? :rotating_light:",
]

NO_ALARMS = [
    "Deployed cartservice v1.42.0 to prod",
    ":rocket: Deployed cartservice v1.42.0 to prod (fixes error in checkout total)",
    "Robin deployed frontend to production",
    "Deployment of paymentservice to prod succeeded",
    "Rollout of checkout finished",
    "Build #4311 of main passed",
    "Pipeline boutique/main #87 succeeded",
    "cartservice v1.42.0 has been released",
    "Release v1.42.0 is live",
    "[acme/boutique] Pull request opened by robin",
    "3 new commits pushed to main by robin",
    "Daily report",
    "Daily alert summary: 12 alerts fired",
    "Weekly digest for team storefront",
    "Good morning team!",
    "Hello everyone, standup in 5 minutes",
    "Happy Friday :tada:",
    "Reminder: standup at 10:00",
    "Robin Example is now on call for Storefront",
    "robin has joined the channel",
    "set the channel topic: alarms only",
    "added an integration to this channel: grafana",
    "Poll: where do we go for lunch?",
    "Time for the retro",
    "Congratulations to Robin",
    "Started deployment of frontend v2",
    "Rolling out recommendationservice 1.3.0",
    "Monthly cost report",
    "Promoted checkout v3 to production",
    "Rolled back cartservice to v1.41.9",
    "Welcome to #incidents!",
    "Deploy started: frontend 8f3c2aa",
    "Argo CD: boutique-prod sync succeeded",
    "Morning metrics overview",
    "Standup time",
    "frontend was deployed to prod by robin",
    "Deployed fix for payment timeout error",
    "On-call shift starts for Robin",
    "acme-bot merged pull request #12: Handle timeouts",
    "Merged: Fix NPE in checkout (#812)",
    "PR #88 needs a review: handle payment outage gracefully",
    "Terraform plan for prod: 3 to add, 1 to change, 0 to destroy",
    'New feature flag "express-checkout" was enabled in production by Robin',
    'Runbook "Payment errors" was updated by Robin',
    "Robin is out of office today",
    ":tada: 30 days without an incident!",
    'Your meeting "Incident review" starts in 5 minutes',
    "Postmortem for INC-118 was published",
    "Statuspage: all systems operational",
    "Backup of orders completed",
    "Nightly tests passed: 412 of 412",
    "CI: build #812 on main is green",
    "Thread summary: yesterday's outage was caused by redis",
    "Robin joined the incident channel",
    'Robin shared "Incident playbook" with you',
]


def post(said: str = "", **section: str) -> Notification:
    sections = (Section.model_validate(section),) if section else ()
    return Notification(sender="somebot", text=said, sections=sections, posted_at=NOW)


@pytest.mark.parametrize("text", ALARMS)
def test_a_post_that_may_be_an_alarm_is_taken(text: str) -> None:
    """Trouble in any words becomes an alarm, even when it mentions deploys, reports or greetings."""
    assert recognise(post(text), ServiceCatalog()) is not None


@pytest.mark.parametrize("text", NO_ALARMS)
def test_a_post_that_is_plainly_no_alarm_is_left(text: str) -> None:
    """Deploy notes, repository notes, reports, rota notes and chatter are no alarms."""
    assert recognise(post(text), ServiceCatalog()) is None


@pytest.mark.parametrize("text", NO_ALARMS)
def test_the_same_headline_in_an_attachment_is_left_too(text: str) -> None:
    """Where in the message the headline stands makes no difference."""
    assert recognise(post(title=text, text="more below"), ServiceCatalog()) is None


def test_unknown_text_becomes_an_alarm_by_name() -> None:
    """A text that no rule knows is named after its first line that says something, of an unknown service."""
    alarm = recognise(post("@here ALERT\nflux capacitor is misaligned\nsee wiki"), ServiceCatalog())
    assert alarm is not None
    assert (alarm.source, alarm.name) == ("generic", "flux capacitor is misaligned")
    assert (alarm.service, alarm.state, alarm.severity) == (UNKNOWN_SERVICE, "firing", "unknown")
    assert alarm.started_at == NOW
    assert "see wiki" in alarm.text


@pytest.mark.parametrize(
    ("color", "is_alarm"),
    [("a30200", True), ("danger", True), ("2eb886", False), ("", False)],
)
def test_a_red_bar_turns_a_deploy_note_into_an_alarm(color: str, is_alarm: bool) -> None:
    """`Deployment of frontend finished` with a red bar reports a failure; with a green one it does not."""
    found = recognise(post(title="Deployment of frontend finished", color=color), ServiceCatalog())
    assert (found is not None) is is_alarm


def test_a_mere_question_is_no_alarm() -> None:
    """An app that only asks reports nothing; with a sign of an alarm the question is one."""
    assert not_an_alarm(post("I can list the open incidents. Would you like that?")) == "a question"
    assert recognise(post("Is checkout down?", title="Probe", color="danger"), ServiceCatalog())
    assert recognise(post("[FIRING:1] WhoWatchesTheWatchmen?"), ServiceCatalog())


def test_alerts_that_always_fire_are_no_alarms() -> None:
    """The heartbeat of an alerting pipeline fires for ever; an alert with such a word in its name is one."""
    heartbeat = "[FIRING:1] Watchdog (monitoring/k8s none)"
    assert not_an_alarm(post(title=heartbeat)) == "a heartbeat of the monitoring itself"
    assert recognise(post(title=heartbeat), ServiceCatalog()) is None
    for name in ("WatchdogTimeout", "KernelWatchdogReset"):
        assert recognise(post(title=f"[FIRING:1] {name} (node-1)"), ServiceCatalog()) is not None


def test_a_report_stays_a_report_even_in_red() -> None:
    """Reports about alarms are full of alarm words and colours; they are still no alarms."""
    assert recognise(post(title="Weekly incident report", color="danger"), ServiceCatalog()) is None


def test_a_firing_marker_beats_every_rule() -> None:
    """A post with a monitoring marker is an alarm whatever its headline looks like."""
    notification = post("Reminder", title="[FIRING:1] DailyReportJobMissing reports")
    assert recognise(notification, ServiceCatalog()) is not None


@pytest.mark.parametrize(
    ("notification", "kind"),
    [
        (post(), "nothing to read"),
        (post("https://example.com"), "nothing to read"),
        (post("Deployed frontend to prod"), "a deploy note"),
        (post("Weekly digest"), "a report"),
        (post("3 new commits pushed to main"), "a repository note"),
        (post("Robin is now on call"), "a rota note"),
        (post("robin has joined the channel"), "a note on channel membership"),
        (post("Happy Friday"), "chatter"),
        (post("ALERT"), ""),
    ],
)
def test_the_reason_is_named(notification: Notification, kind: str) -> None:
    """What the post is instead of an alarm can be told to a person."""
    assert not_an_alarm(notification) == kind
