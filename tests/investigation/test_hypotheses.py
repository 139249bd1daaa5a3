"""What the model says it believes, read tolerantly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.investigation.hypotheses import MAX_HYPOTHESES, Hypothesis, Standing, merged, read


@pytest.mark.parametrize(
    ("line", "standing", "text"),
    [
        ("Hypothesis (new): redis-cart is down", "new", "redis-cart is down"),
        ("Hypothesis: redis-cart is down", "new", "redis-cart is down"),
        ("**Hypothesis (strengthened):** redis-cart is down", "strengthened", "redis-cart is down"),
        ("- Hypothesis weakened: redis-cart is down", "weakened", "redis-cart is down"),
        ("2. hypothesis [ruled out] – redis-cart is down", "ruled out", "redis-cart is down"),
        ("New hypothesis: redis-cart is down", "new", "redis-cart is down"),
        ("Hypothesis H2, less likely: redis-cart is down", "weakened", "redis-cart is down"),
        ("Hypothesis 1 (confirmed): redis-cart is down", "strengthened", "redis-cart is down"),
        ("Ruled out: redis-cart is down", "ruled out", "redis-cart is down"),
        ("Hypothesis (ruled-out): redis-cart is down", "ruled out", "redis-cart is down"),
    ],
)
def test_forms_that_are_understood(line: str, standing: Standing, text: str) -> None:
    """The convention and what models make of it."""
    found, rest = read(f"I looked at the pods.\n{line}\nNext: the logs.")
    assert found == [Hypothesis(text=text, standing=standing)]
    assert rest == "I looked at the pods.\nNext: the logs."


@pytest.mark.parametrize(
    "words",
    ["The pods are ready; next I read the logs.", "My hypothesis is weak", "New: a deploy", "", "Hypothesis (new):"],
)  # fmt: skip
def test_other_words_stay_words(words: str) -> None:
    """What does not keep to the convention is a thought like any other."""
    assert read(words) == ([], words)


def test_the_same_hypothesis_changes_its_standing() -> None:
    """Worded a little differently it is still the same; its first wording stays; `new` takes nothing back."""
    first = merged(
        (),
        [
            Hypothesis(text="redis-cart lost its endpoints"),
            Hypothesis(text="bad deploy of frontend"),
        ],
    )
    then = merged(
        first,
        [Hypothesis(text="The redis-cart service lost its endpoints", standing="strengthened")],
    )
    assert [(each.text, each.standing) for each in then] == [
        ("redis-cart lost its endpoints", "strengthened"),
        ("bad deploy of frontend", "new"),
    ]
    assert merged(then, [Hypothesis(text="redis-cart lost its endpoints")]) == then


def test_few_are_kept() -> None:
    """What was ruled out makes room first."""
    out = Hypothesis(text="zero zero zero", standing="ruled out")
    many = [Hypothesis(text=f"cause{n} cause{n}a cause{n}b") for n in range(MAX_HYPOTHESES)]
    kept = merged([many[0], out], many[1:])
    assert out not in kept
    assert len(kept) == MAX_HYPOTHESES


@given(words=st.text(max_size=2_000))
def test_any_words_are_read(words: str) -> None:
    """Nothing raises, and nothing grows."""
    found, rest = read(words)
    assert len(rest) <= len(words)
    assert all(len(each.text) <= 160 for each in found)
