"""The vocabulary that all monitoring shares: states, severities and the colours that stand for them.

Each function returns what was read together with a short reason, for `tocsin alarms explain` and the logs.
"""

from __future__ import annotations

import colorsys
import re
from collections.abc import Mapping
from typing import Final

from bot.alarms.alarm import Severity, State

_NAMED_COLORS: Final[dict[str, State]] = {
    "danger": "firing",
    "warning": "firing",
    "good": "resolved",
}
_HEX = re.compile(r"\A#?([0-9a-f]{6})\Z", re.IGNORECASE)

FIRING_EMOJI: Final = "🚨🔴🔥❗‼🛑⛔🚫💥🟥⚠🟠🟡🔶❌🆘💀"
RESOLVED_EMOJI: Final = "✅🟢✔💚🟩🆗"

FIRING_ABROAD: Final = (
    "alarma alerta alerte ausgelöst störung disparado disparada problème problema проблема тревога "
    "告警触发 触发 告警中 报警 告警 警报 障害発生 障害 発生 異常"
)
RESOLVED_ABROAD: Final = (
    "behoben gelöst erledigt entwarnung résolu résolue rétabli rétablie resuelto resuelta recuperado recuperada "
    "resolvido resolvida risolto решено решена восстановлено 告警恢复 告警解除 已恢复 恢复 已解决 解除 復旧 回復 解決"
)
"""What templates in other languages write in place of FIRING and RESOLVED."""

_FIRING_STATUS: Final = (
    r"re-?triggered|triggered|firing|fired|alarm|alerting|alert|problem|critical|crit|fatal|error|warn|warning"
    r"|no data|insufficient[ _]data|open|opened|activated|active|down|degraded|unhealthy|failing|failed"
    r"|acknowledged|acked|new|pending|created|still firing|"
) + "|".join(FIRING_ABROAD.split())
_RESOLVED_STATUS: Final = (
    r"auto-?resolved|resolved|resolve|recovered|recovery|ok|okay|closed|cleared|clear|up|healthy|normal"
    r"|fixed|inactive|back to normal|succeeded|deactivated|"
) + "|".join(RESOLVED_ABROAD.split())
_CHANGE = re.compile(r"\s*(?:→|➔|➜|⇒|[-=]{1,2}>)\s*")
"""`OK → ALARM`: what stands after the last arrow is what holds."""
_STATUS_ONLY = re.compile(
    rf"\A[\W_]*(?:(?P<resolved>{_RESOLVED_STATUS})|(?P<firing>{_FIRING_STATUS}))\b", re.IGNORECASE
)
_LEAD = re.compile(
    r"\A[^\w\[]*(?:"
    rf"\[\s*(?:(?P<resolved_in>{_RESOLVED_STATUS})|(?P<firing_in>{_FIRING_STATUS}))\b[^\]]{{0,40}}\]"
    rf"|(?:(?P<resolved>{_RESOLVED_STATUS})|(?P<firing>{_FIRING_STATUS}))\s*(?:[:!|*]|[-–—]\s|\Z)"
    r")",
    re.IGNORECASE,
)
_RESOLVED_WORDS = re.compile(
    r"\b(?:auto-?resolved|resolved|recovered|back to normal|all clear"
    r"|no longer (?:firing|alerting|down|failing|unhealthy|degraded)"
    r"|(?:is|are) (?:now |back )?(?:ok|okay|healthy|online|normal)|(?:is|are) (?:now|back) up"
    r"|(?:monitor|(?:web)?site|host|server|endpoint|check|node|device)s?(?: \S{1,80})? (?:is|are) up(?! \d)(?! by)"
    r"|(?:back|up) (?:up|again|online)|healthy again|ok(?=[\s.!]*\Z)"
    r"|(?:alert|alarm|incident|issue|violation|problem|monitor)(?:(?: \S{1,80})? (?:was|has been|is))?"
    r" (?:closed|cleared|ended|over)"
    rf"|{'|'.join(RESOLVED_ABROAD.split())})\b",
    re.IGNORECASE,
)
_NEGATED = re.compile(
    r"(?:\b(?:not|never|cannot|unable|fail(?:s|ed)? to|yet|isn't)|n't)\b[^.;,]{0,15}\Z",
    re.IGNORECASE,
)
_FIRING_WORDS = re.compile(
    r"\b(?:firing|triggered|alerting|is (?:now )?(?:down|failing|unhealthy|degraded)|went down|critical|in alarm)\b",
    re.IGNORECASE,
)
_TRAIL = re.compile(
    r"(?:[-–—:|(\[]|\bis now|\bstate(?: is)?|\bstatus(?: is)?)\s*"
    r"(?:(?P<resolved>resolved|recovered|closed|cleared|ok)|(?P<firing>firing|triggered|alarm|down))"
    r"\s*[)\]!.]?\s*\Z",
    re.IGNORECASE,
)

