"""Level models: an uploaded mesh becomes triangles on disk and a row in the catalog, or nothing at all."""

import asyncio
import errno
import logging
import os
import shutil
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import msgspec

from console.messages import Axes, LevelModel, LevelModelChanges, Mesh
from console.server.mesh_worker import FACES_FILE, NO_ROOM, RESULT_FILE, VERTICES_FILE, MeshResult
from console.server.uploads import UPLOAD_PREFIX, Upload
from console.server.worker_command import PACKAGE_ROOT, worker_command
from console.storage.catalog import Catalog
from console.telemetry.events import MAX_NAME_CHARS

log = logging.getLogger(__name__)

PARSE_SECS = 180.0
_LOG_BYTES = 2000
_LOOK_SECS = 0.2  # whether somebody still waits
# What a Python process needs of its environment to start; nothing else reaches the worker.
_INHERITED = ("SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH")


class ModelInvalid(Exception):
    """The upload is no usable level model. `str()` is one or two sentences for people."""


class UploadGivenUp(ConnectionError):
    """Whoever sent the file went away while it was read."""


class LevelModelService:
    """Stores, lists, changes and hands out level models. `changed` is called on the loop after each change.

    Raises CatalogError where an id is unknown.
    """

    def __init__(
        self, levels_dir: Path, catalog: Catalog, changed: Callable[[], None], *, parse_secs: float = PARSE_SECS
    ) -> None:
        self.levels_dir = levels_dir
        self._catalog = catalog
        self._changed = changed
        self._parse_secs = parse_secs
        self._one_at_a_time = asyncio.Semaphore(1)  # each may take gigabytes

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Remove at the start what an earlier run left half-made."""
        known = {model.model_id for model in self._catalog.level_models.all()}
        await asyncio.to_thread(_remove_leftovers, self.levels_dir, known)
        yield

    def all(self) -> list[LevelModel]:
        """Every version of every level."""
        return self._catalog.level_models.all()

    async def store(
        self,
        upload: Upload,
        *,
        app_id: str,
        level_name: str,
        mesh_axes: Axes | None = None,
        is_waited_for: Callable[[], bool] = lambda: True,
    ) -> LevelModel:
        """Parse a received file in a process of its own and keep its triangles as the level's newest version.

        Without `mesh_axes` a new level gets what its file format prescribes, a known one keeps what it has. Raises
        ModelInvalid, CatalogError; OSError when the disk refuses; UploadGivenUp as soon as nobody waits for the
        answer any more. Nothing is kept then.
        """
        level_name = level_name.strip()
        if not level_name or len(level_name) > MAX_NAME_CHARS:
            raise ModelInvalid(f"The level's name must have between 1 and {MAX_NAME_CHARS} characters.")
        async with self._one_at_a_time:
            result = await self._parse(upload, is_waited_for)
        model_id = str(uuid.uuid4())
        folder = self.levels_dir / model_id
        await asyncio.to_thread(_move_in, upload.folder, folder)
        if mesh_axes is None and not self._is_known(app_id, level_name):
            mesh_axes = "gltf" if result.mesh_format in ("glb", "gltf", "dae") else "blender"
        try:
            model = await asyncio.to_thread(
                self._catalog.level_models.add,
                model_id=model_id,
                app_id=app_id,
                level_name=level_name,
                file_name=upload.file_name,
                file_bytes=upload.file_bytes,
                triangles=result.triangles,
                vertices=result.vertices,
                bounds=result.bounds,
                mesh_axes=mesh_axes,
            )
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        self._changed()
        return model

    async def change(self, model_id: str, changes: LevelModelChanges) -> LevelModel:
        """Change axes, or which version is active."""
        model = await asyncio.to_thread(self._catalog.level_models.change, model_id, changes)
        self._changed()
        return model

    async def delete(self, model_id: str) -> None:
        """Forget a version and remove its files."""
        model = await asyncio.to_thread(self._catalog.level_models.delete, model_id)
        await asyncio.to_thread(shutil.rmtree, self.levels_dir / model.model_id, ignore_errors=True)
        self._changed()

    async def mesh(self, model_id: str) -> Mesh:
        """The triangles. Raises OSError when the files are gone."""
        model = self._catalog.level_models.get(model_id)
        return await asyncio.to_thread(_read_mesh, self.levels_dir / model.model_id, model.model_id)

    @asynccontextmanager
    async def open_mesh(self, model_id: str) -> AsyncIterator[tuple[str, BinaryIO, BinaryIO]]:
        """The model's id, and its vertices and faces as files. Raises OSError when they are gone."""
        model = self._catalog.level_models.get(model_id)
        folder = self.levels_dir / model.model_id
        with (folder / VERTICES_FILE).open("rb") as vertices, (folder / FACES_FILE).open("rb") as faces:
            yield model.model_id, vertices, faces

    def _is_known(self, app_id: str, level_name: str) -> bool:
        return any(model.level_name == level_name for model in self._catalog.level_models.all(app_id))

    async def _parse(self, upload: Upload, is_waited_for: Callable[[], bool]) -> MeshResult:
        if not is_waited_for():
            raise UploadGivenUp
        log_file = upload.folder / "worker.log"
        with log_file.open("wb") as log_stream:
            process = await asyncio.create_subprocess_exec(
                *worker_command("mesh", str(upload.file), upload.file_name, str(upload.folder)),
                cwd=upload.folder,
                env=worker_environment(upload.folder),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=log_stream,
            )
            try:
                async with asyncio.timeout(self._parse_secs):
                    await _ended(process, is_waited_for)
            except TimeoutError:
                raise ModelInvalid(
                    f"Reading the file took longer than {self._parse_secs:g} seconds. Send a simplified level."
                ) from None
            finally:
                if process.returncode is None:
                    with suppress(ProcessLookupError):
                        process.kill()
                    await process.wait()
        if process.returncode == NO_ROOM:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        try:
            result = msgspec.json.decode((upload.folder / RESULT_FILE).read_bytes(), type=MeshResult)
        except (OSError, msgspec.MsgspecError) as error:
            said = log_file.read_bytes()[-_LOG_BYTES:].decode("utf-8", "replace")
            log.warning("the mesh worker ended with %s: %s", process.returncode, said)
            raise ModelInvalid(
                "Reading the file needed more memory or time than is allowed. Send a simplified level."
            ) from error
        if result.error:
            raise ModelInvalid(result.error)
        return result


