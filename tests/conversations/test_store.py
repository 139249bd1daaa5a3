"""Conversations in a real Redis: exact, append-only, written by one owner."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from bot.conversations.conversation import (
    Conversation,
    StoredResult,
    exact_json,
    incident_of,
    stage_id,
)
from bot.conversations.store import ConversationStore
from bot.errors import PermanentError
from bot.fencing import Superseded, epoch_key, incident_key
from tests.conftest import START

ID = "0123456789abcdef-00000001"


def conversation(**changes: Any) -> Conversation:
    fields: dict[str, Any] = {
        "id": ID,
        "model": "model-1",
        "system": "You find causes.\n§ é \u2028",
        "tools": [
            {"name": "b", "input_schema": {"type": "object"}},
            {"description": "x", "name": "a"},
        ],
        "started_at": START,
    }
    return Conversation(**(fields | changes))


async def own(redis: Redis, epoch: int) -> int:
    await redis.set(epoch_key(ID), epoch, ex=60)
    return epoch


@pytest.fixture
def store(redis: Redis) -> ConversationStore:
    return ConversationStore(redis)


async def test_a_conversation_comes_back_as_it_was_created(
    store: ConversationStore, redis: Redis
) -> None:
    """Model, system, tools (in order), first messages, results, spend and start are all kept."""
    first = conversation(
        messages=[{"role": "user", "content": "why?"}],
        results={"c1": StoredResult("kubernetes_list_pods", {"namespace": "shop"}, "a\nb", False)},
        spend={"usd": 0.1},
    )
    assert await store.create(first, await own(redis, 1))
    assert await store.load(ID) == first


async def test_turns_are_added_at_the_end(store: ConversationStore, redis: Redis) -> None:
    """Each append adds its messages and results, replaces the spend, and moves nothing that was there."""
    epoch = await own(redis, 1)
    await store.create(conversation(messages=[{"role": "user", "content": "1"}]), epoch)
    turn: list[dict[str, Any]] = [
        {"role": "assistant", "content": [{"type": "text", "text": "2"}]},
        {"role": "user", "content": "3"},
    ]
    await store.append(ID, epoch, turn, {"c1": StoredResult("t", {}, "x", True)}, {"usd": 1})
    await store.append(ID, epoch, [{"role": "assistant", "content": "4"}], {}, {"usd": 2})
    loaded = await store.load(ID)
    assert loaded is not None
    assert loaded.messages == [
        {"role": "user", "content": "1"},
        *turn,
        {"role": "assistant", "content": "4"},
    ]
    assert loaded.results == {"c1": StoredResult("t", {}, "x", True)}
    assert loaded.spend == {"usd": 2}
    assert await store.length(ID) == 4


async def test_conversations_of_one_incident_are_kept_apart_under_one_epoch(
    store: ConversationStore, redis: Redis
) -> None:
    """The second has its own messages and model, the same owner, and counts as progress of the same incident."""
    epoch = await own(redis, 1)
    second = stage_id(ID, 2)
    await store.create(conversation(messages=[{"role": "user", "content": "1"}]), epoch)
    assert await store.load(second) is None
    later = conversation(id=second, model="model-2", messages=[{"role": "user", "content": "2"}])
    assert await store.create(later, epoch)
    await store.append(second, epoch, [{"role": "assistant", "content": "3"}], {}, {})

    first = await store.load(ID)
    loaded = await store.load(second)

    assert first is not None
    assert first.messages == [{"role": "user", "content": "1"}]
    assert loaded is not None
    assert (loaded.id, loaded.model, len(loaded.messages)) == (second, "model-2", 2)
    assert incident_of(second) == ID == stage_id(ID, 1)
    assert await store.length(ID) == 3
    keys = [key async for key in redis.scan_iter(incident_key(ID, "*"))]
    assert min([await redis.ttl(key) for key in keys]) > 0
    await own(redis, 2)
    with pytest.raises(Superseded):
        await store.append(second, 1, [{"role": "user", "content": "late"}], {}, {})


async def test_a_stale_owner_is_refused(store: ConversationStore, redis: Redis) -> None:
    """Once a newer epoch exists, an older owner can neither create nor append, and nothing of it is kept."""
    await own(redis, 1)
    await store.create(conversation(), 1)
    await own(redis, 2)
    with pytest.raises(Superseded):
        await store.append(ID, 1, [{"role": "user", "content": "late"}], {}, {})
    with pytest.raises(Superseded):
        await store.create(conversation(model="other"), 1)
    assert await store.length(ID) == 0


async def test_a_conversation_is_created_once(store: ConversationStore, redis: Redis) -> None:
    """A second create says so and leaves what is there alone."""
    epoch = await own(redis, 1)
    await store.create(conversation(), epoch)
    assert not await store.create(conversation(model="other"), epoch)
    loaded = await store.load(ID)
    assert loaded is not None
    assert loaded.model == "model-1"


async def test_appending_to_nothing_is_refused(store: ConversationStore, redis: Redis) -> None:
    """A turn without its conversation would make an unusable one, so it is an error."""
    with pytest.raises(PermanentError):
        await store.append(ID, await own(redis, 1), [{"role": "user", "content": "x"}], {}, {})
    assert await store.load(ID) is None


async def test_a_huge_result_is_cut_with_a_note(redis: Redis) -> None:
    """A result above the bound keeps its head and its tail and says how much is missing."""
    store = ConversationStore(redis, result_limit=1000)
    text = "a" * 700 + "b" * 9000 + "c" * 300
    epoch = await own(redis, 1)
    await store.create(conversation(results={"c1": StoredResult("t", {}, text)}), epoch)
    loaded = await store.load(ID)
    assert loaded is not None
    kept = loaded.results["c1"].text
    assert "9000 of 10000 characters are not kept" in kept
    assert kept.startswith("a" * 700)
    assert kept.endswith("c" * 250)
    assert len(kept) < 1100


async def test_each_turn_keeps_the_conversation_alive(
    store: ConversationStore, redis: Redis
) -> None:
    """Every write puts the expiry of all keys back to the full retention."""
    epoch = await own(redis, 1)
    await store.create(conversation(messages=[{"role": "user", "content": "x"}]), epoch)
    for name in ("conversation", "messages"):
        await redis.expire(incident_key(ID, name), 10)
    await store.append(ID, epoch, [], {"c1": StoredResult("t", {}, "x")}, {})
    for name in ("conversation", "messages", "results"):
        assert await redis.ttl(incident_key(ID, name)) > 6 * 86400


texts = st.text(st.characters(exclude_categories=()), max_size=40)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(content=values, arguments=st.dictionaries(texts, values, max_size=3), output=texts)
async def test_messages_survive_byte_for_byte(
    redis: Redis, content: object, arguments: dict[str, object], output: str
) -> None:
    """What is loaded has the same JSON text, key order and all, as what was saved: lone surrogates included."""
    await redis.flushall()
    store = ConversationStore(redis)
    epoch = await own(redis, 1)
    message = {"role": "assistant", "zeta": 1, "content": content, "alpha": 2}
    stored = StoredResult("t", arguments, output)
    await store.create(conversation(), epoch)
    await store.append(ID, epoch, [message], {"c1": stored}, {"by": content})
    loaded = await store.load(ID)
    assert loaded is not None
    assert json.dumps(loaded.messages[0]) == json.dumps(message)
    saved = await redis.lrange(incident_key(ID, "messages"), 0, -1)
    assert saved == [exact_json(message)]
    assert loaded.results["c1"] == stored
    assert loaded.spend == {"by": content}
