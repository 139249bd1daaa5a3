"""What the model believes, as far as it says so between its calls: new, strengthened, weakened, ruled out.

Pure. The convention is light, one line per hypothesis: `Hypothesis (weakened): the database is down`. Small deviations
are understood; words that do not keep to it stay words.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

Standing = Literal["new", "strengthened", "weakened", "ruled out"]
MAX_HYPOTHESES = 8
MAX_LENGTH = 160
_SAME = 0.6
"""From this likeness on, two wordings are one hypothesis."""

_WORDS: dict[str, Standing] = {
    **dict.fromkeys(("new", "open", "possible", "proposed"), "new"),
    **dict.fromkeys(("strengthened", "stronger", "supported", "confirmed"), "strengthened"),
    **dict.fromkeys(("weakened", "weaker", "unlikely", "less likely"), "weakened"),
    **dict.fromkeys(("ruled out", "rejected", "refuted", "excluded", "discarded"), "ruled out"),
}
_ANY = "|".join(word.replace(" ", r"[ -]") for word in sorted(_WORDS, key=len, reverse=True))
_MARKUP = re.compile(r"[*_`]+")
_NAMED = re.compile(
    rf"(?:[-•>]\s*|\d{{1,2}}[.)]\s*)?(?:(?P<before>{_ANY})\s+)?(?:hypothesis|theory)(?:\s+#?[a-h]?\d{{1,2}})?"
    rf"\s*[(\[,]?\s*(?P<after>{_ANY})?\s*[)\]]?\s*[:–—-]\s*(?P<text>\S.*)",
    re.IGNORECASE,
)
_BARE = re.compile(
    r"(?:[-•>]\s*|\d{1,2}[.)]\s*)?(?P<before>strengthened|weakened|ruled[ -]out|rejected|refuted)"
    r"\s*[:–—]\s*(?P<text>\S.*)",
    re.IGNORECASE,
)


class Hypothesis(BaseModel):
    """One explanation and how it stands."""

    model_config = ConfigDict(frozen=True)

    text: str
    standing: Standing = "new"


def read(words: str) -> tuple[list[Hypothesis], str]:
    """The hypotheses that are named, and the remaining words."""
    found: list[Hypothesis] = []
    rest: list[str] = []
    for line in words.splitlines():
        hypothesis = _hypothesis(_MARKUP.sub("", line).strip())
        if hypothesis is None:
            rest.append(line)
        else:
            found.append(hypothesis)
    return found, "\n".join(rest).strip()


def merged(known: Iterable[Hypothesis], said: Sequence[Hypothesis]) -> tuple[Hypothesis, ...]:
    """What is believed after somebody said this: a known hypothesis keeps its first wording and changes its standing.

    Of too many, those that were ruled out go first, then the oldest.
    """
    kept = list(known)
    for each in said:
        index = next((i for i, old in enumerate(kept) if _alike(old.text, each.text)), None)
        if index is None:
            kept.append(each)
        elif each.standing != "new":
            kept[index] = kept[index].model_copy(update={"standing": each.standing})
    while len(kept) > MAX_HYPOTHESES:
        out = next((i for i, each in enumerate(kept) if each.standing == "ruled out"), 0)
        del kept[out]
    return tuple(kept)


def _hypothesis(line: str) -> Hypothesis | None:
    match = _NAMED.fullmatch(line) or _BARE.fullmatch(line)
    if match is None:
        return None
    groups = match.groupdict()
    word = (groups.get("after") or groups.get("before") or "new").lower().replace("-", " ")
    text = match["text"].strip()
    shown = text if len(text) <= MAX_LENGTH else f"{text[: MAX_LENGTH - 1].rstrip()}…"
    return Hypothesis(text=shown, standing=_WORDS[word])


def _alike(one: str, other: str) -> bool:
    left, right = _plain(one), _plain(other)
    if not left or not right:
        return left == right
    shared = len(set(left) & set(right)) / min(len(set(left)), len(set(right)))
    return shared >= _SAME or difflib.SequenceMatcher(None, left, right).ratio() >= _SAME


def _plain(text: str) -> list[str]:
    return re.findall(r"[a-z0-9-]{3,}", text.lower())
