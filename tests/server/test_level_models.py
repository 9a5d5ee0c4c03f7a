"""Uploads over HTTP into the service, to the triangles that come out."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import aiohttp
import numpy as np
import psutil
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from console.messages import LevelModel, LevelModelChanges
from console.server.level_models import LevelModelService, ModelInvalid, UploadGivenUp, worker_command
from console.server.mesh_worker import NO_ROOM
from console.server.uploads import Upload, UploadInvalid, UploadTooLarge, display_name, received
from console.storage.catalog import Catalog, CatalogError
from tests.server.test_mesh_worker import CORNERS, TRIANGLE_OBJ, scene

Changes = list[str]


@pytest.fixture
def catalog(tmp_path: Path) -> AsyncIterator[Catalog]:
    catalog = Catalog(tmp_path / "catalog.sqlite")
    catalog.first_start()
    yield catalog  # type: ignore[misc]
    catalog.close()


@pytest.fixture
def app_id(catalog: Catalog) -> str:
    return catalog.applications()[0].app_id


@pytest.fixture
def changes() -> Changes:
    return []


@pytest.fixture
async def service(tmp_path: Path, catalog: Catalog, changes: Changes) -> AsyncIterator[LevelModelService]:
    levels = tmp_path / "levels"
    levels.mkdir()
    service = LevelModelService(levels, catalog, lambda: changes.append("x"))
    async with service.running():
        yield service


def uploaded(service: LevelModelService, content: bytes, name: str = "level.obj") -> Upload:
    folder = service.levels_dir / f".upload-{os.urandom(4).hex()}"
    folder.mkdir()
    (folder / "source").write_bytes(content)
    return Upload({}, folder, folder / "source", name, len(content))


async def store(service: LevelModelService, app_id: str, content: bytes = TRIANGLE_OBJ, **more: object) -> LevelModel:
    options = {"level_name": "Level 1", **more}
    name = str(options.pop("file_name", "level.obj"))
    return await service.store(uploaded(service, content, name), app_id=app_id, **options)  # type: ignore[arg-type]


async def test_a_stored_model_is_listed_and_read_back(
    service: LevelModelService, app_id: str, changes: Changes
) -> None:
    model = await store(service, app_id)
    assert (model.level_name, model.version, model.active, model.file_name) == ("Level 1", 1, True, "level.obj")
    assert (model.triangles, model.vertices, model.bounds) == (1, 3, ((0.0, 0.0, 0.0), (1.0, 1.0, 0.0)))
    assert service.all() == [model]
    assert changes == ["x"]
    mesh = await service.mesh(model.model_id)
    assert np.frombuffer(mesh.vertices, "<f4").reshape(-1, 3).tolist() == CORNERS
    assert np.frombuffer(mesh.faces, "<u4").tolist() == [0, 1, 2]
    assert [file.name for file in service.levels_dir.iterdir()] == [model.model_id]


async def test_axes_follow_the_format_until_a_person_says_otherwise(service: LevelModelService, app_id: str) -> None:
    gltf = await store(service, app_id, scene([{}], CORNERS), file_name="a.glb")
    assert (gltf.mesh_axes, gltf.telemetry_axes) == ("gltf", "unity")
    obj = await store(service, app_id, level_name="Level 2")
    assert obj.mesh_axes == "blender"
    await service.change(gltf.model_id, LevelModelChanges(mesh_axes="unreal"))
    assert (await store(service, app_id, scene([{}], CORNERS), file_name="a.glb")).mesh_axes == "unreal"
    assert (await store(service, app_id, mesh_axes="quake")).mesh_axes == "quake"


async def test_deleting_removes_the_files(service: LevelModelService, app_id: str) -> None:
    first, second = await store(service, app_id), await store(service, app_id)
    assert (second.version, second.active) == (2, True)
    await service.delete(second.model_id)
    (left,) = service.all()
    assert (left.model_id, left.active) == (first.model_id, True)
    assert [file.name for file in service.levels_dir.iterdir()] == [first.model_id]
    with pytest.raises(CatalogError, match="no level model"):
        await service.mesh(second.model_id)


@pytest.mark.parametrize("content", [b"", b"junk", b"v 0 0 0\n"])
async def test_junk_keeps_nothing(service: LevelModelService, app_id: str, content: bytes, changes: Changes) -> None:
    with pytest.raises(ModelInvalid):
        await store(service, app_id, content)
    assert service.all() == []
    assert not changes


async def test_an_unknown_application_keeps_nothing(service: LevelModelService) -> None:
    with pytest.raises(CatalogError, match="no application"):
        await store(service, "00000000-0000-0000-0000-000000000000")
    assert list(service.levels_dir.iterdir()) == []


@pytest.mark.parametrize("name", ["", "  ", "x" * 257])
async def test_a_level_needs_a_name(service: LevelModelService, app_id: str, name: str) -> None:
    with pytest.raises(ModelInvalid, match="name"):
        await store(service, app_id, level_name=name)


async def test_a_scene_of_a_million_parts_ends_by_the_clock(tmp_path: Path, catalog: Catalog, app_id: str) -> None:
    service = LevelModelService(tmp_path, catalog, lambda: None, parse_secs=1.0)
    content = scene([{}] * 1_000_000, CORNERS)
    with pytest.raises(ModelInvalid, match="longer than 1 seconds"):
        await store(service, app_id, content, file_name="a.glb")


async def test_a_cancelled_upload_ends_its_worker(service: LevelModelService, app_id: str) -> None:
    """As when the server stops meanwhile."""
    content = scene([{}] * 300_000, CORNERS)
    storing = asyncio.create_task(store(service, app_id, content, file_name="a.glb"))
    me = psutil.Process()
    before = {child.pid for child in me.children()}
    await until(lambda: bool({child.pid for child in me.children()} - before))
    storing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await storing
    assert not {child.pid for child in me.children()} - before
    assert service.all() == []


@pytest.mark.expects_log
async def test_a_worker_that_dies_is_a_reason_not_an_error(
    service: LevelModelService, app_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dying(*arguments: str) -> list[str]:
        return [sys.executable, "-c", "import os; os.abort()"]

    monkeypatch.setattr("console.server.level_models.worker_command", dying)
    with pytest.raises(ModelInvalid, match="more memory or time"):
        await store(service, app_id)


async def test_a_full_disk_is_called_by_its_name(
    service: LevelModelService, app_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: str) -> list[str]:
        return [sys.executable, "-S", "-c", f"import sys; sys.exit({NO_ROOM})"]

    monkeypatch.setattr("console.server.level_models.worker_command", full)
    with pytest.raises(OSError, match="No space left"):
        await store(service, app_id)
    assert service.all() == []


async def test_an_upload_that_nobody_waits_for_is_given_up(
    service: LevelModelService, app_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(*_: str) -> list[str]:
        return [sys.executable, "-c", "import time; time.sleep(60)"]

    monkeypatch.setattr("console.server.level_models.worker_command", endless)
    monkeypatch.setattr("console.server.level_models._LOOK_SECS", 0.01)
    asked = iter([True, True])
    with pytest.raises(UploadGivenUp):
        await store(service, app_id, is_waited_for=lambda: next(asked, False))
    assert service.all() == []


def test_a_packaged_program_starts_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.frozen", True, raising=False)
    monkeypatch.setattr("sys.executable", "/opt/playtest-console")
    assert worker_command("mesh", "a", "b") == ["/opt/playtest-console", "mesh-worker", "a", "b"]


async def test_what_a_crash_left_is_removed_at_the_start(tmp_path: Path, catalog: Catalog, app_id: str) -> None:
    service = LevelModelService(tmp_path / "levels", catalog, lambda: None)
    service.levels_dir.mkdir()
    model = await store(service, app_id)
    for name in (".upload-abc", "3f2504e0-4f89-11d3-9a0c-0305e82c3301", "mine"):
        (service.levels_dir / name).mkdir()
    async with service.running():
        assert {folder.name for folder in service.levels_dir.iterdir()} == {model.model_id, "mine"}


# uploads


Post = Callable[[aiohttp.FormData | bytes], AbstractAsyncContextManager[aiohttp.ClientResponse]]


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[TestServer]:
    """Its one handler receives a form of at most 1,000,000 bytes, and tells of it as text."""

    async def receive(request: web.Request) -> web.Response:
        try:
            async with received(request, tmp_path, max_bytes=1_000_000) as upload:
                size = upload.file.stat().st_size
                assert size == upload.file_bytes
                return web.Response(text=f"{upload.file_name} {size} {sorted(upload.fields.items())}")
        except UploadInvalid as error:
            return web.Response(status=400, text=str(error))
        except UploadTooLarge as error:
            return web.Response(status=413, text=str(error))

    application = web.Application()
    application.router.add_post("/", receive)
    server = TestServer(application)
    await server.start_server()
    yield server
    await server.close()
    assert not folders(tmp_path)  # whatever came, nothing stays


def folders(parent: Path) -> list[Path]:
    return list(parent.iterdir())


@pytest.fixture
def post(server: TestServer) -> Post:
    """Posts a form, or the bytes of one."""

    @asynccontextmanager
    async def send(data: aiohttp.FormData | bytes) -> AsyncIterator[aiohttp.ClientResponse]:
        headers = {"Content-Type": "multipart/form-data; boundary=x"} if isinstance(data, bytes) else None
        async with (
            aiohttp.ClientSession() as session,
            session.post(server.make_url("/"), data=data, headers=headers) as response,
        ):
            yield response

    return send


def form(content: bytes, name: str = "a.obj", **fields: str) -> aiohttp.FormData:
    data = aiohttp.FormData(fields, quote_fields=False)
    data.add_field("model_file", content, filename=name, content_type="application/octet-stream")
    return data


async def test_a_form_is_received(post: Post) -> None:
    async with post(form(b"x" * 500_000, "../../up.obj", level_name="Größe")) as response:
        assert await response.text() == "up.obj 500000 [('level_name', 'Größe')]"


async def test_a_file_over_the_limit_is_refused(post: Post) -> None:
    async with post(form(b"x" * 1_000_001)) as response:
        assert (response.status, await response.text()) == (413, "A level model may have at most 0 MiB.")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "broken"),
        (b"no form at all", "broken"),
        (b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n', "no file in the field"),
        (b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"b" * 5000 + b"\r\n--x--\r\n", "longer than"),
        (b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff\r\n--x--\r\n', "not UTF-8"),
        (b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n' * 20 + b"--x--\r\n", "too many fields"),
        (
            b'--x\r\nContent-Disposition: form-data; name="model_file"; filename="a"\r\n\r\nb\r\n' * 2 + b"--x--\r\n",
            "twice",
        ),
        (b"--x\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\n\r\n--y--\r\n--x--\r\n", "within the form"),
    ],
)
async def test_a_form_that_cannot_be_used_is_refused(post: Post, body: bytes, reason: str) -> None:
    async with post(body) as response:
        assert response.status == 400
        assert reason in await response.text()


async def test_a_form_of_another_type_is_refused(post: Post) -> None:
    async with post(aiohttp.FormData({"a": "b"})) as response:
        assert response.status == 400


async def test_a_client_that_goes_away_leaves_nothing(tmp_path: Path, server: TestServer) -> None:
    _, writer = await asyncio.open_connection(server.host, server.port)
    writer.write(
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000\r\n"
        b"Content-Type: multipart/form-data; boundary=x\r\n\r\n"
        b'--x\r\nContent-Disposition: form-data; name="model_file"; filename="a"\r\n\r\nbbbb'
    )
    await writer.drain()
    await until(lambda: bool(folders(tmp_path)))
    writer.close()
    await until(lambda: not folders(tmp_path))


async def until(condition: Callable[[], bool]) -> None:
    deadline = asyncio.get_running_loop().time() + 30
    while not condition():
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.005)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("a.obj", "a.obj"),
        ("C:\\levels\\a.obj", "a.obj"),
        ("/etc/passwd", "passwd"),
        ("..", ".."),
        ("", "unnamed"),
        ("a\nb\u202e.obj", "ab.obj"),
        ("x" * 500 + ".obj", "x" * 124 + ".obj"),
    ],
)
def test_a_client_s_file_name_is_only_shown(sent: str, shown: str) -> None:
    assert display_name(sent) == shown
