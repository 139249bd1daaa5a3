"""The front's parts put together: what stands behind the edge, and the listeners that hand over to it."""

from __future__ import annotations

from dataclasses import dataclass, field

from redis.asyncio import Redis

from bot.alarms.catalog import ServiceCatalog
from bot.conversations.store import ConversationStore
from bot.costs.store import DailyLedger
from bot.incidents.intake import Intake
from bot.incidents.store import IncidentStore
from bot.queue import Queue
from bot.slack.api import Api
from bot.slack.ballot import Ballot
from bot.slack.buckets import SharedBuckets
from bot.slack.cases import Cases
from bot.slack.clock import Clock
from bot.slack.directory import Directory
from bot.slack.errands import Errands
from bot.slack.history import History
from bot.slack.inbox import Inbox
from bot.slack.issues import Issues
from bot.slack.letterbox import PostOffice
from bot.slack.listeners.actions import Actions
from bot.slack.listeners.alarms import Alarms
from bot.slack.listeners.commands import Commands, Tools
from bot.slack.listeners.home import Home
from bot.slack.listeners.questions import Questions
from bot.slack.listeners.results import Results
from bot.slack.notices import Notices
from bot.slack.outbox import Outbox
from bot.slack.pauses import Pauses
from bot.slack.permalinks import Permalinks
from bot.slack.pressing import Pressing
from bot.slack.reactions import Reactions
from bot.slack.reception import Reception
from bot.slack.repository import Repository
from bot.slack.routes import Listeners
from bot.slack.startup import Identity
from bot.slack.waiting import Waiting
from bot.slack.whispers import Whispers
from bot.tools.server_board import ServerBoard


async def no_tools() -> list[str]:
    """For a front that cannot know which tools its workers have."""
    return []


@dataclass(frozen=True)
class Behind:
    """What stands behind the edge. `admins` are user ids; without `issues` nobody can open one."""

    redis: Redis
    intake: Intake
    store: IncidentStore
    queue: Queue
    conversations: ConversationStore
    ledger: DailyLedger
    catalog: ServiceCatalog
    tools: Tools = no_tools
    repository: Repository = field(default_factory=Repository)
    issues: Issues | None = None
    admins: tuple[str, ...] = ()


class Edge:
    """The parts of one front that share an Api, an inbox and a clock."""

    def __init__(
        self,
        behind: Behind,
        api: Api,
        me: Identity,
        directory: Directory,
        inbox: Inbox,
        errands: Errands,
        clock: Clock,
    ) -> None:
        redis, store = behind.redis, behind.store
        buckets, outbox = SharedBuckets(redis), Outbox(redis)
        permalinks = Permalinks(me.workspace)
        office = PostOffice(api, outbox, buckets, clock, directory.is_barred)
        reactions, whispers = Reactions(api, clock, buckets), Whispers(api)
        ballot, pauses = Ballot(redis), Pauses(redis)
        pressing = Pressing(api, directory, store, whispers)
        self.notices = Notices(office, clock, permalinks)
        self.waiting = Waiting(store, office, clock)
        reception = Reception(
            api,
            behind.intake,
            store,
            behind.queue,
            behind.catalog,
            me.user,
            asked=self.waiting.watch,
        )
        self.listeners = Listeners(
            alarms=Alarms(inbox, directory, reception, reactions, self.notices, pauses, errands),
            questions=Questions(inbox, directory, reception, reactions, whispers),
            commands=Commands(
                directory,
                reception,
                store,
                behind.catalog,
                office,
                reactions,
                whispers,
                permalinks,
                behind.tools,
            ),
            actions=Actions(
                pressing,
                directory,
                reception,
                store,
                ballot,
                Cases(redis, store, behind.conversations, clock),
            ),
            results=Results(
                pressing,
                reception,
                store,
                History(store, behind.conversations, ballot),
                office,
                outbox,
                permalinks,
                behind.repository,
                behind.issues,
                clock,
            ),
            home=Home(
                api,
                directory,
                store,
                ballot,
                behind.ledger,
                ServerBoard(redis),
                pauses,
                permalinks,
                behind.admins,
                me.user,
            ),
        )