_CRITICAL: Final = (
    "critical crit fatal emergency emerg page error err high highest major urgent disaster blocker "
    "p0 p1 p2 sev0 sev1 sev2 s1 s2 "
    "kritisch hoch critique élevé élevée crítico crítica critico critica alta alto urgente критический высокая "
    "严重 紧急 致命 重大 緊急"
)
_WARNING: Final = (
    "warning warn medium minor moderate average ticket p3 sev3 s3 "
    "warnung mittel avertissement moyen moyenne advertencia aviso media medio предупреждение средняя 警告 注意"
)
_INFO: Final = (
    "info information informational low lowest notice none debug ok p4 p5 sev4 sev5 s4 s5 "
    "niedrig faible baja bajo baixa низкая 信息 提示 情報"
)
_SEVERITIES: Final[dict[str, Severity]] = {
    **dict.fromkeys(_CRITICAL.split(), "critical"),
    **dict.fromkeys(_WARNING.split(), "warning"),
    **dict.fromkeys(_INFO.split(), "info"),
}
_SEVERITY_MARK = re.compile(
    r"(?:\A|[\s(\[|:])(p[0-5]|sev-?[0-5]|critical|crit|fatal|emergency|warning|warn|info"
    r"|kritisch|critique|cr[ií]tic[oa]|严重|紧急|緊急)(?=\Z|[\s)\]|:,!])",
    re.IGNORECASE,
)
_SEVERITY_LABELS: Final = (
    "severity",
    "priority",
    "alert_severity",
    "urgency",
    "level",
    "sev",
    "criticality",
)


def state_of_status(status: str) -> State | None:
    """The state a status word names (`ALARM`, `Resolved`, `🟢 OK`); None when it names none."""
    status = _CHANGE.split(status.strip()[:400])[-1]
    match = _STATUS_ONLY.match(status.strip().strip("`*"))
    if match:
        return "resolved" if match["resolved"] else "firing"
    return state_of_emoji(status)


def state_of_emoji(text: str) -> State | None:
    """The state that the first telling emoji of a text stands for."""
    for character in text:
        if character in RESOLVED_EMOJI:
            return "resolved"
        if character in FIRING_EMOJI:
            return "firing"
    return None


def state_of_color(color: str) -> State | None:
    """`danger` and every red, orange or yellow fire, `good` and every green resolve, others say nothing.

    Slack delivers the three names as hexadecimal (`a30200`, `daa038`, `2eb886`), hence the hue.
    """
    if color.lower() in _NAMED_COLORS:
        return _NAMED_COLORS[color.lower()]
    hue = _hue(color)
    if hue is None:
        return None
    if 75 <= hue <= 175:
        return "resolved"
    return "firing" if hue <= 60 or hue >= 335 else None


def lead_state(headline: str) -> State | None:
    """The state named at the very front (`[FIRING:2] …`, `Recovered: …`) or the very end (`… - OK`)."""
    match = _LEAD.match(headline)
    if match:
        return "resolved" if match["resolved_in"] or match["resolved"] else "firing"
    match = _TRAIL.search(headline[-80:])
    if match:
        return "resolved" if match["resolved"] else "firing"
    return None


def read_state(headline: str, *, status: str = "", color: str = "") -> tuple[State, str]:
    """The state of a post. An explicit status beats the headline's marker, then its words, emoji, and the colour.

    Everything that does not say that it is over is taken as firing: a needless look is better than a lost alarm.
    """
    asked: list[tuple[State | None, str]] = [
        (state_of_status(status), f"status {status.strip()[:40]!r}"),
        (lead_state(headline), "the marker in the headline"),
        (_state_of_words(headline), "the words of the headline"),
        (state_of_emoji(headline), "the emoji in the headline"),
        (state_of_color(color), f"the colour {color}"),
    ]
    found = ((state, reason) for state, reason in asked if state is not None)
    return next(found, ("firing", "nothing says that it is over"))


def severity_of(word: str) -> Severity:
    """The severity a word or a code names; `unknown` when it names none. `P1 - High` reads as `P1`."""
    for token in re.split(r"[\W_]+", word.lower().replace("sev-", "sev")):
        if token in _SEVERITIES:
            return _SEVERITIES[token]
    return "unknown"


def read_severity(
    labels: Mapping[str, str], headline: str = "", color: str = ""
) -> tuple[Severity, str]:
    """From a label that names it, else a mark in the headline (`[P2]`, `CRITICAL`), else a warning colour."""
    for name in _SEVERITY_LABELS:
        severity = severity_of(labels.get(name, ""))
        if severity != "unknown":
            return severity, f"label {name}={labels[name]}"
    mark = _SEVERITY_MARK.search(headline[:300])
    if mark:
        return severity_of(mark[1]), f"{mark[1]!r} in the headline"
    hue = _hue(color)
    if color.lower() == "warning" or (hue is not None and 30 <= hue <= 60):
        return "warning", f"the colour {color}"
    return "unknown", "nothing names one"


def _state_of_words(headline: str) -> State | None:
    text = headline[:400]
    for match in _RESOLVED_WORDS.finditer(text):
        if not _NEGATED.search(text[max(match.start() - 30, 0) : match.start()]):
            return "resolved"
    return "firing" if _FIRING_WORDS.search(text) else None


def _hue(color: str) -> float | None:
    """Hue in degrees; None for greys and for what is no hexadecimal colour."""
    match = _HEX.match(color)
    if not match:
        return None
    red, green, blue = (int(match[1][i : i + 2], 16) / 255 for i in (0, 2, 4))
    hue, saturation, value = colorsys.rgb_to_hsv(red, green, blue)
    return hue * 360 if saturation >= 0.25 and value >= 0.2 else None
