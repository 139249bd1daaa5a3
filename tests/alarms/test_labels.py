"""Labels out of the ways in which templates print them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alarms.labels import (
    MAX_LABELS,
    canonical,
    dimensions,
    identifying,
    line_pairs,
    merged,
    quoted_pairs,
)


@pytest.mark.parametrize(
    ("name", "key"),
    [("Alarm Name", "alarm_name"), ("*alarm-name:*", "alarm_name"), (" a.b/c ", "a_b_c"), ("", "")],
)
def test_canonical(name: str, key: str) -> None:
    """One spelling for all."""
    assert canonical(name) == key


@pytest.mark.parametrize(
    ("line", "pair"),
    [
        (" - pod = web-1", {"pod": "web-1"}),
        ("• *job:* `web`", {"job": "web"}),
        ("*Severity:* critical", {"severity": "critical"}),
        ("Severity: *critical*", {"severity": "critical"}),
        ("Log group\tcart", {"log_group": "cart"}),
        ("namespace=boutique", {"namespace": "boutique"}),
        (
            "service: cart  ns: shop  severity: warn",
            {"service": "cart", "namespace": "shop", "severity": "warn"},
        ),
        ("*Status:* Triggered  |  *Urgency:* Low", {"status": "Triggered", "urgency": "Low"}),
        ("*Schweregrad:* kritisch", {"severity": "kritisch"}),
        ("告警级别：critical", {"severity": "critical"}),
        ("error at 10.0.0.1:9100 seen", {}),
        ("Source: https://a.example", {}),
        ("no pair", {}),
        ("12: x", {}),
    ],
)
def test_lines(line: str, pair: dict[str, str]) -> None:
    """A name, a separator and a value on one line; urls and addresses are no pairs."""
    assert line_pairs(line) == pair


def test_a_name_with_several_values_says_nothing() -> None:
    """In a list of alerts only what all have in common is a label."""
    assert line_pairs("pod: a\nservice: x\npod: b\nservice: x") == {"service": "x"}


def test_quoted_pairs() -> None:
    """`name="value"` anywhere."""
    assert quoted_pairs('for api (env="prod", zone="")') == {"env": "prod", "zone": ""}


def test_merging_is_bounded_and_first_come() -> None:
    """The first source wins, empty and long values go, and there is a limit."""
    assert merged({"A": "1"}, {"a": "2", "b": " ", "c": "x" * 999}) == {"a": "1"}
    assert len(merged({f"n{number}": "v" for number in range(500)})) == MAX_LABELS


def test_what_identifies() -> None:
    """Dimensions identify, values and pods do not; the order of the labels makes no difference."""
    labels = {"service": "cart", "value": "3", "pod": "cart-1", "region": "eu", "threshold": "5"}
    assert identifying(labels) == ("region=eu", "service=cart")
    assert identifying(dict(reversed(labels.items()))) == identifying(labels)
    assert dimensions(labels, ["value"]) == {
        "service": "cart",
        "value": "3",
        "pod": "cart-1",
        "region": "eu",
    }


@given(text=st.text(alphabet='ab:= \n*`-•\t"', max_size=200))
def test_any_text_has_pairs_or_none(text: str) -> None:
    """Names and values found are never empty."""
    assert all(name and value for name, value in line_pairs(text).items())
    assert all(quoted_pairs(text))
