"""What the API does with a request body, apart from HTTP: refuse, look up the cache, let the brain answer, bill."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.simulators.messages_api.blocks import Block, build_blocks, prompt_tokens
from bot.simulators.messages_api.brain import Brain, Labelled
from bot.simulators.messages_api.cache import Plan, PromptCache
from bot.simulators.messages_api.diagnostics import (
    Fingerprint,
    fingerprint,
    ledger_reason,
    response_diagnostics,
)
from bot.simulators.messages_api.errors import invalid
from bot.simulators.messages_api.generation import Generator, Message, usage, warming_message
from bot.simulators.messages_api.ledger import Entry, dollars
from bot.simulators.messages_api.models import Model
from bot.simulators.messages_api.rate_limits import RateLimiter
from bot.simulators.messages_api.validation import validate
from bot.simulators.messages_api.workspaces import Workspace


@dataclass(frozen=True, slots=True)
class Answer:
    """A message ready to be sent. Nothing is written or billed until `MessagesApi.begin`."""

    request_id: str
    owner: Workspace
    model: Model
    message: Message
    plan: Plan
    usage: dict[str, Any]
    extra: dict[str, Any]
    fingerprint: Fingerprint
    headers: dict[str, str]
    stream: bool


@dataclass(slots=True)
class MessagesApi:
    """The state behind the endpoints: cache, ledger, and what is remembered of earlier requests."""

    cache: PromptCache
    limiter: RateLimiter
    ledger: list[Entry] = field(default_factory=list)
    _generator: Generator = field(default_factory=Generator)
    _seen: dict[str, Fingerprint] = field(default_factory=dict)
    """Fingerprints by message id, in order."""

    async def create(
        self,
        body: Any,
        headers: Mapping[str, str],
        owner: Workspace,
        brain: Brain,
        *,
        request_id: str,
        started: float,
        signs: bool = True,
    ) -> Answer:
        """The answer to `POST /v1/messages`. Thinking is not checked unless the server `signs`. Raises ApiError."""
        model = validate(body, headers)
        if signs:
            self._generator.check_thinking(body, owner)
        blocks = build_blocks(body, model)
        _check_size(blocks, model)
        plan = self.cache.plan(blocks, owner, model, started)
        self.limiter.admit(owner.organization, model.line, plan.prompt - plan.read, started)
        message = await self._message(body, brain, model, owner, plan)
        mark = fingerprint(blocks, body, owner, plan)
        return Answer(
            request_id=request_id,
            owner=owner,
            model=model,
            message=message,
            plan=plan,
            usage=usage(plan, message),
            extra=self._diagnostics(body, mark, plan),
            fingerprint=mark,
            headers=dict(brain.headers) if isinstance(brain, Labelled) else {},
            stream=bool(body.get("stream")),
        )

    def begin(self, answer: Answer) -> None:
        """The first byte leaves: cache entries become readable, the request is billed and remembered."""
        plan, message = answer.plan, answer.message
        self.cache.commit(plan)
        usd, usd_uncached = dollars(plan, message.output_tokens, answer.model)
        reason = ledger_reason(self._conversation(answer.fingerprint), answer.fingerprint, plan)
        self.ledger.append(
            Entry(
                request_id=answer.request_id,
                message_id=message.id,
                model=message.model,
                workspace=answer.owner.workspace,
                at=plan.started,
                read=plan.read,
                write_5m=plan.write_5m,
                write_1h=plan.write_1h,
                input=plan.input,
                output=message.output_tokens,
                usd=usd,
                usd_uncached=usd_uncached,
                miss_reason=reason,
                stop_reason=message.stop_reason,
            )
        )
        self._seen[message.id] = answer.fingerprint
        fresh = plan.prompt - plan.read
        self.limiter.count(
            answer.owner.organization, answer.model.line, fresh, message.output_tokens, plan.started
        )

    def count_tokens(self, body: Any, headers: Mapping[str, str]) -> dict[str, int]:
        """The answer to `POST /v1/messages/count_tokens`. Raises ApiError."""
        model = validate(body, headers, counting=True)
        return {"input_tokens": prompt_tokens(build_blocks(body, model))}

    def reset(self) -> None:
        """Forget every request."""
        self.cache.clear()
        self.ledger.clear()
        self._seen.clear()
        self._generator = Generator()

    async def _message(
        self, body: dict[str, Any], brain: Brain, model: Model, owner: Workspace, plan: Plan
    ) -> Message:
        if body["max_tokens"] == 0:
            return warming_message(body)
        reply = await brain.reply(body)
        return self._generator.finish(reply, body, model, owner, plan)

    def _diagnostics(self, body: dict[str, Any], mark: Fingerprint, plan: Plan) -> dict[str, Any]:
        asked = body.get("diagnostics")
        if asked is None:
            return {}
        earlier = self._seen.get(asked.get("previous_message_id") or "")
        return {"diagnostics": response_diagnostics(body, earlier, mark, plan)}

    def _conversation(self, mark: Fingerprint) -> Fingerprint | None:
        """The latest request of the same conversation: same workspace, same first message."""
        for earlier in reversed(self._seen.values()):
            if earlier.owner == mark.owner and earlier.messages[:1] == mark.messages[:1]:
                return earlier
        return None


def _check_size(blocks: tuple[Block, ...], model: Model) -> None:
    total = prompt_tokens(blocks)
    if total > model.context:
        raise invalid(f"prompt is too long: {total} tokens > {model.context} maximum")
