"""Designs are compared on equal terms: the same investigation, the same conclusion, another bill."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from rich.console import Console

from bot.bench import cost_table
from bot.bench.cost import (
    DESIGNS,
    GOAL_PEER,
    GOAL_UNCACHED,
    HEADLINE,
    PEER,
    UNCACHED,
    Case,
    Costs,
    Line,
    as_json,
    run,
)
from bot.bench.replay import Setup, replay
from bot.bench.script import script
from bot.errors import PermanentError

RAW = Case(8, "small", "raw", log_lines=60)
COMPRESSED = RAW._replace(results="compressed")
KINDS = {"input", "cache_write_5m", "cache_write_1h", "cache_read", "output"}
NAMES = [
    *("uncached", "peer", "tocsin"),
    *("tocsin+filter", "tocsin+compress", "tocsin+prefetch"),
]


@pytest.fixture(scope="module")
def measured() -> list[Costs]:
    """A small case, once with raw and once with compressed results."""
    return run([RAW, COMPRESSED])


def _usd(costs: Costs, incident: str = "cold") -> dict[str, float]:
    return {line.design: getattr(line.replayed, incident).usd for line in costs.lines}


def test_every_design_comes_to_the_same_conclusion(measured: list[Costs]) -> None:
    """Verdict, cause, culprit and evidence are equal, and every quote was verified."""
    conclusions = [line.replayed.conclusion for costs in measured for line in costs.lines]

    assert all(conclusion == conclusions[0] for conclusion in conclusions)
    assert conclusions[0].verdict == "fault"
    assert len(conclusions[0].findings) == 3
    assert all(finding.verified for finding in conclusions[0].findings)


@pytest.mark.parametrize("incident", ["cold", "warm"])
def test_each_step_of_the_design_is_cheaper(measured: list[Costs], incident: str) -> None:
    """Caching beats none, our breakpoints cost no more than the peer's, and sending less costs less."""
    usd = _usd(measured[0], incident)

    assert usd["peer"] < usd["uncached"]
    assert usd["tocsin"] <= usd["peer"]
    assert usd["tocsin+filter"] < usd["tocsin"]
    assert usd["tocsin+compress"] < usd["tocsin+filter"]
    assert usd["tocsin+prefetch"] < usd["tocsin+compress"]


async def test_the_goal_is_reached_on_the_typical_investigation() -> None:
    """90% below no caching, 60% below the peer; system prompt and own tools may not grow much before it is missed."""
    base, peer = [await replay(design.setup(HEADLINE)) for design in (UNCACHED, PEER)]
    ours = await replay(DESIGNS[-1].setup(HEADLINE))

    line = Line(DESIGNS[-1].name, ours, base, peer)
    for incident in ("cold", "warm"):
        uncached, best_known = line.reductions(incident)
        assert uncached >= GOAL_UNCACHED
        assert best_known >= GOAL_PEER


def test_a_second_incident_finds_the_shared_prefix(measured: list[Costs]) -> None:
    """Within the lifetime tools and system prompt are read; without caching nothing changes but the alarm."""
    cold, warm = _usd(measured[0]), _usd(measured[0], "warm")

    assert warm["tocsin"] < cold["tocsin"]
    assert warm["uncached"] == pytest.approx(cold["uncached"], rel=0.02)


def test_tokens_are_of_the_kinds_that_the_design_uses(measured: list[Costs]) -> None:
    """No breakpoint, no cache; all designs together have the same output but the one with fewer turns."""
    bills = {line.design: line.replayed.cold for line in measured[0].lines}

    assert set(bills["uncached"].tokens) == KINDS
    assert bills["uncached"].tokens["cache_read"] == 0
    assert bills["uncached"].tokens["cache_write_5m"] == 0
    assert bills["tocsin"].tokens["input"] == 0
    assert bills["tocsin"].tokens["output"] == bills["uncached"].tokens["output"]
    prompts = {name: sum(bill.tokens.values()) for name, bill in bills.items()}
    assert prompts["tocsin"] == prompts["peer"] == prompts["uncached"]


def test_the_first_look_replaces_the_turns_it_says(measured: list[Costs]) -> None:
    """Three of eight turns are not taken, and the others are."""
    line = measured[0].lines[-1]

    assert line.replayed.saved_turns == 3
    assert line.replayed.cold.requests == 8 - 3
    assert line.replayed.warm.requests == 8 - 3


def test_the_bot_and_the_simulator_agree_on_the_price(measured: list[Costs]) -> None:
    """The footer of a diagnosis tells what the ledger says."""
    for costs in measured:
        for line in costs.lines:
            for bill in (line.replayed.cold, line.replayed.warm):
                assert bill.metered_usd == pytest.approx(bill.usd)


def test_reductions_are_against_raw_results_and_all_tools(measured: list[Costs]) -> None:
    """Also in a case whose results are compressed; the bases themselves are at nought there where they are measured."""
    raw, compressed = measured
    base, peer = _usd(raw)["uncached"], _usd(raw)["peer"]

    for line in compressed.lines:
        usd = line.replayed.cold.usd
        assert line.reductions("cold") == pytest.approx((1 - usd / base, 1 - usd / peer))
    assert raw.lines[0].reductions("cold")[0] == 0
    assert raw.lines[1].reductions("warm")[1] == 0


def test_json_has_the_documented_form(measured: list[Costs]) -> None:
    """Cases with designs; of each dollars, tokens, reductions, cold and warm."""
    told = json.loads(json.dumps(as_json(measured)))

    assert [case["results"] for case in told["cases"]] == ["raw", "compressed"]
    case = told["cases"][0]
    assert (case["turns"], case["tools"], case["log_lines"]) == (8, "small", 60)
    assert case["result_tokens_mean"] > told["cases"][1]["result_tokens_mean"]
    assert list(case["designs"]) == NAMES
    for design in case["designs"].values():
        _check_design(design)
        _check_design(design["warm"])
    assert case["designs"]["tocsin+prefetch"]["turns_saved"] == 3


def _check_design(design: Mapping[str, Any]) -> None:
    assert design["usd"] > 0
    assert set(design["tokens"]) == KINDS
    assert set(design["reduction"]) == {"uncached", "peer"}


def test_the_table_shows_each_design_cold_and_warm(measured: list[Costs]) -> None:
    """And its title the sizes that were replayed."""
    console = Console(width=120, highlight=False)
    with console.capture() as capture:
        console.print(cost_table.table(measured[0]))
    lines = capture.get().splitlines()

    assert lines[0].startswith("8 turns, small tools (")
    assert "logs of 60 lines" in lines[0]
    for design in NAMES:
        rows = [line.split() for line in lines if line.strip().startswith(f"{design} ")]
        assert [row[1] for row in rows] == ["cold", "warm"]


async def test_a_quote_that_stands_nowhere_ends_the_measurement() -> None:
    """A conclusion that is not proven is none, whatever it cost."""
    told = script(8, 60)
    finding = {"claim": "It is so.", "evidence": [{"tool_call_id": "c1", "quote": "never said"}]}
    wrong = told._replace(diagnosis={**told.diagnosis, "findings": [finding]})

    with pytest.raises(PermanentError):
        await replay(Setup(8, "small", 60, "peer"), [wrong])
