"""Answers of the API, read up to a bound: whoever may create pods may make a list of any size, and all servers share a process."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator

import httpx2

from tocsin_mcp.kit.errors import Unavailable

LARGEST_BODY = 32 * 1024 * 1024
"""Bytes, unpacked. A page of 500 pods is some ten megabytes."""
ENCODING = "gzip"
_LOG = "/log"
_STEP = 1024 * 1024


async def bound(response: httpx2.Response) -> None:
    """A response hook: a body beyond LARGEST_BODY raises Unavailable when it is read. Logs are cut by who reads them."""
    if not response.request.url.path.endswith(_LOG):
        packed = response.headers.pop("content-encoding", "") == ENCODING
        stream = response.stream
        assert isinstance(stream, httpx2.AsyncByteStream)
        response.stream = _Bounded(stream, packed=packed)


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream, *, packed: bool) -> None:
        self._stream, self._packed = stream, packed

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for part in _unpacked(self._stream) if self._packed else self._stream:
            size += len(part)
            if size > LARGEST_BODY:
                raise Unavailable(
                    f"The answer of the Kubernetes API is larger than {LARGEST_BODY // 2**20} MiB. Ask for less (another "
                    "namespace, a selector, one object), or go on without it and say that this could not be checked."
                )
            yield part

    async def aclose(self) -> None:
        await self._stream.aclose()


async def _unpacked(stream: httpx2.AsyncByteStream) -> AsyncIterator[bytes]:
    """In steps, so that a small part cannot become a huge one."""
    unpacking = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        async for part in stream:
            rest = part
            while rest:
                yield unpacking.decompress(rest, _STEP)
                rest = unpacking.unconsumed_tail
        yield unpacking.flush()
    except zlib.error as error:
        raise Unavailable("The answer of the Kubernetes API cannot be unpacked.") from error
