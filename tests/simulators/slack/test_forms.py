"""What people have chosen and typed by the time they press: `state.values`, errors of a submission, other shortcuts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.simulators.slack import SlackSimulator

if TYPE_CHECKING:
    from tests.simulators.slack.conftest import BoltApp

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def options(*names: str) -> list[Json]:
    return [{"text": plain(name), "value": name} for name in names]


MENU = {"type": "static_select", "action_id": "menu", "options": options("one", "two")}
BUTTON = {"type": "button", "action_id": "go", "text": plain("Go")}
ACTIONS = {"type": "actions", "block_id": "row", "elements": [MENU, BUTTON]}
FORM = {
    "type": "modal",
    "callback_id": "form",
    "title": plain("Why?"),
    "submit": plain("Send"),
    "blocks": [
        {
            "type": "input",
            "block_id": "cause",
            "label": plain("Cause"),
            "element": {"type": "plain_text_input", "action_id": "text"},
        },
        ACTIONS,
    ],
}


class Recorder:
    """Acknowledges everything and keeps the payloads; `answer` is the acknowledgement of a submission."""

    def __init__(self, bolt: BoltApp) -> None:
        self.payloads: list[Json] = []
        self.answer: Json = {}
        for action_id in ("menu", "go"):
            bolt.app.action(action_id)(self._act)
        bolt.app.view("form")(self._submit)
        bolt.app.shortcut("wave")(self._act)
        bolt.app.options("search")(self._offer)
        bolt.app.command("/form")(self._act)

    async def _act(self, ack: Any, body: Json) -> None:
        await ack()
        self.payloads.append(body)

    async def _submit(self, ack: Any, body: Json) -> None:
        await ack(**self.answer)
        self.payloads.append(body)

    async def _offer(self, ack: Any, body: Json) -> None:
        self.payloads.append(body)
        await ack(options=options(f"{body['value']}-1", f"{body['value']}-2"))

    async def last(self, slack: SlackSimulator, count: int) -> Json:
        """The payload with this number."""
        await slack.wait_for(lambda: len(self.payloads) >= count)
        return self.payloads[count - 1]


@pytest.fixture
def recorder(bolt: BoltApp) -> Recorder:
    return Recorder(bolt)


async def test_a_message_says_what_was_chosen_in_it(
    slack: SlackSimulator, bolt: BoltApp, client: AsyncWebClient, recorder: Recorder
) -> None:
    """A button's payload holds the state of the menus beside it, for each person their own."""
    async with bolt.connected():
        posted = await client.chat_postMessage(
            channel=slack.channel("#general"), text="choose", blocks=[ACTIONS]
        )
        ts = str(posted["ts"])
        await slack.click("#general", ts, "menu", value="two")
        await slack.click("#general", ts, "go")
        of_ada = await recorder.last(slack, 2)
        await slack.click("#general", ts, "go", user="grace")
        of_grace = await recorder.last(slack, 3)
    chosen = of_ada["state"]["values"]["row"]["menu"]
    assert (chosen["type"], chosen["selected_option"]["value"]) == ("static_select", "two")
    assert of_grace["state"]["values"]["row"]["menu"]["selected_option"] is None


async def test_a_view_knows_what_was_entered_so_far(
    slack: SlackSimulator, bolt: BoltApp, client: AsyncWebClient, recorder: Recorder
) -> None:
    """In the payload of a button inside, and in the submission, where what was typed at last counts."""
    async with bolt.connected():
        trigger = (await slack.slash("/form")).trigger_id
        view = (await client.views_open(trigger_id=trigger, view=FORM))["view"]
        await slack.click_in_view(view["id"], "menu", value="one")
        await slack.click_in_view(view["id"], "go", typed={"cause": {"text": "a full disk"}})
        pressed = await recorder.last(slack, 3)
        await slack.submit_view(view["id"], {"text": "a full disk on db-1"})
        sent = await recorder.last(slack, 4)
    values = pressed["view"]["state"]["values"]
    assert values["cause"]["text"]["value"] == "a full disk"
    assert values["row"]["menu"]["selected_option"]["value"] == "one"
    values = sent["view"]["state"]["values"]
    assert values["cause"]["text"]["value"] == "a full disk on db-1"
    assert values["row"]["menu"]["selected_option"]["value"] == "one"


@pytest.mark.parametrize(
    ("answer", "errors", "error"),
    [
        ({"response_action": "errors", "errors": {"cause": "no"}}, {"cause": "no"}, None),
        ({"response_action": "errors", "errors": {"row": "no"}}, {}, "invalid_response_action"),
        ({"response_action": "explode"}, {}, "invalid_response_action"),
    ],
)
async def test_errors_of_a_submission_belong_to_inputs(
    slack: SlackSimulator,
    bolt: BoltApp,
    client: AsyncWebClient,
    recorder: Recorder,
    answer: Json,
    errors: dict[str, str],
    error: str | None,
) -> None:
    """Errors for anything but an input, and answers that Slack does not know, are shown as a failure; the form stays."""
    recorder.answer = answer
    async with bolt.connected():
        trigger = (await slack.slash("/form")).trigger_id
        view = (await client.views_open(trigger_id=trigger, view=FORM))["view"]
        result = await slack.submit_view(view["id"], {"text": "x"})
    assert (result.errors, result.error) == (errors, error)
    assert [each["id"] for each in slack.views("ada")] == [view["id"]]


async def test_a_global_shortcut_and_a_search_in_a_message(
    slack: SlackSimulator, bolt: BoltApp, client: AsyncWebClient, recorder: Recorder
) -> None:
    """A shortcut without a message has a trigger; the options of a menu in a message come from the app."""
    search = {"type": "external_select", "action_id": "search", "min_query_length": 1}
    block = {"type": "section", "text": plain("which?"), "accessory": search}
    async with bolt.connected():
        result = await slack.global_shortcut("wave")
        payload = await recorder.last(slack, 1)
        posted = await client.chat_postMessage(
            channel=slack.channel("#general"), text="which?", blocks=[block]
        )
        found = await slack.suggest_in_message("#general", str(posted["ts"]), "search", "cart")
        long = await slack.suggest_in_message("#general", str(posted["ts"]), "search", "x" * 200)
    assert (payload["type"], payload["callback_id"]) == ("shortcut", "wave")
    assert payload["trigger_id"] == result.trigger_id
    assert "channel" not in payload
    assert "message" not in payload
    assert [each["value"] for each in found] == ["cart-1", "cart-2"]
    assert (long, [each.error for each in slack.visible_errors()]) == ([], ["invalid_options"])
