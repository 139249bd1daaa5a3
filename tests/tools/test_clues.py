"""What an incident names is read from what was said."""

from __future__ import annotations

import pytest

from bot.agent.messages import text, user
from bot.agent.remarks import remarks
from bot.tools.shortening.clues import Clues, Remark, read


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("   at Cart.Add() in /app/Cart.cs:line 57", ("Cart.cs", 57)),
        ("\tat com.acme.Pay.charge(Pay.java:12)", ("Pay.java", 12)),
        ('  File "/srv/app/main.py", line 41, in handle', ("main.py", 41)),
        ("main.(*server).PlaceOrder\n\t/src/main.go:88 +0x1d", ("main.go", 88)),
        ("    at charge (/usr/src/app/charge.js:60:11)", ("charge.js", 60)),
        ("#0 /var/www/src/Cart.php(19): Cart->add()", ("Cart.php", 19)),
        ("   0: shop::pay\n             at ./src/pay.rs:7:9", ("pay.rs", 7)),
        ("src/app/pay.rb:33:in `charge'", ("pay.rb", 33)),
        ("+++ b/src/pay.js\n@@ -1,3 +1,3 @@\n a\n-b\n+c\n d", ("pay.js", 2)),
    ],
)
def test_places_are_read_in_every_language(line: str, place: tuple[str, int]) -> None:
    """File names without folders: containers have other paths than repositories."""
    assert place in read([Remark(line, "tool")]).places


def test_words_of_programs_count_words_of_people_do_not() -> None:
    """Of a frame the method counts, not its parameters; a message is found by its words in a row."""
    clues = read(
        [
            Remark("The checkout fails when PlaceOrder is called"),
            Remark(
                "ERROR could not reach CART_SERVICE_ADDR within the time allowed\n"
                "   at Shop.AddItemAsync(String userId) in /app/Shop.cs:line 3\n"
                "  12 | errors.add(notNamedHere)",
                "tool",
            ),
            Remark('{"query": "priceItems"}', "model"),
        ]
    )

    assert clues.words == {"PlaceOrder", "CART_SERVICE_ADDR", "AddItemAsync"}
    assert clues.asked == {"priceItems"}
    assert clues.named('throw "sorry, within the time allowed"')
    assert not clues.named("The time is over when checkout ends")
    assert clues.asked_for("func priceItems()")
    assert not clues.named("func priceItems()")


def test_results_without_errors_name_nothing() -> None:
    """A list of pods or a file names hundreds of things."""
    assert read([Remark("pod CartStore_1 Running\nDEBUG GetCartAsync called", "tool")]).words == set()  # fmt: skip


def test_a_conversation_read_in_parts_gives_the_same_clues() -> None:
    """So a resumed run shortens as the first one did."""
    said = [
        Remark("ERROR in AddItemAsync", "tool"),
        Remark("look at CartStore", "model"),
        Remark("PayService is down, too"),
    ]

    whole = read(said)

    assert read(said[:1]) | read(said[1:]) == whole
    assert whole == read(said)
    assert whole | Clues() == whole


def test_a_conversation_becomes_remarks() -> None:
    """Who said it is kept; thinking is nobody's business."""
    messages = [
        user(text("An alarm")),
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "hm", "signature": "s"},
                text("I look"),
                {"type": "tool_use", "id": "t", "name": "logs", "input": {"grep": "Fehler ü"}},
            ],
        },
        user({"type": "tool_result", "tool_use_id": "t", "content": [text("[c1] logs\nbad")]}),
    ]

    assert list(remarks(messages)) == [
        Remark("An alarm", "person"),
        Remark("I look", "model"),
        Remark('{"grep": "Fehler ü"}', "model"),
        Remark("[c1] logs\nbad", "tool"),
    ]
