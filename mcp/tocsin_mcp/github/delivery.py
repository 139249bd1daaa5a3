"""How changes came in and went out: merged pull requests, and what was deployed when, as text."""

from __future__ import annotations

from datetime import datetime, timedelta

from tocsin_mcp.kit.output import counted, listed, plain
from tocsin_mcp.kit.times import age, parse_span, rfc3339

from .commits import changed, when
from .repository import Merged, Repository, Rollout, Window

_LONGEST = timedelta(days=90)
_NARROW = "use a shorter range or a smaller `limit`"


async def list_pull_requests(
    repository: Repository, span: tuple[str, str], path: str, limit: int, now: datetime
) -> str:
    """Merged ones, newest first: number, time, author, title, merge commit, files; only those that touch `path`."""
    window = _window(span, limit, now)
    found, notes = await repository.merged(window)
    fitting = [pull for pull in found if _touches(pull, path)]
    where = f"{repository.name}{' ' + path if path else ''}"
    head = f"{where} {_span(window)}: {counted(len(fitting), 'pull request')} merged, newest first"
    lines = [head, *notes]
    for pull in fitting:
        number = f"#{pull.number}" if pull.number else "merge"
        commit = f"  commit {pull.commit[:12]}" if pull.commit else ""
        lines += [
            f"{number}  {when(pull.time, now)}  {pull.author}{commit}",
            f"    {plain(pull.title)}",
            *changed(pull.files, "show_commit"),
        ]
    if len(found) >= limit:
        lines.append(f"There may be older ones: raise `limit` ({limit}) or set `until`.")
    return listed(lines, narrow=_NARROW)


async def list_deployments(
    repository: Repository, span: tuple[str, str], limit: int, now: datetime
) -> str:
    """Newest first: when, what and where, outcome, commit with its subject."""
    window = _window(span, limit, now)
    found, notes = await repository.rollouts(window)
    lines = [
        f"{repository.name} {_span(window)}: {counted(len(found), 'deployment')}, newest first"
    ]
    for rollout in found:
        lines += _rollout(rollout, now)
    return listed([*lines, *notes], narrow=_NARROW)


def _rollout(rollout: Rollout, now: datetime) -> list[str]:
    took = age(rollout.time, rollout.finished) if rollout.finished else ""
    outcome = f"{rollout.state or 'made'}{' after ' + took if took else ''}"
    return [
        f"{when(rollout.time, now)}  {rollout.what}  {outcome}  by {rollout.by or 'unknown'}",
        f"    {rollout.commit[:12]}  {plain(rollout.subject)}",
    ]


def _touches(pull: Merged, path: str) -> bool:
    """Whether a file of it is `path` or lies in that folder; what is not known is not left out."""
    return (
        not path
        or pull.files is None
        or any(
            name == path or name.startswith(f"{path}/")
            for file in pull.files
            for name in (file.path, file.before)
        )
    )


def _window(span: tuple[str, str], limit: int, now: datetime) -> Window:
    return Window(*parse_span(*span, now, _LONGEST, "."), limit)


def _span(window: Window) -> str:
    return f"from {rfc3339(window.since)} to {rfc3339(window.until)}"
