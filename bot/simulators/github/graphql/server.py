"""Queries checked against the types and answered: errors in an answer of status 200, as GitHub words them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.simulators.github.refusals import bad_json
from bot.simulators.github.view import Answer, Json, View

from .language import BadDocument, Field, Fragment, Operation, Variable, parse
from .schema import CONCRETE, TYPES, NotThere, Quota

_TYPENAME = "__typename"
_DOCS = "https://docs.github.com/graphql"


def answer(view: View, body: bytes, quota: Mapping[str, Any]) -> Answer:
    """`POST /graphql` with `query` and `variables`; `quota` are the facts of `rateLimit`. Raises Refusal (400)."""
    try:
        request = json.loads(body)
    except ValueError:
        raise bad_json(_DOCS) from None
    query = request.get("query") if isinstance(request, dict) else None
    if not isinstance(query, str):
        return _errors({"message": "A query attribute must be specified and must be a string."})
    try:
        operation = parse(query)
    except BadDocument as error:
        return _errors(
            {"message": str(error), "locations": [{"line": error.line, "column": error.column}]}
        )
    variables = request.get("variables") or {}
    problems = [*_missing(operation, variables), *_checked(operation)]
    if problems:
        return _errors(*problems)
    run = _Run(view, variables)
    data = run.selected("Query", Quota(quota), operation.selections, ())
    return Answer({"data": data, **({"errors": run.errors} if run.errors else {})})


def _errors(*errors: Json) -> Answer:
    return Answer({"errors": list(errors)})


def _missing(operation: Operation, variables: Mapping[str, Any]) -> list[Json]:
    return [
        {
            "extensions": {"value": None, "problems": [{"path": [], "explanation": "Expected value to not be null"}]},
            "message": f"Variable ${name} of type {kind} was provided invalid value",
        }
        for name, kind in operation.variables.items()
        if kind.endswith("!") and variables.get(name) is None
    ]  # fmt: skip


def _checked(operation: Operation) -> list[Json]:
    return list(_Check(operation).of("Query", operation.selections, (_title(operation),)))


def _title(operation: Operation) -> str:
    return f"query {operation.name}".strip()


class _Check:
    """What is wrong with a query before anything is looked up."""

    def __init__(self, operation: Operation) -> None:
        self._declared = operation.variables

    def of(
        self, kind: str, selections: Sequence[Field | Fragment], path: tuple[str, ...]
    ) -> list[Json]:
        """The errors below a type."""
        found: list[Json] = []
        for each in selections:
            if isinstance(each, Fragment):
                known = each.on in TYPES
                found += self.of(each.on, each.selections, path) if known else [_no_type(each.on)]
            elif each.name != _TYPENAME:
                found += self._field(kind, each, (*path, each.key))
        return found

    def _field(self, kind: str, asked: Field, path: tuple[str, ...]) -> list[Json]:
        known = TYPES[kind].get(asked.name)
        if known is None:
            message = f"Field '{asked.name}' doesn't exist on type '{kind}'"
            return [_problem(asked, path, "undefinedField", message)]
        found = [
            _problem(
                asked,
                path,
                "argumentNotAccepted",
                f"Field '{asked.name}' doesn't accept argument '{name}'",
            )
            for name in asked.arguments
            if name not in known.arguments
        ]
        found += [
            _problem(
                asked,
                path,
                "missingRequiredArguments",
                f"Field '{asked.name}' is missing required arguments: {name}",
            )
            for name in known.needs
            if asked.arguments.get(name) is None
        ]
        found += [
            _problem(
                asked,
                path,
                "variableNotDefined",
                f"Variable ${value.name} is used by query but not declared",
            )
            for value in asked.arguments.values()
            if isinstance(value, Variable) and value.name not in self._declared
        ]
        if bool(known.returns) != bool(asked.selections):
            hint = "has no selections" if known.returns else "can't have selections"
            message = f"Field must have selections (field '{asked.name}' {hint})"
            found.append(_problem(asked, path, "selectionMismatch", message))
        return found + (self.of(known.returns, asked.selections, path) if known.returns else [])


def _no_type(name: str) -> Json:
    return {
        "message": f"No such type {name}, so it can't be a fragment condition",
        "extensions": {"code": "undefinedType", "typeName": name},
    }


def _problem(asked: Field, path: Sequence[str], code: str, message: str) -> Json:
    return {
        "path": list(path),
        "extensions": {"code": code, "fieldName": asked.name},
        "locations": [{"line": asked.line, "column": asked.column}],
        "message": message,
    }


class _Run:
    """One execution; `errors` are those of things that are not there, whose fields are null."""

    def __init__(self, view: View, variables: Mapping[str, Any]) -> None:
        self.errors: list[Json] = []
        self._view, self._variables = view, variables

    def selected(
        self,
        kind: str,
        item: Any,
        selections: Sequence[Field | Fragment],
        path: tuple[str | int, ...],
    ) -> Json:
        """The fields of an object."""
        actual = CONCRETE.get(type(item), kind) if kind == "GitObject" else kind
        found: Json = {}
        for each in selections:
            if isinstance(each, Fragment):
                if each.on in (actual, kind):
                    found |= self.selected(actual, item, each.selections, path)
            elif each.name == _TYPENAME:
                found[each.key] = actual
            else:
                found[each.key] = self._value(actual, item, each, (*path, each.key))
        return found

    def _value(self, kind: str, item: Any, asked: Field, path: tuple[str | int, ...]) -> Any:
        known = TYPES[kind][asked.name]
        given = {
            name: self._variables.get(value.name) if isinstance(value, Variable) else value
            for name, value in asked.arguments.items()
        }
        try:
            value = known.found(self._view, item, given)
        except NotThere as error:
            place = [{"line": asked.line, "column": asked.column}]
            self.errors.append(
                {
                    "type": "NOT_FOUND",
                    "path": list(path),
                    "locations": place,
                    "message": str(error),
                }
            )
            return None
        if value is None or not known.returns:
            return value
        if isinstance(value, list):
            return [
                self.selected(known.returns, each, asked.selections, (*path, number))
                for number, each in enumerate(value)
            ]
        return self.selected(known.returns, value, asked.selections, path)
