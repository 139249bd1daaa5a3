"""What people do with a result: ask on, open an issue, draft the review."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import pytest

from bot.clock import utc_now
from bot.conversations.conversation import Conversation, StoredResult
from bot.conversations.store import ConversationStore
from bot.incidents.incident import Incident
from bot.investigation.diagnosis import Action, Culprit, Diagnosis, Evidence, Finding, Report
from bot.scenario import shipped
from bot.simulators.github import GitHubSimulator
from bot.slack.abilities import Abilities
from bot.slack.api import Api
from bot.slack.ballot import Ballot
from bot.slack.cases import Cases
from bot.slack.clock import SystemClock
from bot.slack.controls import Vote
from bot.slack.issues import Issues
from bot.slack.thread import SlackThreads

if TYPE_CHECKING:
    from tests.slack.conftest import Bot

TITLE = "[FIRING:1] InstanceDown for cartservice"
DIAGNOSIS = Diagnosis(
    verdict="fault",
    summary="cartservice cannot reach Redis, says @oncall.",
    cause="The port is wrong. See https://evil.example/steal?x=1 and ![x](https://evil.example/y.png)",
    confidence=0.9,
    findings=(
        Finding(
            claim="Connections are refused",
            evidence=(Evidence(tool_call_id="c1", tool="logs", quote="refused", verified=True),),
        ),
    ),
    culprit=Culprit(
        object="deployment/cartservice", file="src/cart.cs", line=27, commit="0a1b2c3d4e5f"
    ),
    actions=(Action(description="Set the port back", patch="-  6380\n+  6379\n"),),
    unknowns=("Whether data was lost",),
)


@pytest.fixture
async def github() -> AsyncIterator[GitHubSimulator]:
    """A repository in which one token may open issues."""
    scenario = shipped() / "cartservice-guard"
    async with GitHubSimulator(
        scenario, repository="acme/boutique", issues_token="ghs_secret"
    ) as simulator:
        yield simulator


@pytest.fixture
async def ready(bot: Bot, github: GitHubSimulator) -> AsyncIterator[Bot]:
    """A connected front that can open issues."""
    bot.issues = Issues("ghs_secret", "acme/boutique", github.url)
    await Abilities(bot.redis).offer_issues()
    async with bot.front():
        yield bot


async def diagnosed(
    bot: Bot, api: Api, diagnosis: Diagnosis = DIAGNOSIS, *, said: str = ""
) -> tuple[Incident, str]:
    """An incident with a posted diagnosis, and the `ts` of that message."""
    attachment = {"color": "danger", "title": TITLE, "text": said}
    alarm = {"text": "", "attachments": [attachment]}
    ts = await bot.slack.post_as_app("#incidents", alarm, app="Alertmanager")
    await bot.slack.wait_for(lambda: "eyes" in bot.slack.reactions("#incidents", ts))
    channel = bot.slack.channel("#incidents")
    incident = await bot.store.by_thread(bot.slack.team_id, channel, ts)
    assert incident is not None
    lease = await bot.store.begin(incident.id, 1)
    assert lease is not None
    report = Report(outcome="diagnosed", diagnosis=diagnosis, seconds=41)
    await bot.store.save_report(lease, report.model_dump_json())
    async with SlackThreads(api, bot.redis).reporter(incident, lease) as reporter:
        await reporter.started("InstanceDown")
        await reporter.finished(report)
    await bot.store.finish(incident.id, 1, lease.epoch, "diagnosed")
    await ConversationStore(bot.redis).create(
        Conversation(
            id=incident.id,
            model="m",
            system="s",
            tools=[],
            started_at=utc_now(),
            results={"c1": StoredResult("logs", {"token": "api_key=abcdef123456"}, "refused")},
            spend={"runs": {"run:1": {"started_at": incident.opened_at.isoformat()}}},
        ),
        lease.epoch,
    )
    return incident, bot.slack.replies("#incidents", ts)[-1]["ts"]


def said(bot: Bot, incident: Incident) -> list[dict[str, Any]]:
    """The thread below the alarm."""
    return bot.slack.replies("#incidents", incident.origin.thread_ts)


async def view_of(bot: Bot, user: str = "ada") -> dict[str, Any]:
    """The form that is open."""
    await bot.slack.wait_for(lambda: bot.slack.views(user))
    return bot.slack.views(user)[-1]


async def test_a_question_is_asked_in_a_form(ready: Bot, api: Api) -> None:
    """It is posted in the thread for everybody, and put to the incident under that message."""
    incident, final = await diagnosed(ready, api)
    await ready.slack.click("#incidents", final, "tocsin_ask")
    view = await view_of(ready)
    await ready.slack.submit_view(
        view["id"], {"question": {"text": "what about <!channel> payments?"}}
    )
    await ready.settled()
    shown = said(ready, incident)[-1]
    assert "what about <!channel> payments?" in str(shown["blocks"])
    assert "<!channel>" not in shown["text"]
    (question,) = await ready.store.waiting(incident.id)
    assert (question.text, question.ts) == ("what about <!channel> payments?", shown["ts"])
    assert f"answer:{incident.id}:{shown['ts']}" in await ready.jobs()


async def test_an_issue_is_looked_at_and_then_opened_once(
    ready: Bot, api: Api, github: GitHubSimulator
) -> None:
    """The form shows what would be opened; a person's yes opens it, with their changes; a second try is told so."""
    incident, final = await diagnosed(ready, api)
    await ready.slack.click("#incidents", final, "tocsin_issue")
    view = await view_of(ready)
    shown = str(view["blocks"])
    assert github.requests == []
    assert "acme/boutique" in shown
    assert "evil.example/" not in shown
    values = {"title": {"text": "Cart is down"}, "body": {"text": "What I saw."}}
    await ready.slack.submit_view(view["id"], values)
    await ready.slack.wait_for(lambda: "/issues/" in str(said(ready, incident)[-1]))
    (body,) = github.issues.opened
    assert f"/acme/boutique/issues/{body['number']}" in str(said(ready, incident)[-1]["blocks"])
    assert body["title"] == "Cart is down"
    assert body["body"].startswith("What I saw.")
    assert "```diff\n-  6380\n+  6379\n```" in body["body"]
    await ready.slack.click("#incidents", final, "tocsin_issue", user="grace")
    again = await view_of(ready, "grace")
    await ready.slack.submit_view(again["id"], values, user="grace")
    await ready.slack.wait_for(lambda: ready.slack.ephemerals("#incidents", "grace"))
    assert "has an issue already" in ready.slack.ephemerals("#incidents", "grace")[0]["text"]
    assert len(github.issues.opened) == 1


