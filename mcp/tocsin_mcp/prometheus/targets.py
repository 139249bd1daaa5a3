"""What Prometheus scrapes, and what it cannot reach: no data is often a target that is down."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tocsin_mcp.kit.output import clip, counted, listed, plain
from tocsin_mcp.kit.times import age, parse_rfc3339

from .client import Prometheus
from .samples import written

_LONGEST_ERROR = 300
_MOST_JOBS = 100

Json = dict[str, Any]


async def list_targets(prometheus: Prometheus, job: str | None, limit: int) -> str:
    """Jobs with how many of their targets are up, then the targets that are not, with the last error."""
    answer = await prometheus.get("targets", [("state", "active")])
    every: list[Json] = list((answer.data or {}).get("activeTargets") or [])
    found = [each for each in every if job is None or _job(each) == job]
    if not found:
        jobs = ", ".join(sorted({_job(each) for each in every})[:_MOST_JOBS]) or "none"
        return f"No targets of job {job!r}; the jobs are: {plain(jobs)}" if job else "No targets."
    bad = [each for each in found if each.get("health") != "up"]
    lines = [f"{counted(len(found), 'target')}, {len(found) - len(bad)} up", *_jobs(found)]
    shown = bad if job is None else [*bad, *(each for each in found if each not in bad)]
    now = prometheus.now()
    for each in shown[:limit]:
        at = parse_rfc3339(str(each.get("lastScrape", "")))
        error = clip(plain(str(each.get("lastError") or "")), _LONGEST_ERROR)
        scraped = f"scraped {age(at, now)} ago" if at and at.year > 1 else "never scraped"
        line = f"{each.get('health', '?')}: {written(each.get('labels', {}))} {scraped}"
        lines.append(f"{line}: {error}" if error else line)
    left = max(0, len(shown) - limit)
    return listed(lines, total=len(lines) + left, narrow="use `job` or a larger `limit`")


def _jobs(targets: list[Json]) -> list[str]:
    total = Counter(_job(each) for each in targets)
    up = Counter(_job(each) for each in targets if each.get("health") == "up")
    worst = sorted(total, key=lambda name: (up[name] == total[name], name))
    lines = [f"  {plain(name)}: {up[name]} of {total[name]} up" for name in worst[:_MOST_JOBS]]
    more = len(worst) - _MOST_JOBS
    return [*lines, f"  … {more} more jobs"] if more > 0 else lines


def _job(target: Json) -> str:
    return str(target.get("labels", {}).get("job") or target.get("scrapePool") or "?")
