"""What a person sees who follows a link: a file with its line, who wrote it, a commit, the history of a file, an issue.

Plain HTML for the demo's browser, where links must lead somewhere. Everything shown is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from . import refusals, shapes
from .blame import blame
from .issues import Issues
from .repository import Commit
from .view import Answer, View

_PATH = re.compile(
    r"/(?P<kind>blob|blame|commit|commits|issues|pull)/(?P<ref>[^/]+)(?:/(?P<path>.*))?"
)
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color-scheme: light dark }
pre { overflow-x: auto; border: 1px solid #8886; border-radius: 6px; padding: .7rem 0; font-size: 13px; line-height: 1.45 }
pre span { display: block; padding: 0 .8rem; white-space: pre-wrap }
pre b { display: inline-block; min-width: 3.2rem; font-weight: normal; opacity: .55; user-select: none }
pre span:target { background: #f2c74466 } .add { background: #2da44e33 } .del { background: #cf222e2b }
"""


def page(view: View, issues: Issues, path: str) -> Answer:
    """The page at `/{owner}/{repo}{path}`. Raises Refusal (404)."""
    found = _PATH.fullmatch(path)
    if found is None:
        raise refusals.not_found()
    if found["kind"] == "issues":
        issue = issues.one(found["ref"])
        title = f"{issue['title']} #{issue['number']}"
        return _html(title, [f"<pre><span>{escape(issue['body'])}</span></pre>"])
    if found["kind"] == "pull":
        merged = next(
            (each for each in view.repository.commits if str(each.pull) == found["ref"]), None
        )
        if merged is None:
            raise refusals.not_found()
        return _html(merged.subject, _commit(view, merged))
    commit, file = view.commit(found["ref"]), found["path"] or ""
    match found["kind"]:
        case "blame":
            return _html(f"Blame of {file} at {commit.sha[:10]}", _blame(view, commit, file))
        case "blob":
            return _html(f"{file} at {commit.sha[:10]}", _file(commit, file))
        case "commit":
            return _html(commit.subject, _commit(view, commit))
        case _:
            return _html(f"History of {file or view.name}", _history(view, file))


def _file(commit: Commit, path: str) -> Iterator[str]:
    data = commit.tree.get(path)
    if data is None:
        raise refusals.not_found()
    yield "<pre>"
    for number, line in enumerate(data.decode(errors="replace").splitlines(), start=1):
        yield f'<span id="L{number}"><b>{number}</b>{escape(line)}</span>'
    yield "</pre>"


def _blame(view: View, commit: Commit, path: str) -> Iterator[str]:
    if path not in commit.tree:
        raise refusals.not_found()
    lines = commit.tree[path].decode(errors="replace").splitlines()
    yield "<pre>"
    for run in blame(view.repository, commit, path):
        for number in range(run.first, run.last + 1):
            yield f'<span id="L{number}"><b>{run.commit.sha[:7]}</b> {escape(lines[number - 1])}</span>'
    yield "</pre>"


def _commit(view: View, commit: Commit) -> Iterator[str]:
    yield f"<p>{escape(commit.name)}, {shapes.moment(commit.time)}, {commit.sha}</p>"
    yield f"<p>{escape(commit.message.partition(chr(10))[2])}</p><pre>"
    diff = shapes.git_diff(view.repository.changed(commit)).decode(errors="replace")
    for line in diff.splitlines():
        sign = {"+": ' class="add"', "-": ' class="del"'}.get(line[:1], "")
        yield f"<span{sign}>{escape(line)}</span>"
    yield "</pre>"


def _history(view: View, path: str) -> Iterator[str]:
    yield "<ul>"
    for commit in view.repository.commits:
        if not path or path in view.repository.changed(commit):
            link = f'<a href="{escape(view.page)}/commit/{commit.sha}">{commit.sha[:10]}</a>'
            yield f"<li>{link} {shapes.moment(commit.time)} {escape(commit.subject)}</li>"
    yield "</ul>"


def _html(title: str, body: Iterator[str] | list[str]) -> Answer:
    head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style>'
    text = f"{head}<h1>{escape(title)}</h1>{''.join(body)}</html>"
    return Answer(raw=text.encode(), content_type="text/html; charset=utf-8")
