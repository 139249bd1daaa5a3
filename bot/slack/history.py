"""What is known of an incident's runs, put together from where it is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from pydantic import ValidationError

from bot.conversations.conversation import Conversation
from bot.investigation.diagnosis import Report
from bot.slack.ballot import Opinion
from bot.slack.documents import Run, Said

_LATER = datetime.max.replace(tzinfo=UTC)


def runs_of(reports: Mapping[str, str], conversation: Conversation | None) -> list[Run]:
    """The runs that have a report, in the order in which they began."""
    began = _began(conversation)
    runs = []
    for slot, saved in reports.items():
        try:
            runs.append(Run(slot, began.get(slot), Report.model_validate_json(saved)))
        except ValidationError:  # written by another version
            continue
    return sorted(runs, key=lambda run: (run.began_at or _LATER, run.slot))


def said_of(opinions: Sequence[Opinion]) -> list[Said]:
    """What people thought."""
    return [Said(opinion.vote.vote, opinion.really) for opinion in opinions]


def _began(conversation: Conversation | None) -> dict[str, datetime]:
    """Slot to the moment its run began, from what the conversation keeps of each."""
    found: dict[str, datetime] = {}
    runs = conversation.spend.get("runs") if conversation else None
    for slot, record in (runs or {}).items():
        moment = record.get("started_at") if isinstance(record, dict) else None
        if isinstance(moment, str):
            found[str(slot)] = datetime.fromisoformat(moment)
    return found