async def _ended(process: asyncio.subprocess.Process, is_waited_for: Callable[[], bool]) -> None:
    """Raises UploadGivenUp."""
    end = asyncio.ensure_future(process.wait())
    try:
        while not (await asyncio.wait({end}, timeout=_LOOK_SECS))[0]:
            if not is_waited_for():
                raise UploadGivenUp
    finally:
        end.cancel()


def worker_environment(folder: Path) -> dict[str, str]:
    """All that the worker knows of this process; its temporary files go to `folder`."""
    environment = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return environment | {
        "PYTHONPATH": str(PACKAGE_ROOT),
        "TMPDIR": str(folder),
        "TEMP": str(folder),
        # Each thread of the linear algebra library reserves address space, of which the worker has a limited amount.
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }


def _move_in(upload_folder: Path, folder: Path) -> None:
    """Keep the triangles, durable before the catalog names them; one rename makes them appear whole."""
    for file in upload_folder.iterdir():
        if file.name not in (VERTICES_FILE, FACES_FILE):
            file.unlink()
            continue
        with file.open("rb+") as stream:
            os.fsync(stream.fileno())
    upload_folder.rename(folder)


def _read_mesh(folder: Path, model_id: str) -> Mesh:
    return Mesh(
        model_id=model_id,
        vertices=(folder / VERTICES_FILE).read_bytes(),
        faces=(folder / FACES_FILE).read_bytes(),
    )


def _remove_leftovers(levels_dir: Path, known: set[str]) -> None:
    """Uploads that a crash ended, and folders whose model was never, or is no longer, in the catalog."""
    for folder in levels_dir.iterdir():
        if folder.is_dir() and (folder.name.startswith(UPLOAD_PREFIX) or _is_orphan(folder.name, known)):
            shutil.rmtree(folder, ignore_errors=True)


def _is_orphan(name: str, known: set[str]) -> bool:
    try:
        return str(uuid.UUID(name)) == name and name not in known
    except ValueError:
        return False
