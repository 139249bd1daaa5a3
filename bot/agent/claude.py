"""Claude, or any server that speaks the Messages API, behind `Model`.

Always streamed (long replies are refused otherwise). The SDK's own retries are off: they sleep through whatever
`retry-after` says and cannot be seen from outside. What breaks in the middle of a stream is not retried by anybody
else either, so a cut reply is dropped whole and asked for again. What a server leaves out of the API is in `backends`.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Literal

import anthropic
import httpx2
import structlog

from bot.agent.backends import Body, Dialect
from bot.agent.messages import Prompt, Reply, text, user
from bot.agent.model import Lost, Notice, unheard
from bot.agent.refusals import message, translated
from bot.agent.stream import Draft
from bot.agent.tidy import tidied
from bot.agent.window import Ttl, request
from bot.costs.usage import Usage
from bot.errors import ConfigurationError, PermanentError, TemporaryError

log = structlog.get_logger(__name__)

Effort = Literal["low", "medium", "high", "xhigh", "max"]

_CONNECT_SECONDS = 5.0
_IDLE_SECONDS = 90.0
"""Longest silence between two pieces of a stream; the API sends pings in between."""
_CHECK_SECONDS = 8.0
_PUBLIC_HOST = "api.anthropic.com"
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 20.0
_MOST_BROKEN = 4
"""Replies that break off, each of them billed, before an API is given up."""
_MAY_NAME_A_FEATURE = frozenset({400, 422, 500, 501})
_OLD_MODELS = ("haiku-4-5", "sonnet-4-5", "opus-4-5", "claude-3")
"""Without adaptive thinking and effort."""
_CLOUDS = {"bedrock": "boto3", "vertex": "google.auth"}
"""The module that each needs; it comes with the extra of the same name."""
_GREETING = Prompt(
    system="Answer with one word.", tools=[], messages=[user(text("Are you there?"))]
)
_A_WORD = 16
"""Output tokens."""
_CREDENTIAL_ERRORS = {
    "bedrock": ("botocore.exceptions", "BotoCoreError"),
    "vertex": ("google.auth.exceptions", "GoogleAuthError"),
}
_ROOMY = frozenset({"anthropic", "bedrock", "vertex"})
"""Known to grant replies of more than 32,000 tokens."""


class Claude:
    """Models behind one Messages API.

    `model` answers where a prompt names none. `backend` is a key of `backends.BACKENDS`. `pause` waits so many seconds
    (injected by tests). A base URL of None is the public API, or the cloud's own.
    Raises ConfigurationError when a cloud's extra or its region is missing.
    """

    def __init__(
        self,
        *,
        api_key: str,
        model: str,
        base_url: str | None = None,
        backend: str = "auto",
        effort: Effort = "medium",
        max_tokens: int = 16_000,
        shared_ttl: Ttl = "5m",
        pause: Callable[[float], Any] = asyncio.sleep,
    ) -> None:
        self._client = _client(backend, api_key, base_url)
        self._no_credentials = _no_credentials(backend)
        self._backend = backend
        self._model = model
        self._effort = effort
        self._max_tokens = max_tokens
        self._shared_ttl: Ttl = shared_ttl
        self._pause = pause
        self._dialects: dict[str, Dialect] = {}

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def check(self, *models: str) -> None:
        """Ask whether the key is good and the models (its own, without any) known. Servers that list no models are taken at
        their word; the models of a cloud, which has no such list, are asked for one.

        Raises PermanentError or TemporaryError.
        """
        for model in models or (self._model,):
            if self._backend in _CLOUDS:
                await self._greet(model)
            else:
                await self._known(model)

    async def _greet(self, model: str) -> None:
        try:
            async with asyncio.timeout(_CHECK_SECONDS):
                greeting = _GREETING.model_copy(update={"model": model})
                await self._ask(greeting, _A_WORD, unheard)
        except TimeoutError as error:
            raise TemporaryError(f"{model} did not answer within {_CHECK_SECONDS:.0f} s") from error

    async def _known(self, model: str) -> None:
        try:
            await self._client.models.retrieve(model, timeout=_CHECK_SECONDS)
        except anthropic.NotFoundError as error:
            if self._client.base_url.host == _PUBLIC_HOST:
                raise PermanentError(f"There is no model {model!r}. Check TOCSIN_MODEL.") from error
        except anthropic.APIStatusError as error:
            raise translated(error) from error
        except (anthropic.APIConnectionError, httpx2.TransportError) as error:
            raise TemporaryError(
                f"The model API cannot be reached at {self._client.base_url}"
            ) from error

    async def reply(
        self, prompt: Prompt, *, within: float, notice: Notice, lost: Lost = unheard
    ) -> Reply:
        broken: list[Usage] = []

        def tell(model: str, usage: Usage) -> None:
            broken.append(usage)
            lost(model, usage)

        last: TemporaryError | None = None
        deadline = asyncio.get_running_loop().time() + within
        try:
            async with asyncio.timeout(within):
                for attempt in range(1_000):
                    try:
                        return await self._whole(prompt, tell)
                    except TemporaryError as error:
                        last = error
                        if len(broken) >= _MOST_BROKEN:
                            break
                        seconds = error.retry_after or _backoff(attempt)
                        log.warning(
                            "model unavailable", error=str(error), retry_in=round(seconds, 1)
                        )
                        if seconds >= deadline - asyncio.get_running_loop().time():
                            await notice(f"{error}; in {seconds:.0f} s it would be too late")
                            break
                        await notice(f"{error}; asking again in {seconds:.0f} s")
                        await self._pause(seconds)
        except TimeoutError:
            if last is not None:
                raise last from None
            raise
        raise last or TemporaryError("The model API did not answer")

    async def _whole(self, prompt: Prompt, lost: Lost) -> Reply:
        """A reply; one that the length limit cut inside a call is asked for once more with twice the room, where two such
        replies can be paid."""
        most = prompt.max_output or 3 * self._max_tokens
        reply = await self._ask(prompt, min(self._max_tokens, most), lost)
        inside = reply.stop_reason == "max_tokens" and reply.uses and reply.uses[-1].input is None
        if not inside or self._backend not in _ROOMY or most < 3 * self._max_tokens:
            return reply
        try:
            longer = await self._ask(prompt, 2 * self._max_tokens, lost)
        except TemporaryError:
            return reply  # it is paid for, and what it says before the cut may do
        except BaseException:
            lost(reply.model, reply.usage)
            raise
        lost(reply.model, reply.usage)
        return longer

    async def _ask(self, prompt: Prompt, max_tokens: int, lost: Lost) -> Reply:
        """One reply; a request that is refused for a feature it uses is repeated without it."""
        model = self._named(prompt.model or self._model)
        dialect = self._dialect(model)
        body = self._body(prompt, model, max_tokens)
        while True:
            sent = dialect.spoken(body)
            try:
                return await self._stream(sent, prompt, lost)
            except anthropic.APIStatusError as error:
                given_up = error.status_code in _MAY_NAME_A_FEATURE and dialect.learn(
                    message(error.body) or error.message, sent
                )
                if not given_up:
                    raise translated(error) from error
                log.warning("the model server lacks a feature", feature=given_up, model=model)
            except (anthropic.APIConnectionError, httpx2.TransportError) as error:
                reason = str(error.__cause__ or error) or type(error).__name__
                raise TemporaryError(f"The model API cannot be reached ({reason[:200]})") from error
            except ValueError as error:
                raise TemporaryError("The model API sent a reply that is not valid JSON") from error
            except self._no_credentials as error:
                if getattr(error, "retryable", False):
                    raise TemporaryError(f"{self._backend}: {error}") from error
                raise PermanentError(f"{self._backend}: {error}") from error

    async def _stream(self, body: Body, prompt: Prompt, lost: Lost) -> Reply:
        draft = Draft()
        try:
            async with await self._client.messages.create(**body, stream=True) as events:
                async for event in events:
                    draft.take(event.to_dict(warnings=False))
                headers = events.response.headers
            if not draft.stop_reason:
                raise TemporaryError("The model API ended a reply in the middle")
        except BaseException:
            if draft.usage.total:
                lost(draft.model or str(body["model"]), draft.so_far)
            raise
        content, unreadable = tidied(draft.content, prompt.messages)
        return Reply(
            content=content,
            stop_reason=draft.stop_reason,
            usage=draft.usage,
            model=draft.model or str(body["model"]),
            stand_in=headers.get("x-tocsin-stand-in") == "1",
            unreadable=unreadable,
        )

    def _named(self, model: str) -> str:
        """The model's id as the backend has it."""
        return (
            f"anthropic.{model}"
            if self._backend == "bedrock" and model.startswith("claude")
            else model
        )

    def _body(self, prompt: Prompt, model: str, max_tokens: int) -> Body:
        body = {
            "model": model,
            "max_tokens": max_tokens,
            **request(prompt, shared_ttl=self._shared_ttl),
        }
        if not any(old in model for old in _OLD_MODELS):
            # Newer models speak between calls in thinking blocks, empty unless a summary is asked for.
            body["thinking"] = {"type": "adaptive", "display": "summarized"}
            body["output_config"] = {"effort": self._effort}
        return body

    def _dialect(self, model: str) -> Dialect:
        if model not in self._dialects:
            self._dialects[model] = Dialect(str(self._client.base_url), model, self._backend)
        return self._dialects[model]


