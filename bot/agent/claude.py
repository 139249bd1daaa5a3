"""Claude, or any server that speaks the Messages API, behind `Model`.

Always streamed (long replies are refused otherwise). The SDK's own retries are off: they sleep through whatever
`retry-after` says and cannot be seen from outside. What breaks in the middle of a stream is not retried by anybody
else either, so a cut reply is dropped whole and asked for again.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any, Literal

import anthropic
import httpx2
import structlog

from bot.agent.messages import Prompt, Reply
from bot.agent.model import Notice
from bot.agent.window import Ttl, request
from bot.costs.usage import Usage
from bot.errors import PermanentError, TemporaryError

log = structlog.get_logger(__name__)

Effort = Literal["low", "medium", "high", "xhigh", "max"]

_CONNECT_SECONDS = 5.0
_IDLE_SECONDS = 90.0
"""Longest silence between two pieces of a stream; the API sends pings in between."""
_CHECK_SECONDS = 8.0
_PUBLIC_HOST = "api.anthropic.com"
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 20.0
_TEMPORARY_STATUS = frozenset({408, 409, 429})
_TEMPORARY_TYPES = frozenset(
    {"rate_limit_error", "overloaded_error", "api_error", "timeout_error", "conflict_error"}
)
_SPENT = ("enforced_spend_limit_reached", "specified API usage limits", "credit balance is too low")
_OLD_MODELS = ("haiku-4-5", "sonnet-4-5", "opus-4-5", "claude-3")
"""Without adaptive thinking and effort."""


class Claude:
    """One model behind one Messages API.

    `pause` waits so many seconds (injected by tests). A base URL of None is the public API.
    """

    def __init__(
        self,
        *,
        api_key: str,
        model: str,
        base_url: str | None = None,
        effort: Effort = "medium",
        max_tokens: int = 16_000,
        shared_ttl: Ttl = "5m",
        pause: Callable[[float], Any] = asyncio.sleep,
    ) -> None:
        self._client = anthropic.AsyncAnthropic(
            api_key=api_key,
            base_url=base_url,
            max_retries=0,
            timeout=httpx2.Timeout(_IDLE_SECONDS, connect=_CONNECT_SECONDS),
        )
        self._model = model
        self._max_tokens = max_tokens
        self._shared_ttl: Ttl = shared_ttl
        self._pause = pause
        self._more: dict[str, Any] = {}
        if not any(old in model for old in _OLD_MODELS):
            # Newer models speak between calls in thinking blocks, empty unless a summary is asked for.
            self._more["thinking"] = {"type": "adaptive", "display": "summarized"}
            self._more["output_config"] = {"effort": effort}

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def check(self) -> None:
        """Ask whether the key is good and the model known. Servers that list no models are taken at their word.

        Raises PermanentError or TemporaryError.
        """
        try:
            await self._client.models.retrieve(self._model, timeout=_CHECK_SECONDS)
        except anthropic.NotFoundError as error:
            if self._client.base_url.host == _PUBLIC_HOST:
                raise PermanentError(
                    f"There is no model {self._model!r}. Check TOCSIN_MODEL."
                ) from error
        except anthropic.APIStatusError as error:
            raise _translated(error) from error
        except (anthropic.APIConnectionError, httpx2.TransportError) as error:
            raise TemporaryError(
                f"The model API cannot be reached at {self._client.base_url}"
            ) from error

    async def reply(self, prompt: Prompt, *, within: float, notice: Notice) -> Reply:
        last: TemporaryError | None = None
        try:
            async with asyncio.timeout(within):
                for attempt in range(1_000):
                    try:
                        return await self._ask(prompt)
                    except TemporaryError as error:
                        last = error
                        seconds = error.retry_after or _backoff(attempt)
                        log.warning(
                            "model unavailable", error=str(error), retry_in=round(seconds, 1)
                        )
                        await notice(f"{error}; asking again in {seconds:.0f} s")
                        await self._pause(seconds)
        except TimeoutError:
            if last is not None:
                raise last from None
            raise
        raise last or TemporaryError("The model API did not answer")

    async def _ask(self, prompt: Prompt) -> Reply:
        try:
            async with self._client.messages.stream(
                model=self._model,
                max_tokens=self._max_tokens,
                **request(prompt, shared_ttl=self._shared_ttl),
                **self._more,
            ) as stream:
                message = await stream.get_final_message()
                return _reply(
                    message, stand_in=stream.response.headers.get("x-tocsin-stand-in") == "1"
                )
        except anthropic.APIStatusError as error:
            raise _translated(error) from error
        except (anthropic.APIConnectionError, httpx2.TransportError) as error:
            reason = str(error.__cause__ or error) or type(error).__name__
            raise TemporaryError(f"The model API cannot be reached ({reason[:200]})") from error
        except ValueError as error:
            raise TemporaryError("The model API sent a reply that is not valid JSON") from error


def _reply(message: Any, *, stand_in: bool) -> Reply:
    return Reply(
        content=[_verbatim(block.to_dict()) for block in message.content],
        stop_reason=message.stop_reason or "end_turn",
        usage=_usage(message.usage),
        model=message.model,
        stand_in=stand_in,
    )


def _verbatim(block: dict[str, Any]) -> dict[str, Any]:
    """The block as the API takes it back: the SDK's own fields and empty answers-only fields are left out."""
    kept = {key: value for key, value in block.items() if key != "parsed_output"}
    return {
        key: value for key, value in kept.items() if value is not None or key in ("input", "text")
    }


