"""Claude on Bedrock and on Vertex AI: the SDK's own clients, with credentials of their own, against the simulator."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.agent.claude import Claude
from bot.errors import ConfigurationError, PermanentError
from bot.simulators.messages_api import MessagesApiSimulator, tool_use
from tests.agent.test_backends import Stage

HAS_VERTEX = find_spec("google") is not None and find_spec("google.auth") is not None
vertex_only = pytest.mark.skipif(not HAS_VERTEX, reason="needs pip install 'tocsin[vertex]'")


async def test_bedrock_is_asked_by_its_own_client_and_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The key and the region are its own; the same stream comes back."""
    async with MessagesApiSimulator(quirks=["any_model"]) as api:
        monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", api.api_key)
        api.script([tool_use("finish"), "yes"])
        claude = Claude(
            api_key="unused", model="claude-sonnet-5-5", base_url=api.url, backend="bedrock"
        )
        assert await Stage(api, claude).run() == "concluded"
        assert api.requests[0].body["model"] == "anthropic.claude-sonnet-5-5"
        await claude.check()
        await claude.close()


async def test_bedrock_without_a_region_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """It names what to set."""
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "ANTHROPIC_BEDROCK_MANTLE_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ConfigurationError, match="AWS_REGION"):
        Claude(api_key="", model="m", backend="bedrock")


@pytest.mark.skipif(HAS_VERTEX, reason="the extra is installed")
async def test_a_missing_extra_is_one_clear_line() -> None:
    """google-auth comes with the extra only."""
    with pytest.raises(ConfigurationError, match=r"pip install 'tocsin\[vertex\]'"):
        Claude(api_key="", model="m", backend="vertex")


async def test_bedrock_with_a_profile_that_is_not_there_is_one_clear_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Found out with the first request; asking again would not help."""
    monkeypatch.delenv("AWS_BEARER_TOKEN_BEDROCK", raising=False)
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    async with MessagesApiSimulator() as api:
        claude = Claude(api_key="", model="claude-sonnet-5-5", base_url=api.url, backend="bedrock")
        with pytest.raises(PermanentError, match=r"bedrock: .*nobody"):
            await Stage(api, claude).run()
        await claude.close()


@pytest.fixture
async def google(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[MessagesApiSimulator]:
    """The simulator as Vertex AI, and a service account whose tokens it takes."""
    async with MessagesApiSimulator() as api:

        async def token(_: web.Request) -> web.Response:
            return web.json_response({"access_token": api.api_key, "expires_in": 3600})

        app = web.Application()
        app.router.add_post("/token", token)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        account = {
            "type": "service_account",
            "project_id": "my-project",
            "private_key_id": "1",
            "private_key": pem.decode(),
            "client_email": "tocsin@my-project.iam.gserviceaccount.com",
            "token_uri": f"http://{host}:{port}/token",
        }
        file = tmp_path / "account.json"
        file.write_text(json.dumps(account))
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
        monkeypatch.setenv("CLOUD_ML_REGION", "europe-west1")
        monkeypatch.setenv("ANTHROPIC_VERTEX_PROJECT_ID", "my-project")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield api
        await runner.cleanup()


@vertex_only
async def test_vertex_is_asked_by_its_own_client(google: MessagesApiSimulator) -> None:
    """Project, region and model stand in the path, the token is the service account's; the same stream comes back."""
    google.script([tool_use("look", {"at": 1}), tool_use("finish"), "yes"])
    claude = Claude(api_key="", model="claude-sonnet-5-5", base_url=google.url, backend="vertex")

    assert await Stage(google, claude).run() == "concluded"

    assert google.requests[0].path == (
        "/projects/my-project/locations/europe-west1/publishers/anthropic/models/"
        "claude-sonnet-5-5:streamRawPredict"
    )
    assert [entry.model for entry in google.ledger] == ["claude-sonnet-5-5"] * 2
    assert b"cache_control" in google.requests[1].raw
    await claude.check()
    assert google.requests[-1].body["max_tokens"] == 16
    await claude.close()


@vertex_only
async def test_vertex_without_credentials_is_one_clear_line(
    google: MessagesApiSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found out with the first request; asking again would not help."""
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere.json")
    claude = Claude(api_key="", model="claude-sonnet-5-5", base_url=google.url, backend="vertex")

    with pytest.raises(PermanentError, match=r"vertex: .*nowhere\.json"):
        await Stage(google, claude).run()
    await claude.close()
