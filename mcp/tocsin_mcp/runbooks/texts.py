"""What the tools answer: a list, the best fits, one runbook or a section of it."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from tocsin_mcp.kit.errors import BadArgument, NotFound
from tocsin_mcp.kit.output import bounded, clip, counted, listed, plain

from .matching import Wanted, matches
from .runbook import Runbook, Section
from .shelf import Library, Shelf

_MOST_FITS = 5
_MOST_SECTIONS = 20
_MOST_PROBLEMS = 10
_LONGEST_LINE = 300
_LONGEST_TEXT = 6 * 1024


async def list_runbooks(library: Library, service: str | None, tag: str | None, limit: int) -> str:
    """One line per runbook: name, title, what it is for."""
    shelf = await library.shelf()
    found = [
        book
        for book in shelf.runbooks
        if _has(service, book.front.services) and _has(tag, book.front.tags)
    ]
    if not found:
        return "\n".join([_none(shelf, service, tag), *_problems(shelf)])
    lines = [counted(len(found), "runbook"), *_problems(shelf)]
    head = len(lines)
    lines += [_line(book) for book in found[:limit]]
    return listed(
        lines, total=len(found) + head, narrow="use `service`, `tag` or find_runbook(query=…)"
    )


async def find_runbook(library: Library, wanted: Wanted) -> str:
    """The best fits, why each fits, and its sections; of one that is meant for this, the text as well.

    Raises BadArgument when nothing was asked.
    """
    if not (wanted.alarm or wanted.service or wanted.query):
        raise BadArgument("query", "give at least one of `alarm`, `service` and `query`.")
    shelf = await library.shelf()
    found = matches(shelf.runbooks, wanted)
    if not found:
        known = counted(len(shelf.runbooks), "runbook")
        text = f"No runbook fits (of {known}). list_runbooks shows all; go on without one."
        return "\n".join([text, *_problems(shelf)])
    best = found[:_MOST_FITS]
    lines = [f"{counted(len(found), 'runbook')} fit{'s' if len(found) == 1 else ''}, best first"]
    for match in best:
        lines.append(f"{_line(match.runbook)} (fits by: {'; '.join(map(plain, match.reasons))})")
        lines += _contents(match.runbook)
    told = listed(lines, total=len(lines) + len(found) - len(best), narrow="give more words")
    if not best[0].meant:
        return told
    book = best[0].runbook
    narrow = f"read_runbook(name={book.name!r}) with one `section`"
    text = bounded(plain(book.body), _LONGEST_TEXT, narrow=narrow, head=0.8)
    return f"{told}\n\nrunbook {plain(book.name)}:\n\n{text}"


async def read_runbook(library: Library, name: str, section: str | None) -> str:
    """The whole text or one section. Raises NotFound, BadArgument."""
    shelf = await library.shelf()
    book = _named(shelf, name)
    if section is None:
        head = [f"runbook {_line(book)}", ""]
        text = "\n".join([*head, plain(book.body)])
        return bounded(text, narrow=f"read one `section`: {_titles(book)}", head=0.8)
    found = _section(book, section)
    text = f"runbook {plain(book.name)}, section {plain(found.title)}\n\n{plain(found.text)}"
    return bounded(text, narrow="read a section below this one", head=0.8)


def _named(shelf: Shelf, name: str) -> Runbook:
    """By name or file name, whatever its case. Raises NotFound."""
    wanted = name.strip().casefold()
    for suffix in (".md", ".markdown"):
        wanted = wanted.removesuffix(suffix)
    for book in shelf.runbooks:
        if book.name.casefold() == wanted:
            return book
    last = [book for book in shelf.runbooks if book.name.casefold().rpartition("/")[2] == wanted]
    if len(last) == 1:
        return last[0]
    close = difflib.get_close_matches(wanted, [book.name for book in shelf.runbooks], 3, 0.5)
    hint = f" Did you mean {', '.join(close)}?" if close else ""
    raise NotFound(
        f"There is no runbook of that name.{hint} list_runbooks shows all, find_runbook searches."
    )


def _section(book: Runbook, wanted: str) -> Section:
    """The section of that title, or the only one whose title contains it. Raises BadArgument."""
    text = wanted.strip().lstrip("#").strip().casefold()
    equal = [each for each in book.sections if each.title.casefold() == text]
    partly = [each for each in book.sections if text in each.title.casefold()]
    if equal:
        return equal[0]
    if len(partly) == 1:
        return partly[0]
    raise BadArgument("section", f"must be one of: {_titles(book) or 'none, read it whole'}")


def _line(book: Runbook) -> str:
    facts = [
        f"{kind}: {', '.join(entries)}"
        for kind, entries in (
            ("services", book.front.services),
            ("alarms", book.front.alarms),
            ("tags", book.front.tags),
        )
        if entries
    ]
    inner = f" [{'; '.join(facts)}]" if facts else ""
    return clip(plain(" ".join(f"{book.name}: {book.title}{inner}".split())), _LONGEST_LINE)


def _contents(book: Runbook) -> list[str]:
    return [f"    sections: {_titles(book)}"] if book.sections else []


def _titles(book: Runbook) -> str:
    shown = [plain(each.title) for each in book.sections[:_MOST_SECTIONS]]
    more = len(book.sections) - len(shown)
    return clip(" | ".join(shown) + (f" | … {more} more" if more > 0 else ""), 3 * _LONGEST_LINE)


def _problems(shelf: Shelf) -> list[str]:
    if not shelf.problems:
        return []
    shown = [f"not usable: {clip(plain(each), _LONGEST_LINE)}" for each in shelf.problems]
    more = len(shown) - _MOST_PROBLEMS
    return [*shown[:_MOST_PROBLEMS], *([f"not usable: {more} more files"] if more > 0 else [])]


def _none(shelf: Shelf, service: str | None, tag: str | None) -> str:
    if not shelf.runbooks:
        return "There are no runbooks (Markdown files)."
    asked = [f"service {service!r}" if service else "", f"tag {tag!r}" if tag else ""]
    return f"No runbook has {' and '.join(part for part in asked if part)}; leave that out to list all."


def _has(wanted: str | None, entries: Sequence[str]) -> bool:
    return wanted is None or wanted.casefold() in (entry.casefold() for entry in entries)
