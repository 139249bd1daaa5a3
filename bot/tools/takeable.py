"""Which definitions the Messages API takes.

One tool that it refuses makes every request with that tool fail, so a server's bad definition must not reach a prompt.
Pure.
"""

from __future__ import annotations

import re

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from bot.tools.toolset import Tool

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")


def problem(tool: Tool) -> str:
    """Why the API would refuse the definition, in a few words; empty when it takes it."""
    if not _NAME.fullmatch(tool.name):
        return "its name is empty or has characters that are not allowed"
    if tool.input_schema.get("type") != "object":
        return "its input schema is not of type object"
    try:
        Draft202012Validator.check_schema(tool.input_schema)
    except SchemaError as error:
        return f"its input schema is not valid: {error.message[:120]}"
    return ""
