"""Files are folded around what the incident names; everything named stays, and line numbers stay right."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.scenario import shipped
from bot.tools.compressed import MIN_CHARS, compress
from bot.tools.shortening.clues import Clues, Remark, read
from bot.tools.shortening.folding import SMALLEST_GAP, Marks, folded, is_listing, line_numbers
from bot.tools.shortening.source import outline
from bot.tools.toolset import ToolCall

REPO = shipped() / "cartservice-guard" / "repo"
LONG = sorted(
    path
    for path in (REPO / "src").rglob("*")
    if path.suffix in {".cs", ".go", ".java", ".js", ".py"} and path.stat().st_size > MIN_CHARS
)
TRACE = "   at shop.Store.AddItemAsync(String userId) in /app/cartstore/RedisCartStore.cs:line 38"


def listing(text: str) -> str:
    """A file as the GitHub server shows it."""
    lines = text.splitlines()
    numbered = (f"{number:>5} | {line}" for number, line in enumerate(lines, 1))
    return "\n".join(["acme/shop a/file at main", *numbered])


def _read(path: str, text: str, clues: Clues) -> str:
    call = ToolCall(id="t", label="c7", name="read_file", arguments={"path": path})
    return compress(text, call, clues)


def _cart() -> str:
    return (REPO / "src/cartservice/src/cartstore/RedisCartStore.cs").read_text(encoding="utf-8")


@pytest.mark.parametrize("shown", [listing, str], ids=["numbered", "plain"])
def test_the_method_of_a_trace_is_kept_whole_and_the_others_by_name(shown: type[str]) -> None:
    """Declarations tell what else there is, marks how to see it."""
    short = _read("src/RedisCartStore.cs", shown(_cart()), read([Remark(TRACE, "tool")]))

    method = _cart().partition("        public async Task AddItemAsync")[2].partition("\n\n        public")[0]  # fmt: skip
    lines = {line.rpartition(" | ")[2] for line in short.splitlines()}
    assert {line.strip() for line in method.splitlines()[1:]} <= {line.strip() for line in lines}
    assert "-114: EmptyCartAsync (73), GetCartAsync (88), Ping (109)]" in short
    assert "EmptyCartAsync called" not in short
    assert "read_result(call_id='c7', start_line=" in short
    assert len(short) < 0.8 * len(shown(_cart()))


def test_a_message_leads_to_where_it_is_written() -> None:
    """A log line without a trace is enough."""
    handlers = (REPO / "src/frontend/handlers.go").read_text(encoding="utf-8")
    error = (
        '{"error":"POST /cart failed to add to cart: rpc error: code = Unknown","severity":"error"}'
    )

    short = _read("src/frontend/handlers.go", listing(handlers), read([Remark(error, "tool")]))

    assert 'errors.Wrap(err, "failed to add to cart")' in short
    assert "homeHandler (21), productView (39), productHandler (60)" in short
    assert len(short) < 0.4 * len(handlers)


@pytest.mark.parametrize(
    "remark",
    [
        Remark("All is well, nothing to see.", "tool"),
        Remark("I want to know what AddItemAsync does.", "model"),
        Remark("The file RedisCartStore.cs fails to load.", "tool"),
    ],
    ids=["nothing named", "the model is curious", "only the file itself"],
)
def test_a_file_in_which_the_incident_names_nothing_is_shown_whole(remark: Remark) -> None:
    """A model that explores reads all of it."""
    assert _read("src/RedisCartStore.cs", listing(_cart()), read([remark])) == listing(_cart())


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("    public async Task<Cart> GetCartAsync(string userId)", "GetCartAsync"),
        ("func (cs *checkoutService) PlaceOrder(ctx context.Context) error {", "PlaceOrder"),
        ("type preparation struct {", "preparation"),
        ("    def charge(self, amount):", "charge"),
        ("async def main() -> None:", "main"),
        ("class Cart(models.Model):", "Cart"),
        ("  private static String randomAd(int count) {", "randomAd"),
        ("const charge = async (request) => {", "charge"),
        ("  chargeHandler(call, callback) {", "chargeHandler"),
        ("pub(crate) fn quote(count: u32) -> Money {", "quote"),
        ("fun total(items: List<Item>): Money {", "total"),
        ("    public function pay(): void", "pay"),
        ("  def self.find(id)", "self.find"),
        ("namespace Shop", "Shop"),
    ],
)
def test_declarations_are_known_in_many_languages(line: str, name: str) -> None:
    """By their looks."""
    assert outline([line], [0]) == f"{name} (1)"


@pytest.mark.parametrize(
    "line",
    [
        "    return total(items)",
        "    if (ready(user)) {",
        "    } catch (Exception ex) {",
        "    // see total(items)",
        "    await store.Save(cart,",
        "    cart.Items.Add(new CartItem { ProductId = productId });",
        "    total = sum(prices)",
        "x" * 5_000 + "(",
    ],
)
def test_calls_and_control_flow_are_no_declarations(line: str) -> None:
    """Nor comments, nor data."""
    assert outline([line], [0]) == ""


def test_short_files_are_shown_whole() -> None:
    """Under a size it buys nothing."""
    text = listing(_cart())[: MIN_CHARS - 1]

    assert _read("src/RedisCartStore.cs", text, read([Remark(TRACE, "tool")])) == text


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(LONG), st.data())
def test_named_lines_survive_and_numbers_are_right(path: object, data: st.DataObject) -> None:
    """In every language, wherever the named line is."""
    file = LONG[LONG.index(path)]  # type: ignore[arg-type]
    text = listing(file.read_text(encoding="utf-8"))
    lines = text.splitlines()
    named = data.draw(st.integers(1, len(lines) - 1))
    clues = Clues(places=frozenset({(file.name, named)}))

    short = _read(str(file), text, clues).splitlines()

    assert len("\n".join(short)) <= len(text)
    assert lines[named] in short
    shown = [line for line in short if not line.startswith("[… ")]
    assert [line for line in lines if line in set(shown)] == shown
    left_out = sum(map(_size, short))
    assert len(shown) + left_out == len(lines)


def span(mark: str) -> tuple[int, int]:
    """The first and the last line that a mark stands for."""
    first, last = (
        mark.removeprefix("[… ")
        .removeprefix("lines ")
        .partition(";")[0]
        .partition(":")[0]
        .rstrip("]")
        .split("-")
    )
    return int(first), int(last)


def _size(line: str) -> int:
    """How many lines that is; 0 for a line that is no mark."""
    if not line.startswith("[… "):
        return 0
    first, last = span(line)
    return last - first + 1


@given(st.integers(1, 60), st.sets(st.integers(0, 59)))
def test_folding_keeps_what_is_kept_and_marks_the_rest(count: int, kept: set[int]) -> None:
    """Every line is shown or stands in exactly one mark; a mark is worth its room."""
    lines = [f"line {number}" for number in range(1, count + 1)]

    short = folded(lines, kept, Marks("c1")).splitlines()

    marks = [_size(line) for line in short if line.startswith("[…")]
    assert all(size >= SMALLEST_GAP for size in marks)
    assert len(short) - len(marks) + sum(marks) == count
    assert {lines[index] for index in kept if index < count} <= set(short)


def test_numbers_of_a_listing_are_its_own() -> None:
    """Also when it begins in the middle of a file; times are no numbers."""
    part = ["file at main", *(f"{number} | x" for number in range(41, 60))]
    log = [f"12:{number:02}:00 x" for number in range(20)]

    assert line_numbers(part) == [0, *range(41, 60)]
    assert is_listing([f"{number}\tx" for number in range(1, 30)])
    assert not is_listing(log)
    assert line_numbers(log) == list(range(1, 21))
