"""What is known of an incident's runs and of what people said, put together from where it is kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pydantic import ValidationError

from bot.conversations.store import ConversationStore
from bot.incidents.store import IncidentStore
from bot.investigation.diagnosis import Report
from bot.slack.ballot import Ballot
from bot.slack.documents import Asked, Run, Said

_LATER = datetime.max.replace(tzinfo=UTC)


class History:
    """Reads; every method raises TemporaryError when Redis is not there."""

    def __init__(
        self, store: IncidentStore, conversations: ConversationStore, ballot: Ballot
    ) -> None:
        self._store = store
        self._conversations = conversations
        self._ballot = ballot

    async def runs(self, incident_id: str) -> list[Run]:
        """The runs that have a report, in the order in which they began."""
        told = await self._told(incident_id)
        runs = []
        for slot, saved in (await self._store.reports(incident_id)).items():
            try:
                report = Report.model_validate_json(saved)
            except ValidationError:  # written by another version
                continue
            ended = await self._store.reported_at(incident_id, slot)
            began = ended - timedelta(seconds=report.seconds) if ended else told.get(slot)
            runs.append(Run(slot, began, report))
        return sorted(runs, key=lambda run: (run.began_at or _LATER, run.slot))

    async def said(self, incident_id: str) -> list[Said]:
        """What people thought of the diagnoses."""
        opinions = await self._ballot.opinions(incident_id)
        return [Said(opinion.vote.vote, opinion.really) for opinion in opinions]

    async def asked(self, incident_id: str) -> list[Asked]:
        """What people asked in the thread, with the time of their messages."""
        return [
            Asked(datetime.fromtimestamp(float(question.ts), UTC), question.text)
            for question in await self._store.questions(incident_id)
            if question.ts.replace(".", "", 1).isdecimal()
        ]

    async def _told(self, incident_id: str) -> dict[str, datetime]:
        """Slot to the moment its run began, from what the conversation keeps of each."""
        conversation = await self._conversations.load(incident_id)
        runs = conversation.spend.get("runs") if conversation else None
        found: dict[str, datetime] = {}
        for slot, record in (runs or {}).items():
            moment = record.get("started_at") if isinstance(record, dict) else None
            if isinstance(moment, str):
                found[str(slot)] = datetime.fromisoformat(moment)
        return found
