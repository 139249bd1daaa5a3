"""What a turn adds to what a run has used, and what the next reply will cost."""

from __future__ import annotations

import json
from collections.abc import Iterable

from bot.agent.messages import Prompt, Spend, Turn
from bot.costs.pricing import Price, PriceTable
from bot.costs.usage import Usage
from bot.investigation.submission import NAME as SUBMIT

MODELS_JOINED = " + "
_CHARS_PER_TOKEN = 3
"""Of logs, JSON and source, with today's tokenizers; prose has more."""
A_DIAGNOSIS = 1_000
"""Output tokens that every reply is granted and expected to need at least, since it may be the conclusion."""


def spent(prices: PriceTable, turn: Turn, spend: Spend) -> Spend:
    """The spend after a turn."""
    reply = turn.reply
    price = prices.of(reply.model)
    after = Spend(
        usage=spend.usage + reply.usage,
        usd=spend.usd + price.usd(reply.usage),
        usd_uncached=spend.usd_uncached + price.usd_uncached(reply.usage),
        turns=spend.turns + 1,
        tool_calls=spend.tool_calls + sum(use.name != SUBMIT for use in reply.uses),
        model=_named(spend.model, reply.model),
        stand_in=spend.stand_in or reply.stand_in,
    )
    return _expecting(after, next_usage(turn), price)


def _expecting(spend: Spend, coming: Usage, price: Price) -> Spend:
    """The spend with what the next reply will use."""
    least = coming.model_copy(update={"output": A_DIAGNOSIS})
    return spend.model_copy(
        update={
            "next_usd": price.usd(coming),
            "next_tokens": coming.total,
            "least_usd": price.usd(least),
            "least_tokens": least.total,
        }
    )


def opening(prices: PriceTable, prompt: Prompt, spend: Spend) -> Spend:
    """The spend of a run before its first reply: the whole prompt may have to be written to the cache, which may have
    forgotten the conversation or belong to another model."""
    said = json.dumps([prompt.system, prompt.tools, prompt.messages], ensure_ascii=False)
    coming = Usage(cache_write_5m=len(said) // _CHARS_PER_TOKEN, output=A_DIAGNOSIS)
    return _expecting(spend, coming, prices.of(prompt.model))


def wasted(prices: PriceTable, lost: Iterable[tuple[str, Usage]], spend: Spend) -> Spend:
    """The spend after replies that were billed and not given: the model and the tokens of each."""
    for model, usage in lost:
        price = prices.of(model)
        spend = spend.model_copy(
            update={
                "usage": spend.usage + usage,
                "usd": spend.usd + price.usd(usage),
                "usd_uncached": spend.usd_uncached + price.usd_uncached(usage),
            }
        )
    return spend


def next_usage(turn: Turn) -> Usage:
    """What the next request will use, about: this one's prompt, read from the cache where there is one, then this turn."""
    used = turn.reply.usage
    shown = sum(len(result.text) for result in turn.results)
    fresh = used.output + shown // _CHARS_PER_TOKEN
    output = max(used.output, A_DIAGNOSIS)
    if used.cache_read or used.cache_write_5m or used.cache_write_1h:
        return Usage(cache_read=used.prompt, cache_write_5m=fresh, output=output)
    return Usage(input=used.prompt + fresh, output=output)


def _named(known: str, model: str) -> str:
    """The models of a run, in the order in which they first answered."""
    names = known.split(MODELS_JOINED) if known else []
    return MODELS_JOINED.join(dict.fromkeys([*names, model]))
