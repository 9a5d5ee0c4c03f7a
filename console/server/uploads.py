"""Multipart forms with one large file, streamed to disk."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import BinaryIO, TypeVar

from aiohttp import BodyPartReader, web

T = TypeVar("T")

MAX_MODEL_BYTES = 256 * 1024 * 1024
_MAX_FIELD_BYTES = 4096
_MAX_FIELDS = 16
_STALL_SECS = 30.0
_WRITE_BYTES = 1024 * 1024
UPLOAD_PREFIX = ".upload-"


class UploadInvalid(Exception):
    """The form cannot be used: 400. `str()` is one sentence for people."""


class UploadTooLarge(Exception):
    """The file is over the limit: 413. `str()` names the limit."""


@dataclass(frozen=True)
class Upload:
    """One received form. `file_name` is for people and never a path; the bytes lie at `file`, `folder` is theirs."""

    fields: dict[str, str]
    folder: Path
    file: Path
    file_name: str
    file_bytes: int


@asynccontextmanager
async def received(
    request: web.Request, parent: Path, *, file_field: str = "model_file", max_bytes: int = MAX_MODEL_BYTES
) -> AsyncIterator[Upload]:
    """Receive a form into a new folder under `parent`, which is removed at the end unless it was moved away.

    Raises UploadInvalid, UploadTooLarge; OSError when the disk refuses.
    """
    if request.content_type != "multipart/form-data":
        raise UploadInvalid("The body must be a multipart/form-data form with the mesh in the field model_file.")
    if (request.content_length or 0) > max_bytes + _MAX_FIELDS * _MAX_FIELD_BYTES * 2:
        raise _too_large(max_bytes)
    # Here, not in a thread: a client that goes away while a thread is at it would leave the folder behind.
    folder = Path(tempfile.mkdtemp(prefix=UPLOAD_PREFIX, dir=parent))
    try:
        yield await _receive(request, folder, file_field, max_bytes)
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


async def _receive(request: web.Request, folder: Path, file_field: str, max_bytes: int) -> Upload:
    fields: dict[str, str] = {}
    file = folder / "source"
    file_name: str | None = None
    file_bytes = 0
    try:
        reader = await request.multipart()
        parts = 0
        while (part := await _in_time(reader.next())) is not None:
            parts += 1
            if parts > _MAX_FIELDS:
                raise UploadInvalid("The form holds too many fields.")
            if not isinstance(part, BodyPartReader):
                raise UploadInvalid("The form holds a form within the form.")
            if part.name == file_field:
                if file_name is not None:
                    raise UploadInvalid(f"The form holds {file_field} twice.")
                file_name = display_name(part.filename or "")
                file_bytes = await _write(part, file, max_bytes)
            else:
                fields[part.name or ""] = await _text(part)
    except TimeoutError as error:
        raise UploadInvalid("The upload stalled.") from error
    except (ValueError, RuntimeError, AssertionError, web.RequestPayloadError) as error:
        # What aiohttp's multipart reader raises for a broken form, beside its own errors.
        raise UploadInvalid(
            f"The form is broken: {str(error).splitlines()[0] if str(error) else 'it ended'}."
        ) from error
    if file_name is None:
        raise UploadInvalid(f"The form has no file in the field {file_field}.")
    return Upload(fields, folder, file, file_name, file_bytes)


def display_name(text: str) -> str:
    """The last part of whatever path a client sent, printable and short: to be shown, never opened."""
    name = PurePosixPath(PureWindowsPath(text).name).name
    return "".join(c for c in name if c.isprintable())[-128:] or "unnamed"


async def _write(part: BodyPartReader, file: Path, max_bytes: int) -> int:
    total = 0
    pending = bytearray()
    with file.open("xb") as stream:  # not in a thread, which would open it for nobody once the client went away
        while chunk := await _in_time(part.read_chunk(256 * 1024)):
            total += len(chunk)
            if total > max_bytes:
                raise _too_large(max_bytes)
            pending += chunk
            if len(pending) >= _WRITE_BYTES:
                await asyncio.to_thread(_append, stream, bytes(pending))
                pending.clear()
        await asyncio.to_thread(_append, stream, bytes(pending))
    return total


def _append(stream: BinaryIO, content: bytes) -> None:
    stream.write(content)
    stream.flush()


async def _text(part: BodyPartReader) -> str:
    content = bytearray()
    while chunk := await _in_time(part.read_chunk(_MAX_FIELD_BYTES)):
        content += chunk
        if len(content) > _MAX_FIELD_BYTES:
            raise UploadInvalid(f"The field {part.name!r} is longer than {_MAX_FIELD_BYTES} bytes.")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UploadInvalid(f"The field {part.name!r} is not UTF-8.") from error


async def _in_time(work: Awaitable[T]) -> T:
    async with asyncio.timeout(_STALL_SECS):
        return await work


def _too_large(max_bytes: int) -> UploadTooLarge:
    return UploadTooLarge(f"A level model may have at most {max_bytes // 2**20} MiB.")