def _client(backend: str, api_key: str, base_url: str | None) -> Any:
    """The SDK's client for a backend; region, project and credentials of a cloud come from its usual variables."""
    common: dict[str, Any] = {
        "base_url": base_url,
        "max_retries": 0,
        "timeout": httpx2.Timeout(_IDLE_SECONDS, connect=_CONNECT_SECONDS),
    }
    if backend not in _CLOUDS:
        return anthropic.AsyncAnthropic(api_key=api_key, **common)
    _require(backend)
    try:
        if backend == "bedrock":
            return anthropic.AsyncAnthropicBedrockMantle(**common)
        return anthropic.AsyncAnthropicVertex(**common)
    except (anthropic.AnthropicError, ValueError) as error:
        raise ConfigurationError(f"TOCSIN_BACKEND={backend}: {error}") from error


def _no_credentials(backend: str) -> tuple[type[Exception], ...]:
    """What a cloud's libraries raise when its credentials or its project cannot be found or renewed."""
    if backend not in _CLOUDS:
        return ()
    module, name = _CREDENTIAL_ERRORS[backend]
    return RuntimeError, getattr(import_module(module), name)


def _require(backend: str) -> None:
    package, _, _ = _CLOUDS[backend].partition(".")
    if find_spec(package) is None or find_spec(_CLOUDS[backend]) is None:
        raise ConfigurationError(
            f"TOCSIN_BACKEND={backend} needs an extra that is not installed: pip install 'tocsin[{backend}]'."
        )


def _backoff(attempt: int) -> float:
    """0.5 s doubling to 20 s, with jitter so that workers do not return together."""
    longest = min(_FIRST_PAUSE * 2.0 ** min(attempt, 10), _LONGEST_PAUSE)
    return longest * random.uniform(0.5, 1.0)
