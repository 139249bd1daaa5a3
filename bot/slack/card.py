"""The progress card: one message, edited in place while an investigation runs.

Pure. The card's state is small enough to be stored beside the message's `ts`, so a worker that takes over after a
crash continues the same card. Slack's `plan` block shows the steps; where it is refused, sections show them.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from bot.investigation.diagnosis import Outcome
from bot.investigation.hypotheses import Hypothesis, Standing, merged, read
from bot.investigation.progress import Step, StepStatus
from bot.slack.controls import Run, stop_button
from bot.slack.markdown import Element, escaped, one_line, section, shorten, styled
from bot.slack.message import Message, notification
from bot.slack.wording import DONE, counted, dollars, duration

MAX_TASKS = 50
MAX_PLAIN_STEPS = 12
_TITLE = 100
_DETAIL = 110
_STATUS: dict[StepStatus, str] = {
    "pending": "pending",
    "running": "in_progress",
    "done": "complete",
    "failed": "error",
}
_SIGN: dict[StepStatus, str] = {"pending": "⚪", "running": "⏳", "done": "✅", "failed": "❌"}

_STANDING: dict[Standing, str] = {
    "new": "🆕",
    "strengthened": "⬆️",
    "weakened": "⬇️",
    "ruled out": "🚫",
}

Style = Literal["plan", "plain"]


class Limits(BaseModel):
    """What one run may use at most: seconds and US dollars; 0 is not shown."""

    model_config = ConfigDict(frozen=True)

    seconds: float = 0.0
    usd: float = 0.0


class Card(BaseModel):
    """What the card shows. `started_at` is in seconds since the epoch; it survives a restart, so time goes on."""

    model_config = ConfigDict(frozen=True)

    headline: str
    started_at: float
    steps: tuple[Step, ...] = ()
    thought: str = ""
    hypotheses: tuple[Hypothesis, ...] = ()
    outcome: Outcome | None = None
    seconds: float = 0.0

    def with_step(self, step: Step) -> Card:
        """The same id replaces its line, a new id is added below."""
        if any(known.id == step.id for known in self.steps):
            steps = tuple(step if known.id == step.id else known for known in self.steps)
        else:
            steps = (*self.steps, step)
        return self.model_copy(update={"steps": steps})

    def with_thought(self, text: str) -> Card:
        """What the model said last: hypotheses have lines of their own, the rest is shown as it is."""
        said, rest = read(text[:4000])
        known = merged(self.hypotheses, said)
        thought = rest[:1000] if rest or not said else self.thought
        return self.model_copy(update={"thought": thought, "hypotheses": known})

    def done(self, outcome: Outcome, seconds: float) -> Card:
        """The run is over: nothing runs any more, whatever the last step said."""
        left: StepStatus = "done" if outcome == "diagnosed" else "failed"
        steps = tuple(
            step.model_copy(update={"status": left})
            if step.status in {"pending", "running"}
            else step
            for step in self.steps
        )
        return self.model_copy(
            update={"steps": steps, "thought": "", "outcome": outcome, "seconds": seconds}
        )


def render(
    card: Card, run: Run, *, now: float, style: Style = "plan", limits: Limits | None = None
) -> Message:
    """The card as a message; `now` in seconds since the epoch gives the elapsed time."""
    bounds = limits or Limits()
    title = _title(card, now, bounds)
    body = _plan(card, title) if style == "plan" else _sections(card, title)
    blocks = [*body, *_believed(card), *_context(card, bounds)]
    if card.outcome is None:
        blocks.append(stop_button(run))
    return Message(text=notification(title), blocks=blocks)


def queued(headline: str, position: int, run: Run) -> Message:
    """The card of a run that waits for a worker: the first of the line has position 1."""
    title = f"🕒 {one_line(headline, 150)} · queued #{position}"
    said = "Waiting for a free worker. This starts by itself; nothing needs to be done."
    blocks = [_mrkdwn(f"*{escaped(title)}*"), _plain_context(said), stop_button(run)]
    return Message(text=notification(title), blocks=blocks)


def _title(card: Card, now: float, limits: Limits) -> str:
    name = one_line(card.headline, 150)
    if card.outcome is None:
        most = f" of {duration(limits.seconds)}" if limits.seconds else ""
        return f"🔎 {name} · {duration(now - card.started_at)}{most}"
    steps = f" · {counted(len(card.steps), 'step')}" if card.steps else ""
    return f"{name} · {DONE[card.outcome]} after {duration(card.seconds)}{steps}"


def _plan(card: Card, title: str) -> list[Element]:
    if not card.steps:
        return [_mrkdwn(f"*{escaped(title)}*")]
    hidden, shown = _folded(card.steps, MAX_TASKS)
    tasks = [_task(index, step) for index, step in enumerate(shown, start=len(hidden))]
    if hidden:
        tasks.insert(0, {"task_id": "earlier", "title": _earlier(hidden), "status": "complete"})
    return [
        {"type": "plan", "title": title, "tasks": [{"type": "task_card", **task} for task in tasks]}
    ]


def _task(index: int, step: Step) -> Element:
    task: Element = {
        "task_id": f"step-{index}",
        "title": one_line(step.title, _TITLE) or "…",
        "status": _STATUS[step.status],
    }
    if detail := one_line(step.detail, _DETAIL):
        task["details"] = {"type": "rich_text", "elements": [section(styled(detail))]}
    return task


def _sections(card: Card, title: str) -> list[Element]:
    hidden, shown = _folded(card.steps, MAX_PLAIN_STEPS)
    lines = [f"✅ {_earlier(hidden)}"] if hidden else []
    lines += [_line(step) for step in shown]
    blocks = [_mrkdwn(f"*{escaped(title)}*")]
    return [*blocks, _mrkdwn(shorten("\n".join(lines), 3000))] if lines else blocks


def _line(step: Step) -> str:
    detail = one_line(step.detail, 80)
    text = one_line(step.title, 80) + (f" – {detail}" if detail else "")
    return f"{_SIGN[step.status]} {shorten(escaped(text), 240)}"


def _folded(steps: tuple[Step, ...], limit: int) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
    """The steps that one line stands for, and the ones shown: the latest, `limit` lines in all."""
    if len(steps) <= limit:
        return (), steps
    cut = len(steps) - (limit - 1)
    return steps[:cut], steps[cut:]


def _earlier(hidden: tuple[Step, ...]) -> str:
    failed = sum(step.status == "failed" for step in hidden)
    return f"{counted(len(hidden), 'earlier step')}" + (f", {failed} failed" if failed else "")


def _believed(card: Card) -> list[Element]:
    """The hypotheses so far, each with how it stands."""
    if not card.hypotheses:
        return []
    lines = [
        section(
            styled(f"{_STANDING[each.standing]} "),
            styled(one_line(each.text, 160) or "…", **_struck(each.standing)),
            styled(f" · {each.standing}", italic=True),
        )
        for each in card.hypotheses
    ]
    items: Element = {"type": "rich_text_list", "style": "bullet", "elements": lines}
    heading = section(styled("Hypotheses", bold=True))
    return [{"type": "rich_text", "elements": [heading, items]}]


def _struck(standing: Standing) -> dict[str, bool]:
    return {"strike": True} if standing == "ruled out" else {}


def _context(card: Card, limits: Limits) -> list[Element]:
    if card.outcome is not None:
        return []
    thought = one_line(card.thought, 280)
    text = f"💭 {thought}" if thought else "Reply in this thread to add what you know."
    most = [duration(limits.seconds)] if limits.seconds else []
    most += [dollars(limits.usd)] if limits.usd else []
    return [_plain_context(text, *([f"At most {' and '.join(most)}"] if most else []))]


def _plain_context(*texts: str) -> Element:
    shown = [{"type": "plain_text", "text": text, "emoji": False} for text in texts]
    return {"type": "context", "elements": shown}


def _mrkdwn(text: str) -> Element:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}
