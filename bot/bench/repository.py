"""What a GitHub server returns: files, a commit, searches, lists of commits.

Files and the guilty commit are those of the scenario `cartservice-guard`, in the shape in which this project's own server
gives them; the other commits are made up, as many as a month of a shop has.
"""

from __future__ import annotations

import random
from datetime import timedelta
from functools import cache
from typing import Any

import yaml

from bot.bench.logs import START
from bot.bench.results import SERVICES, stamp
from bot.scenario import shipped

NAME = "acme/online-boutique"
COMMIT = "a65e65621925a8ecc4e40dd4d25ac15cbe309198"
GUILTY_FILE = "src/cartservice/src/cartstore/RedisCartStore.cs"
GUILTY_LINE = "if (productId == RecalledLoafers)"
"""In the commit's diff and in the file."""
READ_IN_TURN = (
    *(GUILTY_FILE, "src/frontend/handlers.go", "src/checkoutservice/main.go"),
    "src/adservice/src/main/java/hipstershop/AdService.java",
)
"""Files that the script reads, in this order."""
SEARCHED_IN_TURN = ("AddItemAsync", "CartItem", "GetProduct(")
"""What the script searches for, in this order."""
_SCENARIO = "cartservice-guard"
_NOW = START + timedelta(minutes=30)
_PEOPLE = ("Mara Okafor", "Timo Lindqvist", "Jonas Weber", "Ana Ferreira")
_CHANGES = (
    "bump the base image",
    "cache currency rates for a minute",
    "log the trace id with every request",
    "raise the memory limit after the last review",
    "return early when the basket is empty",
    "use one channel per dependency",
    "read feature flags once per request",
)


@cache
def _text(path: str) -> str:
    return (shipped() / _SCENARIO / "repo" / path).read_text(encoding="utf-8")


@cache
def _history() -> dict[str, dict[str, Any]]:
    told = yaml.safe_load((shipped() / _SCENARIO / "history.yaml").read_text(encoding="utf-8"))
    return {commit["sha"]: commit for commit in told["commits"]}


def file(path: str) -> str:
    """A whole file, its lines numbered."""
    lines = _text(path).splitlines()
    head = f"{NAME} {path} at the default branch: lines 1-{len(lines)} of {len(lines)}"
    return "\n".join([head, *(f"{number:>5} | {line}" for number, line in enumerate(lines, 1))])


def commit() -> str:
    """The guilty commit with its diff."""
    told = _history()[COMMIT]
    hunks = told["diff"].partition("\n@@")[2].rstrip("\n")
    added = sum(line.startswith("+") for line in hunks.splitlines())
    message = "\n".join(f"    {line}" for line in told["message"].splitlines())
    return f"""commit {COMMIT} in {NAME}
author: {told["author"]}
time:   {told["time"]} (1h30m ago)
parent: e0336373feab

{message}

1 file changed, +{added} -0

M {GUILTY_FILE} (+{added} -0)
@@{hunks}"""


def commits(choose: random.Random) -> str:
    """The last twenty commits; the guilty one is the second."""
    lines = [f"{NAME} at the default branch: 20 commits, newest first"]
    for at in range(20):
        guilty = at == 1
        sha = COMMIT[:12] if guilty else f"{choose.getrandbits(48):012x}"
        service = choose.choice(SERVICES)
        subject = _history()[COMMIT]["message"].splitlines()[0] if guilty else f"{service}: {choose.choice(_CHANGES)} (#{240 - at})"  # fmt: skip
        changed = GUILTY_FILE if guilty else f"src/{service}/main.go"
        time = stamp(_NOW - timedelta(hours=at * 9 + 1))
        lines += [
            f"{sha}  {time} ({at * 9 + 1}h ago)  {choose.choice(_PEOPLE)}",
            f"    {subject}",
            f"    M {changed} (+{choose.randrange(1, 40)} -{choose.randrange(20)})",
        ]
    return "\n".join(lines)


def found_code(query: str) -> str:
    """Every line of the repository that holds the text."""
    root = shipped() / _SCENARIO / "repo"
    files = [str(path.relative_to(root)) for path in sorted(root.rglob("*")) if path.is_file()]
    lines: list[str] = []
    for path in files:
        hits = [(number, line) for number, line in enumerate(_text(path).splitlines(), 1) if query in line]  # fmt: skip
        lines += [path, *(f"{number:>5} | {line}" for number, line in hits)] if hits else []
    return "\n".join([f'"{query}" in {NAME}, default branch (found by code search)', *lines])


def suspects(choose: random.Random) -> str:
    """Which commits can be to blame, judged by rules."""
    subject = _history()[COMMIT]["message"].splitlines()[0]
    innocent = "\n".join(
        f"- {choose.getrandbits(48):012x} {stamp(_NOW - timedelta(hours=hours))} ({hours}h ago): "
        f"{choose.choice(SERVICES)}: {choose.choice(_CHANGES)} (#{230 - hours})"
        for hours in (9, 19, 28, 37, 46, 55)
    )
    return f"""{NAME} since {stamp(_NOW - timedelta(days=7))}: 8 commits judged
app/cartstore/RedisCartStore.cs is {GUILTY_FILE}.
1. {COMMIT[:12]} {stamp(_NOW - timedelta(minutes=90))} (1h30m ago): {subject}, score 0.60
   changes {GUILTY_FILE}
   is part of cartservice ({GUILTY_FILE})
2. e0336373feab {stamp(_NOW - timedelta(hours=52))} (2d4h ago): cartservice: log the quantity of added items (#231), score 0.60
   changes {GUILTY_FILE}
   is part of cartservice ({GUILTY_FILE})
Touch nothing that failed:
{innocent}"""
