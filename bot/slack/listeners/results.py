"""What people do with a result: ask on, open an issue, draft the post-incident review."""

from __future__ import annotations

import hashlib
import logging

from bot.errors import PermanentError, TemporaryError
from bot.incidents.store import IncidentStore
from bot.investigation.diagnosis import Diagnosis, Report
from bot.slack.clock import Clock
from bot.slack.controls import Run
from bot.slack.documents import issue_body, issue_title, patches, post_incident
from bot.slack.forms import ask_view, issue_view, said_in
from bot.slack.history import History
from bot.slack.issues import Issues
from bot.slack.letterbox import PostOffice
from bot.slack.listeners.requests import Body
from bot.slack.long_text import deliver, is_long
from bot.slack.markdown import Element, link, one_line, preformatted, section, shorten, styled
from bot.slack.message import Message, notification
from bot.slack.outbox import Outbox
from bot.slack.permalinks import Permalinks
from bot.slack.pressing import Ack, Pressing, user_of
from bot.slack.reception import Reception
from bot.slack.repository import Repository

_log = logging.getLogger(__name__)
_FORGOTTEN = "This diagnosis is no longer remembered."


class Results:
    """The buttons below a terminal message. `issues` is None where none can be opened."""

    def __init__(
        self,
        pressing: Pressing,
        reception: Reception,
        store: IncidentStore,
        history: History,
        office: PostOffice,
        outbox: Outbox,
        permalinks: Permalinks,
        repository: Repository,
        issues: Issues | None,
        clock: Clock,
    ) -> None:
        self._pressing = pressing
        self._reception = reception
        self._store = store
        self._history = history
        self._office = office
        self._outbox = outbox
        self._permalinks = permalinks
        self._repository = repository
        self._issues = issues
        self._clock = clock

    async def ask(self, body: Body, ack: Ack) -> None:
        """Ask a question: a form opens."""
        await ack()
        pressed = await self._pressing.pressed(body, Run)
        if pressed is None:
            return
        if not await self._pressing.open_view(body, ask_view(pressed[0])):
            await self._pressing.tell(body, pressed[1], "Write your question in this thread.")

    async def asked(self, body: Body, ack: Ack) -> None:
        """The question is posted in the thread, where everybody sees it, and put to the incident."""
        await ack()
        submitted = await self._pressing.submitted(body, Run)
        text = said_in(body["view"], "question")
        if submitted is None or not text:
            return
        _, incident = submitted
        box = self._office.letterbox(incident.id, incident.origin)
        ts = await box.post(f"asked:{body['view']['id']}", _asks(user_of(body), text), urgent=True)
        try:
            await self._reception.put(incident, ts, user_of(body), text, ts)
        except PermanentError as error:
            await self._pressing.tell(body, incident, str(error))

    async def draft(self, body: Body, ack: Ack) -> None:
        """The post-incident draft, posted in the thread; the same one only once."""
        await ack()
        pressed = await self._pressing.pressed(body, Run)
        if pressed is None:
            return
        _, incident = pressed
        text = post_incident(
            incident,
            await self._history.runs(incident.id),
            await self._history.asked(incident.id),
            await self._history.said(incident.id),
            self._repository,
            self._permalinks.of(incident.origin),
        )
        name = hashlib.sha256(text.encode()).hexdigest()[:16]
        box = self._office.letterbox(incident.id, incident.origin)
        if await box.posted(f"draft:{name}:1") is not None:
            await self._pressing.tell(body, incident, "This draft is in the thread already.")
            return
        await box.post(f"draft:{name}:1", _drafted(user_of(body), text))
        if is_long(text):
            file = f"post-incident-{incident.opened_at:%Y-%m-%d}.md"
            title = f"Post-incident draft: {one_line(incident.alarm.name, 100)}"
            await deliver(box, f"draft:{name}:2", text, name=file, title=title)

    async def issue(self, body: Body, ack: Ack) -> None:
        """Show the issue before it is opened."""
        await ack()
        pressed = await self._pressing.pressed(body, Run)
        if pressed is None or self._issues is None:
            return
        run, incident = pressed
        diagnosis = await self._diagnosis(run)
        if diagnosis is None:
            await self._pressing.tell(body, incident, _FORGOTTEN)
            return
        here = self._permalinks.of(incident.origin)
        view = issue_view(
            run,
            self._issues.repository,
            issue_title(incident, diagnosis),
            issue_body(incident, diagnosis, self._repository, here),
            patches(diagnosis),
        )
        if not await self._pressing.open_view(body, view):
            await self._pressing.tell(body, incident, "Slack does not show the form; try again.")

    async def opened(self, body: Body, ack: Ack) -> None:
        """A person has looked at it and said yes: it is opened, once per diagnosis."""
        await ack()
        submitted = await self._pressing.submitted(body, Run)
        if submitted is None or self._issues is None:
            return
        run, incident = submitted
        slot = f"issue-of:{run.slot}"
        known = await self._outbox.intend(incident.id, None, slot, self._clock.time())
        if known:
            await self._pressing.tell(body, incident, _known(known))
            return
        try:
            url = await self._open(self._issues, run, body)
        except TemporaryError as error:
            _log.warning("it is not known whether an issue was opened: %s", error)
            said = f"Perhaps it was opened: {error}. Look at {self._issues.repository} before you try again."
            await self._pressing.tell(body, incident, said)
            return
        except PermanentError as error:
            state = await self._outbox.state(incident.id, slot)
            await self._outbox.withdraw(incident.id, None, slot, state or "")
            await self._pressing.tell(body, incident, f"No issue was opened. {error}")
            return
        await self._outbox.settle(incident.id, slot, url)
        box = self._office.letterbox(incident.id, incident.origin)
        await box.post(f"issue:{run.slot}", _opened(user_of(body), url))

    async def _open(self, issues: Issues, run: Run, body: Body) -> str:
        diagnosis = await self._diagnosis(run)
        if diagnosis is None:
            raise PermanentError(_FORGOTTEN)
        text = f"{said_in(body['view'], 'body')}\n\n{patches(diagnosis)}".strip()
        return await issues.open(said_in(body["view"], "title") or "Incident", text)

    async def _diagnosis(self, run: Run) -> Diagnosis | None:
        saved = await self._store.saved_report(run.incident, run.slot)
        return Report.model_validate_json(saved).diagnosis if saved else None


