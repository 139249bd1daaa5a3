"""An investigation in the terminal: steps as they come, then the report."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.text import Text

from bot.investigation.diagnosis import Diagnosis, Finding, Report
from bot.investigation.progress import Step

_SIGNS = {"pending": "·", "running": "→", "done": "✓", "failed": "✗"}
_STYLES = {"pending": "dim", "running": "cyan", "done": "green", "failed": "red"}


class TerminalReporter:
    """A Reporter that prints. Text from outside is printed as text, never as markup or control codes."""

    def __init__(self, console: Console) -> None:
        self._console = console

    async def started(self, headline: str) -> None:
        self._console.print(f"[bold]Investigating[/bold] {escape(headline)}")

    async def first_look(self, text: str) -> None:
        self._console.print(Panel(Text(text), title="first look (rules, no model)"))

    async def step(self, step: Step) -> None:
        if step.status == "running":
            return
        detail = f"  [dim]{escape(step.detail)}[/dim]" if step.detail else ""
        sign = f"[{_STYLES[step.status]}]{_SIGNS[step.status]}[/]"
        self._console.print(f"  {sign} {escape(step.title)}{detail}", highlight=False)

    async def thought(self, text: str) -> None:
        self._console.print(Text(f"  {text}", style="italic"))

    async def finished(self, report: Report) -> None:
        self._console.print(
            Panel(Text(report_text(report)), title=report.outcome.replace("_", " "))
        )


def report_text(report: Report) -> str:
    """The whole report as plain text."""
    parts = [report.note, report.answer]
    if report.diagnosis is not None:
        parts += _diagnosis(report.diagnosis)
    if report.gaps:
        parts.append("Could not be seen:\n" + _listed(report.gaps))
    parts.append(footer(report))
    return "\n\n".join(part for part in parts if part)


def footer(report: Report) -> str:
    """What it cost: dollars, calls, seconds, share read from the cache, model."""
    cost = report.cost
    return (
        f"{cost.words or f'${cost.usd:.4f}'} · {report.tool_calls} tool calls · {report.seconds:.0f} s · "
        f"{cost.cached_share:.0%} cached · {cost.model or 'no model'}"
    )


def _diagnosis(diagnosis: Diagnosis) -> list[str]:
    culprit = diagnosis.culprit
    place = f"{culprit.file}:{culprit.line}" if culprit.file and culprit.line else culprit.file
    blamed = [
        part
        for part in (culprit.object, place, culprit.commit and f"commit {culprit.commit}")
        if part
    ]
    actions = [
        f"{action.description}\n{action.patch}".rstrip()
        for action in diagnosis.actions
        if action.description
    ]
    return [
        f"{diagnosis.verdict.upper()} (confidence {diagnosis.confidence:.2f})\n{diagnosis.summary}",
        f"Cause: {diagnosis.cause}" if diagnosis.cause else "",
        f"Culprit: {', '.join(blamed)}" if blamed else "",
        "\n".join(_finding(finding) for finding in diagnosis.findings),
        f"{_title(diagnosis)}:\n{_listed(actions)}" if actions else "",
        "Not checked:\n" + _listed(diagnosis.unknowns) if diagnosis.unknowns else "",
    ]


def _title(diagnosis: Diagnosis) -> str:
    return "Check this first" if diagnosis.verdict == "inconclusive" else "Recommended"


def _finding(finding: Finding) -> str:
    lines = [f"{'✓' if finding.verified else '?'} {finding.claim}"]
    lines += [
        f"    [{item.tool_call_id}] {'' if item.verified else '(not found) '}{item.quote}"
        for item in finding.evidence
    ]
    return "\n".join(lines)


def _listed(items: tuple[str, ...] | list[str]) -> str:
    return "\n".join(f"- {item}" for item in items)
