"""Saving recorded requests as an HTTP archive, however many: page by page from the server into a file."""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

from console.client import ConsoleClient
from console.har import har_entry, har_head, har_tail
from console.messages import RequestDetail, RequestRow

_PAGE_ROWS = 10_000


class HarSaved(Struct, frozen=True, kw_only=True):
    """What was written. `gone` requests were asked for, but no longer kept."""

    file: Path
    requests: int
    gone: int
    bytes: int


async def save_har(
    client: ConsoleClient,
    request_ids: Sequence[int],
    file: Path,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> HarSaved:
    """Write requests into a file, in the order given; one that is there is replaced once all is written.

    `on_progress` is told how many of how many are done. Raises ConsoleUnavailable, ConsoleRefused, or OSError when
    the file cannot be written; then, and when this is cancelled, nothing is left of it.
    """
    total, written = len(request_ids), 0
    part = _Part(file)
    try:
        await _to_its_end(part.open)
        on_progress(0, total)
        async for done, details in client.request_details(request_ids):
            await _to_its_end(partial(part.write, details))
            written += len(details)
            on_progress(done, total)
        await _to_its_end(part.finish)
    except BaseException:
        part.give_up()
        raise
    return HarSaved(file=file, requests=written, gone=total - written, bytes=part.size)


async def newest_requests(
    client: ConsoleClient, *, limit: int | None = None, rejected_only: bool = False, app_id: str | None = None
) -> list[RequestRow]:
    """The newest recorded requests, oldest first; all of them without a limit.

    Of an application: with those whose application is not known. Raises ConsoleUnavailable or ConsoleRefused.
    """
    pages: list[list[RequestRow]] = []
    found, before_id = 0, None
    while limit is None or found < limit:
        page = await client.requests(before_id=before_id, limit=_PAGE_ROWS, rejected_only=rejected_only)
        if not page:
            break
        before_id = page[0].request_id
        fitting = [row for row in page if app_id is None or row.app_id in ("", app_id)]
        if limit is not None:
            fitting = fitting[max(0, len(fitting) - (limit - found)) :]
        found += len(fitting)
        pages.append(fitting)
    return [row for page in reversed(pages) for row in page]


class _Part:
    """The file as it grows, beside the one to be, so that the last step is a rename. One thread at a time."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._path = file.with_name(f".{file.name}.{secrets.token_hex(4)}.part")
        self._stream: BinaryIO | None = None
        self._between = b"\n"
        self.size = 0

    def open(self) -> None:
        self._stream = self._path.open("xb")
        self._put(har_head())

    def write(self, details: Sequence[RequestDetail]) -> None:
        for detail in details:
            self._put(self._between + har_entry(detail))
            self._between = b",\n"

    def finish(self) -> None:
        self._put(har_tail())
        assert self._stream is not None
        self._stream.close()
        self._path.replace(self._file)

    def give_up(self) -> None:
        if self._stream is not None:
            with suppress(OSError):  # the disk is full, say: what is still in the buffer is lost anyway
                self._stream.close()
            self._path.unlink(missing_ok=True)

    def _put(self, content: bytes) -> None:
        assert self._stream is not None
        self._stream.write(content)
        self.size += len(content)


async def _to_its_end(work: Callable[[], None]) -> None:
    """In a thread. When this is cancelled, the work still ends first: nobody touches the file meanwhile."""
    job = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        await asyncio.shield(job)
    except asyncio.CancelledError:
        await asyncio.wait([job])
        raise