def _usage(usage: Any) -> Usage:
    """Tokens by kind; backends leave out what they do not know."""
    writes = usage.cache_creation_input_tokens or 0
    detail = usage.cache_creation
    long_lived = (detail.ephemeral_1h_input_tokens or 0) if detail else 0
    return Usage(
        input=usage.input_tokens or 0,
        cache_write_5m=writes - long_lived,
        cache_write_1h=long_lived,
        cache_read=usage.cache_read_input_tokens or 0,
        output=usage.output_tokens or 0,
    )


def _translated(error: anthropic.APIStatusError) -> TemporaryError | PermanentError:
    kind = error.type or ""
    told = _message(error)
    if any(sign in told for sign in _SPENT):
        return PermanentError(
            f"The model API refuses because its spending limit is reached: {told}"
        )
    temporary = (
        error.status_code in _TEMPORARY_STATUS
        or error.status_code >= 500
        or kind in _TEMPORARY_TYPES
    )
    if temporary:
        words = {"overloaded_error": "is overloaded", "rate_limit_error": "limits our rate"}.get(
            kind
        )
        return TemporaryError(
            f"The model API {words or f'failed ({error.status_code} {kind})'}",
            retry_after=_retry_after(error),
        )
    if error.status_code in (401, 403):
        return PermanentError(f"The model API refuses the key ({told}). Check ANTHROPIC_API_KEY.")
    return PermanentError(f"The model API refuses the request ({error.status_code}): {told[:300]}")


def _message(error: anthropic.APIStatusError) -> str:
    body = error.body
    if isinstance(body, dict) and isinstance(body.get("error"), dict):
        return (
            f"{body['error'].get('message', '')} {body['error'].get('details', '') or ''}".strip()
        )
    return str(error.message)


def _retry_after(error: anthropic.APIStatusError) -> float | None:
    try:
        return max(float(error.response.headers.get("retry-after", "")), 0.1)
    except ValueError:
        return None


def _backoff(attempt: int) -> float:
    """0.5 s doubling to 20 s, with jitter so that workers do not return together."""
    longest = min(_FIRST_PAUSE * 2.0 ** min(attempt, 10), _LONGEST_PAUSE)
    return longest * random.uniform(0.5, 1.0)
