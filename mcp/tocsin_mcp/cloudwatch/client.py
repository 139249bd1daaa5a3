"""AWS as the tools ask it: reading operations only, in threads of their own, errors already in words for the caller.

boto3 blocks, so each call takes one of a few threads that belong to this server alone; a slow AWS cannot hold up the
others in the process. A call that is given up leaves its thread to botocore's own time limits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from tocsin_mcp.kit.environment import Environment
from tocsin_mcp.kit.errors import Unavailable, timed_out
from tocsin_mcp.kit.extras import Extra
from tocsin_mcp.kit.times import Clock, clock_of

from .refusals import ADDRESS, CREDENTIALS, REGION, Asked, misconfigured, refused, unanswered

TIMEOUT_SECONDS = 15.0
_CONNECT_SECONDS = 4.0
_READ_SECONDS = 10.0
_THREADS = 4
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
BOTO3 = Extra(
    "aws",
    "Reading CloudWatch needs",
    ("boto3", "botocore.exceptions", "botocore.config"),
)
OPERATIONS: Mapping[str, tuple[str, str]] = {
    "DescribeAlarms": ("cloudwatch", "describe_alarms"),
    "DescribeAlarmHistory": ("cloudwatch", "describe_alarm_history"),
    "GetMetricData": ("cloudwatch", "get_metric_data"),
    "ListMetrics": ("cloudwatch", "list_metrics"),
    "DescribeLogGroups": ("logs", "describe_log_groups"),
    "FilterLogEvents": ("logs", "filter_log_events"),
    "StartQuery": ("logs", "start_query"),
    "GetQueryResults": ("logs", "get_query_results"),
    "StopQuery": ("logs", "stop_query"),
}
"""All that is ever asked: the API's name, and boto3's. Nothing else is in the policy that the documentation gives."""

Json = dict[str, Any]


class _Library(NamedTuple):
    boto3: Any
    exceptions: Any
    config: Any


class Aws:
    """One region of one account. Imports boto3 and opens connections at the first call; may be used after `close`.

    `timeout_seconds` bounds each call, its retry included.
    """

    def __init__(
        self,
        environment: Environment,
        *,
        timeout_seconds: float = TIMEOUT_SECONDS,
        extra: Extra = BOTO3,
    ) -> None:
        self.environment = environment
        self.now: Clock = clock_of(environment)
        self._timeout = timeout_seconds
        self._extra = extra
        self._library: _Library | None = None
        self._clients: dict[str, Any] = {}
        self._opening = asyncio.Lock()
        self._threads: ThreadPoolExecutor | None = None

    async def call(self, operation: str, **parameters: Any) -> Json:
        """The answer to one of OPERATIONS; parameters that are None are left out.

        Raises NotFound, Unavailable, MissingSetting, MissingExtra; KeyError for an operation that is not in OPERATIONS.
        """
        service, method = OPERATIONS[operation]
        given = {name: value for name, value in parameters.items() if value is not None}
        library = await self._loaded()
        client = await self._client(library, service)
        asked = Asked(service, operation, urlsplit(client.meta.endpoint_url).netloc)
        try:
            async with asyncio.timeout(self._timeout):
                answer: Json = await self._in_thread(getattr(client, method), given)
        except TimeoutError as error:
            raise timed_out("AWS", asked.host, self._timeout) from error
        except library.exceptions.ClientError as error:
            raise refused(error.response, asked) from error
        except library.exceptions.BotoCoreError as error:
            raise unanswered(error, library.exceptions, asked, _READ_SECONDS) from error
        _check_sender(answer, asked)
        return answer

    async def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        clients, self._clients = self._clients, {}
        threads, self._threads = self._threads, None
        for client in clients.values():
            client.close()
        if threads:
            threads.shutdown(wait=False, cancel_futures=True)

    async def _loaded(self) -> _Library:
        if self._library is None:
            self._library = _Library(*await self._extra.load())
        return self._library

    async def _client(self, library: _Library, service: str) -> Any:
        async with self._opening:
            if service not in self._clients:
                try:
                    self._clients[service] = await self._in_thread(
                        _connected, {"of": self.environment, "library": library, "service": service}
                    )
                except (library.exceptions.BotoCoreError, ValueError) as error:
                    raise misconfigured(error, library.exceptions) or unanswered(
                        error, library.exceptions, Asked(service, "", "AWS"), _READ_SECONDS
                    ) from error
            return self._clients[service]

    async def _in_thread(self, work: Any, given: Json) -> Any:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="aws")
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, lambda: work(**given))


def _check_sender(answer: Json, asked: Asked) -> None:
    """botocore reads a page of a proxy that wants a login as an answer with nothing in it. Raises Unavailable."""
    headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    if set(answer) <= {"ResponseMetadata"} and "html" in headers.get("content-type", ""):
        raise Unavailable(
            f"What answers at {asked.host} is not AWS but a web page: a proxy may be between, or {ADDRESS} is wrong. "
            "Say that this could not be checked."
        )


def _connected(of: Environment, library: _Library, service: str) -> Any:
    """A boto3 client. What the environment does not say is found as every AWS tool finds it: files, role, instance."""
    key, secret = of.get(CREDENTIALS) or None, of.get("AWS_SECRET_ACCESS_KEY") or None
    if bool(key) != bool(secret):
        raise ValueError(f"{CREDENTIALS} and AWS_SECRET_ACCESS_KEY must be set together")
    session = library.boto3.session.Session(
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=of.get("AWS_SESSION_TOKEN") or None,
        region_name=of.get(REGION) or of.get("AWS_DEFAULT_REGION") or None,
        profile_name=None if key else of.get("AWS_PROFILE") or None,
    )
    address = of.get(ADDRESS)
    local = urlsplit(address).hostname in _LOOPBACK
    limits = library.config.Config(
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": 2},
        max_pool_connections=_THREADS,
        user_agent_extra="tocsin",
        proxies={} if local else None,
    )
    return session.client(service, endpoint_url=address or None, config=limits)
