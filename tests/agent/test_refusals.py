"""What a server's error means: come back later, or never the same way again."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest
from anthropic import APIStatusError

from bot.agent.refusals import PromptTooLong, message, translated
from bot.errors import PermanentError, TemporaryError


def error(status: int, body: Any, **headers: str) -> APIStatusError:
    """The SDK's error for an answer."""
    response = httpx2.Response(
        status, headers=headers, request=httpx2.Request("POST", "http://127.0.0.1/")
    )
    return APIStatusError("said so", response=response, body=body)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"type": "error", "error": {"type": "x", "message": "m"}}, "m"),
        ({"error": {"message": "m", "details": {"error_code": "e"}}}, "m {'error_code': 'e'}"),
        ({"object": "error", "message": "m", "code": 400}, "m"),
        ({"error": "m"}, "m"),
        ({"detail": "m"}, "m"),
        (
            {"detail": [{"loc": ["body", "tools", 0], "msg": "no"}, "odd"]},
            "body.tools.0: no; odd",
        ),
        ({"odd": 1}, '{"odd": 1}'),
        ("plain text", "plain text"),
        (None, ""),
        ({}, ""),
    ],
)
def test_errors_are_read_in_every_form(body: Any, said: str) -> None:
    """The Messages API's, OpenAI's, FastAPI's, or none."""
    assert message(body) == said


@pytest.mark.parametrize(
    "words",
    [
        "prompt is too long: 213462 tokens > 200000 maximum",
        "This model's maximum context length is 32768 tokens. However, you requested 40000.",
        "the request exceeds the available context size. try increasing the context size",
        "The input (9000 tokens) is longer than the model's context length (8192 tokens).",
    ],
)
def test_a_prompt_that_is_too_long_is_told_from_other_refusals(words: str) -> None:
    """Every server has words of its own for it."""
    assert isinstance(translated(error(400, {"error": {"message": words}})), PromptTooLong)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, PermanentError),
        (401, PermanentError),
        (403, PermanentError),
        (404, PermanentError),
        (413, PromptTooLong),
        (422, PermanentError),
        (408, TemporaryError),
        (409, TemporaryError),
        (429, TemporaryError),
        (500, TemporaryError),
        (503, TemporaryError),
        (529, TemporaryError),
    ],
)
def test_statuses(status: int, kind: type[Exception]) -> None:
    """Whether trying again can help."""
    assert isinstance(translated(error(status, None)), kind)


def test_retry_after_is_taken_over_when_it_is_a_number() -> None:
    """A date or nonsense is passed over."""
    for given, seconds in (("7", 7.0), ("0", 0.1), ("Wed, 21 Oct 2026", None)):
        found = translated(error(429, None, **{"retry-after": given}))
        assert isinstance(found, TemporaryError)
        assert found.retry_after == seconds


def test_an_unknown_model_names_the_settings() -> None:
    """A thread that began with another model is said, too."""
    found = translated(error(404, {"error": {"message": "model: x"}}))
    assert "TOCSIN_MODEL" in str(found)
    assert "keeps the model" in str(found)
