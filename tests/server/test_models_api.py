"""`POST /api/models` over real sockets."""

import pytest

from tests.server.harness import Reply, Server

TRIANGLE = b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n"
BOUNDARY = "form-boundary"


def form(app_name: str | None, level_name: str | None, mesh: bytes | None) -> bytes:
    parts = []
    for name, value in (("app_name", app_name), ("level_name", level_name)):
        if value is not None:
            parts.append(f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
    if mesh is not None:
        disposition = b'Content-Disposition: form-data; name="model_file"; filename="../../level.obj"\r\n\r\n'
        parts.append(disposition + mesh + b"\r\n")
    return b"".join(b"--%s\r\n%s" % (BOUNDARY.encode(), part) for part in parts) + f"--{BOUNDARY}--\r\n".encode()


async def upload(server: Server, body: bytes, headers: dict[str, str] | None = None) -> Reply:
    given = server.secret if headers is None else headers
    return await server.request(
        "POST", "/api/models", body, {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"} | given
    )


def name_of(server: Server) -> str:
    return server.created.application.name


async def test_a_model_is_stored_as_the_levels_newest_version(server: Server) -> None:
    for version in (1, 2):
        reply = await upload(server, form(name_of(server), "Level_1", TRIANGLE))
        assert reply.status == 200, reply.body
        answer = reply.json
        assert set(answer) == {"status", "model_id", "level_name", "version", "triangles", "vertices", "bounds"}
        assert (answer["status"], answer["level_name"], answer["version"]) == ("stored", "Level_1", version)
        assert (answer["triangles"], answer["bounds"]) == (1, [[0.0, 0.0, 0.0], [1.0, 1.0, 0.0]])
    rows = await server.rows(2)
    assert [(row.route, row.status) for row in rows] == [("/api/models", 200)] * 2


async def test_only_the_secret_key_may_upload(server: Server) -> None:
    body = form(name_of(server), "Level_1", TRIANGLE)
    assert (await upload(server, body, {})).status == 401
    assert (await upload(server, body, {"x-api-key": server.created.public_key})).status == 403
    assert (await upload(server, body, {"x-public-token": server.created.public_key})).status == 403
    assert server.services.level_models.all() == []


@pytest.mark.parametrize(
    ("app_name", "level_name", "mesh", "status", "code"),
    [
        ("Another game", "Level_1", TRIANGLE, 403, "app_scope_mismatch"),
        (None, "Level_1", TRIANGLE, 400, "model_invalid"),
        ("", None, TRIANGLE, 400, "model_invalid"),
        ("", "Level_1", None, 400, "model_invalid"),
        ("", "Level_1", b"this is no mesh", 400, "model_invalid"),
    ],
)
async def test_a_bad_form_keeps_nothing(
    server: Server, app_name: str | None, level_name: str | None, mesh: bytes | None, status: int, code: str
) -> None:
    name = name_of(server) if app_name == "" else app_name
    reply = await upload(server, form(name, level_name, mesh))
    assert (reply.status, reply.error) == (status, code), reply.body
    assert server.services.level_models.all() == []
    assert list(server.services.workspace.levels_dir.iterdir()) == []


@pytest.mark.parametrize("body", [b"", b"no form at all", form("a", "b", TRIANGLE)[:-20]])
async def test_a_broken_form_is_400(server: Server, body: bytes) -> None:
    reply = await upload(server, body)
    assert (reply.status, reply.error) == (400, "model_invalid"), reply.body
    assert list(server.services.workspace.levels_dir.iterdir()) == []


async def test_a_form_of_another_type_is_400(server: Server) -> None:
    reply = await server.request("POST", "/api/models", b"{}", server.secret | {"Content-Type": "application/json"})
    assert (reply.status, reply.error) == (400, "model_invalid")


async def test_an_announced_size_over_the_limit_is_413(server: Server) -> None:
    async with server.connect() as connection:
        headers = server.secret | {
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
            "Content-Length": str(2**30),
        }
        await connection.send(server.raw("POST", "/api/models", b"", headers))
        reply = await connection.reply()
    assert (reply.status, reply.error) == (413, "payload_too_large")


async def test_half_an_upload_leaves_nothing_behind(server: Server) -> None:
    body = form(name_of(server), "Level_1", TRIANGLE * 100)
    async with server.connect() as connection:
        headers = server.secret | {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        await connection.send(server.raw("POST", "/api/models", body, headers)[:-200])
    [row] = await server.rows(1)
    assert row.status == 400
    assert list(server.services.workspace.levels_dir.iterdir()) == []