def _asks(user: str, text: str) -> Message:
    asked = section(styled("❓ "), _person(user), styled(" asks: "))
    words: Element = {"type": "rich_text_quote", "elements": [styled(text)]}
    return Message(
        text=notification(f"Question: {shorten(text, 500)}"),
        blocks=[{"type": "rich_text", "elements": [asked, words]}],
    )


def _drafted(user: str, text: str) -> Message:
    where = "follows as a file" if is_long(text) else "to copy:"
    intro = section(styled("📝 Post-incident draft for "), _person(user), styled(f", {where}"))
    blocks: list[Element] = [{"type": "rich_text", "elements": [intro]}]
    if not is_long(text):
        blocks.append({"type": "rich_text", "elements": preformatted(text)})
    return Message(text="Post-incident draft", blocks=blocks)


def _opened(user: str, url: str) -> Message:
    number = url.rpartition("/")[2]
    said = section(_person(user), styled(" opened "), link(url, f"issue #{number}"))
    return Message(
        text=f"Issue #{number} was opened" if number.isdecimal() else "An issue was opened",
        blocks=[{"type": "rich_text", "elements": [said]}],
    )


def _known(state: str) -> str:
    kind, _, value = state.partition(" ")
    if kind == "sent":
        return f"This diagnosis has an issue already: {value}"
    return "An issue for this diagnosis is being opened, or its answer was lost: look there before you try again."


def _person(user: str) -> Element:
    return {"type": "user", "user_id": user}
