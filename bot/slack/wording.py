"""The fixed phrases of the edge: what each outcome is called, how money, time and shares are written."""

from __future__ import annotations

from bot.investigation.diagnosis import Diagnosis, Outcome, Report
from bot.slack.markdown import one_line
from bot.slack.scopes import COMMAND

REACTION_SEEN = "eyes"
REACTIONS: dict[Outcome, str] = {
    "diagnosed": "white_check_mark",
    "inconclusive": "warning",
    "stopped": "warning",
    "out_of_time": "warning",
    "failed": "x",
}
"""The emoji name an investigation's end leaves on the message it answers."""

DONE: dict[Outcome, str] = {
    "diagnosed": "Diagnosed",
    "inconclusive": "Inconclusive",
    "stopped": "Stopped",
    "out_of_time": "Out of time",
    "failed": "Failed",
}

HELP = f"""*Tocsin* finds out why an alarm fired, and says so in the alarm's own thread.
• `{COMMAND} &lt;service&gt;` – find out what is wrong with a service
• `{COMMAND} &lt;question&gt;` – anything about what runs here
• `{COMMAND} &lt;link to a message&gt;` – investigate that alarm
• `{COMMAND} status` – what is being looked at
• `{COMMAND} stop` – stop what runs in this channel
• `{COMMAND} list` – services it knows by name
• `{COMMAND} tools` – what it may look at
Commands do not work inside threads: reply there, mention the bot, or use the message shortcut _Diagnose this alarm_."""
"""What `/diagnose help` and the home page say (mrkdwn, so angle brackets are escaped)."""


def headline(report: Report) -> str:
    """The first line of the terminal message: the verdict, in one glance."""
    match report.outcome:
        case "diagnosed":
            return _verdict(report.diagnosis)
        case "inconclusive":
            return "🟡 Inconclusive: no cause could be proven"
        case "stopped":
            return "⏹️ Stopped" + (": what was known by then" if report.diagnosis else "")
        case "out_of_time":
            return "⏳ Out of time" + (": best hypothesis so far" if report.diagnosis else "")
        case "failed":
            return "❌ The investigation failed"


def _verdict(diagnosis: Diagnosis | None) -> str:
    if diagnosis is None or diagnosis.verdict == "inconclusive":
        return "🟡 Inconclusive: no cause could be proven"
    if diagnosis.verdict == "healthy":
        return "🟢 Healthy: no fault found"
    suspect = one_line(diagnosis.culprit.object, 100)
    return f"🔴 Fault in {suspect}" if suspect else "🔴 Fault found"


def footer(report: Report) -> str:
    """`$0.06 · 9 tool calls · 41 s · 88% cached · <model>`: what the run cost (tokens, without a price) and who answered."""
    parts = [
        report.cost.words or dollars(report.cost.usd),
        counted(report.tool_calls, "tool call"),
        duration(report.seconds),
        f"{percent(report.cost.cached_share)} cached",
        one_line(report.cost.model, 120),
    ]
    return " · ".join(part for part in parts if part)


def dollars(usd: float) -> str:
    """Two decimals; a tiny amount is not called nothing."""
    return "<$0.01" if 0 < usd < 0.005 else f"${usd:,.2f}"


def counted(number: int, noun: str, many: str = "") -> str:
    """`1 step`, `2 steps`; `many` is a plural that is not made with an s."""
    return f"{number} {noun}" if number == 1 else f"{number} {many or noun + 's'}"


def duration(seconds: float) -> str:
    """`41 s`, `2 min 5 s`, `1 h 3 min`."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min" + (f" {whole % 60} s" if whole % 60 else "")
    return f"{whole // 3600} h" + (f" {whole % 3600 // 60} min" if whole % 3600 // 60 else "")


def percent(share: float) -> str:
    """A share of 0 to 1 in whole percent; only a full 1 is called 100%."""
    bounded = min(max(share, 0.0), 1.0)
    return "100%" if bounded == 1.0 else f"{min(round(bounded * 100), 99)}%"
