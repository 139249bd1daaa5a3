"""Definitions cost less and say the same."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from bot.tools.lean_schema import lean
from bot.tools.toolset import Tool

GENERATED = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "title": "read_logsArguments",
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "title": {"title": "Title", "type": "string", "description": "Of the panel."},
        "since": {
            "anyOf": [{"type": "string", "title": "S"}, {"type": "null"}],
            "default": None,
            "title": "Since",
            "description": "From when.",
        },
        "tail": {"type": ["integer", "null"], "default": 200},
        "path": {"type": "string", "default": ""},
        "kinds": {"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]},
        "range": {"$ref": "#/$defs/Range"},
    },
    "required": ["title"],
    "$defs": {
        "Range": {
            "title": "Range",
            "type": "object",
            "properties": {"to": {"anyOf": [{"type": "integer"}, {"type": "null"}]}},
        }
    },
}


def test_what_generators_add_is_left_out() -> None:
    """Titles, null, empty defaults; an argument that is named `title` stays."""
    assert lean(GENERATED) == {
        "type": "object",
        "properties": {
            "title": {"type": "string", "description": "Of the panel."},
            "since": {"type": "string", "description": "From when."},
            "tail": {"type": "integer", "default": 200},
            "path": {"type": "string"},
            "kinds": {"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]},
            "range": {"$ref": "#/$defs/Range"},
        },
        "required": ["title"],
        "$defs": {"Range": {"type": "object", "properties": {"to": {"type": "integer"}}}},
    }


def test_a_schema_that_the_api_enforces_is_sent_as_it_is() -> None:
    """`strict` needs every key."""
    tool = Tool(name="t", description="", input_schema=GENERATED, strict=True)

    assert tool.definition()["input_schema"] == GENERATED
    assert tool.model_copy(update={"strict": False}).definition()["input_schema"] != GENERATED


kinds = st.sampled_from(["string", "integer", "boolean", "null"])
arguments_of = st.recursive(
    st.builds(lambda kind, more: {"type": kind, **more}, kinds, st.just({"title": "T"}))
    | st.builds(lambda some: {"anyOf": [{"type": kind} for kind in some]}, st.lists(kinds, min_size=1, max_size=3))
    | st.builds(lambda some: {"type": some}, st.lists(kinds, min_size=1, max_size=3, unique=True)),
    lambda inner: (
        st.builds(lambda item: {"type": "array", "items": item}, inner)
        | st.builds(lambda part: {"type": "object", "properties": {"x": part}}, inner)
    ),
    max_leaves=3,
)  # fmt: skip
values: st.SearchStrategy[Any] = st.recursive(
    st.booleans() | st.integers(-1, 1) | st.text("a", max_size=1),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.just("x"), inner),
    max_leaves=3,
)


@given(
    st.dictionaries(st.sampled_from("ab"), arguments_of),
    st.sets(st.sampled_from("ab")),
    st.dictionaries(st.sampled_from("ab"), values),
)
def test_the_same_arguments_are_accepted(
    properties: dict[str, Any], required: set[str], arguments: dict[str, Any]
) -> None:
    """Whatever the schema and whatever the arguments, as long as what is optional is left out instead of null."""
    schema = {"type": "object", "properties": properties, "required": sorted(required)}

    before, after = Draft202012Validator(schema), Draft202012Validator(lean(schema))

    assert before.is_valid(arguments) == after.is_valid(arguments)
