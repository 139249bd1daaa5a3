"""Posting once, whatever happens to the answer, the process or the thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from redis.asyncio import Redis

from bot.errors import TemporaryError
from bot.fencing import Superseded, epoch_key
from bot.incidents.incident import Origin
from bot.simulators.slack import SlackSimulator
from bot.slack.api import Api, SlackBusy, SlackRefused
from bot.slack.attachment import Attachment
from bot.slack.letterbox import Letterbox, PostOffice, ThreadGone
from bot.slack.message import Message
from bot.slack.outbox import Outbox
from bot.slack.pacer import EDITING, LocalBuckets
from tests.slack.stage import nobody_else

if TYPE_CHECKING:
    from tests.slack.conftest import QuickClock

HELLO = Message(text="hello")
Boxes = Callable[..., Letterbox]


@pytest.fixture
async def root(slack: SlackSimulator) -> str:
    """The message whose thread is written in."""
    return await slack.post_as_user("#incidents", "an alarm")


@pytest.fixture
def box(slack: SlackSimulator, redis: Redis, api: Api, quick: QuickClock, root: str) -> Boxes:
    """Makes letterboxes, each as a process of its own would have it."""

    def make(epoch: int | None = None, thread_ts: str = root) -> Letterbox:
        office = PostOffice(api, Outbox(redis), LocalBuckets(), quick, nobody_else)
        channel = slack.channel("#incidents")
        place = Origin(team=slack.team_id, channel=channel, thread_ts=thread_ts)
        return office.letterbox("inc-1", place, epoch)

    return make


async def test_a_slot_is_posted_once(slack: SlackSimulator, box: Boxes, root: str) -> None:
    """The second time, in another process too, the first message is what there is."""
    ts = await box().post("card", HELLO)
    assert await box().post("card", Message(text="other")) == ts
    assert await box().posted("card") == ts
    (reply,) = slack.replies("#incidents", root)
    assert reply["text"] == "hello"
    assert reply["metadata"] == {
        "event_type": "tocsin_post",
        "event_payload": {"key": "inc-1/card"},
    }


async def test_nothing_unfurls_and_no_name_is_linked(
    slack: SlackSimulator, box: Boxes, root: str
) -> None:
    """Slack must not fetch or resolve anything in a text."""
    ts = await box().post("card", HELLO)
    options = slack.display_options("#incidents", ts)
    assert options == {"unfurl_links": False, "unfurl_media": False, "link_names": False}


@pytest.mark.parametrize("fault", ["apply_then_reset", "drop", "http_500"])
async def test_a_lost_answer_makes_no_second_message(
    slack: SlackSimulator, box: Boxes, root: str, fault: str
) -> None:
    """Posted or not, when the answer is lost the thread is looked into first."""
    getattr(slack.faults, fault)("chat.postMessage")
    ts = await box().post("final", HELLO)
    assert [reply["ts"] for reply in slack.replies("#incidents", root)] == [ts]
    assert slack.duplicate_posts() == []


@pytest.mark.parametrize("code", ["internal_error", "fatal_error"])
async def test_an_error_of_slacks_own_is_looked_into(
    slack: SlackSimulator, box: Boxes, root: str, code: str
) -> None:
    """Slack documents these as possibly done."""
    slack.faults.error("chat.postMessage", code)
    await box().post("final", HELLO)
    assert len(slack.replies("#incidents", root)) == 1
    assert [call.method for call in slack.calls()] == [
        "chat.postMessage",
        "conversations.replies",
        "chat.postMessage",
    ]


async def test_a_crash_between_post_and_record_is_adopted(
    slack: SlackSimulator, box: Boxes, root: str, redis: Redis
) -> None:
    """The next process finds the intent, waits until it is settled, and adopts the message."""
    ts = await box().post("final", HELLO)
    await redis.hset("tocsin:{inc-1}:outbox", "post:final", f"intent {float(ts):.3f}")
    assert await box().post("final", HELLO) == ts
    assert len(slack.replies("#incidents", root)) == 1
    assert await box().posted("final") == ts


async def test_surplus_messages_are_deleted(
    slack: SlackSimulator, box: Boxes, root: str, redis: Redis
) -> None:
    """Should the same message stand there twice, the first is kept."""
    ts = await box().post("final", HELLO)
    await redis.delete("tocsin:{inc-1}:outbox")
    second = await box().post("final", HELLO)
    assert second != ts
    await redis.hset("tocsin:{inc-1}:outbox", "post:final", f"intent {float(ts):.3f}")
    assert await box().post("final", HELLO) == ts
    assert [reply["ts"] for reply in slack.replies("#incidents", root)] == [ts]


async def test_rate_limits_are_waited_out(
    slack: SlackSimulator, box: Boxes, root: str, quick: QuickClock
) -> None:
    """Retry-After is honoured, and a limited post is known not to be there."""
    slack.faults.rate_limit("chat.postMessage", retry_after=7)
    await box().post("final", HELLO)
    assert sum(quick.slept) == pytest.approx(7, abs=0.5)
    assert len(slack.replies("#incidents", root)) == 1
    assert slack.calls("conversations.replies") == []


async def test_edits_keep_slacks_pace_and_show_the_latest(
    slack: SlackSimulator, box: Boxes, quick: QuickClock
) -> None:
    """More edits than Slack allows at once wait for their turn, and then show what is true by then."""
    one = box()
    ts = await one.post("card", HELLO)
    quick.slept.clear()
    for _ in range(EDITING.burst + 1):
        await one.edit(ts, lambda: HELLO)
    assert sum(quick.slept) == pytest.approx(1 / EDITING.per_second, abs=0.2)

    shown = HELLO
    late = asyncio.create_task(one.edit(ts, lambda: shown))
    shown = Message(text="latest")
    await late
    assert slack.calls("chat.update")[-1].args["text"] == "latest"


async def test_a_limited_edit_holds_the_others(
    slack: SlackSimulator, box: Boxes, quick: QuickClock
) -> None:
    """Slack limits edits for the whole workspace: after a 429 nobody edits until Retry-After is over."""
    one = box()
    ts = await one.post("card", HELLO)
    slack.faults.rate_limit("chat.update", retry_after=9)
    with pytest.raises(SlackBusy):
        await one.edit(ts, lambda: HELLO)
    quick.slept.clear()
    await one.edit(ts, lambda: HELLO)
    assert sum(quick.slept) == pytest.approx(9, abs=0.5)


async def test_a_long_rate_limit_is_left_to_the_job(slack: SlackSimulator, box: Boxes) -> None:
    """Minutes of Retry-After are not slept through here; afterwards the post is made as if new."""
    slack.faults.rate_limit("chat.postMessage", retry_after=300)
    with pytest.raises(TemporaryError) as caught:
        await box().post("final", HELLO)
    assert caught.value.retry_after == 300
    await box().post("final", HELLO)


async def test_a_refusal_is_final_and_leaves_no_intent(
    slack: SlackSimulator, box: Boxes, root: str
) -> None:
    """What Slack refuses raises at once, and may be posted differently."""
    slack.faults.error("chat.postMessage", "invalid_blocks")
    with pytest.raises(SlackRefused, match="invalid_blocks"):
        await box().post("card", HELLO)
    await box().post("card", Message(text="plain"))
    assert [reply["text"] for reply in slack.replies("#incidents", root)] == ["plain"]


async def test_a_deleted_thread_is_not_answered_in_the_channel(
    slack: SlackSimulator, box: Boxes, root: str
) -> None:
    """Slack would post to everybody; the message is taken back and the caller told."""
    await slack.delete_message("#incidents", root)
    with pytest.raises(ThreadGone):
        await box().post("final", HELLO)
    assert slack.messages("#incidents") == []


async def test_an_old_owner_posts_nothing(
    slack: SlackSimulator, box: Boxes, root: str, redis: Redis
) -> None:
    """Once another worker owns the incident, the first one's posts and notes are refused."""
    await redis.set(epoch_key("inc-1"), 2, ex=60)
    with pytest.raises(Superseded):
        await box(1).post("final", HELLO)
    with pytest.raises(Superseded):
        await box(1).note("card", "x")
    assert slack.replies("#incidents", root) == []
    await box(2).note("card", "y")
    assert await box(2).noted("card") == "y"
    await box(2).post("final", HELLO)


