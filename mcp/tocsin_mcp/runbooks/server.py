"""The tools, as a model sees them: names, descriptions, checked arguments. The texts are made elsewhere."""

from __future__ import annotations

from typing import Annotated, Any

from fastmcp import FastMCP
from pydantic import AfterValidator, Field

from tocsin_mcp.kit.arguments import BLANK, between
from tocsin_mcp.kit.environment import Environment
from tocsin_mcp.kit.server import add_read_tools, new_server

from . import texts
from .folder import SETTING as FOLDER
from .folder import Folder
from .matching import Wanted
from .remote import SETTING as REPOSITORY
from .remote import RemoteFolder
from .shelf import Library, Several

_INSTRUCTIONS = (
    "The team's own runbooks. When an alarm fires: find_runbook with its name and service. They are "
    "instructions for people: follow what can be checked with tools, and recommend the rest."
)
_LONGEST = 300


def _line(text: str) -> str:
    line = text.strip()
    if not line or len(line) > _LONGEST or not line.isprintable():
        raise ValueError(f"must be one line of 1 to {_LONGEST} characters")
    return line


def _optional_line(text: str | None) -> str | None:
    return None if text is None else _line(text)


_Checked = AfterValidator(_optional_line)
Name = Annotated[
    str, AfterValidator(_line), Field(description="As list_runbooks or find_runbook says.")
]
Section = Annotated[
    str | None,
    _Checked,
    BLANK,
    Field(description="Only the section under this heading; leave out for all."),
]
Alarm = Annotated[str | None, _Checked, BLANK, Field(description="Name of the alarm that fires.")]
Service = Annotated[str | None, _Checked, BLANK, Field(description="Name of the service.")]
Tag = Annotated[str | None, _Checked, BLANK, Field(description="Only runbooks with this tag.")]
Query = Annotated[
    str | None, _Checked, BLANK, Field(description="Words: a symptom, an error, a component.")
]
Limit = Annotated[int, between(1, 500), Field(description="Most entries, 1 to 500.")]


def build(environment: Environment | None = None) -> FastMCP[Any]:
    """The runbook server. Cheap: no file is read and no connection opened before the first call."""
    environment = environment or Environment.of_process()
    remote = RemoteFolder(environment)
    library = _library(environment, remote)

    async def list_runbooks(service: Service = None, tag: Tag = None, limit: Limit = 100) -> str:
        """List the runbooks: name, title, and the services, alarms and tags each is for."""
        return await texts.list_runbooks(library, service, tag, limit)

    async def find_runbook(
        alarm: Alarm = None, service: Service = None, query: Query = None
    ) -> str:
        """Find the runbooks that fit an alarm, a service or some words, best first, with why and their sections. One that
        was written for this alarm or service is told whole."""
        return await texts.find_runbook(library, Wanted(alarm, service, query))

    async def read_runbook(name: Name, section: Section = None) -> str:
        """Read a runbook, or one section of it."""
        return await texts.read_runbook(library, name, section)

    server = new_server("runbooks", _INSTRUCTIONS, close=remote.close)
    add_read_tools(server, list_runbooks, find_runbook, read_runbook)
    return server


def _library(environment: Environment, remote: RemoteFolder) -> Library:
    """The folder, the repository, or both; a folder when nothing is set, whose error says so."""
    folder = Folder(environment)
    if not environment.get(REPOSITORY):
        return folder
    return Several([folder, remote]) if environment.get(FOLDER) else remote
