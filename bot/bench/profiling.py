"""Who uses the CPU: a profile summed by the bot's own functions, each with the library code that it calls itself."""

from __future__ import annotations

import cProfile
import pstats
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple, ParamSpec, TypeVar

_ROOT = Path(__file__).parent.parent
ELSEWHERE = "(event loop and its callbacks)"
"""CPU time that no function of the bot has called for."""
P = ParamSpec("P")
T = TypeVar("T")

Code = tuple[str, int, str]
"""File, line and name of a function."""
_NOBODY: Code = ("", 0, "")
_DEPTH = 40
"""Library functions between a function of the bot and the one that uses the CPU, at most."""


class Share(NamedTuple):
    """One function of the bot. `ms` is CPU time in it and in the library code it calls, per turn."""

    function: str
    """`agent/loop.py:run`."""
    ms: float


class InlineExecutor(ThreadPoolExecutor):
    """Runs work where it is submitted, since a profile sees one thread only."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run it now. Raises what it raises."""
        future: Future[T] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


class Timing(NamedTuple):
    """One row of `pstats`: calls, calls, seconds in itself, seconds with what it calls, and the same by caller."""

    primitive: int
    calls: int
    own: float
    whole: float
    callers: Mapping[Code, tuple[int, int, float, float]]


async def profiled(work: Callable[[], Awaitable[object]], turns: int) -> list[Share]:
    """The functions by CPU time while `work` runs in this thread, the dearest first."""
    profile = cProfile.Profile(time.thread_time)
    profile.enable()
    try:
        await work()
    finally:
        profile.disable()
    rows: Mapping[Code, Any] = vars(pstats.Stats(profile))["stats"]
    return shares({code: Timing(*row) for code, row in rows.items()}, turns)


def shares(rows: Mapping[Code, Timing], turns: int) -> list[Share]:
    """Sum library time up to the functions of the bot that called for it, in proportion where several did."""
    owners = _owners(rows)
    seconds: dict[Code, float] = defaultdict(float)
    for code, row in rows.items():
        for owner, part in ({code: 1.0} if _ours(code) else owners[code]).items():
            seconds[owner] += row.own * part
    told = [Share(_name(code), 1000 * spent / turns) for code, spent in seconds.items()]
    return sorted(told, key=lambda share: share.ms, reverse=True)


def _owners(rows: Mapping[Code, Timing]) -> dict[Code, dict[Code, float]]:
    """For whom each library function works: parts of 1 by function of the bot, found by walking up its callers."""
    libraries = {code: row.callers for code, row in rows.items() if not _ours(code)}
    owners: dict[Code, dict[Code, float]] = {code: {_NOBODY: 1.0} for code in libraries}
    for _ in range(_DEPTH):
        owners = {
            code: _mixed(
                {caller: timing[3] for caller, timing in callers.items() if caller != code}, owners
            )
            for code, callers in libraries.items()
        }
    return owners


def _mixed(
    callers: Mapping[Code, float], owners: Mapping[Code, Mapping[Code, float]]
) -> dict[Code, float]:
    """The owners of the callers, each by the seconds it has called for."""
    total = sum(callers.values())
    if not total:
        return {_NOBODY: 1.0}
    mixed: dict[Code, float] = defaultdict(float)
    for caller, seconds in callers.items():
        for owner, part in ({caller: 1.0} if _ours(caller) else owners[caller]).items():
            mixed[owner] += part * seconds / total
    return mixed


def _ours(code: Code) -> bool:
    return code[0].startswith(f"{_ROOT}/")


def _name(code: Code) -> str:
    if code == _NOBODY:
        return ELSEWHERE
    return f"{Path(code[0]).relative_to(_ROOT)}:{code[2]}"