async def test_the_issue_s_text_is_harmless(ready: Bot, api: Api) -> None:
    """Nobody is mentioned, no foreign link or image is live, places are linked from checked parts."""
    _, final = await diagnosed(ready, api)
    await ready.slack.click("#incidents", final, "tocsin_issue")
    view = await view_of(ready)
    text = next(b for b in view["blocks"] if b.get("block_id") == "body")["element"][
        "initial_value"
    ]
    assert "@oncall" not in text
    assert "https://evil" not in text
    assert "hxxps://evil[.]example/steal" in text
    assert "https://github.com/acme/boutique/blob/0a1b2c3d4e5f/src/cart.cs#L27" in text


@pytest.mark.parametrize(
    ("fault", "words", "tries"),
    [
        ("forbidden", "No issue was opened. GitHub refuses it (403)", 2),
        ("broken", "Perhaps it was opened", 1),
    ],
)
async def test_an_issue_that_is_not_opened_is_said(
    ready: Bot, api: Api, github: GitHubSimulator, fault: str, words: str, tries: int
) -> None:
    """A refusal may be tried again; when it is not known what happened, nobody opens a second one by accident."""
    _, final = await diagnosed(ready, api)
    setattr(github.faults, fault, True)
    for attempt in range(2):
        await ready.slack.click("#incidents", final, "tocsin_issue")
        view = await view_of(ready)
        await ready.slack.submit_view(view["id"], {"title": {"text": "t"}, "body": {"text": "b"}})
        told = attempt + 1
        await ready.slack.wait_for(
            lambda told=told: len(ready.slack.ephemerals("#incidents", "ada")) == told  # type: ignore[misc] # the default binds
        )
    assert words in ready.slack.ephemerals("#incidents", "ada")[0]["text"]
    assert len(github.requests) == tries


