"""A scenario's `rules.yaml`: alerting rules as Prometheus loads them, evaluated over what was recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from bot.simulators.recorded_metrics import Recording

from .answers import Json, written
from .promql import Expression, evaluate, parse
from .promql.tokens import seconds
from .promql.values import Labels, Vector

FILE = "rules.yaml"
_STEP = 60.0
_LONGEST = 6 * 3600.0


class Rule(NamedTuple):
    """One alerting rule. `holds` is in seconds."""

    name: str
    query: str
    expression: Expression
    holds: float
    labels: Mapping[str, str]
    annotations: Mapping[str, str]


class Rules:
    """The rules of one recording; without a file there are none. Raises ValueError for one that cannot be read."""

    def __init__(self, scenario: Path, recording: Recording) -> None:
        self._recording = recording
        path = scenario / FILE
        document = yaml.safe_load(path.read_text("utf-8")) if path.is_file() else {}
        try:
            self._groups = {
                str(group["name"]): [_rule(each) for each in group["rules"]]
                for group in document.get("groups", [])
            }
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{path}: {error!r} is missing or wrong") from error

    @property
    def names(self) -> set[str]:
        """What the alerts are called."""
        return {rule.name for rules in self._groups.values() for rule in rules}

    def groups(self) -> Json:
        """`/api/v1/rules`."""
        return {
            "groups": [
                {
                    "name": name,
                    "file": FILE,
                    "interval": _STEP,
                    "rules": [self._shown(rule) for rule in rules],
                }
                for name, rules in self._groups.items()
            ]
        }

    def alerts(self) -> list[Json]:
        """What `/api/v1/alerts` tells of them."""
        return [alert for alerts in self._alerts.values() for alert in alerts]

    @cached_property
    def _alerts(self) -> dict[str, list[Json]]:
        return {
            rule.name: list(self._of(rule)) for rules in self._groups.values() for rule in rules
        }

    def _shown(self, rule: Rule) -> Json:
        alerts = self._alerts[rule.name]
        states = {alert["state"] for alert in alerts}
        state = next((each for each in ("firing", "pending") if each in states), "inactive")
        return {
            "type": "alerting",
            "name": rule.name,
            "query": rule.query,
            "duration": rule.holds,
            "labels": dict(rule.labels),
            "annotations": dict(rule.annotations),
            "alerts": alerts,
            "health": "ok",
            "state": state,
        }

    def _of(self, rule: Rule) -> Iterator[Json]:
        now = self._recording.now
        for labels, value in self._values(rule, now).items():
            since = now
            while now - since < _LONGEST and labels in self._values(rule, since - _STEP):
                since -= _STEP
            own = {name: each for name, each in labels if name != "__name__"}
            yield {
                "labels": {"alertname": rule.name, **own, **rule.labels},
                "annotations": dict(rule.annotations),
                "state": "firing" if now - since >= rule.holds else "pending",
                "activeAt": datetime.fromtimestamp(since, UTC).isoformat(),
                "value": written(value),
            }

    def _values(self, rule: Rule, at: float) -> Mapping[Labels, float]:
        value = evaluate(rule.expression, self._recording.series, at)
        return value.values if isinstance(value, Vector) else {}


def _rule(given: Mapping[str, Any]) -> Rule:
    query = str(given["expr"]).strip()
    return Rule(
        name=str(given["alert"]),
        query=query,
        expression=parse(query),
        holds=seconds(str(given.get("for", "0s"))),
        labels=_texts(given.get("labels")),
        annotations=_texts(given.get("annotations")),
    )


def _texts(given: Mapping[str, Any] | Sequence[Any] | None) -> dict[str, str]:
    return {str(name): str(value) for name, value in dict(given or {}).items()}
