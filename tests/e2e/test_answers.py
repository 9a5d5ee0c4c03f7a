"""Every documented status, over real sockets."""

import gzip
import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgpack
import pytest
import requests

from tests.e2e.processes import Credentials, Server, exported, make_application, serving

pytestmark = pytest.mark.e2e

_TIMEOUT = 90


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("answers") / "w", "--player-port", "0", "--rate-limit", "0") as server:
        yield server


@pytest.fixture(scope="module")
def credentials(server: Server) -> Credentials:
    return make_application(server.workspace)


@pytest.fixture
def event(credentials: Credentials) -> dict[str, Any]:
    return {
        "event_name": "Player_Jump",
        "app_id": credentials.app_id,
        "build_id": "b",
        "player_id": "p",
        "session_id": "s",
        "timestamp": "2026-02-12T10:00:00Z",
    }


def _post(server: Server, body: bytes, credentials: Credentials, **headers: str) -> requests.Response:
    sent = {"x-public-token": credentials.public_key, "Content-Type": "application/msgpack"} | headers
    return requests.post(server.events_url, data=body, headers=sent, timeout=_TIMEOUT)


def _error(response: requests.Response) -> tuple[int, str]:
    answer = response.json()
    assert answer["status"] == "error"
    assert answer["message"]
    return response.status_code, answer["error"]


def test_what_is_accepted(server: Server, credentials: Credentials, event: dict[str, Any]) -> None:
    single, batch = msgpack.packb(event), msgpack.packb([event] * 3)
    for body in (single, batch):
        response = _post(server, body, credentials)
        assert (response.status_code, response.text) == (200, '{"status":"queued"}')
    headers = {"Content-Encoding": "gzip"}
    assert _post(server, gzip.compress(batch), credentials, **headers).status_code == 200
    for path in ("/api/player", "/api/funnel", "/api/realtime", "/api/events/", "//api/events"):
        response = requests.post(
            server.url + path, data=single, headers={"x-api-key": credentials.public_key}, timeout=_TIMEOUT
        )
        assert response.status_code == 200, path


def test_both_ports_and_both_loopback_addresses_answer(
    server: Server, credentials: Credentials, event: dict[str, Any]
) -> None:
    for url in (server.url, server.ready["player_url"]):
        port = urlsplit(url).port
        for host in ("127.0.0.1", "[::1]", "localhost"):
            response = requests.post(
                f"http://{host}:{port}/api/events",
                data=msgpack.packb(event),
                headers={"x-public-token": credentials.public_key},
                timeout=_TIMEOUT,
            )
            assert response.status_code == 200, (host, port)


def test_keys(server: Server, credentials: Credentials, event: dict[str, Any]) -> None:
    body = msgpack.packb(event)
    answers = {
        name: _error(requests.post(server.events_url, data=body, headers=headers, timeout=_TIMEOUT))
        for name, headers in {
            "none": {},
            "unknown": {"x-public-token": "pk_live_" + "x" * 32},
            "secret": {"x-public-token": credentials.secret_key},
        }.items()
    }
    assert answers == {
        "none": (401, "missing_token"),
        "unknown": (401, "invalid_token"),
        "secret": (403, "forbidden"),
    }


def test_another_applications_events_are_refused(
    server: Server, credentials: Credentials, event: dict[str, Any]
) -> None:
    other = event | {"app_id": "72ab8f81-ef36-4712-a046-399a62b9afaa"}
    assert _error(_post(server, msgpack.packb([event, other]), credentials)) == (403, "app_scope_mismatch")


def test_json_is_refused(server: Server, credentials: Credentials) -> None:
    answer = _post(server, b"{}", credentials, **{"Content-Type": "application/json"})
    assert _error(answer) == (415, "unsupported_media_type")


def test_too_much_is_refused(server: Server, credentials: Credentials, event: dict[str, Any]) -> None:
    assert _error(_post(server, b"\xc0" * (8 * 1024 * 1024 + 1), credentials)) == (413, "payload_too_large")
    bomb = gzip.compress(b"\0" * (64 * 1024 * 1024))
    assert _error(_post(server, bomb, credentials, **{"Content-Encoding": "gzip"})) == (413, "payload_too_large")
    status, error = _error(_post(server, msgpack.packb([event] * 10_001), credentials))
    assert error == "batch_too_large"
    assert status in (400, 413)


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        ({"position": [[1, 2, 3]]}, "position"),
        ({"timestamp": "2026.02.12-10.00.00"}, "ToIso8601"),
        ({"timestamp": msgpack.Timestamp(1, 0)}, "ISO 8601"),
        ({"timestamp": 1_770_000_000}, "ISO 8601"),
        ({"custom_data": {"x": float("nan")}}, "custom_data"),
        ({"funnel_step_name": "x"}, "funnel_step_name"),
        ({"session_id": ""}, "session_id"),
        ({"custom_data": msgpack.ExtType(99, b"")}, "LZ4"),
    ],
)
def test_bad_events_are_explained(
    server: Server, credentials: Credentials, event: dict[str, Any], change: dict[str, Any], hint: str
) -> None:
    response = _post(server, msgpack.packb([event, event | change]), credentials)
    assert _error(response) == (400, "invalid_event") or _error(response) == (400, "invalid_msgpack")
    assert hint in response.text
    assert response.json()["details"][0]["index"] == 1