async def test_two_processes_at_once_post_one_message(
    slack: SlackSimulator, box: Boxes, root: str
) -> None:
    """A race for one slot leaves one message and one answer."""
    first, second = await asyncio.gather(box().post("card", HELLO), box().post("card", HELLO))
    assert first == second
    assert [reply["ts"] for reply in slack.replies("#incidents", root)] == [first]


async def test_a_root_is_found_in_the_channel(slack: SlackSimulator, box: Boxes, root: str) -> None:
    """A post that begins a thread is looked for in the channel."""
    slack.faults.apply_then_reset("chat.postMessage")
    ts = await box(thread_ts="").post("root", HELLO)
    assert [each["ts"] for each in slack.messages("#incidents")] == [root, ts]


async def test_an_unreachable_slack_is_a_temporary_error(
    slack: SlackSimulator, box: Boxes, root: str
) -> None:
    """The job comes back to it, and still posts once."""
    slack.faults.apply_then_reset("chat.postMessage")
    slack.faults.http_500("conversations.replies")
    with pytest.raises(TemporaryError):
        await box().post("final", HELLO)
    await box().post("final", HELLO)
    assert len(slack.replies("#incidents", root)) == 1


PICTURE = Attachment(
    name="chart.png", data=b"\x89PNG", title="Errors", alt_text="They rise.", comment="look"
)


@pytest.mark.parametrize("fault", ["apply_then_reset", "drop", "http_500", "rate_limit"])
@pytest.mark.parametrize("step", ["getUploadURLExternal", "completeUploadExternal"])
async def test_a_file_is_shared_once(
    slack: SlackSimulator, box: Boxes, root: str, fault: str, step: str
) -> None:
    """Whatever happens to an answer, and whoever tries again, the thread shows the file once."""
    getattr(slack.faults, fault)(f"files.{step}")
    file_id = await box().attach("chart", PICTURE)
    assert await box().attach("chart", PICTURE) == file_id
    (reply,) = slack.replies("#incidents", root)
    (file,) = reply["files"]
    assert (file["id"], file["title"], file["alt_txt"]) == (file_id, "Errors", "They rise.")
    assert reply["text"] == "look"


async def test_a_file_that_was_cut_off_is_found_again(
    slack: SlackSimulator, redis: Redis, box: Boxes, root: str
) -> None:
    """A process that died between sharing and recording it: the next one looks for the file it had noted."""
    file_id = await box().attach("chart", PICTURE)
    await redis.hset("tocsin:{inc-1}:outbox", "post:chart", "intent 1.0")
    assert await box().attach("chart", PICTURE) == file_id
    assert len(slack.replies("#incidents", root)) == 1


async def test_only_the_owner_shares(redis: Redis, slack: SlackSimulator, box: Boxes) -> None:
    """A worker that was superseded shares nothing."""
    await redis.set(epoch_key("inc-1"), 2, ex=60)
    with pytest.raises(Superseded):
        await box(epoch=1).attach("chart", PICTURE)
    assert slack.uploads() == []
