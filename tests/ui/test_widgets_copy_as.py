"""Requests copied as code: the programs are run, against a server that keeps what it is sent."""

import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgpack
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.messages import RequestDetail
from console.ui.widgets.copy_as import CODE, only
from console.ui.widgets.copy_as_csharp import as_csharp
from console.ui.widgets.copy_as_curl import as_curl
from console.ui.widgets.copy_as_javascript import as_javascript
from console.ui.widgets.copy_as_parts import faithful_payload
from console.ui.widgets.copy_as_python import as_pytest, as_python
from tests.telemetry.bodies import Pairs, Raw, gameplay, pack, trajectory
from tests.ui.fakes import make_request

HOSTILE = "ä'\"`$(touch x)\\\n\u2028\u202e</script>\x7f\U0001f480"
AWKWARD: dict[str, Any] = {
    "event_name": HOSTILE,
    "position": [1, -1, 127, 128, -32, -33, 255, 256, 65_536, -(2**31), 2**31, 2**53, 2**63, -(2**63), 0.5, 1e300],
    "custom_data": {
        "10": None,
        "9": True,
        "__proto__": {"x": []},
        "empty": {},
        "bytes": b"\x00\xff",
        "long": "x" * 300,
    },
}


def detail(body: bytes = b"", **changes: Any) -> RequestDetail:
    headers = [
        ("Host", "127.0.0.1:4000"),
        ("Content-Type", "application/msgpack"),
        ("x-public-token", "pk_live_…stuv"),
        ("Content-Encoding", "gzip"),
        ("X-Build", 'it\'s "1.0"\r\nX-Evil: 1'),
    ]
    status = changes.pop("status", 200)
    response = changes.pop("response", b'{"status":"queued"}')
    return RequestDetail(
        row=make_request(1, status=status, **changes),
        headers=headers,
        body=body,
        body_truncated=False,
        wire_bytes=len(body),
        response=response,
        first_seq=None,
        error_message="",
        details=[],
    )


class _Kept(BaseHTTPRequestHandler):
    kept: list[tuple[str, dict[str, str], bytes]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.kept.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
        answer = b'{"status":"queued"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[tuple[str, list[tuple[str, dict[str, str], bytes]]]]:
    kept: list[tuple[str, dict[str, str], bytes]] = []
    handler = type("Handler", (_Kept,), {"kept": kept})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}", kept
        listening.shutdown()
        thread.join()


def run(language: str, code: str, folder: Path) -> None:
    if language == "curl":
        command, name = ["sh"], "again.sh"
    elif language == "JavaScript":
        command, name = ["node"], "again.mjs"
    else:
        command, name = [sys.executable], "again.py"
    if shutil.which(command[0]) is None or (language == "curl" and shutil.which("curl") is None):
        pytest.skip(f"{language} is not installed")
    (folder / name).write_text(code, encoding="utf-8", newline="\n")
    done = subprocess.run([*command, name], cwd=folder, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    assert b"queued" in done.stdout
    assert [file.name for file in folder.iterdir()] == [name]  # nothing in the text was run


@pytest.mark.parametrize(
    ("language", "write"), [("curl", as_curl), ("Python", as_python), ("JavaScript", as_javascript)]
)
@pytest.mark.parametrize("body", [pack([AWKWARD, trajectory()]), b"\x81\xa1a\xc1", pack(Pairs([("a", 1), ("a", 2)]))])
def test_the_copied_program_sends_the_same(
    language: str, write: Any, body: bytes, server: tuple[str, list[Any]], tmp_path: Path
) -> None:
    url, kept = server
    run(language, write(detail(body), url), tmp_path)
    ((path, headers, sent),) = kept
    assert path == "/api/events"
    assert headers["x-public-token"] == "YOUR_PUBLIC_KEY"
    assert headers["content-type"] == "application/msgpack"
    assert headers["x-build"] == 'it\'s "1.0"X-Evil: 1'
    assert not {"content-encoding", "x-evil"} & set(headers)
    if faithful_payload(body) is None:
        assert sent == body
    else:
        assert msgpack.unpackb(sent) == msgpack.unpackb(body)


@pytest.mark.parametrize("write", [way.write for way in CODE], ids=[way.title for way in CODE])
@pytest.mark.parametrize("body", [b"", pack(AWKWARD), b"\xc1", pack(gameplay(custom_data={"t": "x" * 70_000}))])
def test_no_key_is_copied(write: Any, body: bytes) -> None:
    code = write(detail(body), "http://127.0.0.1:4000")
    assert "pk_live" not in code
    assert code.isprintable() or "\n" in code


def test_csharp_makes_a_dictionary() -> None:
    code = as_csharp(detail(pack(gameplay(custom_data={"ok": True, "none": None}))), "http://127.0.0.1:4000")
    assert '["event_name"] = "Player_Jump",' in code
    assert '["position"] = new object[] { 10.5, 0.0, -5.2 },' in code
    assert '["custom_data"] = new Dictionary<string, object>' in code
    assert "using MessagePack;" in code
    assert code.isascii()
    assert code.count("{") == code.count("}")
    assert "Convert.FromBase64String" in as_csharp(detail(b"\xc1"), "http://x")
    assert "using MessagePack;" not in as_csharp(detail(b"\xc1"), "http://x")


def test_a_pytest_case_expects_the_recorded_answer(server: tuple[str, list[Any]], tmp_path: Path) -> None:
    url, kept = server
    code = as_pytest(detail(pack(gameplay())), url)
    assert 'os.environ["PLAYTEST_PUBLIC_KEY"]' in code
    scope: dict[str, Any] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLAYTEST_PUBLIC_KEY", "pk_test_1")
        exec(code, scope)
        scope["test_post_api_events_is_accepted"]()
        refused = as_pytest(
            detail(
                pack(gameplay()), status=400, response=b'{"error":"invalid_event","details":[{"path":"$.position"}]}'
            ),
            url,
        )
        assert "[\"path\"] == '$.position'" in refused
        exec(refused, scope)
        with pytest.raises(AssertionError, match="queued"):
            scope["test_post_api_events_is_refused"]()
    assert kept[0][1]["x-public-token"] == "pk_test_1"


def test_one_event_of_a_batch() -> None:
    body = pack([gameplay(), trajectory()])
    start = len(pack([gameplay()]))
    assert msgpack.unpackb(only(detail(body), start, len(body)).body) == trajectory()


@pytest.mark.parametrize(
    "value",
    [
        Pairs([("a", 1), ("a", 2)]),
        {1: 2},
        {"a": float("nan")},
        {"a": msgpack.Timestamp(1)},
        {"a": msgpack.ExtType(31, b"x")},
        {"a": Raw(b"\xa1\xff")},
        5,
        {"a": "x" * 70_000},
    ],
)
def test_what_literals_would_change_is_sent_as_bytes(value: Any) -> None:
    assert faithful_payload(pack(value)) is None


@given(st.binary(max_size=60))
def test_any_body_can_be_copied(body: bytes) -> None:
    for way in CODE:
        code = way.write(detail(body), "http://x")
        if way.title in ("Python", "pytest case"):
            compile(code, "script", "exec")


def test_titles_are_told_apart() -> None:
    assert len({way.title for way in CODE}) == len(CODE)
    assert msgspec.json.encode([way.said for way in CODE])
