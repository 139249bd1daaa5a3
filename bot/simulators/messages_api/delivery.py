"""Sending a body piece by piece, and breaking off where a fault says so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from typing import Literal

from aiohttp import web

from bot.simulators.messages_api.faults import Fault

Chunking = Literal["event", "split"]
"""`event`: one write per event. `split`: writes of seven bytes, in the middle of lines and of UTF-8 characters."""

_SPLIT_BYTES = 7


class Broken(Exception):
    """The fault has cut the connection."""


async def deliver(
    request: web.Request,
    response: web.StreamResponse,
    pieces: Iterable[bytes],
    fault: Fault | None,
    release: asyncio.Event,
    begun: Callable[[], None],
) -> None:
    """Write the pieces, subject to the fault; `begun` is called right before the first byte.

    Raises Broken when the connection was cut on purpose.
    """
    kind = fault.kind if fault is not None else None
    delay = fault.delay if fault is not None and kind == "slow" else 0.0
    await asyncio.sleep(delay)
    begun()
    await response.prepare(request)
    if fault is None or kind not in ("disconnect", "stall"):
        await _write(response, pieces, delay)
    else:
        head, tail = _split_at(pieces, fault.after)
        await _write(response, head, delay)
        if kind == "disconnect":
            _cut(request)
        await release.wait()
        await _write(response, tail, delay)
    await response.write_eof()


async def _write(response: web.StreamResponse, pieces: Iterable[bytes], delay: float) -> None:
    for piece in pieces:
        await response.write(piece)
        await asyncio.sleep(delay)


def _cut(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.close()
    raise Broken


def _split_at(pieces: Iterable[bytes], limit: int) -> tuple[list[bytes], list[bytes]]:
    """The pieces up to a number of bytes, and the rest."""
    head: list[bytes] = []
    tail: list[bytes] = []
    left = limit
    for piece in pieces:
        before, after = piece[:left], piece[left:]
        left -= len(before)
        if before:
            head.append(before)
        if after:
            tail.append(after)
    return head, tail


def chunked(pieces: Iterable[bytes], chunking: Chunking) -> Iterator[bytes]:
    """The pieces as they are, or cut into small parts without regard to their borders."""
    if chunking == "event":
        yield from pieces
        return
    body = b"".join(pieces)
    for start in range(0, len(body), _SPLIT_BYTES):
        yield body[start : start + _SPLIT_BYTES]


def until_error(pieces: Iterable[bytes], after: int, error: bytes) -> Iterator[bytes]:
    """The first `after` pieces, then the error, then nothing."""
    for number, piece in enumerate(pieces):
        if number >= after:
            break
        yield piece
    yield error
