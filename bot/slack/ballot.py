"""What people thought of a diagnosis, kept until it becomes an evaluation case.

One hash per incident, `tocsin:{<incident>}:votes`: `<slot>/<user>` to a Ballot as JSON. Votes change nothing in an
investigation; a person's last vote counts.
"""

from __future__ import annotations

from datetime import timedelta

from pydantic import BaseModel, ConfigDict
from redis.asyncio import Redis

from bot.fencing import incident_key
from bot.redis_client import texts, translated
from bot.slack.controls import Vote

RETENTION = timedelta(days=90)


class Opinion(BaseModel):
    """One person's vote on one diagnosis, and what they said it really was."""

    model_config = ConfigDict(frozen=True)

    vote: Vote
    user: str
    really: str = ""


class Ballot:
    """Votes of all incidents. Every method raises TemporaryError when Redis is not there."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    @translated
    async def cast(self, vote: Vote, user: str, really: str = "") -> None:
        """A person's vote, in place of an earlier one."""
        key = incident_key(vote.incident, "votes")
        opinion = Opinion(vote=vote, user=user, really=really)
        await self._redis.hset(key, f"{vote.slot}/{user}", opinion.model_dump_json())
        await self._redis.expire(key, int(RETENTION.total_seconds()))

    @translated
    async def opinions(self, incident_id: str) -> list[Opinion]:
        """Everything that was said about this incident's diagnoses."""
        found = await self._redis.hvals(incident_key(incident_id, "votes"))
        return [Opinion.model_validate_json(each) for each in texts(found)]
