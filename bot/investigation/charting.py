"""The alarm's metric around its onset, read by code while the model works; with the rollouts that fall into that time.

Nothing here is seen by the model or paid for: the calls are no part of the conversation.
"""

from __future__ import annotations

import asyncio
import math
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, NamedTuple, Self

from bot.alarms.alarm import UNKNOWN_SERVICE
from bot.charts.chart import Chart, Mark, Series
from bot.guardrails.redaction import redact
from bot.guardrails.untrusted import clean
from bot.incidents.incident import Incident
from bot.investigation.diagnosis import Diagnosis
from bot.investigation.metric import QUERY_RANGE, Watched, watched
from bot.tools.toolset import ToolCall, ToolResult, Toolset

SECONDS = 20.0
"""All reading together; it goes on beside the model's work."""
PATIENCE = 3.0
"""Seconds for what is still to be read once the diagnosis is there."""
_READ_BEFORE = _READ_AFTER = 3 * 3600.0
_SHOWN_BEFORE = 3600.0
_MARGIN = 600.0
_MOST_SERIES = 6
_LONGEST_LABEL = 60
_ROLLOUTS = "kubernetes_rollout_history"
_REVISION = re.compile(
    r"^Revision (?P<number>\S+) \([^)]*\), created (?P<at>\S+) \([^)]*\), [^:]*: (?P<image>\S+)",
    re.MULTILINE,
)


class _Measured(NamedTuple):
    watched: Watched
    series: tuple[Series, ...]
    step: float


class Charting:
    """One run's chart. As a context manager it reads in the background; leaving it ends that.

    `clock` is aware UTC: the present of what is looked at.
    """

    def __init__(
        self,
        incident: Incident,
        toolset: Toolset,
        clock: Callable[[], datetime],
        *,
        patience: float = PATIENCE,
    ) -> None:
        self._patience = patience
        self._alarm = incident.alarm
        self._toolset = toolset
        self._now = clock().timestamp()
        self._onset = min(incident.alarm.started_at.timestamp(), self._now)
        self._reading: asyncio.Task[_Measured | None] | None = None
        self._deadline = time.monotonic() + SECONDS

    async def __aenter__(self) -> Self:
        self._reading = asyncio.create_task(self._read(), name="read the alarm's metric")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._reading is not None and not self._reading.done():
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)

    async def chart(self, diagnosis: Diagnosis | None) -> Chart | None:
        """What was read, with the rollouts of what is blamed and of what the alarm is about; None when nothing was.

        A run that was over at once waits a little for it; any other has it by now, or does without.
        """
        if self._reading is None:
            return None
        await asyncio.wait({self._reading}, timeout=self._patience)
        measured = self._reading.result() if self._reading.done() else None
        if measured is None:
            return None
        self._deadline = time.monotonic() + self._patience
        rollouts = [mark for name in self._named(diagnosis) for mark in await self._rollouts(name)]
        begin = min([self._onset - _SHOWN_BEFORE, *(mark.at - _MARGIN for mark in rollouts)])
        return Chart(
            title=_safe(self._alarm.name, 120),
            measure=_safe(measured.watched.measure, 300),
            begin=begin,
            end=self._until,
            step=measured.step,
            series=tuple(_from(begin, each) for each in measured.series),
            marks=(*rollouts, Mark(at=self._onset, label="alarm began", kind="onset")),
            threshold=measured.watched.threshold,
        )

    @property
    def _since(self) -> float:
        return self._onset - _READ_BEFORE

    @property
    def _until(self) -> float:
        return min(self._now, self._onset + _READ_AFTER)

    async def _read(self) -> _Measured | None:
        found = await watched(self._alarm, self._ask)
        if found is None:
            return None
        self._onset = min(self._onset, _seconds(found.began) or self._onset)
        result = await self._ask(
            found.tool, **found.arguments, since=_rfc3339(self._since), until=_rfc3339(self._until)
        )
        data = result.data if result else None
        if not isinstance(data, Mapping):
            return None
        # A query may give series of other things too; CloudWatch was asked for exactly one.
        labels = self._alarm.labels if found.tool == QUERY_RANGE else {}
        series = tuple(_labelled(list(_agreeing(data, labels))[:_MOST_SERIES]))
        return _Measured(found, series, _number(data.get("step"))) if series else None

    def _named(self, diagnosis: Diagnosis | None) -> list[str]:
        """Deployments whose rollouts are marked: the blamed one, and the alarmed one."""
        kind, _, name = (diagnosis.culprit.object if diagnosis else "").partition("/")
        blamed = [name] if kind == "deployment" and name else []
        alarmed = [] if self._alarm.service == UNKNOWN_SERVICE else [self._alarm.service]
        return list(dict.fromkeys([*blamed, *alarmed]))

    async def _rollouts(self, deployment: str) -> list[Mark]:
        arguments = {"deployment": deployment, "namespace": self._alarm.namespace}
        given = {name: value for name, value in arguments.items() if value}
        result = await self._ask(_ROLLOUTS, **given)
        marks = []
        for found in _REVISION.finditer(result.text if result else ""):
            at = _seconds(found["at"])
            if self._since <= at <= self._until:
                tag = found["image"].rpartition(":")[2].rstrip(",")[:12]
                label = f"{deployment} revision {found['number']} ({tag})"
                marks.append(Mark(at=at, label=_safe(label, 60), kind="deploy"))
        return marks

    async def _ask(self, name: str, /, **arguments: Any) -> ToolResult | None:
        left = self._deadline - time.monotonic()
        offered = {tool.name for tool in await self._toolset.tools()}
        if name not in offered or left <= 0:
            return None
        call = ToolCall(id=f"chart_{name}", label="chart", name=name, arguments=arguments)
        result = await self._toolset.call(call, within=left)
        return None if result.is_error else result


def _agreeing(
    data: Mapping[str, Any], labels: Mapping[str, str]
) -> Iterator[tuple[dict[str, str], tuple[tuple[float, float], ...]]]:
    """The series that can be the alarm's: no label that both have differs; with at least two points."""
    for each in data.get("series") or []:
        own = {str(name): str(value) for name, value in (each.get("labels") or {}).items()}
        points = tuple((_number(at), _number(value)) for at, value in each.get("points") or [])
        if len(points) > 1 and all(labels.get(name, value) == value for name, value in own.items()):
            yield own, points


def _labelled(
    found: Sequence[tuple[dict[str, str], tuple[tuple[float, float], ...]]],
) -> Iterator[Series]:
    """Each named by the labels that it does not share with all others."""
    shared = set.intersection(*(set(labels.items()) for labels, _ in found)) if found else set()
    for labels, points in found:
        own = [f"{name}={value}" for name, value in labels.items() if (name, value) not in shared]
        yield Series(label=_safe(" ".join(own), _LONGEST_LABEL), points=points)


def _from(begin: float, series: Series) -> Series:
    """Without what lies before the shown time, but never without the last two points."""
    kept = tuple(point for point in series.points if point[0] >= begin)
    return series.model_copy(update={"points": kept if len(kept) > 1 else series.points[-2:]})


def _safe(text: str, limit: int) -> str:
    line = " ".join(redact(clean(text)).split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def _number(value: object) -> float:
    number = float(value) if isinstance(value, int | float) else 0.0
    return number if math.isfinite(number) else 0.0


def _seconds(text: str) -> float:
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        return 0.0


def _rfc3339(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