async def test_without_a_token_no_button(connected: Bot, api: Api) -> None:
    """A front that may not open issues offers none."""
    incident, _ = await diagnosed(connected, api)
    assert "tocsin_issue" not in str(said(connected, incident))


async def test_the_draft_is_put_together_by_code(ready: Bot, api: Api) -> None:
    """Timeline, impact, cause and follow-ups from what is stored; the same draft only once, a newer one again."""
    incident, final = await diagnosed(ready, api)
    await Ballot(ready.redis).cast(
        Vote(incident=incident.id, slot="run:1", vote="wrong"), "U1", "the disk was full"
    )
    before = len(said(ready, incident))
    await ready.slack.click("#incidents", final, "tocsin_draft")
    await ready.slack.wait_for(lambda: len(said(ready, incident)) == before + 1)
    text = str(said(ready, incident)[-1]["blocks"])
    for part in (
        "# InstanceDown",
        "## Impact",
        "## Timeline (UTC)",
        "investigation: diagnosed",
        "## Cause",
        "what it really was: the disk was full",
        "- [ ] Set the port back",
        "- [ ] Find out: Whether data was lost",
    ):
        assert part in text, part
    assert "@oncall" not in text
    assert "https://evil" not in text
    await ready.slack.click("#incidents", final, "tocsin_draft")
    await ready.slack.wait_for(lambda: ready.slack.ephemerals("#incidents", "ada"))
    assert "in the thread already" in ready.slack.ephemerals("#incidents", "ada")[0]["text"]
    await Ballot(ready.redis).cast(Vote(incident=incident.id, slot="run:1", vote="right"), "U2")
    await ready.slack.click("#incidents", final, "tocsin_draft")
    await ready.slack.wait_for(lambda: len(said(ready, incident)) == before + 2)


async def test_a_long_draft_is_a_file(ready: Bot, api: Api) -> None:
    """What no message takes is a Markdown file in the thread, whole, and once."""
    unknowns = tuple(f"Open point {number}: {'why? ' * 30}" for number in range(100))
    incident, final = await diagnosed(
        ready, api, DIAGNOSIS.model_copy(update={"unknowns": unknowns})
    )
    await ready.slack.click("#incidents", final, "tocsin_draft")
    await ready.slack.wait_for(ready.slack.uploads)
    await ready.slack.click("#incidents", final, "tocsin_draft")
    await ready.slack.wait_for(lambda: ready.slack.ephemerals("#incidents", "ada"))
    (file,) = ready.slack.uploads()
    assert file["name"] == f"post-incident-{incident.opened_at:%Y-%m-%d}.md"
    assert file["size"] > 11_000
    assert said(ready, incident)[-1]["files"][0]["id"] == file["id"]
    assert "follows as a file" in str(said(ready, incident)[-2]["blocks"])


async def test_a_vote_keeps_what_it_judges(ready: Bot, api: Api) -> None:
    """Post, report and tool results outlive the conversation, without the secrets; once per diagnosis."""
    incident, final = await diagnosed(ready, api, said="password=hunter2hunter2")
    for user in ("ada", "grace"):
        vote = Vote(incident=incident.id, slot="run:1", vote="right").model_dump_json()
        await ready.slack.click("#incidents", final, "tocsin_feedback", user=user, value=vote)
    await ready.slack.wait_for(lambda: ready.slack.ephemerals("#incidents", "grace"))
    cases = Cases(ready.redis, ready.store, ConversationStore(ready.redis), SystemClock())
    await ready.wait_until(cases.everything)
    (case,) = await cases.everything()
    assert case.report.diagnosis == DIAGNOSIS
    assert [(result.call, result.text) for result in case.results] == [("c1", "refused")]
    assert case.post is not None
    assert "InstanceDown" in str(case.post)
    kept = case.model_dump_json()
    assert "hunter2" not in kept
    assert "abcdef123456" not in kept
