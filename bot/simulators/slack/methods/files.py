"""`files.*`: the two-step upload and looking a file up."""

from __future__ import annotations

from bot.simulators.slack.errors import SlackError
from bot.simulators.slack.files import File
from bot.simulators.slack.methods.catalog import JSON, Catalog, Invocation
from bot.simulators.slack.methods.content import author
from bot.simulators.slack.people import Channel

METHODS = Catalog()
MAX_ALT_TEXT = 1_000
MAX_BYTES = 100 * 1024 * 1024


@METHODS.method(
    "files.getUploadURLExternal", tier=4, scopes=("files:write",), required=("filename",)
)
def get_upload_url(call: Invocation) -> JSON:
    length = call.args.number("length", 0, low=0, high=MAX_BYTES)
    if length == 0:
        raise SlackError("missing_argument")
    alt_txt = call.args.text("alt_txt")
    if len(alt_txt) > MAX_ALT_TEXT:
        raise SlackError("alt_txt_too_large")
    file = call.world.files.expect(
        call.args.text("filename"), length, call.app.bot_user_id, call.app.id, alt_txt
    )
    return {
        "upload_url": f"{call.world.base_url}/upload/v1/{file.upload_key}",
        "file_id": file.id,
    }


@METHODS.method(
    "files.completeUploadExternal", tier=4, scopes=("files:write",), required=("files",)
)
def complete_upload(call: Invocation) -> JSON:
    """Without a channel the file stays private; with one, a message with the files is posted there."""
    channels = _channels(call)
    files = _uploaded(call)
    for file in files:
        call.world.files.complete(file)
    for channel in channels:
        _share(call, channel, files)
    return {"files": [_shown(call, file) for file in files]}


def _channels(call: Invocation) -> list[Channel]:
    names = [*call.args.text("channels").split(","), call.args.text("channel_id")]
    found = []
    for name in dict.fromkeys(name for name in names if name):
        channel = call.world.workspace.channels.get(name)
        if channel is None:
            raise SlackError("channel_not_found")
        if call.app.bot_user_id not in channel.members:
            raise SlackError("not_in_channel")
        if channel.is_archived:
            raise SlackError("is_archived")
        found.append(channel)
    return found


def _uploaded(call: Invocation) -> list[File]:
    listed = call.args.structure("files", "invalid_arguments")
    if not isinstance(listed, list) or not listed:
        raise SlackError.invalid_arguments("must be an array [json-pointer:/files]")
    files = []
    for item in listed:
        file = call.world.files.find(str(item.get("id", ""))) if isinstance(item, dict) else None
        if file is None or file.app_id != call.app.id or file.data is None:
            raise SlackError("file_not_found")
        file.title = str(item.get("title") or file.name)
        files.append(file)
    return files


def _share(call: Invocation, channel: Channel, files: list[File]) -> None:
    for file in files:
        file.channels.append(channel.id)
    message = {
        **author(call.app),
        "text": call.args.text("initial_comment"),
        "files": [_shown(call, file) for file in files],
        "upload": True,
        "subtype": "file_share",
        "display_as_bot": False,
    }
    call.world.posting.post(
        channel, message, app_id=call.app.id, thread_ts=call.args.text("thread_ts") or None
    )


def _shown(call: Invocation, file: File) -> JSON:
    return file.to_json(call.world.base_url, call.world.workspace.team_id)


@METHODS.method("files.info", tier=4, scopes=("files:read",), required=("file",))
def info(call: Invocation) -> JSON:
    file = call.world.files.find(call.args.text("file"))
    if file is None or file.completed_at is None:
        raise SlackError("file_not_found")
    return {"file": _shown(call, file), "comments": [], "response_metadata": {"next_cursor": ""}}
