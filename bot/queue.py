"""LATER, SURELY: ask for a job by name and id.

Only ids cross the queue; what is to be done is read from the stores when the job runs. A job asked for twice runs
once while it waits or runs. What a thread's questions say, and their order, is kept in the incident's own list: each
question has a job of its own, and each job answers the oldest one.
"""

from __future__ import annotations

from docket import Docket

from bot.errors import PermanentError
from bot.redis_client import translated

DOCKET_NAME = "tocsin-jobs"
"""Name of the docket, and the prefix of its keys: apart from `tocsin:`, whose keys all expire."""


class Queue:
    """Asks for jobs on an entered docket. The process may be one that cannot do them. Raises TemporaryError."""

    def __init__(self, docket: Docket) -> None:
        self._docket = docket
        for declaration in (investigate, answer):
            if declaration.__name__ not in docket.tasks:
                docket.register(declaration)

    @translated
    async def investigate(self, incident_id: str, run: int = 1, *, after: int = 0) -> None:
        """Ask for a run of the investigation. `after`: see `answer`."""
        key = _key("investigate", incident_id, str(run), after)
        await self._docket.add("investigate", key=key)(incident_id, run)

    @translated
    async def answer(self, incident_id: str, question_id: str, *, after: int = 0) -> None:
        """Ask for an answer to a question that was pushed to the incident.

        `after` is the epoch of an owner that has just finished, when the work had found the incident busy: the job
        that found it so may still be ending under the ordinary key, which would swallow the request.
        """
        key = _key("answer", incident_id, question_id, after)
        await self._docket.add("answer", key=key)(incident_id, question_id)


def _key(job: str, incident_id: str, work: str, after: int) -> str:
    return f"{job}:{incident_id}:{work}" + (f":after:{after}" if after else "")


async def investigate(incident_id: str, run: int) -> None:
    """Name and arguments of the job; `bot.jobs.Jobs.investigate` takes its place in a worker."""
    raise PermanentError(f"no worker code for run {run} of incident {incident_id} in this process")


async def answer(incident_id: str, question_id: str) -> None:
    """Name and arguments of the job; `bot.jobs.Jobs.answer` takes its place in a worker."""
    raise PermanentError(
        f"no worker code for question {question_id} of {incident_id} in this process"
    )