@pytest.mark.parametrize(
    ("body", "error", "hint"),
    [
        (b"", "empty_payload", ""),
        (b"\x90", "empty_payload", ""),
        (b"\x81\xa1", "invalid_msgpack", ""),
        (b'{"event_name": "x"}', "invalid_msgpack", "JSON"),
        (msgpack.packb([["Player_Jump", "app"]]), "invalid_event", "item 0 is an array, not a map"),
        (msgpack.packb({"x": 1}), "invalid_event", "event_name"),
    ],
)
def test_bodies_that_are_no_events_are_explained(
    server: Server, credentials: Credentials, body: bytes, error: str, hint: str
) -> None:
    response = _post(server, body, credentials)
    assert _error(response) == (400, error)
    assert hint in response.text


def test_broken_encodings_are_400(server: Server, credentials: Credentials, event: dict[str, Any]) -> None:
    body = msgpack.packb(event)
    for encoding in ("gzip", "deflate", "br"):
        assert _post(server, body, credentials, **{"Content-Encoding": encoding}).status_code == 400, encoding


def test_protected_routes(server: Server, credentials: Credentials) -> None:
    url = f"{server.url}/api/sql/select"
    assert _error(requests.post(url, timeout=_TIMEOUT)) == (401, "missing_token")
    bearer = {"Authorization": f"Bearer {credentials.secret_key}"}
    assert _error(requests.post(url, headers=bearer, timeout=_TIMEOUT)) == (501, "sql_unavailable")
    public = {"x-api-key": credentials.public_key}
    assert _error(requests.post(url, headers=public, timeout=_TIMEOUT)) == (403, "forbidden")
    assert _error(requests.get(f"{server.url}/api/nothing", timeout=_TIMEOUT)) == (404, "not_found")


def test_foreign_pages_are_refused(server: Server) -> None:
    for headers in ({"Host": "evil.example"}, {"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        response = requests.post(f"{server.url}/api/export", headers=headers, timeout=_TIMEOUT)
        assert response.status_code == 403, headers


def test_models(server: Server, credentials: Credentials) -> None:
    triangle = struct.pack("<80xI", 1) + struct.pack("<12fH", 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0)
    headers = {"x-api-key": credentials.secret_key}

    def upload(app_name: str, file: bytes) -> requests.Response:
        return requests.post(
            f"{server.url}/api/models",
            headers=headers,
            data={"app_name": app_name, "level_name": "Level_1"},
            files={"model_file": ("level.stl", file)},
            timeout=90,
        )

    stored = upload("E2E", triangle)
    assert stored.status_code == 200, stored.text
    assert (stored.json()["status"], stored.json()["triangles"]) == ("stored", 1)
    assert upload("Somebody else", triangle).status_code == 403
    assert _error(upload("E2E", b"not a mesh")) == (400, "model_invalid")


def test_other_pages_answer(server: Server) -> None:
    for path in ("/healthz", "/readyz", "/metrics", "/openapi.json", "/docs"):
        assert requests.get(server.url + path, timeout=_TIMEOUT).status_code == 200, path
    player = requests.get(f"{server.ready['player_url']}/v1/players/players", timeout=_TIMEOUT)
    assert player.status_code == 401
    assert player.json()["success"] is False


def test_the_rate_limit(tmp_path: Path) -> None:
    with serving(tmp_path / "w", "--no-player-port", "--rate-limit", "0.01") as server:
        first, response = (requests.post(server.events_url, timeout=_TIMEOUT) for _ in range(2))
        assert first.status_code == 401
        assert _error(response) == (429, "rate_limited")
        assert float(response.headers["Retry-After"]) > 0


def test_half_a_body_stores_nothing(
    server: Server, credentials: Credentials, event: dict[str, Any], tmp_path: Path
) -> None:
    body = msgpack.packb(event | {"player_id": "half_sent"})
    place = urlsplit(server.url)
    head = f"POST /api/events HTTP/1.1\r\nHost: {place.netloc}\r\nx-public-token: {credentials.public_key}\r\n"
    with socket.create_connection((place.hostname or "", place.port or 0), timeout=_TIMEOUT) as connection:
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:-1])
    players = {event["player_id"] for event in exported(server.workspace, tmp_path / "out.ndjson")}
    assert "half_sent" not in players
