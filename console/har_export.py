"""Saving recorded requests as an HTTP archive, however many: page by page from the server into a file."""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
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
    part = await asyncio.to_thread(_begin, file)
    try:
        on_progress(0, total)
        async for done, details in client.request_details(request_ids):
            await asyncio.to_thread(_write, part, details, first=written == 0)
            written += len(details)
            on_progress(done, total)
        size = await asyncio.to_thread(_finish, part, file)
    except BaseException:
        _give_up(part)
        raise
    return HarSaved(file=file, requests=written, gone=total - written, bytes=size)


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


def _begin(file: Path) -> BinaryIO:
    """A new file beside the one to be, so that the last step is a rename."""
    part = file.with_name(f".{file.name}.{secrets.token_hex(4)}.part").open("xb")
    part.write(har_head())  # into a buffer: it reaches the disk with the first requests
    return part


def _write(part: BinaryIO, details: Sequence[RequestDetail], *, first: bool) -> None:
    for detail in details:
        part.write((b"\n" if first else b",\n") + har_entry(detail))
        first = False


def _finish(part: BinaryIO, file: Path) -> int:
    part.write(har_tail())
    size = part.tell()
    part.close()
    Path(part.name).replace(file)
    return size


def _give_up(part: BinaryIO) -> None:
    with suppress(OSError):  # the disk is full, say: what is still in the buffer is lost anyway
        part.close()
    Path(part.name).unlink(missing_ok=True)
