"""The console API as its client sees it: over real sockets, on real storage."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import numpy as np
import pytest

from console import columns
from console import messages as m
from console.client import ConsoleClient, ConsoleRefused, ConsoleUnavailable
from console.server.history import newest_events
from console.server.projector import Progress
from console.server.rows import SessionLevels
from console.storage.event_store import Position
from console.telemetry.events import EventKind
from tests.server.harness import Server
from tests.server.test_mesh_worker import CORNERS, TRIANGLE_OBJ, scene


@pytest.fixture
async def client(server: Server) -> AsyncIterator[ConsoleClient]:
    async with client_of(server) as client:
        yield client


def client_of(server: Server, key: str | None = None) -> ConsoleClient:
    return ConsoleClient(f"http://127.0.0.1:{server.port}/console", key or server.services.workspace.admin_key())


async def refusal(call: Awaitable[object]) -> tuple[int, str]:
    """Status and code of a refused call, which has one sentence for people."""
    with pytest.raises(ConsoleRefused) as caught:
        await call
    assert caught.value.error.message.endswith(".")
    return caught.value.status, caught.value.error.code


async def projected(client: ConsoleClient, events: int) -> None:
    """Wait until the event store holds this many events."""
    deadline = time.monotonic() + 30
    while columns.numbers(await client.query("totals"), "events").tolist() != [events]:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


def trajectory(server: Server, **changes: Any) -> dict[str, Any]:
    return {
        "app_id": server.app_id,
        "build_id": "build",
        "player_id": "player",
        "session_id": "session",
        "positions": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        "timestamp_start": "2026-02-12T10:00:00Z",
        "timestamp_end": "2026-02-12T10:00:02Z",
        "fps": {"mean": 60.0, "low_5": 40.0, "low_1": 30.0},
        **changes,
    }


# the door


@pytest.mark.parametrize("key", ["wrong", "ä", "x" * 5000])
async def test_only_the_admin_key_opens(server: Server, key: str) -> None:
    url = f"http://127.0.0.1:{server.port}/console/status"
    async with (
        aiohttp.ClientSession() as session,
        session.get(url, headers={"Authorization": f"Bearer {key}"}) as response,
    ):
        assert response.status == 401
        error = msgspec.msgpack.decode(await response.read(), type=m.ConsoleError)
        assert (error.code, error.hint) == ("unauthorized", "It is in the file admin.key of the workspace.")
        assert response.content_type == "application/msgpack"


async def test_no_key_and_an_application_s_key_do_not_open(server: Server) -> None:
    for headers in ({}, {"Authorization": f"Bearer {server.created.secret_key}"}):
        reply = await server.request("GET", "/console/status", headers=headers)
        assert reply.status == 401
    assert (await server.request("GET", "/console/feed")).status == 401


async def test_strange_hosts_and_web_pages_are_refused_before_the_key_is_looked_at(server: Server) -> None:
    for headers in ({"Host": "evil.example"}, {"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        reply = await server.request("POST", "/console/shutdown", headers=headers)
        assert reply.status == 403
        assert msgspec.msgpack.decode(reply.body, type=m.ConsoleError).code == "forbidden"
    assert not server.services.runtime.stop.is_set()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nothing", 404), ("GET", "/requests/1/2", 404), ("PUT", "/settings", 405)],
)
async def test_unknown_routes_are_said_to_be_so(client: ConsoleClient, method: str, path: str, status: int) -> None:
    assert (await refusal(client._ask(method, path, None)))[0] == status


async def test_a_server_that_is_gone_is_unavailable(server: Server) -> None:
    async with ConsoleClient("http://127.0.0.1:1/console", "key") as client:
        with pytest.raises(ConsoleUnavailable):
            await client.status()


async def test_an_answer_of_another_version_is_refused(client: ConsoleClient) -> None:
    assert await refusal(client._ask("GET", "/status", m.Export)) == (200, "unexpected_answer")


# status


async def test_status_says_what_is_true(server: Server, client: ConsoleClient) -> None:
    await server.ingest()
    await server.ingest(b"junk")
    await server.rows(2)
    status = await client.status()
    assert status.telemetry_urls[0] == f"http://127.0.0.1:{server.port}"
    assert status.player_urls
    assert (status.events_total, status.requests_total, status.rejected_total) == (1, 2, 1)
    assert (status.lan, status.recording, status.problem) == (False, True, "")
    assert status.workspace == str(server.services.workspace.root)
    assert status.disk_free_bytes > 0


# history


async def test_requests_are_listed_and_explained(server: Server, client: ConsoleClient) -> None:
    await server.ingest()
    bad = server.body(server.event(), server.event(position="here"))
    await server.ingest(bad)
    await server.rows(2)

    accepted, rejected = await client.requests()
    assert (accepted.status, rejected.status) == (200, 400)
    assert await client.requests(rejected_only=True) == [rejected]
    assert await client.requests(before_id=rejected.request_id) == [accepted]
    assert await client.requests(limit=1) == [rejected]

    detail = await client.request_detail(rejected.request_id)
    assert (detail.row, detail.body, detail.first_seq) == (rejected, bad, None)
    (problem,) = detail.details
    assert (problem.index, problem.path) == (1, "$[1].position")
    assert problem.start is not None
    assert server.created.public_key not in str(detail.headers)
    assert (await client.request_detail(accepted.request_id)).first_seq == 1


async def test_unknown_requests_and_bad_numbers_are_refused(client: ConsoleClient) -> None:
    assert await refusal(client.request_detail(99)) == (404, "not_found")
    assert await refusal(client._ask("GET", "/requests/abc", None)) == (404, "not_found")
    assert await refusal(client._ask("GET", "/requests", None, query={"limit": "ten"})) == (400, "invalid_parameter")
    assert await client.requests(limit=-5, before_id=-1) == []
    assert await client.requests(before_id=2**70) == []


async def test_nothing_acknowledged_is_missing_while_the_projector_is_behind(server: Server) -> None:
    await server.ingest(server.body(server.event(event_name="a"), trajectory(server)))
    await server.ingest(server.body(*[server.event(event_name=f"b{n}") for n in range(5)]))
    rows = await _events_without_store(server, limit=100)
    assert [row.name for row in rows] == ["a", "", "b0", "b1", "b2", "b3", "b4"]
    assert [row.seq for row in rows] == list(range(1, 8))
    assert rows[1].kind is EventKind.TRAJECTORY
    assert rows[1].level_id == "Level_1"
    assert [row.name for row in await _events_without_store(server, limit=3)] == ["b2", "b3", "b4"]
    assert [row.name for row in await _events_without_store(server, limit=2, before_seq=5)] == ["b0", "b1"]
    assert await _events_without_store(server, limit=9, app_id="other") == []


async def _events_without_store(server: Server, **options: Any) -> list[m.EventRow]:
    """As GET /console/events, from a store that has nothing yet."""

    class Empty:
        progress = Progress(Position())

        def query(self, name: str, params: dict[str, Any]) -> m.Columns:
            return columns.encode_columns({field: np.empty(0) for field in m.EventRow.__struct_fields__})

    given = {"before_seq": None, "app_id": None, **options}
    journal = server.services.journal
    return await asyncio.to_thread(newest_events, Empty(), journal, SessionLevels(), str, **given)  # type: ignore[arg-type]


async def test_rows_of_journal_and_event_store_are_the_same(server: Server, client: ConsoleClient) -> None:
    identity = server.event(event_name="Create_Player", session_id=None, level_id=None, position=None)
    step = server.event(event_name=None, funnel_step_name="Step", position=None)
    await server.ingest(server.body(identity, step, server.event(), trajectory(server), server.event(level_id=None)))
    from_journal = await _events_without_store(server, limit=10)
    await projected(client, 5)
    assert await client.events() == from_journal
    assert await client.events(limit=2) == from_journal[-2:]
    assert await client.events(before_seq=3) == from_journal[:2]
    assert await client.events(app_id=server.app_id) == from_journal
    assert await client.events(app_id="other") == []


# queries


async def test_named_queries_answer_in_columns(server: Server, client: ConsoleClient) -> None:
    await server.ingest(server.body(server.event(), trajectory(server)))
    await projected(client, 2)
    answer = await client.query("sessions")
    assert (answer.rows, answer.truncated) == (1, False)
    assert columns.text(answer, "session_id") == ["session"]
    samples = await client.query("samples", level_id="Level_1", limit=1)
    assert (samples.rows, samples.truncated) == (1, True)


@pytest.mark.parametrize(
    ("name", "params"),
    [("nothing", {}), ("../catalog", {}), ("samples", {}), ("totals", {"x": 1}), ("sessions", {"limit": "many"})],
)
async def test_wrong_queries_are_refused(client: ConsoleClient, name: str, params: dict[str, Any]) -> None:
    told: list[str] = []
    client.misunderstood = lambda: told.append(name)
    status, code = await refusal(client.query(name, **params))
    assert status in (400, 404)
    # What this program asks of its own has every name and parameter: who does not know one is of another version.
    assert (code == "unknown_query") == bool(told) == (name in ("nothing", "totals"))


# applications and keys


async def test_applications_and_keys(server: Server, client: ConsoleClient) -> None:
    created = await client.create_application(m.CreateApplication(name="Neon", environment="test"))
    app_id = created.application.app_id
    assert created.public_key.startswith("pk_test_")
    await client.change_application(app_id, m.ApplicationChanges(name="Neon Nights"))
    made = await client.create_key(app_id, m.CreateKey(kind="secret", label="CI"))
    await client.label_key(made.key.key_id, "Build machine")
    rotated = await client.rotate_key(made.key.key_id)
    await client.revoke_key(rotated.key.key_id)
    application = next(a for a in await client.applications() if a.app_id == app_id)
    assert application.name == "Neon Nights"
    assert [(key.label, key.revoked_at_us is None) for key in application.keys[2:]] == [
        ("Build machine", False),
        ("Build machine", False),
    ]
    assert all(key.token == "" for key in application.keys if key.kind == "secret")


async def test_refused_changes_say_why(server: Server, client: ConsoleClient) -> None:
    again = m.CreateApplication(name=server.created.application.name)
    assert await refusal(client.create_application(again)) == (409, "name_taken")
    assert await refusal(client.create_application(m.CreateApplication(name=" "))) == (400, "invalid_name")
    bad_id = m.CreateApplication(name="x", app_id="7")
    assert await refusal(client.create_application(bad_id)) == (400, "invalid_app_id")
    assert await refusal(client.change_application("none", m.ApplicationChanges(name="x"))) == (404, "not_found")
    assert await refusal(client.revoke_key("none")) == (404, "not_found")
    assert await refusal(client.create_key("none", m.CreateKey(kind="public"))) == (404, "not_found")


@pytest.mark.parametrize("body", [b"", b"\xc1", b"\x80", b"\x81\xa4name\x07", b"\x91" * 5000, b"{}"])
async def test_bodies_that_cannot_be_used_are_refused(server: Server, body: bytes) -> None:
    key = server.services.workspace.admin_key()
    reply = await server.request("POST", "/console/applications", body, {"Authorization": f"Bearer {key}"})
    assert reply.status == 400
    assert msgspec.msgpack.decode(reply.body, type=m.ConsoleError).code == "invalid_body"


async def test_a_body_over_the_limit_is_refused(server: Server) -> None:
    key = server.services.workspace.admin_key()
    reply = await server.request("POST", "/console/applications", bytes(2**20 + 1), {"Authorization": f"Bearer {key}"})
    assert reply.status == 413


# level models


async def test_level_models(server: Server, client: ConsoleClient, tmp_path: Path) -> None:
    file = tmp_path / "Straße 1.glb"
    file.write_bytes(scene([{}], CORNERS))
    model = await client.upload_level_model(server.app_id, "Level_1", file)
    assert (model.file_name, model.triangles, model.mesh_axes) == ("Straße 1.glb", 1, "gltf")
    assert await client.level_models() == [model]
    changed = await client.change_level_model(model.model_id, m.LevelModelChanges(telemetry_axes="unreal"))
    assert changed.telemetry_axes == "unreal"
    mesh = await client.mesh(model.model_id)
    assert np.frombuffer(mesh.vertices, "<f4").reshape(-1, 3).tolist() == CORNERS
    await client.delete_level_model(model.model_id)
    assert await client.level_models() == []
    assert await refusal(client.mesh(model.model_id)) == (404, "not_found")
    assert await refusal(client.delete_level_model(model.model_id)) == (404, "not_found")


async def test_level_models_that_cannot_be_used(server: Server, client: ConsoleClient, tmp_path: Path) -> None:
    junk = tmp_path / "junk.glb"
    junk.write_bytes(b"PK\x03\x04" + bytes(1000))
    assert await refusal(client.upload_level_model(server.app_id, "L", junk)) == (400, "model_invalid")
    good = tmp_path / "good.obj"
    good.write_bytes(TRIANGLE_OBJ)
    assert await refusal(client.upload_level_model("none", "L", good)) == (404, "not_found")
    assert await refusal(client.upload_level_model(server.app_id, " ", good)) == (400, "model_invalid")
    strange: Any = "sideways"
    refused = client.upload_level_model(server.app_id, "L", good, mesh_axes=strange)
    assert await refusal(refused) == (400, "invalid_body")
    assert await client.level_models() == []


# exports


async def test_an_export_to_a_chosen_file(server: Server, client: ConsoleClient, tmp_path: Path) -> None:
    await server.ingest(server.body(server.event(), server.event()))
    target = tmp_path / "out.ndjson"
    export = await client.start_export(m.StartExport(path=str(target)))
    export = await server.services.exports.finished(export.export_id)
    assert await client.export(export.export_id) == export
    assert (export.state, export.rows, export.bytes) == ("done", 2, target.stat().st_size)
    assert [msgspec.json.decode(line)["seq"] for line in target.read_bytes().splitlines()] == [1, 2]
    assert (await client.cancel_export(export.export_id)).state == "done"
    assert await refusal(client.export("none")) == (404, "not_found")
    assert await refusal(client.cancel_export("none")) == (404, "not_found")
    assert await refusal(client.start_export(m.StartExport(path="relative"))) == (400, "export_refused")


# settings


async def test_settings_hold_at_once_and_are_kept(server: Server, client: ConsoleClient) -> None:
    changes = m.SettingsChanges(
        rate_limit=2.0, allowed_hosts=["Build-PC."], allowed_origins=["HTTPS://Game.Example:443/"]
    )
    changed = await client.change_settings(changes)
    assert (changed.rate_limit, changed.allowed_hosts, changed.allowed_origins) == (
        2.0,
        ["build-pc"],
        ["https://game.example"],
    )
    assert await client.settings() == changed
    assert server.services.catalog.settings() == changed
    statuses = [(await server.ingest()).status for _ in range(4)]
    assert 429 in statuses
    await client.change_settings(m.SettingsChanges(rate_limit=0.0))
    assert [(await server.ingest()).status for _ in range(4)] == [200] * 4
    assert (await server.ingest(Host="build-pc")).status == 200


async def test_settings_that_cannot_be_used_change_nothing(client: ConsoleClient) -> None:
    before = await client.settings()
    for changes in (
        m.SettingsChanges(rate_limit=-1.0),
        m.SettingsChanges(rate_limit=float("nan")),
        m.SettingsChanges(allowed_hosts=["a b"]),
        m.SettingsChanges(allowed_origins=["*"]),
    ):
        assert await refusal(client.change_settings(changes)) == (400, "invalid_settings")
    assert await client.settings() == before


async def test_the_network_switch_opens_and_closes_sockets(server: Server, client: ConsoleClient) -> None:
    assert (await client.change_settings(m.SettingsChanges(lan=True))).lan
    assert (await client.status()).lan
    assert not (await client.change_settings(m.SettingsChanges(lan=False))).lan


# health, the test event, the end


async def test_a_sound_workspace_is_found_sound(server: Server, client: ConsoleClient, tmp_path: Path) -> None:
    file = tmp_path / "level.obj"
    file.write_bytes(TRIANGLE_OBJ)
    model = await client.upload_level_model(server.app_id, "L", file)
    checks = await client.verify()
    assert [check for check in checks if not check.ok] == []
    assert {"Journal", "Catalog", "Event store", "Level models"} <= {check.name for check in checks}
    (server.services.level_models.levels_dir / model.model_id / "faces.u4").write_bytes(b"")
    (wrong,) = [check for check in await client.verify() if not check.ok]
    assert (wrong.name, "L version 1" in wrong.text, wrong.hint) == ("Level models", True, "Upload the level again.")


async def test_a_test_event_is_a_request_like_any_other(server: Server, client: ConsoleClient) -> None:
    row = await client.send_test_event(server.app_id)
    assert (row.status, row.route, row.events, row.app_id) == (200, "/api/events", 1, server.app_id)
    (event,) = await client.events()
    assert (event.name, event.request_id) == ("Test_Event", row.request_id)


async def test_a_test_event_may_be_refused_like_any_other(server: Server, client: ConsoleClient) -> None:
    await client.change_settings(m.SettingsChanges(rate_limit=0.01))
    rows = [await client.send_test_event(server.app_id) for _ in range(2)]
    assert [row.status for row in rows] == [200, 429]


async def test_a_test_event_needs_a_public_key(server: Server, client: ConsoleClient) -> None:
    for key in server.created.application.keys:
        if key.kind == "public":
            await client.revoke_key(key.key_id)
    assert await refusal(client.send_test_event(server.app_id)) == (409, "no_public_key")
    assert await refusal(client.send_test_event("none")) == (404, "not_found")


async def test_shutdown_is_answered_and_then_done(server: Server, client: ConsoleClient) -> None:
    await client.shut_down()
    async with asyncio.timeout(30):
        await server.services.runtime.stop.wait()
