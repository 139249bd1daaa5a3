"""A Prometheus server for one recorded incident: the query API over recorded samples, read-only."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.simulators import recorded_metrics
from bot.simulators.listening import Listening
from bot.simulators.recorded_metrics import Series

from . import answers, parameters
from .answers import Json, Refusal
from .faults import Faults
from .parameters import Given
from .promql import EvaluationError, Expression, ParseError, Value, Work, evaluate
from .promql.values import Labels
from .rules import Rules

_LABEL_VALUES = re.compile(r"label/([A-Za-z_][A-Za-z0-9_]*)/values")
_PREFIX = "/api/v1/"


class PrometheusSimulator(Listening):
    """Serves `scenario`'s metrics.csv and rules.yaml at `.url` while the context is open.

    `port` 0 takes a free one. `alerts` fire beside those that have a rule, as `/api/v1/alerts` tells it. A query without a time is answered
    for the scenario's present. `faults` may be changed at any time. `requests` holds "METHOD path?query" of every request,
    oldest first. Raises ValueError for a `metrics.csv` that cannot be read.
    """

    def __init__(
        self,
        scenario: Path,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        alerts: Sequence[Mapping[str, Any]] = (),
        faults: Faults | None = None,
    ) -> None:
        self.recording = recorded_metrics.load(scenario).of_prometheus()
        self.faults = faults or Faults()
        self.requests: list[str] = []
        self._alerts = [dict(alert) for alert in alerts]
        self._rules = Rules(scenario, self.recording)
        super().__init__(host, port)
        self._routes: Mapping[str, Callable[[Given], Any]] = {
            "query": self._query,
            "query_range": self._query_range,
            "series": self._series,
            "labels": self._labels,
            "metadata": self._metadata,
            "targets": lambda _: {"activeTargets": [], "droppedTargets": []},
            "rules": lambda _: self._rules.groups(),
            "alerts": lambda _: {"alerts": self._firing()},
        }

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(f"{request.method} {request.path_qs}")
        if self.faults.latency:
            await asyncio.sleep(self.faults.latency)
        if self.faults.down and request.transport:
            request.transport.abort()
        if request.path in ("/-/ready", "/-/healthy"):
            return web.Response(text="Prometheus Server is Ready.\n")
        if request.method not in ("GET", "POST"):
            return web.Response(status=405, text="Method Not Allowed\n")
        form = await request.post() if request.method == "POST" else {}
        given = _together(request.query, form)
        try:
            # In a thread: a long range over many series takes a while.
            data = await asyncio.to_thread(self._answer, request.path, given)
        except Refusal as refusal:
            return web.json_response(refusal.body, status=refusal.status)
        if data is None:
            return web.Response(status=404, text="404 page not found\n")
        return web.json_response(answers.success(data))

    def _answer(self, path: str, given: Given) -> Any:
        name = path.removeprefix(_PREFIX) if path.startswith(_PREFIX) else ""
        values = _LABEL_VALUES.fullmatch(name)
        try:
            if values:
                return self._values(values.group(1), given)
            route = self._routes.get(name)
            return route(given) if route else None
        except EvaluationError as error:
            raise Refusal(422, "execution", str(error)) from error
        except ParseError as error:
            raise answers.bad_data(str(error)) from error

    def _evaluated(self, expression: Expression, at: float, work: Work | None = None) -> Value:
        return evaluate(expression, self.recording.series, at, work)

    def _query(self, given: Given) -> Json:
        at = parameters.moment(given, "time", self.recording.now)
        return answers.instant(self._evaluated(parameters.expression(given), at), at)

    def _query_range(self, given: Given) -> Json:
        steps = parameters.steps(given)
        expression = parameters.expression(given)
        points: dict[Labels, list[tuple[float, float]]] = {}
        work = Work()
        for at in steps:
            found = answers.elements(self._evaluated(expression, at, work))
            for labels, value in found.items():
                points.setdefault(labels, []).append((at, value))
        return answers.ranged(points)

    def _selected(self, given: Given, *, needed: bool) -> list[Series]:
        wanted = parameters.selectors(given, needed=needed)
        start = parameters.moment(given, "start", float("-inf"))
        end = parameters.moment(given, "end", float("inf"))
        return [
            series
            for series in self.recording.series
            if series.has_samples(start, end)
            and (
                not wanted
                or any(all(m.matches(series.labels) for m in each.matchers) for each in wanted)
            )
        ]

    def _series(self, given: Given) -> list[Json]:
        found = [dict(each.labels) for each in self._selected(given, needed=True)]
        limit = parameters.one(given, "limit")
        return found[: int(limit)] if limit.isdigit() and int(limit) else found

    def _labels(self, given: Given) -> list[str]:
        return sorted(
            {label for each in self._selected(given, needed=False) for label in each.labels}
        )

    def _firing(self) -> list[Json]:
        """What the rules say; what was given, for alerts that have no rule here."""
        known = self._rules.names
        given = [each for each in self._alerts if each["labels"].get("alertname") not in known]
        return [*given, *self._rules.alerts()]

    def _values(self, label: str, given: Given) -> list[str]:
        found = self._selected(given, needed=False)
        return sorted({each.labels[label] for each in found if label in each.labels})

    def _metadata(self, given: Given) -> Json:
        wanted = parameters.one(given, "metric")
        return {
            name: [{"type": _type(name), "help": "", "unit": ""}]
            for name in self.recording.names
            if wanted in ("", name)
        }


def _type(name: str) -> str:
    return "counter" if name.endswith("_total") else "gauge"


def _together(*many: Mapping[str, Any]) -> dict[str, list[str]]:
    """Query and form as names with all their values, in order."""
    found: dict[str, list[str]] = {}
    for each in many:
        for name, value in each.items():
            found.setdefault(name, []).append(str(value))
    return found
