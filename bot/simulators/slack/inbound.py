"""The other doors that apps and monitoring use: incoming webhooks, response URLs, file bytes."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot.simulators.slack import json_text
from bot.simulators.slack.arguments import Arguments, read_form
from bot.simulators.slack.errors import RateLimited, SlackError
from bot.simulators.slack.handles import ResponseUrl
from bot.simulators.slack.messages import Entry, Message
from bot.simulators.slack.methods.catalog import Invocation
from bot.simulators.slack.methods.content import MAX_TEXT, author, read_content
from bot.simulators.slack.people import App
from bot.simulators.slack.world import World


async def _read_body(request: web.Request) -> dict[str, Any]:
    """JSON, or the form field `payload` with JSON in it. Raises SlackError invalid_payload."""
    text: str | bytes = await request.read()
    if request.content_type == "application/x-www-form-urlencoded":
        text = str((await read_form(request)).get("payload", ""))
    try:
        body = json_text.parse(text)
    except ValueError as error:
        raise SlackError("invalid_payload") from error
    if not isinstance(body, dict):
        raise SlackError("invalid_payload")
    return body


class Inbound:
    """HTTP handlers outside `/api`."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def webhook(self, request: web.Request) -> web.Response:
        """`POST /services/T…/B…/secret`: text `ok`, or HTTP 4xx with the error as text.

        https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks lists the errors.
        """
        found = self._world.workspace.webhooks.get(request.match_info["path"])
        if found is None:
            return web.Response(status=404, text="no_service")
        app, channel = (
            self._world.workspace.apps[found[0]],
            self._world.workspace.channels[found[1]],
        )
        if channel.is_archived:
            return web.Response(status=410, text="channel_is_archived")
        try:
            body = await _read_body(request)
            self._world.rate_limits.take_post(app.id, channel.id)
            content = self._content(app, body)
            given = Arguments(body)
            written = author(app, given.text("username") or app.name, given.text("icon_emoji"))
            self._world.posting.post(
                channel,
                {**written, "text": "", **content},
                app_id=app.id,
                thread_ts=given.text("thread_ts") or None,
            )
        except RateLimited as limited:
            headers = {"Retry-After": str(limited.retry_after)}
            return web.Response(status=429, text="rate_limited", headers=headers)
        except SlackError as error:
            return web.Response(status=400, text=error.code)
        return web.Response(text="ok")

    def _content(self, app: App, body: dict[str, Any]) -> Message:
        content = read_content(Invocation(self._world, app, Arguments(body)))
        if "text" in content:
            content["text"] = content["text"][:MAX_TEXT]
        return content

    async def response_url(self, request: web.Request) -> web.Response:
        """`POST /commands/{id}` and `/actions/{id}`."""
        try:
            url = self._world.response_urls.use(request.match_info["id"])
        except SlackError as error:
            return web.Response(status=404, text=error.code)
        try:
            self.respond(url, await _read_body(request))
        except SlackError as error:
            return web.json_response(error.to_json(), status=200)
        return web.Response(text="ok")

    def respond(self, url: ResponseUrl, body: dict[str, Any]) -> None:
        """What an app answers through a response URL. Raises SlackError."""
        source = url.source
        if source is not None and (body.get("delete_original") or body.get("replace_original")):
            self._require_own(url.app_id, source)
        if body.get("delete_original") and source is not None:
            self._delete(url)
            return
        app = self._world.workspace.apps[url.app_id]
        content = {"text": "", **self._content(app, body)}
        channel = self._world.workspace.channels[url.channel]
        if body.get("replace_original") and source is not None:
            self._replace(url, content)
            return
        thread_ts = Arguments(body).text("thread_ts") or url.thread_ts
        message = {**author(app), **content}
        posting = self._world.posting
        if body.get("response_type") == "in_channel":
            entry = posting.post(channel, message, app_id=app.id, thread_ts=thread_ts)
        else:
            entry = posting.whisper(channel, message, url.user, app_id=app.id, thread_ts=thread_ts)
        url.responses.append(entry.message)

    def _require_own(self, app_id: str, source: Entry) -> None:
        """Only a message of the app itself that still stands. Raises message_not_found, cant_update_message."""
        posting, messages = self._world.posting, self._world.messages
        find = posting.find_whisper if source.ephemeral_for else messages.find
        gone = source.message.get("subtype") == "tombstone"
        if gone or find(source.channel, source.ts) is not source:
            raise SlackError("message_not_found")
        if source.app_id != app_id:
            raise SlackError("cant_update_message")

    def _delete(self, url: ResponseUrl) -> None:
        assert url.source is not None
        if url.source.ephemeral_for:
            self._world.posting.rewrite_whisper(url.source, None)
        else:
            self._world.posting.delete(url.source)

    def _replace(self, url: ResponseUrl, content: Message) -> None:
        assert url.source is not None
        if url.source.ephemeral_for:
            app = self._world.workspace.apps[url.app_id]
            self._world.posting.rewrite_whisper(url.source, {**author(app), **content})
            return
        with self._world.posting.edit(url.source) as message:
            message.pop("blocks", None)
            message.update(content)

    async def upload(self, request: web.Request) -> web.Response:
        """`POST /upload/v1/{key}`: raw bytes or one multipart file; answers `OK - <bytes>`, until it is completed."""
        file = self._world.files.by_upload_key(request.match_info["key"])
        if file is None or file.completed_at is not None:
            return web.Response(status=404, text="file_not_found")
        try:
            file.data = await _read_bytes(request)
        except SlackError as error:
            return web.Response(status=400, text=error.code)
        file.size = len(file.data)
        return web.Response(text=f"OK - {len(file.data)}")

    async def download(self, request: web.Request) -> web.Response:
        """`GET /files-pri/{team}-{file}/{name}` with a bot token, as `url_private` demands."""
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if self._world.workspace.app_by_token(token) is None:
            return web.Response(status=302, headers={"Location": self._world.base_url})
        return self.file_response(request.match_info["file"].partition("-")[2])

    def file_response(self, file_id: str) -> web.Response:
        file = self._world.files.find(file_id)
        if file is None or file.data is None:
            return web.Response(status=404, text="file_not_found")
        return web.Response(body=file.data, content_type=file.mimetype)


async def _read_bytes(request: web.Request) -> bytes:
    """Raises SlackError invalid_form_data."""
    if not request.content_type.startswith("multipart/"):
        return await request.read()
    for value in (await read_form(request)).values():
        if isinstance(value, web.FileField):
            return value.file.read()
    return b""
