"""One runbook: a Markdown file, what its front matter says it is for, and its sections. Pure.

Front matter is YAML between two `---` lines at the top: `title`, `services`, `alarms` and `tags`, each of the last
three a text or a list of texts. In `alarms` and `services`, `*` and `?` stand for any text and any character.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import yaml
from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

_LONGEST_FRONT = 16 * 1024
_LONGEST_ENTRY = 200
_MOST_ENTRIES = 100
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*")


class BrokenFrontMatter(ValueError):
    """The text says what is wrong, without the content."""


def _listed(value: object) -> object:
    """A single text is a list of one; numbers and the like stay what they are and are refused."""
    return [value] if isinstance(value, str) else [] if value is None else value


Entry = Annotated[str, Field(min_length=1, max_length=_LONGEST_ENTRY)]
Entries = Annotated[tuple[Entry, ...], BeforeValidator(_listed), Field(max_length=_MOST_ENTRIES)]


class FrontMatter(BaseModel):
    """What a runbook is for. Keys of other tools are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True, str_strip_whitespace=True)

    title: Annotated[str, Field(max_length=_LONGEST_ENTRY)] = ""
    services: Entries = Field(default=(), validation_alias=AliasChoices("services", "service"))
    alarms: Entries = Field(
        default=(), validation_alias=AliasChoices("alarms", "alarm", "alerts", "alert")
    )
    tags: Entries = Field(default=(), validation_alias=AliasChoices("tags", "tag"))


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands below it up to the next one of its level or above. `level` is 1 to 6."""

    title: str
    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Runbook:
    """A runbook under its name: the path in the folder without `.md`."""

    name: str
    front: FrontMatter
    has_front: bool
    body: str
    sections: tuple[Section, ...]

    @property
    def title(self) -> str:
        """From the front matter, else the first heading, else the name."""
        first = self.sections[0].title if self.sections else ""
        return self.front.title or first or self.name


def parse(name: str, text: str) -> Runbook:
    """A file's text as a runbook. Raises BrokenFrontMatter."""
    front, body = _split(text.removeprefix("\ufeff").replace("\r\n", "\n"))
    known = FrontMatter() if front is None else _front(front)
    return Runbook(name, known, front is not None, body.strip(), tuple(_sections(body)))


def _split(text: str) -> tuple[str | None, str]:
    """Front matter (None when there is none) and body."""
    first, _, rest = text.partition("\n")
    if first.rstrip() != "---":
        return None, text
    lines = rest.split("\n")
    for number, line in enumerate(lines):
        if line.rstrip() in ("---", "..."):
            return "\n".join(lines[:number]), "\n".join(lines[number + 1 :])
    raise BrokenFrontMatter("the front matter has no end (a line ---)")


def _front(text: str) -> FrontMatter:
    if len(text) > _LONGEST_FRONT:
        raise BrokenFrontMatter(f"the front matter is longer than {_LONGEST_FRONT} characters")
    try:
        data = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 2})" if mark else ""
        raise BrokenFrontMatter(f"the front matter is not YAML{where}") from error
    if data is None:
        return FrontMatter()
    if not isinstance(data, dict):
        raise BrokenFrontMatter("the front matter is not a list of `key: value`")
    try:
        return FrontMatter.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BrokenFrontMatter(f"`{where}` in the front matter: {first['msg']}") from error


def _sections(body: str) -> Iterator[Section]:
    lines = body.split("\n")
    found = list(_headings(lines))
    for index, (start, level, title) in enumerate(found):
        after = (at for at, other, _ in found[index + 1 :] if other <= level)
        end = next(after, len(lines))
        yield Section(title, level, "\n".join(lines[start:end]).strip())


def _headings(lines: list[str]) -> Iterator[tuple[int, int, str]]:
    """Line number, level and title of each heading; a `#` in a code block is none."""
    fence = ""
    for number, line in enumerate(lines):
        mark = _FENCE.match(line)
        if mark and not fence:
            fence = mark[1]
        elif fence:
            bare = line.strip()
            if bare.startswith(fence) and not bare.strip(fence[0]):
                fence = ""
        elif heading := _HEADING.fullmatch(line):
            yield number, len(heading[1]), heading[2].strip()
