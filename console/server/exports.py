"""NDJSON exports, straight from the journal, one at a time, in a worker thread."""

import asyncio
import logging
import os
import threading
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Literal

from console.messages import Export, StartExport
from console.players.ndjson import command_lines
from console.storage.journal import Journal, JournaledIngest
from console.storage.workspace import Workspace
from console.telemetry.ndjson import event_lines

log = logging.getLogger(__name__)

State = Literal["queued", "running", "done", "failed", "cancelled"]

_CHUNK_EVENTS = 2_000  # between two looks at the cancel flag, and a few milliseconds of work
_MAX_REMEMBERED = 100
_PART_SUFFIX = ".part"


class ExportRefused(Exception):
    """The destination cannot be used. `str()` is one sentence for people."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UnknownExport(LookupError):
    """No export has this id: ids are forgotten when the server stops."""


class _Cancelled(Exception):
    pass


class _Job:
    """One export. The worker thread writes the fields, the loop reads them: each is one assignment."""

    def __init__(self, export_id: str, file: Path, app_id: str | None, last_request_id: int, rows_total: int) -> None:
        self.export_id = export_id
        self.file = file
        self.app_id = app_id
        self.last_request_id = last_request_id
        self.rows_total = rows_total
        self.state: State = "queued"
        self.rows = 0
        self.bytes = 0
        self.error = ""
        self.cancelled = threading.Event()

    @property
    def finished(self) -> bool:
        return self.state in ("done", "failed", "cancelled")

    def snapshot(self) -> Export:
        return Export(
            export_id=self.export_id,
            state=self.state,
            rows=self.rows,
            rows_total=self.rows_total,
            bytes=self.bytes,
            file=str(self.file),
            error=self.error,
        )


class ExportService:
    """Runs exports and remembers the latest ones. Methods belong to the server's loop.

    An export holds what the journal had when it was asked for, so it ends also while games keep sending.
    """

    def __init__(
        self, workspace: Workspace, journal: Journal, clock: Callable[[], int], changed: Callable[[], None]
    ) -> None:
        self._workspace = workspace
        self._journal = journal
        self._clock = clock
        self._changed = changed
        self._jobs: dict[str, _Job] = {}
        self._task: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Exports may run while entered; one that still does at the end is cancelled."""
        await asyncio.to_thread(_remove_leftovers, self._workspace.exports_dir)
        try:
            yield
        finally:
            for job in self._jobs.values():
                job.cancelled.set()
            if self._task is not None:
                await asyncio.gather(self._task, return_exceptions=True)

    def start(self, request: StartExport) -> Export:
        """Start an export, or return the one that runs. Raises ExportRefused for a path that cannot be used."""
        running = next((job for job in self._jobs.values() if not job.finished), None)
        if running is not None:
            return running.snapshot()
        export_id = str(uuid.uuid4())
        file = self._new_file(export_id) if request.path is None else self._checked(Path(request.path))
        counters = self._journal.counters
        job = _Job(export_id, file, request.app_id, counters.last_request_id, counters.events)
        self._jobs[export_id] = job
        while len(self._jobs) > _MAX_REMEMBERED:
            del self._jobs[next(iter(self._jobs))]
        self._task = asyncio.create_task(self._run(job), name=f"export {export_id}")
        return job.snapshot()

    def get(self, export_id: str) -> Export:
        """How far an export is. Raises UnknownExport."""
        return self._job(export_id).snapshot()

    def cancel(self, export_id: str) -> Export:
        """Ask an export to stop and to leave no file. Changes nothing once it is finished. Raises UnknownExport."""
        job = self._job(export_id)
        job.cancelled.set()
        if job.state == "queued":
            job.state = "cancelled"
        return job.snapshot()

    async def finished(self, export_id: str) -> Export:
        """Wait until an export is done, failed or cancelled. Raises UnknownExport."""
        job = self._job(export_id)
        if not job.finished and self._task is not None:
            await asyncio.shield(self._task)
        return job.snapshot()

    def _job(self, export_id: str) -> _Job:
        try:
            return self._jobs[export_id]
        except KeyError:
            raise UnknownExport(export_id) from None

    def _new_file(self, export_id: str) -> Path:
        instant = datetime.fromtimestamp(self._clock() // 1_000_000_000, UTC)
        return self._workspace.exports_dir / f"events-{instant:%Y%m%d-%H%M%S}-{export_id[:8]}.ndjson"

    def _checked(self, path: Path) -> Path:
        if not path.is_absolute():
            raise ExportRefused("The file to write must be given with its whole path.")
        folder = path.parent.resolve()
        if not folder.is_dir():
            raise ExportRefused(f"The folder {path.parent} does not exist.", "Choose a folder that does.")
        file = folder / path.name
        if file.is_dir():
            raise ExportRefused(f"{file} is a folder.", "Add a file name to it.")
        root = self._workspace.root.resolve()
        if file.is_relative_to(root) and not file.is_relative_to(self._workspace.exports_dir.resolve()):
            raise ExportRefused(
                "An export cannot be written over the workspace's own files.", "Choose a folder outside the workspace."
            )
        return file

    async def _run(self, job: _Job) -> None:
        self._changed()
        try:
            if not job.finished:
                job.state = "running"
                await asyncio.to_thread(_write_file, job, self._journal)
                job.state = "done"
        except _Cancelled:
            job.state = "cancelled"
        except OSError as error:
            job.error = f"{job.file} could not be written: {error.strerror or error}."
            job.state = "failed"
        except Exception as error:
            log.exception("export %s failed", job.export_id)
            job.error = f"The export stopped: {error}."
            job.state = "failed"
        self._changed()


def _write_file(job: _Job, journal: Journal) -> None:
    """Write beside the destination, then rename: the file is whole or not there at all."""
    part = job.file.with_name(f".{job.file.name}.{job.export_id[:8]}{_PART_SUFFIX}")
    try:
        with part.open("xb") as file:
            _write_events(job, journal, file)
            file.flush()
            os.fsync(file.fileno())
        if job.cancelled.is_set():
            raise _Cancelled
        part.replace(job.file)
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise
    _sync_folder(job.file.parent)
    job.rows_total = job.rows


def _write_events(job: _Job, journal: Journal, file: BinaryIO) -> None:
    after = 0
    while after < job.last_request_id:
        if job.cancelled.is_set():
            raise _Cancelled
        requests = journal.read_ingest(after, _CHUNK_EVENTS)
        if not requests:
            return
        for request in requests:
            after = request.request_id
            if after > job.last_request_id:
                return
            if job.app_id is not None and request.app_id != job.app_id:
                continue
            lines = _lines_of(request)
            content = b"".join(lines)
            file.write(content)
            job.rows += len(lines)
            job.bytes += len(content)


def _lines_of(request: JournaledIngest) -> list[bytes]:
    if request.commands:
        return command_lines(request.commands, request.app_id, request.received_at_us, request.first_seq)
    return event_lines(request.body, request.received_at_us, request.first_seq)


def _sync_folder(folder: Path) -> None:
    """Make the new name durable. Windows has no such call and needs none: its rename is journaled."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove_leftovers(folder: Path) -> None:
    """Parts of exports that a crash ended."""
    for part in folder.glob(f".*{_PART_SUFFIX}"):
        with suppress(OSError):
            part.unlink()
