"""`tocsin bench` is wired into the command line."""

from __future__ import annotations

from importlib import import_module

import pytest

from bot.cli import parser


@pytest.mark.parametrize("measure", ["cost", "overhead", "triage"])
def test_the_measures_are_commands(measure: str) -> None:
    """With and without --json, handled by a function that exists."""
    plain, as_json = (parser().parse_args(["bench", measure, *more]) for more in ([], ["--json"]))
    module, _, function = plain.handler.partition(":")

    assert (plain.measure, plain.json) == (measure, False)
    assert as_json.json is True
    assert callable(getattr(import_module(module), function))


def test_a_measure_must_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    """`tocsin bench` alone says what there is."""
    with pytest.raises(SystemExit):
        parser().parse_args(["bench"])

    assert "MEASURE" in capsys.readouterr().err
